//! Whether a mesh lives through another authority in the place of the one it has.
//!
//! Two things have to hold while both are around: whoever still has the old trust bundle has to accept what the new authority signs, and whoever
//! already has the new one has to accept what the old authority signed. Both are asked of the same checks as the authority itself, with
//! the trust bundle of the other side put in.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::pki::istiod::material::FileName;
use crate::pki::istiod::material::Material;
use crate::pki::istiod::verify;
use crate::pki::pem_reader::PemReader;

/// What the workloads of a namespace trust: `root-cert.pem` of its `istio-ca-root-cert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedThere {
    /// The namespace.
    pub namespace: String,
    /// The file.
    pub roots: String,
}

/// What a mesh has now.
#[derive(Clone, Copy)]
pub struct Present<'a> {
    /// What istiod signs with, when that is known.
    pub authority: Option<&'a Material>,
    /// What is trusted, namespace by namespace.
    pub trusted: &'a [TrustedThere],
}

/// Why connections would break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Break {
    /// None of the roots that are trusted now is among the new ones.
    Unrelated,
    /// Workloads of these namespaces do not accept what the new authority signs.
    NotYetTrusted {
        /// In order; none when no namespace has been told anything, and the present authority's own roots do not vouch for the new one.
        namespaces: Vec<String>,
    },
    /// The new trust bundle does not vouch for what the present authority signed.
    NoLongerTrusted,
}

/// What changes for the mesh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Why it is no good.
    pub breaks: Vec<Break>,
    /// How many namespaces trust anything at all by now.
    pub namespaces: usize,
    /// How many roots are trusted now.
    pub roots_before: usize,
    /// How many of the new roots are new to the mesh.
    pub added: usize,
    /// How many of the present roots are no longer trusted.
    pub removed: usize,
}

/// Compares what a mesh has with what it is to have.
#[must_use]
pub fn transition(present: Present<'_>, new: &Material, trust_domain: &str, now: Timestamp) -> Transition {
    let bundle = new.content(new.layout().roots());
    let (after, before) = (roots(bundle), present.roots());
    let mut breaks = Vec::new();
    if !before.is_empty() && before.is_disjoint(&after) {
        breaks.push(Break::Unrelated);
    } else if !before.is_empty() {
        breaks.extend(present.lacking(new, trust_domain, now).map(|namespaces| Break::NotYetTrusted { namespaces }));
        // What peers refuse already cannot break.
        let is_good = |authority: &Material| verify(authority, trust_domain, now).usable;
        if let Some(authority) = present.authority.filter(|authority| is_good(authority))
            && !is_good(&with_roots(authority, bundle))
        {
            breaks.push(Break::NoLongerTrusted);
        }
    }
    Transition {
        breaks,
        namespaces: present.trusted.len(),
        roots_before: before.len(),
        added: after.difference(&before).count(),
        removed: before.difference(&after).count(),
    }
}

impl Present<'_> {
    /// Every root that is trusted anywhere.
    fn roots(&self) -> BTreeSet<Vec<u8>> {
        let of_authority = self.authority.map(|authority| roots(authority.content(authority.layout().roots())));
        let of_namespaces = self.trusted.iter().map(|there| roots(there.roots.as_bytes()));
        of_authority.into_iter().chain(of_namespaces).flatten().collect()
    }

    /// Where the new authority is not trusted. When nothing is known of any namespace, what istiod would tell them counts.
    fn lacking(&self, new: &Material, trust_domain: &str, now: Timestamp) -> Option<Vec<String>> {
        let mut answers: BTreeMap<&str, bool> = BTreeMap::new();
        let is_trusted = |roots: &[u8]| verify(&with_roots(new, roots), trust_domain, now).usable;
        if let (Some(authority), []) = (self.authority, self.trusted) {
            return (!is_trusted(authority.content(authority.layout().roots()))).then(Vec::new);
        }
        let mut namespaces: Vec<String> = self
            .trusted
            .iter()
            .filter(|there| !*answers.entry(&there.roots).or_insert_with(|| is_trusted(there.roots.as_bytes())))
            .map(|there| there.namespace.clone())
            .collect();
        namespaces.sort();
        (!namespaces.is_empty()).then_some(namespaces)
    }
}

/// The same authority under other roots. Revocation lists are about the roots they came with.
fn with_roots(material: &Material, roots: &[u8]) -> Material {
    let mut changed = Material::default();
    for file in material.names().filter(|file| *file != FileName::CaCrl) {
        changed.insert(file, material.content(file).to_vec());
    }
    changed.insert(material.layout().roots(), roots.to_vec());
    changed
}

