/// The mesh's own trust domain and its aliases: names that stand for each other in policies.
#[derive(Debug)]
pub(super) struct TrustDomains {
    members: Vec<String>,
}

/// In principals this domain always means the mesh's own, whatever that is called.
const POINTER: &str = "cluster.local";

impl TrustDomains {
    pub(super) fn new(own: &str, aliases: &[String]) -> Self {
        Self { members: std::iter::once(own.to_owned()).chain(aliases.iter().cloned()).collect() }
    }

    /// What one principal becomes: itself, or one per member.
    pub(super) fn migrate_principal(&self, principal: &str) -> Vec<String> {
        let unchanged = || vec![principal.to_owned()];
        let Some((domain, rest)) = principal.split_once('/') else { return unchanged() };
        // Only the five-part form names a trust domain, and a lone star names every one.
        if domain == "*" || rest.split('/').count() != 4 {
            return unchanged();
        }
        if domain != POINTER && !self.members.iter().any(|member| overlaps(domain, member)) {
            return unchanged();
        }
        let mut migrated: Vec<String> = Vec::new();
        for member in &self.members {
            let candidate = if is_suffix_match(member, domain) { principal.to_owned() } else { format!("{member}/{rest}") };
            if !migrated.contains(&candidate) {
                migrated.push(candidate);
            }
        }
        migrated
    }

    /// What one value of `trustDomains` becomes; `cluster.local` points nowhere here, and wildcards stay.
    pub(super) fn expand(&self, value: &str) -> Vec<String> {
        if self.members.iter().any(|member| member == value) { self.members.clone() } else { vec![value.to_owned()] }
    }
}

/// Equal, or one covers the other with a star at an end.
fn overlaps(domain: &str, member: &str) -> bool {
    domain == member
        || member == "*"
        || is_prefix_match(domain, member)
        || is_prefix_match(member, domain)
        || is_suffix_match(domain, member)
        || is_suffix_match(member, domain)
}

fn is_prefix_match(text: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').is_some_and(|prefix| text.starts_with(prefix))
}

fn is_suffix_match(text: &str, pattern: &str) -> bool {
    pattern.strip_prefix('*').is_some_and(|suffix| text.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_migrate_as_istiod_migrates_them() {
        let cases: &[(&[&str], &str, &[&str])] = &[
            (&["cluster.local"], "cluster.local/ns/a/sa/b", &["cluster.local/ns/a/sa/b"]),
            (&["mesh.example"], "cluster.local/ns/a/sa/b", &["mesh.example/ns/a/sa/b"]),
            (&["new", "old"], "old/ns/a/sa/b", &["new/ns/a/sa/b", "old/ns/a/sa/b"]),
            (&["new", "old"], "other/ns/a/sa/b", &["other/ns/a/sa/b"]),
            (&["new", "old"], "*/ns/a/sa/b", &["*/ns/a/sa/b"]),
            (&["new", "old"], "cluster.local/ns/a/*", &["cluster.local/ns/a/*"]),
            (&["new", "old"], "cluster.local/ns/a/sa/*", &["new/ns/a/sa/*", "old/ns/a/sa/*"]),
            (&["a-td", "b-td", "x"], "*-td/ns/a/sa/b", &["*-td/ns/a/sa/b", "x/ns/a/sa/b"]),
            (&["td1", "x"], "td*/ns/a/sa/b", &["td1/ns/a/sa/b", "x/ns/a/sa/b"]),
            (&["new"], "*", &["*"]),
            (&["new"], "a/b/c/d/e/f", &["a/b/c/d/e/f"]),
        ];
        for (members, principal, wanted) in cases {
            let aliases: Vec<String> = members[1..].iter().map(|&alias| alias.to_owned()).collect();
            let domains = TrustDomains::new(members[0], &aliases);
            assert_eq!(domains.migrate_principal(principal), *wanted, "{members:?} {principal}");
        }
    }

    #[test]
    fn trust_domains_expand_only_when_equal() {
        let domains = TrustDomains::new("new", &["old".to_owned()]);
        assert_eq!(domains.expand("old"), ["new", "old"]);
        assert_eq!(domains.expand("ol*"), ["ol*"]);
        assert_eq!(domains.expand("cluster.local"), ["cluster.local"]);
    }
}
