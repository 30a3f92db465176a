use std::path::Path;

use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::lint::RULES;
use crate::lint::Rule;
use crate::policy;
use crate::render;
use crate::render::PolicyExplanation;
use crate::simulate::scenario::nearest;

/// Explain a rule of `policy check`, or policies in plain English
///
/// With the code or name of a rule: its page. With files: what istiod makes of each rule of each AuthorizationPolicy, on HTTP and on TCP, and the
/// policies of each workload merged into one table. Without anything: the table of all rules.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ExplainArgs {
    /// Codes (MS104), starts of codes (MS1) or names of rules; or files and directories with policies
    #[arg(value_name = "RULE|PATH")]
    subjects: Vec<String>,
    #[command(flatten)]
    manifests: ManifestArgs,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec policy explain MS104
  meshsec policy explain principal-with-spiffe-scheme
  meshsec policy explain examples/online-boutique/policies
  meshsec policy explain -f examples/online-boutique -R -o json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text
    Text,
    /// JSON
    Json,
    /// Markdown; rules only
    Markdown,
}

impl ExplainArgs {
    pub(in crate::cli) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        if self.subjects.is_empty() && !self.manifests.is_given() {
            return self.table(&RULES, env);
        }
        if !self.manifests.is_given()
            && let Some(rules) = self.rules()?
        {
            return match rules.as_slice() {
                [rule] if self.subjects.iter().all(|word| is_exact(word, rule)) => self.rule(rule, env),
                rules => self.table(rules, env),
            };
        }
        self.policies(env)
    }

    /// The rules that are meant; `None` when paths are.
    fn rules(&self) -> Result<Option<Vec<&'static Rule>>, Error> {
        let mut rules: Vec<&'static Rule> = Vec::new();
        for word in &self.subjects {
            let upper = word.to_ascii_uppercase();
            let is_code = upper.strip_prefix("MS").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
            let found: Vec<&Rule> = RULES
                .iter()
                .copied()
                .filter(|rule| is_exact(word, rule) || (is_code && rule.code.0.starts_with(&upper)))
                .collect();
            if found.is_empty() {
                if word == "-" || Path::new(word).exists() || word.contains(['/', '*', '.']) {
                    return Ok(None);
                }
                let known = RULES.iter().flat_map(|rule| [rule.code.0, rule.name]);
                let help = match nearest(word, known) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => "`meshsec policy explain` lists the rules".to_owned(),
                };
                return Err(Error::question(format!("`{word}` is neither a rule nor a file"), help));
            }
            rules.extend(found);
        }
        rules.sort_by_key(|rule| rule.code);
        rules.dedup_by_key(|rule| rule.code);
        Ok(Some(rules))
    }

    fn rule(&self, rule: &Rule, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self.output {
            Format::Text => render::rule_text(env.stdout, rule, env.style)?,
            Format::Json => render::rules_json(env.stdout, &[rule])?,
            Format::Markdown => render::rule_page(env.stdout, rule)?,
        }
        Ok(Outcome::Yes)
    }

    fn table(&self, rules: &[&Rule], env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self.output {
            Format::Text => render::rules_table(env.stdout, rules)?,
            Format::Json => render::rules_json(env.stdout, rules)?,
            Format::Markdown => render::rule_index(env.stdout, rules)?,
        }
        Ok(Outcome::Yes)
    }

    fn policies(&self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let Loaded { mesh, sources, .. } = self.manifests.load_with(&self.subjects, env)?;
        if mesh.authorization_policies.is_empty() {
            return Err(Error::question(
                "there is no AuthorizationPolicy in what was given",
                "name a file that holds one, or a rule such as `MS104`".to_owned(),
            ));
        }
        let policies = policy::explain_policies(&mesh);
        let tables = policy::decision_tables(&mesh);
        let view = PolicyExplanation { mesh: &mesh, sources: &sources, policies: &policies, tables: &tables };
        match self.output {
            Format::Text => render::policy_explain_text(env.stdout, &view, env.style)?,
            Format::Json => render::policy_explain_json(env.stdout, &view)?,
            Format::Markdown => {
                return Err(Error::question("policies are not explained as Markdown", "use `-o text` or `-o json`".to_owned()));
            }
        }
        Ok(Outcome::Yes)
    }
}

fn is_exact(word: &str, rule: &Rule) -> bool {
    rule.name == word || rule.code.0.eq_ignore_ascii_case(word)
}
