//! Which rules count, and how much: presets, `--select`, `--ignore`, and `meshsec.toml`.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use globset::Glob;
use globset::GlobMatcher;
use serde::Deserialize;
use thiserror::Error;

use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Rule;
use crate::lint::rules;

/// Where levels start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Only what the API server and istiod refuse or warn about, and what cannot be read.
    Admission,
    /// Every rule at its own level.
    #[default]
    Default,
    /// Every rule but hygiene as an error.
    Strict,
}

/// A level as the user writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words are the documentation")]
pub enum LevelWord {
    Off,
    Info,
    Warning,
    Error,
}

impl LevelWord {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

/// The level of every rule, for every file and namespace.
#[derive(Debug, Default)]
pub struct Levels {
    /// Where levels start from.
    pub preset: Preset,
    /// Only these rules; all when empty. Codes, starts of codes, or names.
    pub select: Vec<String>,
    /// Not these. Of `select` and `ignore` the longer name wins.
    pub ignore: Vec<String>,
    /// Levels of single rules or groups.
    pub rules: BTreeMap<String, LevelWord>,
    /// Levels for some paths or namespaces.
    pub overrides: Vec<Override>,
}

/// Levels for some paths or namespaces.
#[derive(Debug)]
pub struct Override {
    paths: Vec<GlobMatcher>,
    namespaces: Vec<GlobMatcher>,
    rules: BTreeMap<String, LevelWord>,
}

impl Levels {
    /// The level of a rule in a file and namespace; `None` when it is off.
    #[must_use]
    pub fn of(&self, rule: &Rule, file: &str, namespace: &str) -> Option<Severity> {
        let longest = |names: &[String]| names.iter().filter(|name| rules::matches(name, rule)).map(String::len).max();
        let (selected, ignored) = (longest(&self.select), longest(&self.ignore));
        if (!self.select.is_empty() && selected.is_none()) || ignored > selected {
            return None;
        }
        let mut level = self.preset.of(rule);
        if selected.is_some() && level.is_none() {
            level = Some(rule.severity);
        }
        let mut apply = |levels: &BTreeMap<String, LevelWord>| {
            let best = levels.iter().filter(|(name, _)| rules::matches(name, rule)).max_by_key(|(name, _)| name.len());
            if let Some((_, word)) = best {
                level = word.severity();
            }
        };
        apply(&self.rules);
        for special in &self.overrides {
            let matches = |globs: &[GlobMatcher], text: &str| globs.is_empty() || globs.iter().any(|glob| glob.is_match(text));
            if matches(&special.paths, file.trim_start_matches("./")) && matches(&special.namespaces, namespace) {
                apply(&special.rules);
            }
        }
        level
    }
}

impl Preset {
    fn of(self, rule: &Rule) -> Option<Severity> {
        let is_admission = matches!(rule.check, Check::Admission(_)) || matches!(rule.code.0, "MS001" | "MS002" | "MS025");
        match self {
            Self::Admission => is_admission.then_some(rule.severity),
            Self::Default => Some(rule.severity),
            Self::Strict if rule.severity == Severity::Info => Some(Severity::Info),
            Self::Strict => Some(Severity::Error),
        }
    }
}

/// What `meshsec.toml` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// `[lint]`
    #[serde(default)]
    pub lint: LintTable,
    /// `[mesh]`
    #[serde(default)]
    pub mesh: MeshTable,
}

/// `[lint]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(missing_docs, reason = "named as in the file")]
pub struct LintTable {
    pub preset: Option<Preset>,
    #[serde(default)]
    pub select: Vec<String>,
    #[serde(default)]
    pub ignore: Vec<String>,
    pub fail_on: Option<String>,
    pub baseline: Option<String>,
    #[serde(default)]
    pub rules: BTreeMap<String, LevelWord>,
    #[serde(default)]
    pub overrides: Vec<OverrideTable>,
}

