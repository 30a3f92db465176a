//! Which rules count, and how much: presets, `--select`, `--ignore`, and levels of rules, paths and namespaces.

use std::collections::BTreeMap;

use globset::GlobMatcher;
use serde::Deserialize;

use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Rule;
use crate::lint::RuleOptions;
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
    /// Every rule above info as an error.
    Strict,
    /// Every rule at its own level, also those that are off unless they are asked for.
    All,
}

/// Rules that are off unless they are asked for by their whole code or name.
const OFF_BY_DEFAULT: &[&str] = &["MS908", "MS911"];

/// Whether a rule is off unless it is asked for.
#[must_use]
pub fn is_off_by_default(rule: &Rule) -> bool {
    OFF_BY_DEFAULT.contains(&rule.code.0)
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
    /// As written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// As a severity; `None` for `off`.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
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
    /// What single rules are told.
    pub options: RuleOptions,
    /// Annotations that silence `istioctl analyze` or Kiali silence the rules that stand for their codes.
    pub honor_peers: bool,
}

/// Levels for some paths or namespaces.
#[derive(Debug)]
pub struct Override {
    pub(super) paths: Vec<GlobMatcher>,
    pub(super) namespaces: Vec<GlobMatcher>,
    pub(super) rules: BTreeMap<String, LevelWord>,
}

/// What decided about the level of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided<'l> {
    /// The preset, or that nothing was said.
    Preset,
    /// This word of `select`.
    Select(&'l str),
    /// `select` names others only.
    NotSelected,
    /// This word of `ignore`.
    Ignore(&'l str),
    /// This key of `[lint.rules]`.
    Rules(&'l str),
}

impl Levels {
    /// The level of a rule in a file and namespace; `None` when it is off.
    #[must_use]
    pub fn of(&self, rule: &Rule, file: &str, namespace: &str) -> Option<Severity> {
        let (mut level, decided) = self.everywhere(rule);
        if matches!(decided, Decided::NotSelected | Decided::Ignore(_)) {
            return None;
        }
        for special in &self.overrides {
            let matches = |globs: &[GlobMatcher], text: &str| globs.is_empty() || globs.iter().any(|glob| glob.is_match(text));
            if matches(&special.paths, file.trim_start_matches("./"))
                && matches(&special.namespaces, namespace)
                && let Some((_, word)) = best(&special.rules, rule)
            {
                level = word.severity();
            }
        }
        level
    }

    /// The level of a rule where no override says otherwise, and what decided about it.
    #[must_use]
    pub fn everywhere(&self, rule: &Rule) -> (Option<Severity>, Decided<'_>) {
        let longest = |names: &'_ [String]| -> Option<usize> {
            let matching = names.iter().enumerate().filter(|(_, name)| rules::matches(name, rule));
            matching.max_by_key(|(_, name)| name.len()).map(|(index, _)| index)
        };
        let selected = longest(&self.select).and_then(|index| self.select.get(index)).map(String::as_str);
        let ignored = longest(&self.ignore).and_then(|index| self.ignore.get(index)).map(String::as_str);
        if !self.select.is_empty() && selected.is_none() {
            return (None, Decided::NotSelected);
        }
        if let Some(ignored) = ignored.filter(|ignored| Some(ignored.len()) > selected.map(str::len)) {
            return (None, Decided::Ignore(ignored));
        }
        if let Some((name, word)) = best(&self.rules, rule) {
            return (word.severity(), Decided::Rules(name));
        }
        match (self.preset.of(rule), selected) {
            (None, Some(selected)) if asks_for(selected, rule) => (Some(rule.severity), Decided::Select(selected)),
            (level, _) => (level, Decided::Preset),
        }
    }
}

/// The longest key that means a rule.
fn best<'l>(levels: &'l BTreeMap<String, LevelWord>, rule: &Rule) -> Option<(&'l str, LevelWord)> {
    let matching = levels.iter().filter(|(name, _)| rules::matches(name, rule) && asks_for(name, rule));
    matching.max_by_key(|(name, _)| name.len()).map(|(name, word)| (name.as_str(), *word))
}

/// Whether a word that means a rule turns it on: the start of a code does not, for rules that are off unless they are asked for.
fn asks_for(word: &str, rule: &Rule) -> bool {
    !is_off_by_default(rule) || word == rule.code.0 || word == rule.name
}

impl Preset {
    /// As written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admission => "admission",
            Self::Default => "default",
            Self::Strict => "strict",
            Self::All => "all",
        }
    }

    fn of(self, rule: &Rule) -> Option<Severity> {
        let is_admission = matches!(rule.check, Check::Admission(_)) || matches!(rule.code.0, "MS001" | "MS002" | "MS025");
        match self {
            Self::Admission => is_admission.then_some(rule.severity),
            Self::Default | Self::Strict if is_off_by_default(rule) => None,
            Self::All | Self::Default => Some(rule.severity),
            Self::Strict if rule.severity == Severity::Info => Some(Severity::Info),
            Self::Strict => Some(Severity::Error),
        }
    }
}
