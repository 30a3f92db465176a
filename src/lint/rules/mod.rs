//! The rules: one file each, in the folder of their group. Adding one is its file and its line in the list of the folder.
#![allow(
    clippy::needless_raw_string_hashes,
    clippy::needless_raw_strings,
    reason = "examples are written alike in every rule, whether or not this one holds a quote"
)]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::admission::Cause;
use crate::diag::Code;
use crate::lint::Check;
use crate::lint::Rule;

/// Declares the files of a folder and lists their rules.
macro_rules! rules {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*
        /// The rules of this group, by file.
        pub(super) const RULES: &[&crate::lint::Rule] = &[$(&$name::RULE),*];
    };
}

mod ambient;
mod authorization;
mod certificates;
mod destination;
mod hygiene;
mod input;
mod legacy;
mod mesh;
mod peer;
mod request;

use authorization::refuses;
pub(super) use hygiene::help_for;
pub(super) use hygiene::of_bad_yaml;

/// Every rule, by code.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let mut rules = [
        input::RULES,
        authorization::RULES,
        peer::RULES,
        request::RULES,
        destination::RULES,
        mesh::RULES,
        certificates::RULES,
        legacy::RULES,
        ambient::RULES,
        hygiene::RULES,
    ]
    .concat();
    rules.sort_by_key(|rule| rule.code);
    rules
});

static BY_CAUSE: LazyLock<BTreeMap<Cause, &'static Rule>> = LazyLock::new(|| {
    let causes = |rule: &'static Rule| match rule.check {
        Check::Admission(causes) => causes,
        Check::Told | Check::Document(_) | Check::Mesh(_) => &[],
    };
    RULES.iter().flat_map(|rule| causes(rule).iter().map(|cause| (*cause, *rule))).collect()
});

/// The rule with a code.
#[must_use]
pub fn rule(code: Code) -> Option<&'static Rule> {
    let index = RULES.binary_search_by_key(&code, |rule| rule.code).ok()?;
    RULES.get(index).copied()
}

/// The rule that stands for a cause of admission.
pub(super) fn of_cause(cause: Cause) -> &'static Rule {
    BY_CAUSE.get(&cause).copied().unwrap_or(&input::REFUSED)
}

/// Whether a word of the user (a code, the start of one, or a name) means a rule.
pub(super) fn matches(word: &str, rule: &Rule) -> bool {
    rule.name == word || (word.starts_with("MS") && rule.code.0.starts_with(word))
}

/// Whether a word means any rule.
#[must_use]
pub fn names_a_rule(word: &str) -> bool {
    RULES.iter().any(|rule| matches(word, rule))
}
