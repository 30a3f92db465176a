//! openssl reads the same facts and trusts the same chains, but for what is listed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use jiff::Timestamp;
use meshsec::pki::Certificate;
use meshsec::pki::KeyEncryption;
use meshsec::pki::KeyType;
use meshsec::pki::SubjectAltName;
use meshsec::pki::container;
use meshsec::pki::container::Format;
use meshsec::pki::verify::TlsRole;

use crate::chains::CHANGES;
use crate::chains::Case;
use crate::chains::Dice;
use crate::chains::ID;
use crate::chains::LISTS;
use crate::chains::SHAPES;
use crate::chains::mint;
use crate::chains::mint::Name;
use crate::chains::party::Party;
use crate::chains::party::new_key;
use crate::chains::say;
use crate::material::SystemEntropy;

/// Chains that are put to openssl besides each change by itself; `MESHSEC_PEER_CASES` sets another number.
const CASES: usize = 400;

/// Checks by which ours refuses what openssl takes, and why that is right.
const STRICTER: &[(&str, &str)] = &[
    ("no-spiffe-id", "openssl knows nothing of SPIFFE"),
    ("several-uris", "openssl knows nothing of SPIFFE"),
    ("no-workload-path", "openssl knows nothing of SPIFFE"),
    ("leaf-is-authority", "X509-SVID forbids it, openssl takes an authority's certificate for a leaf"),
    ("leaf-signs", "X509-SVID forbids it"),
    ("key-usage-missing", "X509-SVID demands it"),
    ("digital-signature-missing", "without a purpose openssl looks at no keyUsage of the leaf"),
    ("serial-not-positive", "RFC 5280 forbids it, and Go does not read a negative one"),
    ("version-not-3", "extensions need version 3; openssl looks at that with -x509_strict only"),
];

fn openssl(arguments: &[&str]) -> Option<Output> {
    let output = Command::new("openssl").args(arguments).output().ok();
    if output.is_none() {
        say(&format!("skipped: {}: no openssl", std::thread::current().name().unwrap_or_default()));
    }
    output
}

fn text_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Whether `openssl verify` trusts the chain, and what it says.
fn verified(folder: &Path, case: &Case) -> Option<(bool, String)> {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let pem = |certificates: &[Certificate]| certificates.iter().map(Certificate::pem).collect::<String>();
    fs::write(path("leaf.pem"), pem(&case.chain[..1])).unwrap();
    fs::write(path("rest.pem"), pem(&case.chain[1..])).unwrap();
    fs::write(path("root.pem"), case.root.pem()).unwrap();
    let at = case.at.as_second().to_string();
    let (rest, root, leaf) = (path("rest.pem"), path("root.pem"), path("leaf.pem"));
    let mut arguments = vec!["verify", "-attime", &at, "-CAfile", &root];
    if case.chain.len() > 1 {
        arguments.extend(["-untrusted", &rest]);
    }
    match case.role {
        TlsRole::Any => {}
        TlsRole::Client => arguments.extend(["-purpose", "sslclient"]),
        TlsRole::Server => arguments.extend(["-purpose", "sslserver"]),
    }
    let lists: Vec<String> = (0..case.crls.len()).map(|index| path(&format!("{index}.crl"))).collect();
    for (list, file) in case.crls.iter().zip(&lists) {
        fs::write(file, list.pem()).unwrap();
        arguments.extend(["-CRLfile", file]);
    }
    if !lists.is_empty() {
        arguments.push("-crl_check_all");
    }
    arguments.push(&leaf);
    openssl(&arguments).map(|output| (output.status.success(), text_of(&output)))
}

/// Why openssl may refuse what ours trusts.
fn is_stricter_there(case: &Case, says: &str) -> bool {
    // Of two current lists openssl takes the newer, or the last, and Envoy (and so ours) the first.
    (case.lists == "two, the second revoking" && says.contains("certificate revoked"))
        // openssl asks a root for its purpose too, and is not content with any.
        || case.changes.contains(&"root: any purpose")
}