fn roots(text: &[u8]) -> BTreeSet<Vec<u8>> {
    PemReader::new(text).filter(|block| block.label == "CERTIFICATE").map(|block| block.der.to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::AuthorityProfile;
    use crate::pki::Entropy;
    use crate::pki::KeyEncryption;
    use crate::pki::KeyType;
    use crate::pki::Lifetime;
    use crate::pki::Signer;
    use crate::pki::testing::TestEntropy;

    fn now() -> Timestamp {
        "2026-11-26T12:00:00Z".parse().unwrap()
    }

    fn profile(name: &str, lifetime: Lifetime) -> AuthorityProfile {
        AuthorityProfile {
            trust_domain: "cluster.local".parse().unwrap(),
            common_name: name.to_owned(),
            serial: TestEntropy.serial().unwrap(),
            lifetime,
            path_length: None,
            is_constrained: false,
        }
    }

    fn root(name: &str) -> Signer {
        let lifetime = Lifetime::of(now(), jiff::SignedDuration::from_hours(1000));
        Signer::self_signed(&profile(name, lifetime), TestEntropy.private_key(KeyType::EcdsaP256).unwrap()).unwrap()
    }

    fn material(root: &Signer, bundle: &str) -> Material {
        let lifetime = Lifetime::under(root.certificate(), now(), jiff::SignedDuration::from_hours(500)).unwrap();
        let key = TestEntropy.private_key(KeyType::EcdsaP256).unwrap();
        let certificate = root.sign_intermediate(&profile("intermediate", lifetime), &key.public_key().unwrap()).unwrap();
        let mut material = Material::default();
        material.insert(FileName::CaCert, certificate.pem().into_bytes());
        material.insert(FileName::CaKey, key.to_pem(&KeyEncryption::Plain, &mut TestEntropy).unwrap().as_bytes().to_vec());
        material.insert(FileName::CertChain, certificate.pem().into_bytes());
        material.insert(FileName::RootCert, bundle.as_bytes().to_vec());
        assert!(verify(&material, "cluster.local", now()).usable);
        material
    }

    #[test]
    fn each_step_of_a_rotation_is_safe_and_no_two_steps_at_once_are() {
        let (old, new) = (root("old"), root("new"));
        let (old_pem, new_pem) = (old.certificate().pem(), new.certificate().pem());
        let both = format!("{old_pem}{new_pem}");
        let steps = [material(&old, &old_pem), material(&old, &both), material(&new, &both), material(&new, &new_pem)];
        let bundles = [&old_pem, &both, &both, &new_pem];
        for (from, present) in steps.iter().enumerate() {
            let trusted =
                ["shop", "web"].map(|namespace| TrustedThere { namespace: namespace.to_owned(), roots: bundles[from].clone() });
            for (to, next) in steps.iter().enumerate() {
                let found = transition(Present { authority: Some(present), trusted: &trusted }, next, "cluster.local", now());
                let expected = match (from, to) {
                    (0, 3) | (3, 0) => vec![Break::Unrelated],
                    (0, 2) | (3, 1) => vec![Break::NotYetTrusted { namespaces: vec!["shop".to_owned(), "web".to_owned()] }],
                    (1, 3) | (2, 0) => vec![Break::NoLongerTrusted],
                    _ => vec![],
                };
                assert_eq!(found.breaks, expected, "from step {from} to step {to}");
                assert_eq!(found.namespaces, 2);
            }
        }
    }

    #[test]
    fn a_namespace_that_the_last_step_did_not_reach_is_named() {
        let (old, new) = (root("old"), root("new"));
        let both = format!("{}{}", new.certificate().pem(), old.certificate().pem());
        let there = |namespace: &str, roots: &str| TrustedThere { namespace: namespace.to_owned(), roots: roots.to_owned() };
        let trusted = [there("web", &both), there("shop", &old.certificate().pem()), there("empty", "")];
        let present = material(&old, &both);
        let found =
            transition(Present { authority: Some(&present), trusted: &trusted }, &material(&new, &both), "cluster.local", now());
        let expected = Transition {
            breaks: vec![Break::NotYetTrusted { namespaces: vec!["empty".to_owned(), "shop".to_owned()] }],
            namespaces: 3,
            roots_before: 2,
            added: 0,
            removed: 0,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_mesh_without_an_authority_takes_any_and_one_with_its_own_does_not() {
        let (ours, theirs) = (root("ours"), root("theirs"));
        let new = material(&ours, &ours.certificate().pem());
        let none = transition(Present { authority: None, trusted: &[] }, &new, "cluster.local", now());
        assert_eq!((none.breaks, none.roots_before, none.added), (vec![], 0, 1));
        // istiod's own authority: the signer is its root.
        let mut own = Material::default();
        own.insert(FileName::CaCert, theirs.certificate().pem().into_bytes());
        own.insert(FileName::CaKey, theirs.key().to_pem(&KeyEncryption::Plain, &mut TestEntropy).unwrap().as_bytes().to_vec());
        own.insert(FileName::CertChain, Vec::new());
        own.insert(FileName::RootCert, theirs.certificate().pem().into_bytes());
        let found = transition(Present { authority: Some(&own), trusted: &[] }, &new, "cluster.local", now());
        assert_eq!(found.breaks, [Break::Unrelated]);
        let both = format!("{}{}", ours.certificate().pem(), theirs.certificate().pem());
        let found = transition(Present { authority: Some(&own), trusted: &[] }, &material(&ours, &both), "cluster.local", now());
        assert_eq!(found.breaks, [Break::NotYetTrusted { namespaces: vec![] }], "istiod hands out its own root alone");
        let trusted = [TrustedThere { namespace: "shop".to_owned(), roots: both.clone() }];
        let found =
            transition(Present { authority: Some(&own), trusted: &trusted }, &material(&ours, &both), "cluster.local", now());
        assert_eq!(found.breaks, [], "every namespace knows both already");
    }
}
