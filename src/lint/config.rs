//! `meshsec.toml`: what it may say, and how it is read.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use globset::Glob;
use globset::GlobMatcher;
use serde::Deserialize;
use thiserror::Error;

use crate::lint::Levels;
use crate::lint::RULE_OPTIONS;
use crate::lint::RULES;
use crate::lint::Rule;
use crate::lint::RuleOptions;
use crate::lint::config_places;
use crate::lint::config_places::Places;
use crate::lint::config_places::did_you_mean;
use crate::lint::istio_version;
use crate::lint::levels::LevelWord;
use crate::lint::levels::Override;
use crate::lint::levels::Preset;
use crate::lint::rules;

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
    /// Where its keys stand.
    #[serde(skip)]
    pub places: Places,
    #[serde(skip)]
    levels: BTreeMap<String, LevelWord>,
    #[serde(skip)]
    options: RuleOptions,
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
    pub honor_peers: Option<bool>,
    /// A level, or a table with `level` and the options of the rule.
    #[serde(default)]
    pub rules: BTreeMap<String, toml::Value>,
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
    pub istio_version: Option<String>,
    #[serde(default)]
    pub known_namespaces: BTreeSet<String>,
    #[serde(default)]
    pub features: BTreeMap<String, String>,
}

/// Why a configuration file cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct ConfigError {
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl File {
    /// Reads the text of a configuration file.
    ///
    /// # Errors
    ///
    /// The text is not TOML, or holds a key, word or rule that there is not.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut file: Self = toml::from_str(text).map_err(|error| not_read(&error, text))?;
        file.places = Places::of(text);
        file.check_names()?;
        for (key, word, known) in [
            ("lint.fail-on", &file.lint.fail_on, FAIL_ON),
            ("mesh.path-normalization", &file.mesh.path_normalization, NORMALIZATIONS),
        ] {
            if let Some(word) = word.as_ref().filter(|word| !known.contains(&word.as_str())) {
                let name = key.rsplit('.').next().unwrap_or(key);
                return Err(file.error(key, format!("`{name}` cannot be `{word}`"), did_you_mean(word, known)));
            }
        }
        if let Some(version) = file.mesh.istio_version.as_ref().filter(|version| istio_version::parse(version).is_none()) {
            let message = format!("`istio-version` cannot be `{version}`");
            return Err(file.error("mesh.istio-version", message, "write it as `1.30.1`".to_owned()));
        }
        for (name, setting) in file.lint.rules.clone() {
            file.read_rule(&name, &setting)?;
        }
        Ok(file)
    }

    /// Every name of a rule means one.
    fn check_names(&self) -> Result<(), ConfigError> {
        let mut names: Vec<(String, &String)> = Vec::new();
        let listed =
            |path: &str, list: &'_ [String]| -> Vec<String> { (0..list.len()).map(|index| format!("{path}.{index}")).collect() };
        names.extend(self.lint.rules.keys().map(|name| (format!("lint.rules.{name}"), name)));
        names.extend(listed("lint.select", &self.lint.select).into_iter().zip(&self.lint.select));
        names.extend(listed("lint.ignore", &self.lint.ignore).into_iter().zip(&self.lint.ignore));
        for (index, special) in self.lint.overrides.iter().enumerate() {
            let path = format!("lint.overrides.{index}");
            names.extend(special.rules.keys().map(|name| (format!("{path}.rules.{name}"), name)));
            names.extend(listed(&format!("{path}.ignore"), &special.ignore).into_iter().zip(&special.ignore));
        }
        match names.into_iter().find(|(_, name)| !rules::names_a_rule(name)) {
            Some((path, name)) => Err(self.error(&path, format!("there is no rule `{name}`"), rule_meant(name))),
            None => Ok(()),
        }
    }

    /// The level and the options of one entry of `[lint.rules]`.
    fn read_rule(&mut self, name: &str, setting: &toml::Value) -> Result<(), ConfigError> {
        let path = format!("lint.rules.{name}");
        let Some(table) = setting.as_table() else {
            let word = self.level(&path, name, setting)?;
            self.levels.insert(name.to_owned(), word);
            return Ok(());
        };
        for (key, value) in table {
            let path = format!("{path}.{key}");
            if key == "level" {
                let word = self.level(&path, key, value)?;
                self.levels.insert(name.to_owned(), word);
                continue;
            }
            let rule = RULES.iter().find(|rule| rule.code.0 == name || rule.name == name);
            let options = || RULE_OPTIONS.iter().filter(|option| rule.is_some_and(|rule| rule.code.0 == option.code));
            let Some(option) = options().find(|option| option.key == key) else {
                let known: Vec<&str> = std::iter::once("level").chain(options().map(|option| option.key)).collect();
                return Err(self.error(&path, format!("rule `{name}` has no option `{key}`"), did_you_mean(key, &known)));
            };
            if option.set(&mut self.options, value).is_none() {
                let message = format!("option `{key}` of rule `{name}` cannot be of kind {}", value.type_str());
                return Err(self.error(&path, message, format!("it takes {}", option.takes())));
            }
        }
        Ok(())
    }

    fn level(&self, path: &str, name: &str, value: &toml::Value) -> Result<LevelWord, ConfigError> {
        value.clone().try_into().map_err(|_| {
            let written = value.as_str().unwrap_or(value.type_str());
            self.error(path, format!("the level of `{name}` cannot be `{written}`"), did_you_mean(written, LEVELS))
        })
    }

    fn error(&self, path: &str, message: String, help: String) -> ConfigError {
        ConfigError { line: self.places.line(path), message, help: Some(help) }
    }

    /// The levels it sets.
    ///
    /// # Errors
    ///
    /// A pattern of paths or namespaces is no glob.
    pub fn levels(&self) -> Result<Levels, ConfigError> {
        let lint = &self.lint;
        let override_of = |(index, special): (usize, &OverrideTable)| {
            let ignored = special.ignore.iter().map(|name| (name.clone(), LevelWord::Off));
            let path = format!("lint.overrides.{index}");
            Ok(Override {
                paths: self.globs(&format!("{path}.paths"), &special.paths)?,
                namespaces: self.globs(&format!("{path}.namespaces"), &special.namespaces)?,
                rules: special.rules.clone().into_iter().chain(ignored).collect(),
            })
        };
        self.globs("lint.rules.MS172.namespaces", &self.options.case_insensitive_namespaces)?;
        Ok(Levels {
            preset: lint.preset.unwrap_or_default(),
            select: lint.select.clone(),
            ignore: lint.ignore.clone(),
            rules: self.levels.clone(),
            overrides: lint.overrides.iter().enumerate().map(override_of).collect::<Result<_, ConfigError>>()?,
            options: RuleOptions {
                istio_version: self.mesh.istio_version.clone(),
                trust_domain: self.mesh.trust_domain.clone(),
                ..self.options.clone()
            },
            honor_peers: lint.honor_peers.unwrap_or_default(),
        })
    }

    fn globs(&self, path: &str, patterns: &[String]) -> Result<Vec<GlobMatcher>, ConfigError> {
        let compile = |(index, pattern): (usize, &String)| {
            Glob::new(pattern).map(|glob| glob.compile_matcher()).map_err(|error| {
                let message = format!("`{pattern}` is no glob: {}", error.kind());
                ConfigError { line: self.places.line(&format!("{path}.{index}")), message, help: None }
            })
        };
        patterns.iter().enumerate().map(compile).collect()
    }
}

