//! Chains that must be refused, each for its own reason, and those that must be accepted.

use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::KeyType;
use crate::pki::testing::mint;
use crate::pki::testing::mint::Mint;
use crate::pki::testing::mint::Name;
use crate::pki::testing::party::NOW;
use crate::pki::testing::party::Party;
use crate::pki::testing::party::new_key;
use crate::pki::verify::Question;
use crate::pki::verify::RevocationScope;
use crate::pki::verify::TlsRole;
use crate::pki::verify::TrustBundles;
use crate::pki::verify::verify;
use crate::spiffe::SpiffeId;

const ID: &str = "spiffe://td/ns/a/sa/b";

type Change = fn(&mut Mint);
type AnyChange = Box<dyn FnOnce(&mut Mint)>;

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn trusting(domain: &str, roots: &[&Party]) -> TrustBundles {
    TrustBundles::from([(domain.parse().unwrap(), roots.iter().map(|root| root.certificate.clone()).collect())])
}

fn chain(parties: &[&Party]) -> Vec<Certificate> {
    parties.iter().map(|party| party.certificate.clone()).collect()
}

fn question<'q>(chain: &'q [Certificate], bundles: &'q TrustBundles, crls: &'q [Crl], role: TlsRole) -> Question<'q> {
    Question { chain, bundles, crls, revocation: RevocationScope::WholePath, at: now(), role, expected: None }
}

/// `ok`, or the name of the check that does not hold and the position of the certificate.
fn answer(question: &Question<'_>) -> String {
    match verify(question) {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let place = error.0.certificate.map(|name| name.position.map_or("root".to_owned(), |position| position.to_string()));
            format!("{} {}", error.0.check.name, place.unwrap_or_default()).trim_end().to_owned()
        }
    }
}

