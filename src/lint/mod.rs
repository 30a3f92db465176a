//! What is wrong with these manifests, and what will surprise their author?
//!
//! ```text
//! text --document stage--> objects, verdicts of admission, findings of document rules   (one source at a time, in parallel)
//!      --mesh stage------> the mesh of what is admitted, findings of mesh rules          (all sources together)
//!      --report----------> levels, suppressions, baseline, order                         = Report
//! ```
//!
//! A rule is a [`Rule`] value in a file of its own under `rules/`: code, name, level, documentation with an example that is run, and
//! a function. Rules return findings; they do not know levels chosen by the user, and do not call each other.
//!
//! Invariants: what a rule says about requests is decided by the model that `simulate` uses; a fact that was not given makes a finding
//! "cannot tell", never an error; the same input gives the same report, byte for byte.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod admitted;
pub mod baseline;
mod check;
pub mod config;
pub mod config_places;
mod document_stage;
mod edits;
pub mod fix;
mod group;
pub mod ignores;
mod inline_keys;
mod istio_version;
pub mod levels;
mod memo;
mod mesh_stage;
mod near;
mod peer_suppression;
mod place;
mod repairs;
mod report;
mod rule;
mod rule_options;
mod rules;
mod secrets;
mod selection;
mod service_index;
mod stray;
mod suppression;
mod tree;
mod values;
mod view;
mod witness;

pub use check::Options;
pub use check::check;
pub use check::join;
pub use check::read_source;
pub use document_stage::SourceReport;
pub use group::Group;
pub use levels::Levels;
pub use report::Counts;
pub use report::JudgedDocument;
pub use report::ObjectName;
pub use report::Report;
pub use report::Reported;
pub use report::Suppressed;
pub use rule::Check;
pub use rule::Needs;
pub use rule::Rule;
pub use rule_options::RULE_OPTIONS;
pub use rule_options::RuleOption;
pub use rule_options::RuleOptions;
pub use rules::RULES;
pub use rules::names_a_rule;
pub use rules::rule;
use selection::first_few;
use selection::unmatched_selector;
use service_index::ServiceIndex;
pub use values::Attribute;
pub use values::ValueList;
pub use values::value_lists;
pub use view::DocumentView;
pub use view::MeshView;
pub use view::Raw;
