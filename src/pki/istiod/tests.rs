//! Each check of istiod and of those who must live with what it signs, one set of files a case. `tests/oracle` asks istiod and Envoy.

use std::ops::ControlFlow;

use jiff::Timestamp;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertificateRevocationListParams;
use rcgen::CustomExtension;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::GeneralSubtree;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyIdMethod;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::NameConstraints;
use rcgen::PKCS_ED25519;
use rcgen::RevokedCertParams;
use rcgen::SerialNumber;
use time::Duration;
use time::OffsetDateTime;

use crate::pki::istiod::Change;
use crate::pki::istiod::FileName;
use crate::pki::istiod::Material;
use crate::pki::istiod::Verdict;
use crate::pki::istiod::reload;
use crate::pki::istiod::verify;

/// 2026-11-26T12:00:00Z.
const NOW: i64 = 1_795_694_400;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn hours(hours: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOW).unwrap() + Duration::hours(hours)
}

/// An authority to be, with its key.
struct Planned {
    params: CertificateParams,
    key: KeyPair,
}

impl Planned {
    fn new(name: &str, serial: u8) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.remove(DnType::CommonName);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = hours(-1);
        params.not_after = hours(24 * 365);
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(SerialNumber::from(u64::from(serial)));
        // Ed25519 signs the same every time, so that a certificate can be made twice.
        Self { params, key: KeyPair::generate_for(&PKCS_ED25519).unwrap() }
    }

    fn self_signed(&self) -> String {
        self.params.self_signed(&self.key).unwrap().pem()
    }

    fn signed_by(&self, issuer: &Self) -> String {
        self.params.signed_by(&self.key, &issuer.issuer()).unwrap().pem()
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }

    fn list(&self, from: i64, until: i64, revoked: Option<u8>) -> String {
        let revoked = revoked.map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(u64::from(serial)),
            revocation_time: hours(-1),
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: hours(from),
            next_update: hours(until),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.into_iter().collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&self.issuer()).unwrap().pem().unwrap()
    }
}

/// A root, an intermediate and a signer under each other, and somebody else.
struct Mesh {
    root: Planned,
    middle: Planned,
    signer: Planned,
    other: Planned,
    /// Files that are not what the authorities make of them.
    files: Vec<(FileName, Option<String>)>,
    /// Which lists to write.
    lists: Option<Vec<String>>,
}

impl Mesh {
    fn new() -> Self {
        Self {
            root: Planned::new("root", 1),
            middle: Planned::new("middle", 2),
            signer: Planned::new("signer", 3),
            other: Planned::new("other", 4),
            files: Vec::new(),
            lists: None,
        }
    }

    fn set(&mut self, file: FileName, text: impl Into<String>) {
        self.files.push((file, Some(text.into())));
    }

    fn remove(&mut self, file: FileName) {
        self.files.push((file, None));
    }

    fn certificates(&self) -> [String; 3] {
        [self.root.self_signed(), self.middle.signed_by(&self.root), self.signer.signed_by(&self.middle)]
    }

    fn material(&self) -> Material {
        let [root, middle, signer] = self.certificates();
        let mut texts = vec![
            (FileName::CaCert, Some(signer.clone())),
            (FileName::CaKey, Some(self.signer.key.serialize_pem())),
            (FileName::CertChain, Some(format!("{signer}{middle}"))),
            (FileName::RootCert, Some(root)),
            (FileName::CaCrl, self.lists.as_ref().map(|lists| lists.concat())),
        ];
        texts.extend(self.files.iter().cloned());
        let mut material = Material::default();
        for (file, text) in &texts {
            let is_last = texts
                .iter()
                .rev()
                .find(|(other, _)| other == file)
                .is_some_and(|last| std::ptr::eq(std::ptr::from_ref(&last.1), text));
            if let (Some(text), true) = (text, is_last) {
                material.insert(*file, text.clone().into_bytes());
            }
        }
        material
    }

    fn verdict(&self) -> Verdict {
        verify(&self.material(), "cluster.local", now())
    }

    fn all_lists(&self) -> Vec<String> {
        [&self.root, &self.middle, &self.signer].map(|one| one.list(-1, 100, None)).to_vec()
    }
}

type Alter = fn(&mut Mesh);

