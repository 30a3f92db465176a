//! Every form is told from its bytes and read, and what is broken is named with its place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::EncryptionAlgorithm;
use p12_keystore::KeyStore;
use p12_keystore::KeyStoreEntry;
use p12_keystore::PrivateKeyChain;

use crate::pki::Certificate;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::pki::container::Container;
use crate::pki::container::Entry;
use crate::pki::container::Format;
use crate::pki::container::KeyState;
use crate::pki::container::read;
use crate::pki::pem;
use crate::pki::testing::TestEntropy;
use crate::pki::testing::mint;
use crate::pki::testing::party::Party;
use crate::pki::testing::party::new_key;

const ID: &str = "spiffe://td/ns/a/sa/b";

struct World {
    root: Party,
    middle: Party,
    leaf: Party,
}

fn world() -> World {
    let root = Party::root("root", |_| {});
    let middle = root.authority("middle", |_| {});
    let leaf = middle.leaf(ID, |_| {});
    World { root, middle, leaf }
}

impl World {
    fn chain_pem(&self) -> String {
        self.leaf.certificate.pem() + &self.middle.certificate.pem()
    }

    fn key_pem(&self) -> String {
        self.leaf.key.to_pem(&KeyEncryption::Plain, &mut TestEntropy).unwrap().to_string()
    }

    fn certificates(&self) -> Vec<Certificate> {
        vec![self.leaf.certificate.clone(), self.middle.certificate.clone()]
    }
}