/// The disagreement that is not listed, if there is one.
fn disagreement(case: &Case, theirs: bool, says: &str) -> Option<String> {
    let ours = case.ours();
    let is_settled = match (ours, theirs) {
        (None, true) | (Some(_), false) => true,
        (Some(check), true) => STRICTER.iter().any(|(listed, _)| *listed == check),
        (None, false) => is_stricter_there(case, says),
    };
    (!is_settled).then(|| format!("{}: ours {ours:?}, openssl {theirs}: {}", case.describe(), says.trim().replace('\n', " | ")))
}

#[test]
fn openssl_trusts_the_same_chains() {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    let mut wrong = Vec::new();
    let mut trusted = 0;
    let mut cases = 0;
    let mut put = |case: &Case| -> bool {
        let Some((theirs, says)) = verified(folder.path(), case) else { return false };
        wrong.extend(disagreement(case, theirs, &says));
        cases += 1;
        trusted += usize::from(case.ours().is_none());
        true
    };
    for change in CHANGES {
        for role in [TlsRole::Any, TlsRole::Client, TlsRole::Server] {
            if !put(&Case::make(&[change], SHAPES[0], LISTS[0], role, now)) {
                return;
            }
        }
    }
    for shape in SHAPES {
        for lists in LISTS {
            put(&Case::make(&[], shape, lists, TlsRole::Client, now));
        }
    }
    let seed = u64::try_from(now.as_second() / 86_400).unwrap();
    let mut dice = Dice::new(seed);
    let count = std::env::var("MESHSEC_PEER_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    for _ in 0..count {
        put(&Case::roll(&mut dice, now, 2, true));
    }
    assert!(wrong.is_empty(), "seed {seed}, {} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(trusted * 10 > cases, "only {trusted} of {cases} chains are trusted: too few to mean anything");
    say(&format!("openssl agrees on {cases} chains, {trusted} of which are trusted"));
}

#[test]
fn openssl_reads_the_same_facts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("certificate.pem");
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    let mut dice = Dice::new(7);
    let mut certificates: Vec<Certificate> = Vec::new();
    for _ in 0..40 {
        let case = Case::roll(&mut dice, now, 3, false);
        certificates.extend(case.chain);
        certificates.push(case.root);
    }
    for key_type in [KeyType::EcdsaP384, KeyType::Rsa2048, KeyType::Rsa4096, KeyType::Ed25519] {
        let root = Party::root_with("root", key_type, |m| m.not_after = "20520101000000Z".to_owned());
        certificates.push(root.leaf_with(ID, new_key(key_type), |_| {}).certificate);
        certificates.push(root.certificate);
    }
    let root = Party::root("root", |_| {});
    let names = [Name::Uri(ID), Name::Dns("*.a.b"), Name::Ip(&[0xfd; 16]), Name::Email("a@b.c"), Name::Ip(&[1, 2, 3, 4])];
    certificates.push(root.leaf(ID, |m| m.extensions[3] = mint::alternative_names(true, &names)).certificate);
    for certificate in certificates {
        fs::write(&file, certificate.pem()).unwrap();
        let extensions = "subjectAltName,keyUsage,extendedKeyUsage,basicConstraints,subjectKeyIdentifier,authorityKeyIdentifier";
        let Some(output) = openssl(&[
            "x509",
            "-noout",
            "-in",
            file.to_str().unwrap(),
            "-serial",
            "-fingerprint",
            "-sha256",
            "-startdate",
            "-enddate",
            "-dateopt",
            "iso_8601",
            "-subject",
            "-issuer",
            "-nameopt",
            "RFC2253,sep_comma_plus_space,-dn_rev",
            "-ext",
            extensions,
        ]) else {
            return;
        };
        let text = text_of(&output);
        let line = |start: &str| text.lines().find_map(|line| line.strip_prefix(start)).unwrap_or_default().trim().to_owned();
        // What follows the headline of an extension.
        let extension = |headline: &str| {
            let mut lines = text.lines().skip_while(|line| !line.starts_with(headline));
            let first = lines.next()?;
            Some((first.contains("critical"), lines.next().unwrap_or_default().trim().to_owned()))
        };
        let is_negative = certificate.is_serial_negative();
        let serial = if is_negative { String::new() } else { format!("{}", certificate.serial()).to_uppercase() };
        if !is_negative {
            assert_eq!(line("serial="), serial, "{text}");
        }
        let fingerprint = line("sha256 Fingerprint=").replace(':', "").to_lowercase();
        assert_eq!(fingerprint, certificate.fingerprint().to_string(), "{text}");
        assert_eq!(line("notBefore=").replace(' ', "T"), certificate.not_before().to_string(), "{text}");
        assert_eq!(line("notAfter=").replace(' ', "T"), certificate.not_after().to_string(), "{text}");
        assert_eq!(line("subject="), certificate.subject(), "{text}");
        assert_eq!(line("issuer="), certificate.issuer(), "{text}");
        let names: Vec<String> = certificate.subject_alt_names().iter().map(shown).collect();
        let found = extension("X509v3 Subject Alternative Name");
        let expected = (!names.is_empty()).then(|| (certificate.is_subject_alt_name_critical(), names.join(", ")));
        assert_eq!(found, expected, "{text}");
        let usage = certificate
            .key_usage()
            .map(|usage| (usage.is_critical, usage.names().into_iter().map(long_name).collect::<Vec<_>>().join(", ")));
        assert_eq!(extension("X509v3 Key Usage"), usage, "{text}");
        let purposes = certificate
            .extended_key_usage()
            .map(|usage| (usage.is_critical, usage.names().into_iter().map(long_name).collect::<Vec<_>>().join(", ")));
        assert_eq!(extension("X509v3 Extended Key Usage"), purposes, "{text}");
        let constraints = certificate.basic_constraints().map(|constraints| {
            let length = constraints.path_length.map(|length| format!(", pathlen:{length}")).unwrap_or_default();
            (constraints.is_critical, format!("CA:{}{length}", if constraints.is_ca { "TRUE" } else { "FALSE" }))
        });
        assert_eq!(extension("X509v3 Basic Constraints"), constraints, "{text}");
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
        assert_eq!(
            extension("X509v3 Subject Key Identifier").map(|found| found.1),
            certificate.subject_key_identifier().map(hex),
            "{text}"
        );
        assert_eq!(
            extension("X509v3 Authority Key Identifier").map(|found| found.1),
            certificate.authority_key_identifier().map(hex),
            "{text}"
        );
    }
}