fn cases(table: &[(&str, Alter, &str)], check: impl Fn(&Verdict, &str) -> ControlFlow<String>) {
    let failed: Vec<String> = table
        .iter()
        .filter_map(|(name, alter, wanted)| {
            let mut mesh = Mesh::new();
            alter(&mut mesh);
            let verdict = mesh.verdict();
            match check(&verdict, wanted) {
                ControlFlow::Continue(()) => None,
                ControlFlow::Break(why) => Some(format!("{name}: {why}\n{verdict:#?}")),
            }
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn expect(holds: bool, why: &str) -> ControlFlow<String> {
    if holds { ControlFlow::Continue(()) } else { ControlFlow::Break(why.to_owned()) }
}

const EVERY_USAGE: [KeyUsagePurpose; 2] = [KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];

#[test]
fn istiod_refuses_with_its_own_words() {
    cases(
        &[
            ("no chain", |mesh| mesh.remove(FileName::CertChain), "incomplete signing CA bundle detected"),
            ("no key", |mesh| mesh.remove(FileName::CaKey), "incomplete signing CA bundle detected"),
            ("a TLS secret begun", |mesh| mesh.set(FileName::TlsCert, ""), "incomplete signing CA bundle detected"),
            (
                "no certificate",
                |mesh| mesh.set(FileName::CaCert, "x"),
                "failed to parse cert PEM: invalid PEM encoded certificate",
            ),
            (
                "a byte order mark",
                |mesh| mesh.set(FileName::CaCert, format!("\u{feff}{}", mesh.certificates()[2])),
                "failed to parse cert PEM: invalid PEM encoded certificate",
            ),
            (
                "another root",
                |mesh| mesh.set(FileName::RootCert, mesh.other.self_signed()),
                "cannot verify the cert with the provided root chain and cert pool with error: x509: certificate signed by unknown authority",
            ),
            ("the middle missing", |mesh| mesh.set(FileName::CertChain, mesh.certificates()[2].clone()), "unknown authority"),
            ("expired", |mesh| mesh.signer.params.not_after = hours(-2), "has expired or is not yet valid"),
            ("the root expired", |mesh| mesh.root.params.not_after = hours(-2), "has expired or is not yet valid"),
            ("from tomorrow", |mesh| mesh.signer.params.not_before = hours(20), "has expired or is not yet valid"),
            (
                "a middle that is no authority",
                |mesh| mesh.middle.params.is_ca = IsCa::ExplicitNoCa,
                "parent certificate cannot sign this kind of certificate",
            ),
            (
                "a middle without keyCertSign",
                |mesh| mesh.middle.params.key_usages = EVERY_USAGE.to_vec(),
                "parent certificate cannot sign this kind of certificate",
            ),
            (
                "a root with path length 0",
                |mesh| mesh.root.params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)),
                "too many intermediates for path length constraint",
            ),
            (
                "clientAuth alone",
                |mesh| mesh.middle.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
                "certificate specifies an incompatible key usage",
            ),
            (
                "a critical extension",
                |mesh| {
                    let mut extension = CustomExtension::from_oid_content(&[1, 2, 3], vec![5, 0]);
                    extension.set_criticality(true);
                    mesh.signer.params.custom_extensions.push(extension);
                },
                "x509: unhandled critical extension",
            ),
            ("no PEM key", |mesh| mesh.set(FileName::CaKey, "x"), "failed to parse private key PEM: invalid PEM-encoded key"),
            (
                "a key labelled wrongly",
                |mesh| mesh.set(FileName::CaKey, mesh.signer.key.serialize_pem().replace("PRIVATE KEY", "EC PRIVATE KEY")),
                "failed to parse the ECDSA private key: x509: failed to parse private key (use ParsePKCS8PrivateKey instead",
            ),
            (
                "an encrypted key",
                |mesh| mesh.set(FileName::CaKey, mesh.signer.key.serialize_pem().replace("PRIVATE", "ENCRYPTED PRIVATE")),
                "unsupported PEM block type for a private key: ENCRYPTED PRIVATE KEY",
            ),
            (
                "another key",
                |mesh| mesh.set(FileName::CaKey, mesh.other.key.serialize_pem()),
                "the cert does not match the key: tls: private key does not match public key",
            ),
            (
                "a certificate labelled wrongly",
                |mesh| mesh.set(FileName::CaCert, mesh.certificates()[2].replace("CERTIFICATE", "TRUSTED CERTIFICATE")),
                "the cert does not match the key: tls: failed to find \"CERTIFICATE\" PEM block",
            ),
            (
                "no authority",
                |mesh| mesh.signer.params.is_ca = IsCa::ExplicitNoCa,
                "certificate is not authorized to sign other certificates",
            ),
            (
                "no lists",
                |mesh| mesh.lists = Some(vec!["nothing".to_owned()]),
                "missing CRL signed by certificates: [CN=middle CN=signer]",
            ),
            (
                "one list missing",
                |mesh| mesh.lists = Some(vec![mesh.signer.list(-1, 100, None)]),
                "missing CRL signed by certificates: [CN=middle]",
            ),
            (
                "no cRLSign",
                |mesh| {
                    mesh.lists = Some(mesh.all_lists());
                    mesh.middle.params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
                },
                "missing CRL signed by certificates: [CN=middle]",
            ),
            (
                "a list that is a certificate",
                |mesh| mesh.lists = Some(vec![mesh.root.self_signed()]),
                "failed to parse CRL PEM: x509: unsupported crl version",
            ),
            (
                "a key in the chain, with lists",
                |mesh| {
                    mesh.lists = Some(mesh.all_lists());
                    let [_, middle, signer] = mesh.certificates();
                    mesh.set(FileName::CertChain, format!("{signer}{middle}{}", mesh.signer.key.serialize_pem()));
                },
                "failed to parse cert chain: x509: malformed tbs certificate",
            ),
            (
                "a chain of words",
                |mesh| {
                    let [root, middle, _] = mesh.certificates();
                    mesh.set(FileName::RootCert, format!("{root}{middle}"));
                    mesh.set(FileName::CertChain, "words");
                },
                "failed to get cert chain TTL failed to extract cert expiration timestamp: failed to parse the cert: invalid PEM",
            ),
            (
                "an expired chain start",
                |mesh| {
                    mesh.other.params.not_after = hours(-2);
                    let [_, middle, _] = mesh.certificates();
                    mesh.set(FileName::CertChain, format!("{}{middle}", mesh.other.self_signed()));
                },
                "cert chain has expired",
            ),
        ],
        |verdict, wanted| {
            let says = verdict
                .istiod_error
                .as_ref()
                .is_some_and(|error| error.starts_with("failed to create an istiod CA: ") && error.contains(wanted));
            expect(!verdict.accepted && !verdict.usable && says, wanted)
        },
    );
}

#[test]
fn istiod_accepts_what_nobody_else_does() {
    cases(
        &[
            ("no keyCertSign", |mesh| mesh.signer.params.key_usages = EVERY_USAGE.to_vec(), "signer-may-not-sign agents proxies"),
            (
                "path length 0 above",
                |mesh| mesh.middle.params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)),
                "path-too-long agents proxies",
            ),
            (
                "path length 1 of a root, which proxies do not ask",
                |mesh| mesh.root.params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1)),
                "path-too-long agents",
            ),
            (
                "serverAuth alone",
                |mesh| mesh.middle.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth],
                "purpose-not-allowed agents proxies",
            ),
            (
                "any purpose, which does not count for proxies",
                |mesh| mesh.middle.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any],
                "purpose-not-allowed proxies",
            ),
            ("another trust domain", |mesh| constrain(&mut mesh.middle, "other.local"), "names-not-permitted agents proxies"),
            ("a parent of the trust domain", |mesh| constrain(&mut mesh.middle, "local"), "names-not-permitted proxies"),
            (
                "a chain of somebody else",
                |mesh| {
                    let [root, middle, _] = mesh.certificates();
                    mesh.set(FileName::RootCert, format!("{root}{middle}"));
                    mesh.set(FileName::CertChain, mesh.other.self_signed());
                },
                "signer-not-sent agents proxies",
            ),
            (
                "an empty chain",
                |mesh| {
                    let [root, middle, _] = mesh.certificates();
                    mesh.set(FileName::RootCert, format!("{root}{middle}"));
                    mesh.set(FileName::CertChain, "");
                },
                "signer-not-sent agents proxies",
            ),
            (
                "a damaged block among the roots",
                |mesh| {
                    let [root, ..] = mesh.certificates();
                    mesh.set(FileName::RootCert, format!("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n{root}"));
                },
                "unreadable-block proxies",
            ),
            (
                "no list of the root",
                |mesh| mesh.lists = Some(mesh.all_lists().split_off(1)),
                "crl-not-of-every-authority proxies",
            ),
            (
                "an expired list",
                |mesh| {
                    let mut lists = mesh.all_lists();
                    lists[1] = mesh.middle.list(-10, -1, None);
                    mesh.lists = Some(lists);
                },
                "crl-expired proxies",
            ),
            (
                "a list from tomorrow",
                |mesh| {
                    let mut lists = mesh.all_lists();
                    lists[0] = mesh.root.list(10, 20, None);
                    mesh.lists = Some(lists);
                },
                "crl-not-yet-valid proxies",
            ),
            (
                "the signer revoked",
                |mesh| {
                    let mut lists = mesh.all_lists();
                    lists[1] = mesh.middle.list(-1, 100, Some(3));
                    mesh.lists = Some(lists);
                },
                "authority-revoked proxies",
            ),
            (
                "an intermediate as root, with lists",
                |mesh| {
                    mesh.lists = Some(mesh.all_lists());
                    mesh.set(FileName::RootCert, mesh.certificates()[1].clone());
                    mesh.set(FileName::CertChain, mesh.certificates()[2].clone());
                },
                "crl-without-root proxies",
            ),
        ],
        |verdict, wanted| {
            let (name, peers) = wanted.split_once(' ').unwrap();
            let found = verdict.findings.iter().find(|finding| finding.name == name);
            let by = found.map(|finding| finding.refused_by.names().join(" "));
            let is_split = verdict.accepted_by_agents != peers.contains("agents")
                && verdict.accepted_by_proxies != peers.contains("proxies");
            expect(verdict.accepted && !verdict.usable && by.as_deref() == Some(peers) && is_split, wanted)
        },
    );
}