#[test]
fn what_a_leaf_says_of_itself_decides_first() {
    let root = Party::root("root", |_| {});
    let bundles = trusting("td", &[&root]);
    let names = |names: &[Name<'_>]| mint::alternative_names(true, names);
    let cases: Vec<(&str, AnyChange, &str)> = vec![
        ("right", Box::new(|_: &mut Mint| {}), "ok"),
        ("two URIs", Box::new(move |m| m.extensions[3] = names(&[Name::Uri(ID), Name::Uri("spiffe://td/x")])), "several-uris 0"),
        ("a DNS name only", Box::new(move |m| m.extensions[3] = names(&[Name::Dns("a")])), "no-spiffe-id 0"),
        ("no path", Box::new(move |m| m.extensions[3] = names(&[Name::Uri("spiffe://td")])), "no-workload-path 0"),
        (
            "one URI and three DNS names",
            Box::new(move |m| m.extensions[3] = names(&[Name::Dns("a"), Name::Uri(ID), Name::Dns("b"), Name::Dns("c")])),
            "ok",
        ),
        (
            "keyEncipherment only",
            Box::new(|m| m.extensions[0] = mint::key_usage(true, mint::KEY_ENCIPHERMENT)),
            "digital-signature-missing 0",
        ),
        (
            "keyCertSign",
            Box::new(|m| m.extensions[0] = mint::key_usage(true, mint::DIGITAL_SIGNATURE | mint::KEY_CERT_SIGN)),
            "leaf-signs 0",
        ),
        (
            "cRLSign",
            Box::new(|m| m.extensions[0] = mint::key_usage(true, mint::DIGITAL_SIGNATURE | mint::CRL_SIGN)),
            "leaf-signs 0",
        ),
        ("no keyUsage", Box::new(|m| drop(m.extensions.remove(0))), "key-usage-missing 0"),
        (
            "keyUsage not critical, which peers take",
            Box::new(|m| m.extensions[0] = mint::key_usage(false, mint::DIGITAL_SIGNATURE)),
            "ok",
        ),
        ("cA", Box::new(|m| m.extensions[2] = mint::basic_constraints(true, true, None)), "leaf-is-authority 0"),
        (
            "names not critical, which peers take",
            Box::new(move |m| m.extensions[3] = mint::alternative_names(false, &[Name::Uri(ID)])),
            "ok",
        ),
        ("expired for a second", Box::new(|m| m.not_after = "20261126115959Z".to_owned()), "expired 0"),
        ("in its last second", Box::new(|m| m.not_after = "20261126120000Z".to_owned()), "ok"),
        ("valid in a second", Box::new(|m| m.not_before = "20261126120001Z".to_owned()), "not-yet-valid 0"),
        (
            "an unknown critical extension",
            Box::new(|m| m.extensions.push(mint::unknown_extension(true))),
            "unknown-critical-extension 0",
        ),
        ("version 1", Box::new(|m| m.version = Vec::new()), "version-not-3 0"),
        (
            "another key of its issuer",
            Box::new(|m| *m.extensions.last_mut().unwrap() = mint::authority_key_identifier(&[1; 20])),
            "authority-key-identifier-mismatch 0",
        ),
        ("no key of its issuer", Box::new(|m| drop(m.extensions.pop())), "ok"),
    ];
    let mut wrong = Vec::new();
    for (name, change, expected) in cases {
        let leaf = root.leaf(ID, change);
        let got = answer(&question(&[leaf.certificate], &bundles, &[], TlsRole::Any));
        if got != expected {
            wrong.push(format!("{name}: {got} instead of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_bundle_is_that_of_the_leafs_own_trust_domain() {
    let (own, other) = (Party::root("own", |_| {}), Party::root("other", |_| {}));
    let leaf = other.leaf(ID, |_| {});
    let certificates = chain(&[&leaf]);
    let mut both = trusting("td", &[&own]);
    both.extend(trusting("tb", &[&other]));
    for (name, bundles, expected) in [
        ("no bundles", TrustBundles::new(), "no-bundle 0"),
        ("the other domain's alone", trusting("tb", &[&other]), "no-bundle 0"),
        ("an empty one", trusting("td", &[]), "no-bundle 0"),
        ("both: they are not pooled", both, "unknown-authority 0"),
        ("its own", trusting("td", &[&other]), "ok"),
    ] {
        assert_eq!(answer(&question(&certificates, &bundles, &[], TlsRole::Any)), expected, "{name}");
    }
    let error = verify(&question(&certificates, &trusting("tb", &[&other]), &[], TlsRole::Any)).unwrap_err();
    assert!(error.to_string().contains("trust domain `td`; the authorities given are of tb"), "{error}");
}

#[test]
fn a_path_is_found_or_the_certificate_it_ends_at_is_named() {
    let root = Party::root("root", |_| {});
    let middle = root.authority("middle", |_| {});
    let leaf = middle.leaf(ID, |_| {});
    let impostor = Party::root("middle", |_| {});
    let stranger = Party::root("root", |_| {});
    let bundles = trusting("td", &[&root]);
    let by_stranger = trusting("td", &[&stranger]);
    let by_middle = trusting("td", &[&middle]);
    let both = trusting("td", &[&stranger, &root]);
    for (name, bundles, parties, expected) in [
        ("the middle is missing", &bundles, vec![&leaf], "unknown-authority 0"),
        ("upside down", &bundles, vec![&root, &middle, &leaf], "no-spiffe-id 0"),
        ("another middle of the same name", &bundles, vec![&leaf, &impostor], "signature-invalid 0"),
        ("another root of the same name", &by_stranger, vec![&leaf, &middle], "signature-invalid 1"),
        ("nothing", &bundles, vec![], "empty-chain"),
        ("right", &bundles, vec![&leaf, &middle], "ok"),
        ("with the root", &bundles, vec![&leaf, &middle, &root], "ok"),
        ("in another order", &bundles, vec![&leaf, &root, &middle], "ok"),
        ("with an impostor before the middle", &bundles, vec![&leaf, &impostor, &middle], "ok"),
        ("with the middle as the bundle", &by_middle, vec![&leaf], "ok"),
        ("with a stranger in the bundle", &both, vec![&leaf, &middle], "ok"),
    ] {
        assert_eq!(answer(&question(&chain(&parties), bundles, &[], TlsRole::Any)), expected, "{name}");
    }
    let certificates = chain(&[&leaf, &root, &middle]);
    let verified = verify(&question(&certificates, &bundles, &[], TlsRole::Any)).unwrap();
    assert_eq!(verified.path, chain(&[&leaf, &middle, &root]));
    assert_eq!(verified.spiffe_id.as_str(), ID);
}

#[test]
fn an_authority_of_the_path_breaks_one_rule_at_a_time() {
    let cases: &[(&str, Change, &str)] = &[
        ("right", |_| {}, "ok"),
        ("no keyUsage at all, which peers take", |m| drop(m.extensions.remove(1)), "ok"),
        ("no keyCertSign", |m| m.extensions[1] = mint::key_usage(true, mint::CRL_SIGN), "certificate-signing-missing"),
        ("no cA", |m| m.extensions[0] = mint::basic_constraints(true, false, None), "not-an-authority"),
        ("no basicConstraints", |m| drop(m.extensions.remove(0)), "not-an-authority"),
        ("expired", |m| m.not_after = "20261126115959Z".to_owned(), "expired"),
        ("not yet valid", |m| m.not_before = "20261126120001Z".to_owned(), "not-yet-valid"),
        ("an unknown critical extension", |m| m.extensions.push(mint::unknown_extension(true)), "unknown-critical-extension"),
        ("a constraint for this domain", |m| m.extensions.push(mint::name_constraints(true, &[Name::Uri("td")], &[])), "ok"),
        (
            "a constraint for another",
            |m| m.extensions.push(mint::name_constraints(true, &[Name::Uri("tb")], &[])),
            "name-not-permitted",
        ),
        (
            "this domain excluded",
            |m| m.extensions.push(mint::name_constraints(true, &[], &[Name::Uri("td")])),
            "name-not-permitted",
        ),
        (
            "a constraint on DNS names, of which there are none",
            |m| m.extensions.push(mint::name_constraints(true, &[Name::Dns("a")], &[])),
            "ok",
        ),
        (
            "a constraint for a domain above this one",
            |m| m.extensions.push(mint::name_constraints(true, &[Name::Uri(".td")], &[])),
            "name-not-permitted",
        ),
    ];
    for is_root in [false, true] {
        for (name, change, expected) in cases {
            let root = if is_root { Party::root("root", change) } else { Party::root("root", |_| {}) };
            let middle = root.authority("middle", |m| {
                if !is_root {
                    change(m);
                }
            });
            let leaf = middle.leaf(ID, |_| {});
            let expected = match (*expected, is_root) {
                ("ok", _) => "ok".to_owned(),
                ("name-not-permitted", _) => "name-not-permitted 0".to_owned(),
                (check, true) => format!("{check} root"),
                (check, false) => format!("{check} 1"),
            };
            let got = answer(&question(&chain(&[&leaf, &middle]), &trusting("td", &[&root]), &[], TlsRole::Any));
            assert_eq!(got, expected, "{name}, at the root: {is_root}");
        }
    }
}

#[test]
fn a_constrained_intermediate_vouches_for_its_own_domain_only() {
    let root = Party::root("root", |_| {});
    let constrained = root.authority("constrained", |m| m.extensions.push(mint::name_constraints(true, &[Name::Uri("td")], &[])));
    let below = constrained.authority("below", |_| {});
    for (signer, ids, expected) in [
        (vec![&constrained], "spiffe://td/a", "ok"),
        (vec![&constrained], "spiffe://tb/a", "name-not-permitted 0"),
        (vec![&below, &constrained], "spiffe://td/a", "ok"),
        (vec![&below, &constrained], "spiffe://tb/a", "name-not-permitted 0"),
    ] {
        let leaf = signer[0].leaf(ids, |_| {});
        let parties: Vec<&Party> = [&leaf].into_iter().chain(signer).collect();
        let mut bundles = trusting("td", &[&root]);
        bundles.extend(trusting("tb", &[&root]));
        assert_eq!(
            answer(&question(&chain(&parties), &bundles, &[], TlsRole::Any)),
            expected,
            "{ids} of {} authorities",
            parties.len() - 1
        );
    }
}

#[test]
fn path_lengths_count_the_authorities_below() {
    for (lengths, expected) in [
        ([None, None], "ok"),
        ([Some(1), Some(0)], "ok"),
        ([Some(0), None], "path-too-long root"),
        ([None, Some(0)], "ok"),
        ([Some(0), Some(0)], "path-too-long root"),
    ] {
        let root = Party::root("root", |m| m.extensions[0] = mint::basic_constraints(true, true, lengths[0]));
        let middle = root.authority("middle", |m| m.extensions[0] = mint::basic_constraints(true, true, lengths[1]));
        let leaf = middle.leaf(ID, |_| {});
        let got = answer(&question(&chain(&[&leaf, &middle]), &trusting("td", &[&root]), &[], TlsRole::Any));
        assert_eq!(got, expected, "{lengths:?}");
    }
    let root = Party::root("root", |_| {});
    let mut signers = vec![root.authority("authority 0", |_| {})];
    for depth in 1..8 {
        let next = signers[0].authority(&format!("authority {depth}"), |_| {});
        signers.insert(0, next);
    }
    for count in [6, 7, 8] {
        let from = signers.len() - count;
        let leaf = signers[from].leaf(ID, |_| {});
        let parties: Vec<&Party> = [&leaf].into_iter().chain(&signers[from..]).collect();
        let got = answer(&question(&chain(&parties), &trusting("td", &[&root]), &[], TlsRole::Any));
        assert_eq!(got == "ok", count <= 6, "{count} intermediates: {got}");
    }
}

#[test]
fn the_purpose_counts_by_role_and_along_the_whole_path() {
    let server: &[&[u8]] = &[mint::SERVER_AUTH];
    let client: &[&[u8]] = &[mint::CLIENT_AUTH];
    let any: &[&[u8]] = &[mint::ANY_PURPOSE];
    for (of_leaf, of_middle, expected) in [
        (None, None, ["ok", "ok", "ok"]),
        (Some(server), None, ["ok", "usage-not-permitted 0", "ok"]),
        (Some(client), None, ["ok", "ok", "usage-not-permitted 0"]),
        (Some(any), None, ["ok", "usage-not-permitted 0", "usage-not-permitted 0"]),
        (None, Some(server), ["ok", "usage-not-permitted 1", "ok"]),
        (None, Some(client), ["ok", "ok", "usage-not-permitted 1"]),
    ] {
        let root = Party::root("root", |_| {});
        let middle = root
            .authority("middle", |m| m.extensions.extend(of_middle.map(|purposes| mint::extended_key_usage(false, purposes))));
        let leaf = middle.leaf(ID, |m| {
            m.extensions.remove(1);
            m.extensions.extend(of_leaf.map(|purposes| mint::extended_key_usage(false, purposes)));
        });
        let certificates = chain(&[&leaf, &middle]);
        let bundles = trusting("td", &[&root]);
        let got =
            [TlsRole::Any, TlsRole::Client, TlsRole::Server].map(|role| answer(&question(&certificates, &bundles, &[], role)));
        assert_eq!(got, expected, "{of_leaf:?} below {of_middle:?}");
    }
}

#[test]
fn the_signatures_of_every_key_type_are_followed() {
    for key_type in [KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::Rsa2048, KeyType::Ed25519] {
        let root = Party::root_with("root", key_type, |_| {});
        let leaf = root.leaf_with(ID, new_key(key_type), |_| {});
        let got = answer(&question(&chain(&[&leaf]), &trusting("td", &[&root]), &[], TlsRole::Client));
        assert_eq!(got, "ok", "{key_type}");
    }
    let root = Party::root_with("root", KeyType::Rsa2048, |_| {});
    let leaf = root.leaf(ID, |m| m.algorithm = mint::rsa_sha1());
    let got = answer(&question(&chain(&[&leaf]), &trusting("td", &[&root]), &[], TlsRole::Any));
    assert_eq!(got, "weak-signature 0", "SHA-1");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn revocation_is_looked_up_as_envoy_does() {
    let root = Party::root("root", |_| {});
    let middle = root.authority("middle", |_| {});
    let leaf = middle.leaf(ID, |_| {});
    let direct = root.leaf(ID, |_| {});
    let mute = root.authority("mute", |m| m.extensions[1] = mint::key_usage(true, mint::KEY_CERT_SIGN));
    let of_mute = mute.leaf(ID, |_| {});
    let stranger = Party::root("root", |_| {});
    let of_root = || root.revokes(&[], |_| {});
    let of_middle = || middle.revokes(&[], |_| {});
    let ended = |list: &mut mint::MintCrl| {
        list.this_update = "20261101000000Z".to_owned();
        list.next_update = "20261126115959Z".to_owned();
    };
    let future = |list: &mut mint::MintCrl| list.this_update = "20261126120001Z".to_owned();
    let delta = mint::extension(&[0x55, 0x1d, 0x1b], true, &[2, 1, 1]);
    let long = vec![&leaf, &middle];
    let cases: Vec<(&str, Vec<&Party>, Vec<Crl>, &str)> = vec![
        ("the root's alone", long.clone(), vec![of_root()], "crl-missing 0"),
        ("the intermediate's alone", long.clone(), vec![of_middle()], "crl-missing 1"),
        ("both", long.clone(), vec![of_root(), of_middle()], "ok"),
        ("the leaf revoked", long.clone(), vec![of_root(), middle.revokes(&[&leaf], |_| {})], "revoked 0"),
        ("the intermediate revoked", long.clone(), vec![root.revokes(&[&middle], |_| {}), of_middle()], "revoked 1"),
        ("the root by itself", long.clone(), vec![root.revokes(&[&root], |_| {}), of_middle()], "revoked root"),
        ("a list that ended", long.clone(), vec![of_root(), middle.revokes(&[], ended)], "crl-not-current 1"),
        ("a list of the future", long.clone(), vec![of_root(), middle.revokes(&[], future)], "crl-not-current 1"),
        (
            "one that ended, then a current one",
            long.clone(),
            vec![of_root(), middle.revokes(&[], ended), middle.revokes(&[&leaf], |_| {})],
            "revoked 0",
        ),
        (
            "a current one, then one that ended",
            long.clone(),
            vec![of_root(), middle.revokes(&[&leaf], |_| {}), middle.revokes(&[], ended)],
            "revoked 0",
        ),
        (
            "of two current lists the first counts",
            long.clone(),
            vec![of_root(), of_middle(), middle.revokes(&[&leaf], |_| {})],
            "ok",
        ),
        (
            "and if it revokes, it revokes",
            long.clone(),
            vec![of_root(), middle.revokes(&[&leaf], |_| {}), of_middle()],
            "revoked 0",
        ),
        ("a list of the same name by another key", vec![&direct], vec![stranger.revokes(&[], |_| {})], "crl-missing 0"),
        (
            "the same without a key identifier",
            vec![&direct],
            vec![stranger.revokes(&[], |list| drop(list.extensions.remove(0)))],
            "crl-signature root",
        ),
        ("a leaf right below the root", vec![&direct], vec![of_root()], "ok"),
        (
            "a list of version 1",
            vec![&direct],
            vec![root.revokes(&[], |list| {
                list.extensions.clear();
                list.is_version_2 = false;
            })],
            "ok",
        ),
        (
            "a list of part of the certificates",
            vec![&direct],
            vec![root.revokes(&[], |list| list.extensions.push(delta))],
            "crl-extension root",
        ),
        (
            "an authority that may sign no lists",
            vec![&of_mute, &mute],
            vec![of_root(), mute.revokes(&[], |_| {})],
            "crl-not-allowed 1",
        ),
    ];
    let bundles = trusting("td", &[&root]);
    let mut wrong = Vec::new();
    for (name, parties, lists, expected) in cases {
        let got = answer(&question(&chain(&parties), &bundles, &lists, TlsRole::Any));
        if got != expected {
            wrong.push(format!("{name}: {got} instead of {expected}"));
        }
    }
    let certificates = chain(&long);
    let by_middle = trusting("td", &[&middle]);
    let lists = [of_middle()];
    let leaf_only = Question { revocation: RevocationScope::LeafOnly, ..question(&certificates, &bundles, &lists, TlsRole::Any) };
    for (name, got, expected) in [
        ("the leaf only", answer(&leaf_only), "ok"),
        ("an intermediate as the bundle", answer(&question(&certificates, &by_middle, &lists, TlsRole::Any)), "crl-missing root"),
        ("an intermediate as the bundle, without lists", answer(&question(&certificates, &by_middle, &[], TlsRole::Any)), "ok"),
    ] {
        if got != expected {
            wrong.push(format!("{name}: {got} instead of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_expected_identity_is_compared_byte_by_byte() {
    let root = Party::root("root", |_| {});
    let leaf = root.leaf(ID, |_| {});
    let certificates = chain(&[&leaf]);
    let bundles = trusting("td", &[&root]);
    for (expected, answered) in
        [(ID, "ok"), ("spiffe://td/ns/a/sa/B", "unexpected-identity 0"), ("spiffe://td", "unexpected-identity 0")]
    {
        let id: SpiffeId = expected.parse().unwrap();
        let question = Question { expected: Some(&id), ..question(&certificates, &bundles, &[], TlsRole::Any) };
        assert_eq!(answer(&question), answered, "{expected}");
    }
}

#[test]
fn a_bundle_full_of_authorities_of_one_name_ends_the_search() {
    let roots: Vec<Party> = (0..150).map(|_| Party::root("root", |_| {})).collect();
    let leaf = Party::root("root", |_| {}).leaf(ID, |_| {});
    let bundles = trusting("td", &roots.iter().collect::<Vec<_>>());
    let got = answer(&question(&chain(&[&leaf]), &bundles, &[], TlsRole::Any));
    assert_eq!(got, "signature-invalid 0");
}
