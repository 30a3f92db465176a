//! Turning values into text: one file per output format. Writes only to the writer it is given.

mod apply_plan;
#[cfg(feature = "proxy")]
mod audit_line;
mod audited_change;
#[cfg(feature = "store")]
mod authority_check;
mod bundle_json;
mod bundle_text;
#[cfg(feature = "proxy")]
mod call_line;
mod certificate_json;
#[cfg(feature = "store")]
mod certificate_list;
mod check_checkstyle;
mod check_config;
mod check_github;
mod check_gitlab;
mod check_json;
mod check_junit;
mod check_places;
mod check_sarif;
mod check_short;
mod check_text;
#[cfg(feature = "proxy")]
mod config_dump;
mod decision_json;
mod decision_lines;
mod decision_text;
mod exact_json;
mod findings;
#[cfg(feature = "store")]
mod home;
#[cfg(all(feature = "store", feature = "cluster"))]
mod installation;
mod issued;
#[cfg(feature = "store")]
mod keys;
mod kubernetes_secret;
mod lifetime;
mod masked;
mod policy_diff;
mod policy_effective;
mod policy_explain;
mod policy_list;
#[cfg(feature = "proxy")]
mod proxy_line;
#[cfg(feature = "proxy")]
mod proxy_mesh;
#[cfg(feature = "proxy")]
mod proxy_metrics;
#[cfg(feature = "store")]
mod renewal;
mod request_authentication;
#[cfg(feature = "store")]
mod rotation;
mod rule_page;
#[cfg(all(feature = "store", feature = "cluster"))]
mod secrets;
mod snapshot;
mod style;
mod svid_inspect_json;
mod svid_inspect_text;
mod svid_verify;
mod table;
mod token_inspection;
mod token_verdict;
mod words;
mod xml;
mod yaml;