fn shown(name: &SubjectAltName) -> String {
    match name {
        SubjectAltName::Uri(text) => format!("URI:{text}"),
        SubjectAltName::Dns(text) => format!("DNS:{text}"),
        SubjectAltName::Email(text) => format!("email:{text}"),
        SubjectAltName::Ip(std::net::IpAddr::V4(address)) => format!("IP Address:{address}"),
        SubjectAltName::Ip(std::net::IpAddr::V6(address)) => {
            format!("IP Address:{}", address.segments().map(|segment| format!("{segment:X}")).join(":"))
        }
        SubjectAltName::Other(text) => text.clone(),
    }
}

fn long_name(name: &str) -> &str {
    match name {
        "digitalSignature" => "Digital Signature",
        "keyEncipherment" => "Key Encipherment",
        "keyCertSign" => "Certificate Sign",
        "cRLSign" => "CRL Sign",
        "serverAuth" => "TLS Web Server Authentication",
        "clientAuth" => "TLS Web Client Authentication",
        "anyExtendedKeyUsage" => "Any Extended Key Usage",
        other => other,
    }
}

#[test]
fn pkcs12_files_of_openssl_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut read = Vec::new();
    for key_type in [KeyType::EcdsaP256, KeyType::Rsa2048, KeyType::Ed25519] {
        let root = Party::root("root", |_| {});
        let middle = root.authority("middle", |_| {});
        let leaf = middle.leaf_with(ID, new_key(key_type), |_| {});
        fs::write(path("leaf.pem"), leaf.certificate.pem()).unwrap();
        fs::write(path("others.pem"), root.certificate.pem() + &middle.certificate.pem()).unwrap();
        let key = leaf.key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy).unwrap();
        fs::write(path("key.pem"), key.as_bytes()).unwrap();
        for (name, password, options) in [
            ("modern", "open sesame", &[][..]),
            ("empty passphrase", "", &[]),
            ("legacy", "open sesame", &["-legacy"]),
            ("3DES", "open sesame", &["-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]),
            ("AES-128 and SHA-512", "open sesame", &["-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC", "-macalg", "sha512"]),
            ("unencrypted", "open sesame", &["-keypbe", "NONE", "-certpbe", "NONE"]),
            ("without a digest", "open sesame", &["-nomac"]),
        ] {
            let (out, given) = (path("all.p12"), format!("pass:{password}"));
            let (leaf_file, key_file, others) = (path("leaf.pem"), path("key.pem"), path("others.pem"));
            let fixed = [
                "pkcs12",
                "-export",
                "-out",
                &out,
                "-in",
                &leaf_file,
                "-inkey",
                &key_file,
                "-certfile",
                &others,
                "-passout",
                &given,
            ];
            let Some(output) = openssl(&[&fixed[..], options].concat()) else { return };
            if !output.status.success() {
                let why = text_of(&output).lines().next().unwrap_or_default().to_owned();
                say(&format!("skipped: {name}: this openssl does not write it: {why}"));
                continue;
            }
            let bytes = fs::read(&out).unwrap();
            let found = container::read(&bytes, Some(password)).unwrap_or_else(|error| panic!("{name}, {key_type}: {error}"));
            assert_eq!(found.format, Format::Pkcs12, "{name}");
            let entry = &found.entries[0];
            let expected = [&leaf, &middle, &root].map(|party| party.certificate.clone());
            assert_eq!(entry.chain, expected, "{name}, {key_type}: in chain order");
            assert_eq!(entry.keys[0].belongs_to(&leaf.certificate), Some(true), "{name}, {key_type}");
            if name != "unencrypted" && name != "without a digest" && !password.is_empty() {
                let error = container::read(&bytes, Some("shut")).unwrap_err().to_string();
                assert!(error.contains("does not open"), "{name}: {error}");
            }
            read.push(name);
        }
    }
    assert!(read.contains(&"modern"), "{read:?}");
}