/// `[[lint.overrides]]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(missing_docs, reason = "named as in the file")]
pub struct OverrideTable {
    #[serde(default)]
    pub paths: Vec<String>,
    #[serde(default)]
    pub namespaces: Vec<String>,
    #[serde(default)]
    pub rules: BTreeMap<String, LevelWord>,
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// `[mesh]`: facts that hold unless the manifests say otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(missing_docs, reason = "named as in the file")]
pub struct MeshTable {
    pub root_namespace: Option<String>,
    pub trust_domain: Option<String>,
    #[serde(default)]
    pub trust_domain_aliases: Vec<String>,
    pub path_normalization: Option<String>,
    pub enable_auto_mtls: Option<bool>,
    #[serde(default)]
    pub known_namespaces: BTreeSet<String>,
    #[serde(default)]
    pub features: BTreeMap<String, String>,
}

/// Why a configuration file cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// It is not TOML, or has a key or value that is not known.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// It names a rule that there is not.
    #[error("there is no rule `{name}`")]
    UnknownRule {
        /// The name as written.
        name: String,
    },
    /// A pattern of paths or namespaces is not one.
    #[error("`{pattern}` is no glob: {why}")]
    Glob {
        /// As written.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
    /// A word that a key does not take.
    #[error("`{key}` cannot be `{value}`; it takes {takes}")]
    Word {
        /// The key.
        key: &'static str,
        /// As written.
        value: String,
        /// What it takes.
        takes: &'static str,
    },
}

impl File {
    /// Reads the text of a configuration file.
    ///
    /// # Errors
    ///
    /// The text is not TOML, or holds a key, word or rule that there is not.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let file: Self = toml::from_str(text)?;
        let lint = &file.lint;
        let tables = lint.rules.keys().chain(lint.overrides.iter().flat_map(|special| special.rules.keys()));
        let lists = lint.select.iter().chain(&lint.ignore).chain(lint.overrides.iter().flat_map(|special| &special.ignore));
        if let Some(name) = tables.chain(lists).find(|name| !rules::names_a_rule(name)) {
            return Err(ConfigError::UnknownRule { name: name.clone() });
        }
        if let Some(value) = file.mesh.path_normalization.as_ref()
            && !["DEFAULT", "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"].contains(&value.as_str())
        {
            let takes = "DEFAULT, NONE, BASE, MERGE_SLASHES or DECODE_AND_MERGE_SLASHES";
            return Err(ConfigError::Word { key: "path-normalization", value: value.clone(), takes });
        }
        Ok(file)
    }

    /// The levels it sets.
    ///
    /// # Errors
    ///
    /// A pattern of paths or namespaces is no glob.
    pub fn levels(&self) -> Result<Levels, ConfigError> {
        let lint = &self.lint;
        let overrides: Result<Vec<Override>, ConfigError> = lint
            .overrides
            .iter()
            .map(|special| {
                let ignored = special.ignore.iter().map(|name| (name.clone(), LevelWord::Off));
                Ok(Override {
                    paths: globs(&special.paths)?,
                    namespaces: globs(&special.namespaces)?,
                    rules: special.rules.clone().into_iter().chain(ignored).collect(),
                })
            })
            .collect();
        Ok(Levels {
            preset: lint.preset.unwrap_or_default(),
            select: lint.select.clone(),
            ignore: lint.ignore.clone(),
            rules: lint.rules.clone(),
            overrides: overrides?,
        })
    }
}

impl MeshTable {
    /// The facts as a mesh configuration in YAML; `None` when there are none.
    #[must_use]
    pub fn as_mesh_config(&self) -> Option<String> {
        let mut fields = serde_json::Map::new();
        let mut put = |name: &str, value: Option<serde_json::Value>| {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        };
        put("rootNamespace", self.root_namespace.clone().map(Into::into));
        put("trustDomain", self.trust_domain.clone().map(Into::into));
        put("trustDomainAliases", (!self.trust_domain_aliases.is_empty()).then(|| self.trust_domain_aliases.clone().into()));
        put("enableAutoMtls", self.enable_auto_mtls.map(Into::into));
        let normalization = self.path_normalization.as_ref();
        put("pathNormalization", normalization.map(|word| serde_json::json!({ "normalization": word })));
        (!fields.is_empty()).then(|| serde_json::Value::Object(fields).to_string())
    }
}

fn globs(patterns: &[String]) -> Result<Vec<GlobMatcher>, ConfigError> {
    let compile = |pattern: &String| {
        Glob::new(pattern)
            .map(|glob| glob.compile_matcher())
            .map_err(|error| ConfigError::Glob { pattern: pattern.clone(), why: error.kind().to_string() })
    };
    patterns.iter().map(compile).collect()
}