fn constrain(authority: &mut Planned, host: &str) {
    // rcgen has no URI constraint, so the extension is written out.
    let base = [&[0x86, u8::try_from(host.len()).unwrap()], host.as_bytes()].concat();
    let wrap = |tag: u8, inner: &[u8]| [&[tag, u8::try_from(inner.len()).unwrap()], inner].concat();
    let value = wrap(0x30, &wrap(0xa0, &wrap(0x30, &base)));
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 30], value);
    extension.set_criticality(true);
    authority.params.custom_extensions.push(extension);
}

#[test]
fn what_works_is_usable_and_may_still_be_remarked_upon() {
    cases(
        &[
            ("as it should be", |_| {}, ""),
            ("with lists", |mesh| mesh.lists = Some(mesh.all_lists()), ""),
            ("an empty file of lists", |mesh| mesh.lists = Some(Vec::new()), ""),
            ("its own trust domain", |mesh| constrain(&mut mesh.middle, "cluster.local"), ""),
            (
                "the other key form",
                |mesh| {
                    mesh.set(FileName::CaKey, format!("text\n{}more\n", mesh.signer.key.serialize_pem().replace('\n', "\r\n")));
                },
                "",
            ),
            (
                "DNS names that do not touch",
                |mesh| {
                    let constraints = NameConstraints {
                        permitted_subtrees: vec![GeneralSubtree::DnsName("svc".to_owned())],
                        excluded_subtrees: Vec::new(),
                    };
                    mesh.middle.params.name_constraints = Some(constraints);
                },
                "",
            ),
            ("no keyUsage", |mesh| mesh.signer.params.key_usages.clear(), "key-usage-absent"),
            ("no cRLSign", |mesh| mesh.signer.params.key_usages.truncate(1), "crl-sign-absent"),
            ("soon", |mesh| mesh.signer.params.not_after = hours(24 * 5), "expires-soon"),
            (
                "the root in the chain",
                |mesh| {
                    let [root, middle, signer] = mesh.certificates();
                    mesh.set(FileName::CertChain, format!("{signer}{middle}{root}"));
                },
                "root-in-chain",
            ),
            (
                "the chain reversed",
                |mesh| {
                    let [_, middle, signer] = mesh.certificates();
                    mesh.set(FileName::CertChain, format!("{middle}{signer}"));
                },
                "chain-order",
            ),
            (
                "the signer twice",
                |mesh| {
                    let [_, middle, signer] = mesh.certificates();
                    mesh.set(FileName::CertChain, format!("{signer}{signer}{middle}"));
                },
                "chain-twice",
            ),
            (
                "an expired root besides",
                |mesh| {
                    mesh.other.params.not_after = hours(-2);
                    mesh.set(FileName::RootCert, format!("{}{}", mesh.root.self_signed(), mesh.other.self_signed()));
                },
                "root-expired",
            ),
            (
                "an intermediate as root",
                |mesh| mesh.set(FileName::RootCert, mesh.certificates()[1].clone()),
                "root-not-self-signed",
            ),
            ("two lists of one authority", |mesh| mesh.lists = Some([mesh.all_lists(), mesh.all_lists()].concat()), "crl-twice"),
            (
                "the chain in the signer's file",
                |mesh| mesh.set(FileName::CaCert, mesh.certificates()[2].repeat(2)),
                "signer-with-others",
            ),
            ("marked", |mesh| mesh.set(FileName::IstioGenerated, ""), "marked-as-generated"),
            (
                "a TLS secret",
                |mesh| {
                    let [root, middle, signer] = mesh.certificates();
                    mesh.set(FileName::TlsCert, format!("{signer}{middle}"));
                    mesh.set(FileName::TlsKey, mesh.signer.key.serialize_pem());
                    mesh.set(FileName::TlsRoot, root);
                },
                "files-not-looked-at",
            ),
        ],
        |verdict, wanted| {
            let has = wanted.is_empty() || verdict.findings.iter().any(|finding| finding.name == wanted);
            let is_quiet = !wanted.is_empty() || verdict.findings.is_empty();
            expect(verdict.usable && verdict.istiod_error.is_none() && has && is_quiet, wanted)
        },
    );
}