fn only(container: Container) -> Entry {
    let [entry] = <[Entry; 1]>::try_from(container.entries).unwrap();
    entry
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

#[test]
fn what_cannot_be_read_says_why() {
    let world = world();
    let damaged = world.chain_pem().replace("-----END CERTIFICATE", "-----END CERTIFICAT");
    let cut = &world.leaf.certificate.der()[..100];
    let half = pem("CERTIFICATE", cut);
    for (name, bytes, expected) in [
        ("nothing", Vec::new(), "it is empty"),
        ("blanks", b" \n\t".to_vec(), "it is empty"),
        ("noise", vec![0xff, 0xfe, 0, 1], "no certificate in a form that is read here"),
        ("a byte order mark", format!("\u{feff}{}", world.leaf.certificate.pem()).into_bytes(), "byte order mark"),
        ("a damaged block", damaged.into_bytes(), "no whole PEM block"),
        ("half a certificate in PEM", half.into_bytes(), "block `CERTIFICATE` at line 1"),
        ("half a certificate in DER", cut.to_vec(), "DER"),
        ("words", b"hello".to_vec(), "no certificate in a form that is read here"),
        ("half JSON", b"{\"kind\":".to_vec(), "no YAML or JSON"),
        ("a Pod", b"kind: Pod\n".to_vec(), "kind Pod"),
        ("a key set", br#"{"keys":[]}"#.to_vec(), "`meshsec bundle show` reads trust bundles"),
        (
            "a value that is no base64",
            b"kind: Secret\ndata: {tls.crt: '!'}\n".to_vec(),
            "`data.tls.crt`: the value is not base64",
        ),
        ("half a PKCS#12 file", vec![0x30, 0x82, 1, 0, 2, 1, 3, 0x30], "the PKCS#12 file cannot be read"),
    ] {
        let error = read(&bytes, None).map(|container| format!("{container:?}")).unwrap_err();
        assert!(error.to_string().contains(expected), "{name}: {error}");
    }
}

#[test]
fn a_block_that_peers_pass_over_is_told() {
    let world = world();
    for (name, text, expected) in [
        (
            "a byte order mark",
            format!("\u{feff}{}", world.chain_pem()),
            "1 of 2 BEGIN lines start no whole block and are passed over, as peers do; the first stands behind a byte order mark",
        ),
        (
            "an indented block",
            format!("{} {}", world.middle.certificate.pem(), world.leaf.certificate.pem()),
            "1 of 2 BEGIN lines start no whole block and are passed over, as peers do",
        ),
    ] {
        let entry = only(read(text.as_bytes(), None).unwrap());
        assert_eq!((entry.chain.len(), entry.remarks.as_slice()), (1, &[expected.to_owned()][..]), "{name}");
    }
}

#[test]
fn a_pem_file_may_hold_anything() {
    let world = world();
    let encrypted = world.leaf.key.to_pem(&KeyEncryption::Passphrase("open"), &mut TestEntropy).unwrap();
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAQID\n-----END RSA PRIVATE KEY-----\n";
    let list = world.root.revokes(&[&world.middle], |_| {});
    let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let text = ["text before\n", &world.key_pem(), &world.chain_pem(), &encrypted, old, &list.pem(), parameters].concat();
    let entry = only(read(text.as_bytes(), None).unwrap());
    assert_eq!(entry.chain, world.certificates());
    assert_eq!(entry.crls, [list]);
    assert_eq!(
        entry.remarks,
        [format!(
            "the block `EC PARAMETERS` at line {} is not looked at",
            text.split(parameters).next().unwrap().lines().count() + 1
        )]
    );
    let states: Vec<&KeyState> = entry.keys.iter().map(|key| &key.state).collect();
    assert_eq!(states, [&KeyState::Read(world.leaf.key.public_key().unwrap()), &KeyState::Encrypted, &KeyState::Encrypted]);
    assert_eq!(entry.keys[0].origin, "line 2");
    let shown = format!("{entry:?}");
    let secret = STANDARD.encode(world.leaf.key.as_pkcs8());
    assert!(!shown.contains(secret.get(40..60).unwrap()), "a key is shown");
    let opened = only(read(encrypted.as_bytes(), Some("open")).unwrap());
    assert_eq!(opened.keys[0].belongs_to(&world.leaf.certificate), Some(true));
    let shut = only(read(encrypted.as_bytes(), Some("shut")).unwrap());
    assert_eq!((&shut.keys[0].state, shut.keys[0].belongs_to(&world.leaf.certificate)), (&KeyState::Encrypted, None));
}

#[test]
fn keys_of_every_type_and_encoding_are_told_apart() {
    for key_type in [KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::Rsa2048, KeyType::Ed25519] {
        let key = new_key(key_type);
        let plain = key.to_pem(&KeyEncryption::Plain, &mut TestEntropy).unwrap();
        let entry = only(read(plain.as_bytes(), None).unwrap());
        assert_eq!(entry.keys[0].state, KeyState::Read(key.public_key().unwrap()), "{key_type}");
        // The inner key of PKCS#8 is what the older labels hold.
        let info = pkcs8::PrivateKeyInfoRef::try_from(key.as_pkcs8()).unwrap();
        let label = if key_type.is_rsa() { "RSA PRIVATE KEY" } else { "EC PRIVATE KEY" };
        let older = pem(label, info.private_key.as_bytes());
        let entry = only(read(older.as_bytes(), None).unwrap());
        if key_type.is_rsa() {
            assert_eq!(entry.keys[0].state, KeyState::Read(key.public_key().unwrap()));
        } else {
            // Without its curve, which stands outside in PKCS#8, or as no SEC 1 key at all, it cannot be read.
            assert!(matches!(entry.keys[0].state, KeyState::Unreadable(_)), "{key_type}: {:?}", entry.keys[0].state);
        }
    }
}

#[test]
fn der_may_be_one_certificate_or_several() {
    let world = world();
    let one = only(read(world.leaf.certificate.der(), None).unwrap());
    assert_eq!(one.chain, std::slice::from_ref(&world.leaf.certificate));
    let both = [world.leaf.certificate.der(), world.middle.certificate.der()].concat();
    let container = read(&both, None).unwrap();
    assert_eq!(container.format, Format::Der);
    assert_eq!(only(container).chain, world.certificates());
    let list = world.root.revokes(&[], |_| {});
    assert_eq!(only(read(list.der(), None).unwrap()).crls, [list]);
    let trailing = [world.leaf.certificate.der(), &[0]].concat();
    let error = read(&trailing, None).unwrap_err().to_string();
    assert!(error.contains(&format!("DER at byte {}", world.leaf.certificate.der().len())), "{error}");
}

#[test]
fn a_pkcs12_file_is_opened_by_its_passphrase_and_put_in_order() {
    let world = world();
    let made = |password: &str, algorithm| {
        let certificate = |party: &Party| p12_keystore::Certificate::from_der(party.certificate.der()).unwrap();
        let key = p12_keystore::PrivateKey::from_der(world.leaf.key.as_pkcs8()).unwrap();
        let chain =
            PrivateKeyChain::new("1", key, [certificate(&world.leaf), certificate(&world.middle), certificate(&world.root)]);
        let mut store = KeyStore::new();
        store.add_entry("workload", KeyStoreEntry::PrivateKeyChain(chain));
        store.writer(password).encryption_algorithm(algorithm).write().unwrap()
    };
    for algorithm in [EncryptionAlgorithm::PbeWithHmacSha256AndAes256, EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc] {
        let file = made("open", algorithm);
        let entry = only(read(&file, Some("open")).unwrap());
        assert_eq!(entry.chain, [&world.certificates()[..], std::slice::from_ref(&world.root.certificate)].concat());
        assert_eq!(entry.keys[0].belongs_to(&world.leaf.certificate), Some(true));
        assert_eq!(read(&file, None).unwrap_err().to_string(), "the PKCS#12 file is encrypted and no passphrase was given");
        let error = read(&file, Some("shut")).unwrap_err().to_string();
        assert!(error.starts_with("the passphrase does not open"), "{error}");
    }
    let open = made("", EncryptionAlgorithm::PbeWithHmacSha256AndAes256);
    for passphrase in [None, Some("for something else")] {
        assert_eq!(only(read(&open, passphrase).unwrap()).chain.len(), 3, "{passphrase:?}");
    }
}

#[test]
fn secrets_of_every_layout_are_read() {
    let world = world();
    let (chain, key, root) = (world.chain_pem(), world.key_pem(), world.root.certificate.pem());
    let citadel = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: istio.web, namespace: shop}}\ntype: istio.io/key-and-cert\ndata:\n  cert-chain.pem: {}\n  key.pem: {}\n  root-cert.pem: {}\n  other: eA==\n",
        base64(&chain),
        base64(&key),
        base64(&root)
    );
    let tls = format!(
        r#"{{"kind":"Secret","metadata":{{"name":"web-tls"}},"data":{{"tls.crt":"{}","tls.key":"{}","ca.crt":"{}"}}}}"#,
        base64(&chain),
        base64(&key),
        base64(&root)
    );
    let indented = |text: &str| text.lines().fold(String::new(), |block, line| block + "    " + line + "\n");
    let plain = format!(
        "kind: Secret\nmetadata:\n  name: web\nstringData:\n  cert-chain.pem: |\n{}  key.pem: |\n{}  root-cert.pem: |\n{}",
        indented(&chain),
        indented(&key),
        indented(&root)
    );
    let plugged = format!(
        "kind: List\nitems:\n- kind: Secret\n  metadata: {{name: cacerts, namespace: istio-system}}\n  data:\n    ca-cert.pem: {}\n    cert-chain.pem: {}\n    root-cert.pem: {}\n",
        base64(&world.middle.certificate.pem()),
        base64(&world.middle.certificate.pem()),
        base64(&root)
    );
    let roots = [world.root.certificate.clone()];
    for (name, text, title) in
        [("citadel", &citadel, "secret shop/istio.web"), ("tls", &tls, "secret web-tls"), ("stringData", &plain, "secret web")]
    {
        let container = read(text.as_bytes(), None).unwrap();
        assert_eq!(container.format, Format::Secret, "{name}");
        let entry = only(container);
        assert_eq!((entry.name.as_str(), &entry.chain, &entry.roots[..]), (title, &world.certificates(), &roots[..]), "{name}");
        assert_eq!(entry.keys[0].belongs_to(&world.leaf.certificate), Some(true), "{name}");
        let ignored: &[&str] = if name == "citadel" { &["not looked at: other"] } else { &[] };
        assert_eq!(entry.remarks, ignored, "{name}");
    }
    let entry = only(read(plugged.as_bytes(), None).unwrap());
    assert_eq!((entry.name.as_str(), entry.chain), ("secret istio-system/cacerts", vec![world.middle.certificate.clone()]));
    let two = format!(
        "{citadel}---\nkind: ConfigMap\nmetadata: {{name: istio-ca-root-cert}}\ndata:\n  root-cert.pem: |\n{}---\nkind: Service\n",
        indented(&root)
    );
    let container = read(two.as_bytes(), None).unwrap();
    assert_eq!(container.entries.len(), 2);
    assert_eq!(container.entries[1].roots, roots);
    assert!(container.entries[0].remarks.contains(&"a document is not looked at: kind Service".to_owned()));
}

