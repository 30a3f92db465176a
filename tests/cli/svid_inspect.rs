//! `meshsec svid inspect`: what cannot be read, what is shown, what is not, exit codes.

use serde_json::Value;
use serde_json::json;

use crate::certificates::AT;
use crate::certificates::ID;
use crate::certificates::World;
use crate::certificates::key_pem;
use crate::certificates::mint;
use crate::certificates::mint::Name;
use crate::certificates::pem;
use crate::run::Folder;

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let world = World::new();
    let folder = Folder::with(&[("empty", ""), ("text", "hello"), ("pod.yaml", "kind: Pod\n")]);
    folder.write("broken.pem", world.chain().replace("MII", "MIJ").as_bytes());
    for (arguments, says) in [
        (&["absent.pem"][..], &["cannot read `absent.pem`"][..]),
        (&["empty"], &["`empty`: it is empty", "help:"]),
        (&["text"], &["`text`: it holds no certificate", "help:"]),
        (&["pod.yaml"], &["kind Pod"]),
        (&["broken.pem"], &["`broken.pem`: block `CERTIFICATE` at line 1"]),
        (&["broken.pem", "--at", "yesterday"], &["`--at yesterday` is no RFC 3339 time"]),
        (&[], &["FILE"]),
    ] {
        let ran = folder.run(&[&["svid", "inspect"], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        for words in says {
            assert!(ran.err.contains(words), "{arguments:?}: no `{words}` in {}", ran.err);
        }
    }
}

#[test]
fn a_chain_is_shown_block_by_block_and_its_key_is_not() {
    let world = World::new();
    let key = key_pem(&world.leaf);
    let folder = Folder::with(&[("all.pem", &[world.chain(), pem(&[&world.root]), key.clone()].concat())]);
    let ran = folder.run(&["svid", "inspect", "all.pem", "--at", AT]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    for words in [
        "all.pem: PEM",
        &format!("0: SVID {ID}"),
        "istio        a/b in td",
        "1: intermediate O=td, CN=middle",
        "2: root O=td, CN=root",
        "issuer       itself",
        "[############-------------] 12h of 1d left",
        "usages       digitalSignature; serverAuth, clientAuth",
        "ECDSA P-256, the key of certificate 0",
        "note: certificate 2: a root in a chain is superfluous",
        &world.leaf.certificate.fingerprint().to_string(),
        &world.leaf.certificate.serial().to_string(),
    ] {
        assert!(ran.out.contains(words), "no `{words}` in\n{}", ran.out);
    }
    let base64 = key.lines().nth(1).unwrap();
    for output in ["text", "json"] {
        let ran = folder.run(&["svid", "inspect", "all.pem", "-o", output]);
        assert!(ran.code == 0 && !ran.out.contains(base64.get(8..40).unwrap()), "{output}: the key is shown");
    }
}

#[test]
fn json_says_the_same() {
    let world = World::new();
    let ran =
        Folder::with(&[]).run_with(&["svid", "inspect", "-", "-o", "json", "--at", AT], &(world.chain() + &key_pem(&world.leaf)));
    assert_eq!(ran.code, 0, "{ran:?}");
    let found = ran.json();
    assert_eq!(found["schemaVersion"], 1);
    assert_eq!(found["spiffeId"], ID);
    let entry = &found["entries"][0];
    let leaf = &entry["certificates"][0];
    assert_eq!((&leaf["spiffeId"], &leaf["role"], &leaf["position"]), (&json!(ID), &json!("SVID"), &json!(0)));
    assert_eq!(leaf["istio"], json!({"namespace": "a", "serviceAccount": "b"}));
    assert_eq!(leaf["subjectAltNames"], json!([{"type": "uri", "value": ID}]));
    assert_eq!((&leaf["notAfter"], &leaf["secondsLeft"]), (&json!("2026-11-27T00:00:00Z"), &json!(43_200)));
    assert_eq!(leaf["fingerprintSha256"], world.leaf.certificate.fingerprint().to_string());
    assert_eq!(leaf["extendedKeyUsage"], json!(["serverAuth", "clientAuth"]));
    assert_eq!(entry["certificates"][1]["isCa"], true);
    assert_eq!(
        entry["keys"],
        json!([{"origin": entry["keys"][0]["origin"], "state": "read", "type": "ECDSA P-256", "certificate": 0}])
    );
    assert_eq!(entry["problems"], json!([]));
}

#[test]
fn problems_are_found_and_count_only_when_asked() {
    let world = World::new();
    let bad = world.middle.leaf(ID, |m| {
        m.extensions[3] = mint::alternative_names(true, &[Name::Uri(ID), Name::Uri("spiffe://td/x")]);
        m.not_after = "20261126115959Z".to_owned();
    });
    let folder = Folder::with(&[("bad.pem", &pem(&[&bad, &world.middle])), ("good.pem", &world.chain())]);
    folder.write("mixed.pem", (world.chain() + &key_pem(&bad)).as_bytes());
    for (file, fails, code, names) in [
        ("bad.pem", false, 0, &["several-uris", "expired"][..]),
        ("bad.pem", true, 1, &["several-uris", "expired"]),
        ("good.pem", true, 0, &[]),
        ("mixed.pem", true, 1, &["key-mismatch"]),
    ] {
        let flag: &[&str] = if fails { &["--fail-on-problems"] } else { &[] };
        let ran = folder.run(&[&["svid", "inspect", file, "--at", AT, "-o", "json"], flag].concat());
        let found = ran.json();
        let found: Vec<&str> =
            found["entries"][0]["problems"].as_array().unwrap().iter().map(|problem| problem["name"].as_str().unwrap()).collect();
        assert_eq!((ran.code, found.as_slice()), (code, names), "{file}");
    }
    let quiet = folder.run(&["-q", "svid", "inspect", "bad.pem", "--at", AT, "--fail-on-problems"]);
    assert_eq!((quiet.code, quiet.out.as_str()), (1, ""));
    let text = folder.run(&["svid", "inspect", "bad.pem", "--at", AT]);
    assert!(text.out.contains("error: certificate 0: it has 2 URI names"), "{}", text.out);
    assert!(text.out.contains("[several-uris, X509-SVID 2]"), "{}", text.out);
    let problem = &folder.run(&["svid", "inspect", "bad.pem", "--at", AT, "-o", "json"]).json()["entries"][0]["problems"][0];
    assert_eq!(problem["certificate"]["position"], 0);
    assert_eq!(problem["certificate"]["serial"], bad.certificate.serial().to_string());
    assert_eq!((&problem["severity"], &problem["rule"]), (&json!("error"), &json!("X509-SVID 2")));
}

/// Indents a text so that it becomes a block of YAML.
fn block(text: &str) -> String {
    text.lines().fold(String::new(), |block, line| block + "    " + line + "\n")
}

#[test]
fn a_secret_tells_when_its_roots_do_not_vouch_for_its_chain() {
    let (world, stranger) = (World::new(), World::new());
    let secret = |root: &World| {
        format!(
            "kind: Secret\nmetadata: {{name: istio.b, namespace: a}}\nstringData:\n  cert-chain.pem: |\n{}  key.pem: |\n{}  root-cert.pem: |\n{}",
            block(&world.chain()),
            block(&key_pem(&world.leaf)),
            block(&pem(&[&root.root]))
        )
    };
    let folder = Folder::with(&[("good.yaml", &secret(&world)), ("bad.yaml", &secret(&stranger))]);
    let problems = |file: &str| -> Vec<Value> {
        let found = folder.run(&["svid", "inspect", file, "--at", AT, "-o", "json"]).json();
        assert_eq!(found["entries"][0]["name"], "secret a/istio.b");
        assert_eq!(found["entries"][0]["roots"].as_array().unwrap().len(), 1);
        found["entries"][0]["problems"].as_array().unwrap().iter().map(|problem| problem["name"].clone()).collect()
    };
    assert_eq!(problems("good.yaml"), Vec::<Value>::new());
    assert_eq!(problems("bad.yaml"), [json!("signature-invalid")]);
}

#[test]
fn a_pkcs12_file_asks_for_its_passphrase() {
    let world = World::new();
    let key = p12_keystore::PrivateKey::from_der(world.leaf.key.as_pkcs8()).unwrap();
    let certificate = p12_keystore::Certificate::from_der(world.leaf.certificate.der()).unwrap();
    let chain = p12_keystore::PrivateKeyChain::new("1", key, [certificate]);
    let mut store = p12_keystore::KeyStore::new();
    store.add_entry("workload", p12_keystore::KeyStoreEntry::PrivateKeyChain(chain));
    let folder = Folder::with(&[("right", "open\n"), ("wrong", "shut")]);
    folder.write("workload.p12", &store.writer("open").write().unwrap());
    for (flags, code, says) in [
        (&[][..], 2, "no passphrase was given"),
        (&["--password-file", "wrong"], 2, "the passphrase does not open the PKCS#12 file"),
        (&["--password-file", "absent"], 2, "cannot read `absent`"),
        (&["--password-file", "right"], 0, "the key of certificate 0"),
    ] {
        let ran = folder.run(&[&["svid", "inspect", "workload.p12", "--at", AT], flags].concat());
        assert_eq!(ran.code, code, "{flags:?}: {ran:?}");
        assert!((ran.out.clone() + &ran.err).contains(says), "{flags:?}: no `{says}` in {ran:?}");
    }
}

#[test]
fn a_name_from_elsewhere_cannot_draw_on_the_terminal() {
    let world = World::new();
    let evil = world.root.leaf("spiffe://td/a\u{1b}[2J", |m| m.subject = mint::distinguished("a\r\u{1b}[1A", "b\u{202e}c"));
    let folder = Folder::with(&[("evil.pem", &pem(&[&evil]))]);
    let ran = folder.run(&["svid", "inspect", "evil.pem", "--at", AT]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let raw: Vec<char> = ran.out.chars().filter(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}').collect();
    assert_eq!(raw, [], "{}", ran.out);
    let ran = folder.run(&["svid", "verify", "evil.pem", "--bundle", "evil.pem", "--at", AT]);
    assert!(ran.code == 1 && !ran.out.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn what_envoy_says_of_its_certificates_is_shown_as_facts() {
    let certificate = |uris: &[&str], end: &str| {
        let uris: Vec<Value> = uris.iter().map(|uri| json!({"uri": uri})).collect();
        json!({"path": "<inline>", "serial_number": "0b", "subject_alt_names": uris, "valid_from": "2026-11-26T00:00:00Z", "expiration_time": end})
    };
    let authority = certificate(&[], "2036-11-26T00:00:00Z");
    let good = json!({"certificates": [{"ca_cert": [authority], "cert_chain": [certificate(&[ID], "2026-11-27T00:00:00Z")]}]});
    let folder = Folder::with(&[]);
    let ran = folder.run_with(&["svid", "inspect", "-", "--at", AT, "--fail-on-problems"], &good.to_string());
    assert_eq!(ran.code, 0, "{ran:?}");
    for words in ["Envoy /certs", &format!("certificate {ID}"), "12h of 1d left", "nothing here can be verified"] {
        assert!(ran.out.contains(words), "no `{words}` in\n{}", ran.out);
    }
    let ran = folder.run_with(&["svid", "inspect", "-", "--at", AT, "-o", "json"], &good.to_string());
    assert_eq!(ran.json()["spiffeId"], ID);
    assert_eq!(ran.json()["entries"][0]["listed"][0]["secondsLeft"], 43_200);
    let bad = json!({"certificates": [{"cert_chain": [certificate(&[ID, ID], "2026-11-26T11:00:00Z")]}]});
    let ran = folder.run_with(&["svid", "inspect", "-", "--at", AT, "-o", "json", "--fail-on-problems"], &bad.to_string());
    let names: Vec<Value> =
        ran.json()["entries"][0]["problems"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!((ran.code, names), (1, vec![json!("several-uris"), json!("expired")]));
}