#[test]
fn without_files_there_is_nothing_to_load() {
    let verdict = verify(&Material::default(), "cluster.local", now());
    assert_eq!((verdict.accepted, verdict.istiod_error), (false, None));
    assert_eq!(verdict.findings[0].name, "nothing-to-load");
}

#[test]
fn a_running_istiod_takes_some_changes_only() {
    let mesh = Mesh::new();
    let [a, ..] = mesh.certificates();
    let b = mesh.other.self_signed();
    let c = Planned::new("third", 5).self_signed();
    let with_roots = |roots: &str| {
        let mut material = mesh.material();
        material.insert(FileName::RootCert, roots.as_bytes().to_vec());
        material
    };
    for (before, after, multi_root, roots, accepted) in [
        (a.clone(), a.clone(), false, Change::None, true),
        (a.clone(), format!("{a}\n"), false, Change::Text, false),
        (a.clone(), format!("{a}\n"), true, Change::Text, true),
        (a.clone(), format!("{a}{b}"), false, Change::Added, false),
        (a.clone(), format!("{a}{b}"), true, Change::Added, true),
        (format!("{a}{b}"), a.clone(), true, Change::Removed, true),
        (format!("{a}{b}"), format!("{b}{a}{b}"), true, Change::Text, true),
        (b.clone(), a.clone(), true, Change::Replaced, false),
        (format!("{c}{b}"), format!("{b}{a}"), true, Change::Replaced, false),
        (String::new(), a.clone(), true, Change::Replaced, false),
    ] {
        let answer = reload(&with_roots(&before), &with_roots(&after), multi_root, now());
        assert_eq!((answer.roots, answer.accepted), (roots, accepted), "{answer:#?}");
    }
    // A reload does not look at cA: istiod cuts itself off.
    let mut broken = Mesh::new();
    broken.signer.params.is_ca = IsCa::ExplicitNoCa;
    let answer = reload(&broken.material(), &broken.material(), false, now());
    assert!(answer.accepted && answer.findings.iter().any(|finding| finding.name == "signer-no-authority"), "{answer:#?}");
    let mut with_lists = Mesh::new();
    with_lists.lists = Some(with_lists.all_lists());
    let before = with_lists.material();
    with_lists.lists = None;
    let answer = reload(&before, &with_lists.material(), false, now());
    assert!(answer.findings.iter().any(|finding| finding.name == "crl-kept"), "{answer:#?}");
}