#[test]
fn private_keys_of_openssl_are_matched_to_their_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (name, arguments) in [
        ("P-256, SEC 1", &["ecparam", "-name", "prime256v1", "-genkey", "-noout"][..]),
        ("P-256, SEC 1 after its parameters", &["ecparam", "-name", "prime256v1", "-genkey"]),
        ("P-521, PKCS#8", &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
        ("RSA 1024, PKCS#1", &["genrsa", "-traditional", "1024"]),
        ("RSA 3072, PKCS#8", &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"]),
        ("Ed25519", &["genpkey", "-algorithm", "ED25519"]),
    ] {
        let (key, certificate) = (path("key.pem"), path("certificate.pem"));
        let Some(output) = openssl(&[&arguments[..1], &["-out", &key], &arguments[1..]].concat()) else { return };
        assert!(output.status.success(), "{name}: {}", text_of(&output));
        let made = openssl(&["req", "-x509", "-new", "-key", &key, "-subj", "/CN=x", "-out", &certificate]).unwrap();
        assert!(made.status.success(), "{name}: {}", text_of(&made));
        let both = fs::read_to_string(&certificate).unwrap() + &fs::read_to_string(&key).unwrap();
        let found = container::read(both.as_bytes(), None).unwrap();
        let entry = &found.entries[0];
        assert_eq!(entry.keys[0].belongs_to(&entry.chain[0]), Some(true), "{name}: {:?}", entry.keys[0]);
        for cipher in ["-aes256", "-traditional"] {
            let encrypted = path("encrypted.pem");
            let arguments = match cipher {
                "-traditional" => {
                    vec!["pkey", "-in", &key, "-traditional", "-aes128", "-passout", "pass:open", "-out", &encrypted]
                }
                _ => vec!["pkcs8", "-topk8", "-in", &key, "-v2", "aes-256-cbc", "-passout", "pass:open", "-out", &encrypted],
            };
            let made = openssl(&arguments).unwrap();
            if cipher == "-traditional" && name == "Ed25519" {
                // There is no traditional form of it.
                continue;
            }
            assert!(made.status.success(), "{name}: {}", text_of(&made));
            let text = fs::read_to_string(&encrypted).unwrap();
            let found = container::read(text.as_bytes(), Some("open")).unwrap();
            let is_old = text.contains("Proc-Type");
            let expected = if is_old { None } else { Some(true) };
            assert_eq!(
                found.entries[0].keys[0].belongs_to(&entry.chain[0]),
                expected,
                "{name}, {cipher}: {:?}",
                found.entries[0].keys
            );
        }
    }
}