pub use apply_plan::plan_json;
pub use apply_plan::plan_text;
#[cfg(feature = "proxy")]
pub use audit_line::audit_gap;
#[cfg(feature = "proxy")]
pub use audit_line::audit_line;
#[cfg(feature = "proxy")]
pub use audit_line::decision_entry;
#[cfg(feature = "proxy")]
pub use audit_line::decision_explained;
pub use audited_change::Change;
pub use audited_change::audited_change_json;
pub use audited_change::audited_change_text;
#[cfg(feature = "store")]
pub use authority_check::AuthorityCheck;
#[cfg(feature = "store")]
pub use authority_check::authority_check_json;
#[cfg(feature = "store")]
pub use authority_check::authority_check_text;
pub use bundle_json::bundle_diff_json;
pub use bundle_json::bundle_json;
pub use bundle_text::BundleView;
pub use bundle_text::bundle_diff_text;
pub use bundle_text::bundle_text;
#[cfg(feature = "proxy")]
pub use call_line::call_line;
#[cfg(feature = "store")]
pub use certificate_list::AuthorityNames;
#[cfg(feature = "store")]
pub use certificate_list::certificate_json;
#[cfg(feature = "store")]
pub use certificate_list::certificates_table;
pub use check_checkstyle::check_checkstyle;
pub use check_config::ConfigRule;
pub use check_config::ConfigSetting;
pub use check_config::config_json;
pub use check_config::config_text;
pub use check_github::check_github;
pub use check_gitlab::check_gitlab;
pub use check_json::check_json;
pub use check_junit::check_junit;
pub use check_places::Repository;
pub use check_sarif::check_sarif;
pub use check_short::check_short;
pub use check_text::CheckTextOptions;
pub use check_text::check_text;
#[cfg(feature = "proxy")]
pub use config_dump::config_dump;
pub use decision_json::decision_json;
pub use decision_json::error_json;
pub use decision_lines::DecisionLines;
pub use decision_text::decision_line;
pub use decision_text::decision_text;
pub use decision_text::error_line;
pub use exact_json::exact_json;
pub use findings::findings;
#[cfg(feature = "store")]
pub use home::AuthorityView;
#[cfg(feature = "store")]
pub use home::HomeView;
#[cfg(feature = "store")]
pub use home::home_json;
#[cfg(feature = "store")]
pub use home::home_text;
#[cfg(all(feature = "store", feature = "cluster"))]
pub use installation::InstallationView;
#[cfg(all(feature = "store", feature = "cluster"))]
pub use installation::Written;
#[cfg(all(feature = "store", feature = "cluster"))]
pub use installation::installation_json;
#[cfg(all(feature = "store", feature = "cluster"))]
pub use installation::installation_text;
pub use issued::IssuedView;
pub use issued::issued_json;
#[cfg(feature = "store")]
pub use keys::GeneratedKey;
#[cfg(feature = "store")]
pub use keys::ThumbprintRow;
#[cfg(feature = "store")]
pub use keys::generated_key_json;
#[cfg(feature = "store")]
pub use keys::generated_key_text;
#[cfg(feature = "store")]
pub use keys::key_set_json;
#[cfg(feature = "store")]
pub use keys::key_set_table;
#[cfg(feature = "store")]
pub use keys::keys_json;
#[cfg(feature = "store")]
pub use keys::keys_text;
#[cfg(feature = "store")]
pub use keys::set_findings_json;
#[cfg(feature = "store")]
pub use keys::set_findings_text;
#[cfg(feature = "store")]
pub use keys::thumbprints_json;
#[cfg(feature = "store")]
pub use keys::thumbprints_text;
pub use kubernetes_secret::KubernetesSecret;
pub use kubernetes_secret::kubernetes_secret;
pub use policy_diff::PolicyDiffView;
pub use policy_diff::change_json;
pub use policy_diff::changes_text;
pub use policy_diff::policy_diff_json;
pub use policy_diff::policy_diff_markdown;
pub use policy_diff::policy_diff_text;
pub use policy_effective::EffectiveView;
pub use policy_effective::effective_json;
pub use policy_effective::effective_text;
pub use policy_explain::PolicyExplanation;
pub use policy_explain::policy_explain_json;
pub use policy_explain::policy_explain_text;
pub use policy_explain::rule_text;
pub use policy_explain::rules_json;
pub use policy_explain::rules_table;
pub use policy_list::policies_names;
pub use policy_list::policies_object;
pub use policy_list::policies_table;
#[cfg(feature = "proxy")]
pub use proxy_line::proxy_line;
#[cfg(feature = "proxy")]
pub use proxy_mesh::proxy_mesh;
#[cfg(feature = "proxy")]
pub use proxy_metrics::proxy_metrics;
#[cfg(feature = "store")]
pub use renewal::RenewalOutcome;
#[cfg(feature = "store")]
pub use renewal::RenewalView;
#[cfg(feature = "store")]
pub use renewal::renewal_line;
#[cfg(feature = "store")]
pub use renewal::renewals_json;
pub use request_authentication::KeysOfRule;
pub use request_authentication::RequestAuthenticationDraft;
pub use request_authentication::request_authentication;
#[cfg(feature = "store")]
pub use rotation::RootView;
#[cfg(feature = "store")]
pub use rotation::RotationSteps;
#[cfg(feature = "store")]
pub use rotation::RotationView;
#[cfg(feature = "store")]
pub use rotation::rotation_json;
#[cfg(feature = "store")]
pub use rotation::rotation_steps;
#[cfg(feature = "store")]
pub use rotation::rotation_text;
pub use rule_page::rule_index;
pub use rule_page::rule_manual;
pub use rule_page::rule_page;
#[cfg(all(feature = "store", feature = "cluster"))]
pub use secrets::SecretOutcome;
#[cfg(all(feature = "store", feature = "cluster"))]
pub use secrets::SecretView;
#[cfg(all(feature = "store", feature = "cluster"))]
pub use secrets::secret_line;
#[cfg(all(feature = "store", feature = "cluster"))]
pub use secrets::secrets_json;
pub use snapshot::SnapshotView;
pub use snapshot::snapshot_json;
pub use snapshot::snapshot_text;
pub use style::Style;
pub use svid_inspect_json::svid_inspect_json;
pub use svid_inspect_text::svid_inspect_text;
pub use svid_verify::svid_verify_json;
pub use svid_verify::svid_verify_text;
pub use token_inspection::token_inspection_json;
pub use token_inspection::token_inspection_text;
pub use token_verdict::Judge;
pub use token_verdict::RulePlace;
pub use token_verdict::TokenVerdict;
pub use token_verdict::VerdictWord;
pub use token_verdict::token_verdict_json;
pub use token_verdict::token_verdict_text;
pub use words::count;
pub use yaml::yaml;