#[test]
fn the_secrets_of_a_proxy_are_read_in_both_spellings() {
    let world = world();
    let secret = |name: &str, body: &str| {
        format!(r#"{{"name":"{name}","secret":{{"@type":"type.googleapis.com/x","name":"{name}"{body}}}}}"#)
    };
    let chain = base64(&world.chain_pem());
    let root = base64(&world.root.certificate.pem());
    let redacted = base64("[redacted]");
    let istioctl = format!(
        r#"{{"dynamicActiveSecrets":[{},{}],"dynamicWarmingSecrets":[{}]}}"#,
        secret(
            "default",
            &format!(
                r#","tlsCertificate":{{"certificateChain":{{"inlineBytes":"{chain}"}},"privateKey":{{"inlineBytes":"{redacted}"}}}}"#
            )
        ),
        secret(
            "ROOTCA",
            &format!(r#","validationContext":{{"trustedCa":{{"inlineBytes":"{root}"}},"crl":{{"filename":"/crl.pem"}}}}"#)
        ),
        secret("late", ""),
    );
    let container = read(istioctl.as_bytes(), None).unwrap();
    assert_eq!(container.format, Format::ProxySecrets);
    let names: Vec<&str> = container.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["default", "ROOTCA", "late"]);
    assert_eq!(container.entries[0].chain, world.certificates());
    assert_eq!(container.entries[0].keys[0].state, KeyState::Redacted);
    assert_eq!(container.entries[1].roots, std::slice::from_ref(&world.root.certificate));
    assert!(container.entries[1].remarks[0].contains("`/crl.pem` of the proxy's host"), "{:?}", container.entries[1].remarks);
    assert!(container.entries[2].remarks.iter().any(|remark| remark.contains("warming")), "{:?}", container.entries[2].remarks);

    let envoy = format!(
        r#"{{"configs":[{{"@type":"type.googleapis.com/envoy.admin.v3.BootstrapConfigDump"}},{{"dynamic_active_secrets":[{}]}}]}}"#,
        secret(
            "ROOTCA",
            &format!(
                r#","validation_context":{{"trusted_ca":{{}},"custom_validator_config":{{"typed_config":{{"trust_domains":[{{"name":"td","trust_bundle":{{"inline_bytes":"{root}"}}}},{{"name":"tb","trust_bundle":{{"inline_bytes":"{root}"}}}}]}}}}}}"#
            )
        ),
    );
    let container = read(envoy.as_bytes(), None).unwrap();
    let of: Vec<(&str, Option<&str>, usize)> =
        container.entries.iter().map(|entry| (entry.name.as_str(), entry.trust_domain.as_deref(), entry.roots.len())).collect();
    assert_eq!(
        of,
        [("ROOTCA, trust domain td", Some("td"), 1), ("ROOTCA, trust domain tb", Some("tb"), 1)],
        "bundles are not pooled"
    );
    let yaml = format!(
        "dynamicActiveSecrets:\n- name: default\n  secret:\n    tlsCertificate:\n      certificateChain:\n        inlineBytes: {chain}\n"
    );
    assert_eq!(only(read(yaml.as_bytes(), None).unwrap()).chain, world.certificates());
}

#[test]
fn envoys_list_of_certificates_holds_facts_only() {
    let text = r#"{"certificates":[{"ca_cert":[{"path":"<inline>","serial_number":"0a","subject_alt_names":[],"days_until_expiration":"3","valid_from":"2026-11-26T00:00:00Z","expiration_time":"2036-11-26T00:00:00Z"}],
        "cert_chain":[{"path":"/c.pem","serial_number":"0b","subject_alt_names":[{"uri":"spiffe://td/a"},{"dns":"a.b"}],"valid_from":"2026-11-26T00:00:00Z","expiration_time":"2026-11-27T00:00:00Z"}]},{}]}"#;
    let container = read(text.as_bytes(), None).unwrap();
    assert_eq!((container.format, container.entries.len()), (Format::EnvoyCertificates, 2));
    let listed = &container.entries[0].listed;
    assert_eq!(
        (listed[0].uris.as_slice(), listed[0].names.as_slice()),
        (&["spiffe://td/a".to_owned()][..], &["dns a.b".to_owned()][..])
    );
    assert_eq!((listed[0].is_authority, listed[1].is_authority), (false, true));
    assert_eq!(listed[1].expiration_time, "2036-11-26T00:00:00Z");
    assert_eq!(container.entries[1].remarks, ["it lists no certificate"]);
}

#[test]
fn a_key_of_another_curve_or_size_is_named_all_the_same() {
    // RSA of 1024 bits, as PKCS#1: version, modulus, exponent, and whatever follows.
    let modulus = [vec![0, 0xc1], vec![0x5a; 127]].concat();
    let der = mint::element(0x30, &[mint::element(2, &[0]), mint::element(2, &modulus), mint::element(2, &[1, 0, 1])].concat());
    let entry = only(read(pem("RSA PRIVATE KEY", &der).as_bytes(), None).unwrap());
    let KeyState::Read(public) = &entry.keys[0].state else { panic!("{:?}", entry.keys[0].state) };
    assert_eq!(public.to_string(), "RSA 1024");
    for broken in [&b"\x30\x00"[..], b"", b"\x30\x03\x02\x01\x00", b"\x05\x00"] {
        for label in ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "DSA PRIVATE KEY"] {
            let entry = only(read(pem(label, broken).as_bytes(), Some("x")).unwrap());
            assert!(matches!(entry.keys[0].state, KeyState::Unreadable(_)), "{label} {broken:?}: {:?}", entry.keys[0].state);
        }
    }
}
