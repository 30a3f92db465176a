//! Whether a rule can match a caller with a given identity, as ztunnel compares.

use crate::diag::Spanned;
use crate::manifest::kinds::Rule as PolicyRule;
use crate::manifest::kinds::RuleSource;

/// A caller.
#[derive(Debug)]
pub(super) struct Caller<'v> {
    /// Its identity as policies write it.
    pub(super) principal: String,
    /// Its namespace.
    pub(super) namespace: &'v str,
}

impl Caller<'_> {
    /// Whether some connection of this caller matches a rule of a policy in this namespace; addresses and ports may be anything.
    pub(super) fn may_match(&self, rule: &PolicyRule, namespace: &str) -> bool {
        let from = rule.from.is_empty() || rule.from.iter().flatten().any(|source| self.may_match_source(source, namespace));
        let when = rule.when.iter().all(|condition| {
            let own = match condition.key.as_str() {
                "source.principal" => self.principal.as_str(),
                "source.namespace" => self.namespace,
                _ => return true,
            };
            accepts(&condition.values, &condition.not_values, |pattern| matches(pattern, own))
        });
        from && when
    }

    fn may_match_source(&self, source: &RuleSource, namespace: &str) -> bool {
        let account = |written: &str| {
            let (of, name) = written.split_once('/').unwrap_or((namespace, written));
            of == self.namespace && self.principal.ends_with(&format!("/sa/{name}"))
        };
        accepts(&source.principals, &source.not_principals, |pattern| matches(pattern, &self.principal))
            && accepts(&source.namespaces, &source.not_namespaces, |pattern| matches(pattern, self.namespace))
            && accepts(&source.service_accounts, &source.not_service_accounts, account)
    }
}

fn accepts(values: &[Spanned<String>], not_values: &[Spanned<String>], is_own: impl Fn(&str) -> bool) -> bool {
    (values.is_empty() || values.iter().any(|value| is_own(value.as_str())))
        && !not_values.iter().any(|value| is_own(value.as_str()))
}

/// One star, at the start or at the end; any other is a star.
fn matches(pattern: &str, text: &str) -> bool {
    if let Some(end) = pattern.strip_prefix('*') {
        return text.ends_with(end);
    }
    pattern.strip_suffix('*').map_or(pattern == text, |start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_counts_at_one_end_only() {
        for (pattern, expected) in
            [("team-a", true), ("*", true), ("team-*", true), ("*-a", true), ("team", false), ("t*-a", false), ("*eam*", false)]
        {
            assert_eq!(matches(pattern, "team-a"), expected, "{pattern}");
        }
    }
}
