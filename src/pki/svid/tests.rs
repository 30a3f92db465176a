//! Each check fires for its own reason and for nothing else.

use jiff::Timestamp;

use crate::pki::Certificate;
use crate::pki::KeyType;
use crate::pki::svid::Problem;
use crate::pki::svid::Severity;
use crate::pki::svid::check_authorities;
use crate::pki::svid::check_chain;
use crate::pki::testing::mint;
use crate::pki::testing::mint::Mint;
use crate::pki::testing::mint::Name;
use crate::pki::testing::party::NOW;
use crate::pki::testing::party::Party;
use crate::pki::testing::party::new_key;

const ID: &str = "spiffe://td/ns/a/sa/b";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn names(problems: &[Problem]) -> Vec<&'static str> {
    problems.iter().map(|problem| problem.check.name).collect()
}

type Change = fn(&mut Mint);

fn replace(mint: &mut Mint, at: usize, extension: Vec<u8>) {
    mint.extensions[at] = extension;
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_workloads_certificate_breaks_one_rule_at_a_time() {
    let root = Party::root("root", |_| {});
    let cases: &[(&str, Change, &[&str])] = &[
        (
            "two URIs",
            |m| replace(m, 3, mint::alternative_names(true, &[Name::Uri(ID), Name::Uri("spiffe://td/c")])),
            &["several-uris"],
        ),
        (
            "the same URI twice",
            |m| replace(m, 3, mint::alternative_names(true, &[Name::Uri(ID), Name::Uri(ID)])),
            &["several-uris"],
        ),
        ("a DNS name only", |m| replace(m, 3, mint::alternative_names(true, &[Name::Dns("a.b")])), &["no-spiffe-id"]),
        ("no names", |m| drop(m.extensions.remove(3)), &["no-spiffe-id", "names-not-critical"]),
        ("no path", |m| replace(m, 3, mint::alternative_names(true, &[Name::Uri("spiffe://td")])), &["no-workload-path"]),
        (
            "a slash at the end",
            |m| replace(m, 3, mint::alternative_names(true, &[Name::Uri("spiffe://td/")])),
            &["invalid-spiffe-id"],
        ),
        (
            "an upper-case domain",
            |m| replace(m, 3, mint::alternative_names(true, &[Name::Uri("spiffe://Td/a")])),
            &["invalid-spiffe-id"],
        ),
        (
            "another scheme",
            |m| replace(m, 3, mint::alternative_names(true, &[Name::Uri("https://td/a")])),
            &["invalid-spiffe-id"],
        ),
        (
            "SPIRE's own path",
            |m| replace(m, 3, mint::alternative_names(true, &[Name::Uri("spiffe://td/spire/server")])),
            &["reserved-path"],
        ),
        ("names not critical", |m| replace(m, 3, mint::alternative_names(false, &[Name::Uri(ID)])), &["names-not-critical"]),
        (
            "a DNS name with slashes",
            |m| replace(m, 3, mint::alternative_names(true, &[Name::Uri(ID), Name::Dns("//foo/bar")])),
            &["dns-name-malformed"],
        ),
        ("cA", |m| replace(m, 2, mint::basic_constraints(true, true, None)), &["leaf-is-authority"]),
        ("no basicConstraints", |m| drop(m.extensions.remove(2)), &[]),
        (
            "keyEncipherment only",
            |m| replace(m, 0, mint::key_usage(true, mint::KEY_ENCIPHERMENT)),
            &["digital-signature-missing"],
        ),
        ("keyCertSign", |m| replace(m, 0, mint::key_usage(true, mint::DIGITAL_SIGNATURE | mint::KEY_CERT_SIGN)), &["leaf-signs"]),
        ("cRLSign", |m| replace(m, 0, mint::key_usage(true, mint::DIGITAL_SIGNATURE | mint::CRL_SIGN)), &["leaf-signs"]),
        ("no keyUsage", |m| drop(m.extensions.remove(0)), &["key-usage-missing"]),
        (
            "keyUsage not critical",
            |m| replace(m, 0, mint::key_usage(false, mint::DIGITAL_SIGNATURE)),
            &["key-usage-not-critical"],
        ),
        ("no extendedKeyUsage", |m| drop(m.extensions.remove(1)), &["extended-key-usage-absent"]),
        (
            "serverAuth only",
            |m| replace(m, 1, mint::extended_key_usage(false, &[mint::SERVER_AUTH])),
            &["extended-key-usage-incomplete"],
        ),
        (
            "clientAuth only",
            |m| replace(m, 1, mint::extended_key_usage(false, &[mint::CLIENT_AUTH])),
            &["extended-key-usage-incomplete"],
        ),
        (
            "any purpose only",
            |m| replace(m, 1, mint::extended_key_usage(false, &[mint::ANY_PURPOSE])),
            &["extended-key-usage-incomplete"],
        ),
        (
            "three purposes, critical",
            |m| replace(m, 1, mint::extended_key_usage(true, &[mint::CLIENT_AUTH, mint::SERVER_AUTH, mint::CODE_SIGNING])),
            &[],
        ),
        (
            "name constraints",
            |m| m.extensions.push(mint::name_constraints(true, &[Name::Uri("td")], &[])),
            &["leaf-name-constraints"],
        ),
        ("an unknown critical extension", |m| m.extensions.push(mint::unknown_extension(true)), &["unknown-critical-extension"]),
        ("an unknown extension", |m| m.extensions.push(mint::unknown_extension(false)), &[]),
        ("serial zero", |m| m.serial = vec![0], &["serial-not-positive"]),
        ("serial negative", |m| m.serial = vec![0x80, 1], &["serial-not-positive"]),
        ("serial of 20 octets", |m| m.serial = vec![0x7f; 20], &[]),
        ("serial of 21 octets", |m| m.serial = vec![0x7f; 21], &["serial-too-long"]),
        ("128 random bits with the highest set take 17 octets", |m| m.serial = [vec![0], vec![0xff; 16]].concat(), &[]),
        ("expired for a second", |m| m.not_after = "20261126115959Z".to_owned(), &["expired"]),
        ("in its last second", |m| m.not_after = "20261126120000Z".to_owned(), &[]),
        ("valid in a second", |m| m.not_before = "20261126120001Z".to_owned(), &["not-yet-valid"]),
        ("valid since now", |m| m.not_before = "20261126120000Z".to_owned(), &["not-backdated"]),
        ("valid for two minutes", |m| m.not_before = "20261126115800Z".to_owned(), &[]),
        ("an end before its begin", |m| m.not_before = "20270101000000Z".to_owned(), &["never-valid"]),
        ("longer than its signer", |m| m.not_after = "20261127000001Z".to_owned(), &["outlives-signer"]),
        ("no authorityKeyIdentifier", |m| drop(m.extensions.pop()), &["authority-key-identifier-missing"]),
    ];
    let mut wrong = Vec::new();
    for (name, change, expected) in cases {
        let leaf = root.leaf(ID, change);
        let found = check_chain(&[leaf.certificate, root.certificate.clone()], now());
        let mut found = names(&found);
        found.retain(|name| *name != "root-in-chain");
        if found != *expected {
            wrong.push(format!("{name}: {found:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn keys_that_a_peer_does_not_take_are_named() {
    let root = Party::root("root", |_| {});
    for (key_type, expected) in [
        (KeyType::EcdsaP256, None),
        (KeyType::EcdsaP384, None),
        (KeyType::Rsa2048, None),
        (KeyType::Ed25519, Some("key-not-taken")),
    ] {
        let leaf = root.leaf_with(ID, new_key(key_type), |_| {});
        assert_eq!(names(&check_chain(&[leaf.certificate], now())).first().copied(), expected, "{key_type}");
    }
}

#[test]
fn an_authoritys_certificate_breaks_one_rule_at_a_time() {
    let cases: &[(&str, Change, &[&str])] = &[
        ("right", |_| {}, &[]),
        ("its own domain", |m| m.extensions.push(mint::alternative_names(false, &[Name::Uri("spiffe://td")])), &[]),
        (
            "a path in its URI",
            |m| m.extensions.push(mint::alternative_names(false, &[Name::Uri("spiffe://td/ca")])),
            &["authority-uri"],
        ),
        (
            "two domains",
            |m| m.extensions.push(mint::alternative_names(false, &[Name::Uri("spiffe://td"), Name::Uri("spiffe://tb")])),
            &["authority-uri"],
        ),
        (
            "basicConstraints not critical",
            |m| replace(m, 0, mint::basic_constraints(false, true, None)),
            &["basic-constraints-not-critical"],
        ),
        ("no cA", |m| replace(m, 0, mint::basic_constraints(true, false, None)), &["not-an-authority"]),
        ("no basicConstraints", |m| drop(m.extensions.remove(0)), &["not-an-authority"]),
        ("no keyUsage", |m| drop(m.extensions.remove(1)), &["authority-key-usage-missing"]),
        (
            "keyUsage not critical",
            |m| replace(m, 1, mint::key_usage(false, mint::KEY_CERT_SIGN | mint::CRL_SIGN)),
            &["authority-key-usage-not-critical"],
        ),
        ("no keyCertSign", |m| replace(m, 1, mint::key_usage(true, mint::CRL_SIGN)), &["certificate-signing-missing"]),
        ("no cRLSign", |m| replace(m, 1, mint::key_usage(true, mint::KEY_CERT_SIGN)), &["crl-signing-missing"]),
        (
            "keyEncipherment, as Istio's Makefile writes it",
            |m| replace(m, 1, mint::key_usage(true, mint::KEY_CERT_SIGN | mint::CRL_SIGN | mint::KEY_ENCIPHERMENT)),
            &["spire-upstream"],
        ),
        ("no subjectKeyIdentifier", |m| drop(m.extensions.remove(2)), &["subject-key-identifier-missing"]),
        (
            "clientAuth only",
            |m| m.extensions.push(mint::extended_key_usage(false, &[mint::CLIENT_AUTH])),
            &["authority-extended-key-usage"],
        ),
        ("any purpose", |m| m.extensions.push(mint::extended_key_usage(false, &[mint::ANY_PURPOSE])), &[]),
    ];
    let mut wrong = Vec::new();
    for (name, change, expected) in cases {
        let root = Party::root("root", change);
        let found = check_authorities(&[root.certificate], true, now());
        if names(&found) != *expected {
            wrong.push(format!("{name}: {:?} instead of {expected:?}", names(&found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_chain_is_looked_at_as_a_whole() {
    let root = Party::root("root", |_| {});
    let middle = root.authority("middle", |_| {});
    let leaf = middle.leaf(ID, |_| {});
    let stranger = Party::root("root", |_| {});
    let short = root.authority("short", |m| m.extensions[0] = mint::basic_constraints(true, true, Some(0)));
    let below = short.authority("below", |_| {});
    let constrained =
        root.authority("constrained", |m| m.extensions.push(mint::name_constraints(true, &[Name::Uri("other")], &[])));
    let foreign = root.authority("foreign", |m| m.extensions.push(mint::alternative_names(false, &[Name::Uri("spiffe://tb")])));
    let certificate = |party: &Party| party.certificate.clone();
    let of = |signer: &Party| certificate(&signer.leaf(ID, |_| {}));
    for (name, chain, expected) in [
        ("nothing", vec![], vec!["empty-chain"]),
        ("right", vec![certificate(&leaf), certificate(&middle)], vec![]),
        ("with its root", vec![certificate(&leaf), certificate(&middle), certificate(&root)], vec!["root-in-chain"]),
        ("without the middle", vec![certificate(&leaf), certificate(&root)], vec!["broken-chain", "root-in-chain"]),
        (
            "another root of the same name",
            vec![certificate(&middle.leaf(ID, |_| {})), certificate(&middle), certificate(&stranger)],
            vec!["broken-chain", "root-in-chain"],
        ),
        ("an authority too many", vec![of(&below), certificate(&below), certificate(&short)], vec!["path-too-long"]),
        ("another domain's constraint", vec![of(&constrained), certificate(&constrained)], vec!["name-not-permitted"]),
        ("another domain's authority", vec![of(&foreign), certificate(&foreign)], vec!["other-trust-domain"]),
    ] {
        let found = check_chain(&chain, now());
        assert_eq!(names(&found), expected, "{name}");
    }
    let upside_down = check_chain(&[certificate(&root), certificate(&middle), certificate(&leaf)], now());
    assert_eq!(names(&upside_down).first(), Some(&"leaf-not-first"));
}

#[test]
fn a_problem_points_at_its_certificate() {
    let root = Party::root("root", |_| {});
    let leaf = root.leaf(ID, |m| m.not_after = "20261126115959Z".to_owned());
    let problems = check_chain(std::slice::from_ref(&leaf.certificate), now());
    let problem = problems.first().unwrap();
    assert_eq!(
        problem.to_string(),
        format!(
            "certificate 0 ({ID}, serial {}): it expired at 2026-11-26T11:59:59Z [expired, RFC 5280 4.1.2.5]",
            leaf.certificate.serial()
        )
    );
    assert_eq!(problem.check.severity, Severity::Error);
}

#[test]
fn istios_own_sample_certificates_are_read_and_judged() {
    let read = |pem: &str| -> Vec<Certificate> {
        crate::pki::PemReader::new(pem.as_bytes()).map(|block| Certificate::from_der(&block.der).unwrap()).collect()
    };
    let leaf = read(include_str!("../testdata/istio-leaf-workload-foo-cert.pem")).remove(0);
    let signer = read(include_str!("../testdata/istio-ca-cert.pem")).remove(0);
    let root = read(include_str!("../testdata/istio-root-cert.pem")).remove(0);
    let alternative = read(include_str!("../testdata/istio-ca-cert-alt.pem")).remove(0);
    let old_root = read(include_str!("../testdata/istio-spiffe-root-cert-1.pem")).remove(0);
    let workload = read(include_str!("../testdata/istio-spiffe-workload-cert.pem")).remove(0);
    let at = "2023-06-01T00:00:00Z".parse().unwrap();

    assert_eq!(leaf.fingerprint().to_string(), "13ee84debcc7f34d974af2287789d83d1acce7817acbbdbf72441684efeaae9d");
    assert_eq!(leaf.serial().to_string(), "56b993119a3099bbe3c6286acb4b6a09be820c91");
    assert!(leaf.has_empty_subject() && leaf.is_subject_alt_name_critical());
    assert_eq!(leaf.uris().collect::<Vec<_>>(), ["spiffe://trust-domain-foo/ns/foo/sa/foo"]);
    assert_eq!(
        (leaf.not_before().to_string().as_str(), leaf.not_after().to_string().as_str()),
        ("2023-02-02T18:20:57Z", "2033-01-30T18:20:57Z")
    );
    assert!(leaf.is_signed_by(&signer) && signer.is_signed_by(&root));
    assert_eq!(names(&check_chain(&[leaf], at)), ["authority-key-identifier-missing"]);

    assert_eq!(signer.fingerprint().to_string(), "f867174e4a31f1792f8c0354a23f8f049bd4019729cd2ee579d67033065b2dc2");
    assert_eq!(
        names(&check_authorities(&[signer], true, at)),
        [
            "basic-constraints-not-critical",
            "authority-key-usage-not-critical",
            "crl-signing-missing",
            "subject-key-identifier-missing",
            "authority-key-identifier-missing"
        ]
    );
    assert_eq!(root.fingerprint().to_string(), "63727a1785cab47acec5c24cc0669c20824e8ae1ac28079a4d2f8c830592e7b0");
    assert!(root.not_after().to_string().starts_with("2117-"), "GeneralizedTime: {}", root.not_after());
    assert_eq!(alternative.fingerprint().to_string(), "40ff5d9dcaa80833bb7291ef1f89acd9f4da11d6c6006b78897d3f9e2cff86b5");
    assert_eq!(alternative.basic_constraints().unwrap().path_length, Some(0));
    assert!(names(&check_authorities(&[alternative], true, at)).contains(&"crl-signing-missing"));
    assert_eq!((old_root.subject(), old_root.key_usage().unwrap().names()), ("O=cluster.local", vec!["keyCertSign"]));
    assert!(names(&check_authorities(&[old_root], true, at)).contains(&"subject-key-identifier-missing"));

    assert_eq!(crate::pki::svid::spiffe_id(&workload).unwrap().as_str(), "spiffe://foo.domain.com/ns/foo/sa/default");
    assert!(workload.is_self_issued(), "the same name, and not its own signer");
    let found = check_chain(&[workload], at);
    let found = names(&found);
    assert!(found.contains(&"key-usage-not-critical") && found.contains(&"dns-name-malformed"), "{found:?}");
}