const FAIL_ON: &[&str] = &["error", "warning", "info", "never"];
const LEVELS: &[&str] = &["off", "info", "warning", "error"];
const NORMALIZATIONS: &[&str] = &["DEFAULT", "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"];

/// The rule whose code or name is nearest.
#[must_use]
pub fn rule_meant(word: &str) -> String {
    let names = RULES.iter().flat_map(|rule: &&Rule| [rule.code.0, rule.name]);
    match config_places::nearest(word, names) {
        Some(name) => format!("did you mean `{name}`? `meshsec policy explain` lists the rules"),
        None => "`meshsec policy explain` lists the rules".to_owned(),
    }
}

/// What the reader of TOML says, with what was probably meant by a key or word.
fn not_read(error: &toml::de::Error, text: &str) -> ConfigError {
    let line = error.span().map(|span| config_places::line_at(text, span.start));
    let message = error.message();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let (is_key, is_word) = (message.starts_with("unknown field"), message.starts_with("unknown variant"));
    match quoted.next().filter(|_| is_key || is_word) {
        Some(word) => {
            let what = if is_key { "key" } else { "word" };
            let known: Vec<&str> = quoted.collect();
            ConfigError { line, message: format!("unknown {what} `{word}`"), help: Some(did_you_mean(word, &known)) }
        }
        None => ConfigError { line, message: message.trim_end().replace('\n', ", "), help: None },
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
