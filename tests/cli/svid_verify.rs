//! `meshsec svid verify`: what is refused, what cannot be asked, what is verified, exit codes.

use meshsec::bundle::TrustBundle;
use serde_json::json;

use crate::certificates::AT;
use crate::certificates::ID;
use crate::certificates::World;
use crate::certificates::key_pem;
use crate::certificates::mint;
use crate::certificates::mint::Name;
use crate::certificates::party::Party;
use crate::certificates::pem;
use crate::run::Folder;

struct Setting {
    world: World,
    folder: Folder,
}

fn setting() -> Setting {
    let world = World::new();
    let other = Party::root("other", |m| m.extensions.push(mint::alternative_names(false, &[Name::Uri("spiffe://tb")])));
    let folder = Folder::with(&[
        ("chain.pem", &world.chain()),
        ("leaf.pem", &pem(&[&world.leaf])),
        ("upside-down.pem", &pem(&[&world.root, &world.middle, &world.leaf])),
        ("root.pem", &pem(&[&world.root])),
        ("other.pem", &pem(&[&other])),
        ("key.pem", &key_pem(&world.leaf)),
        ("middle-key.pem", &key_pem(&world.middle)),
        ("empty.json", r#"{"keys":[]}"#),
        ("text", "hello"),
    ]);
    folder.write("root.crl", world.root.revokes(&[], |_| {}).der());
    folder.write("middle.crl", world.middle.revokes(&[], |_| {}).pem().as_bytes());
    folder.write("revoked.crl", world.middle.revokes(&[&world.leaf], |_| {}).pem().as_bytes());
    let bundle = TrustBundle::of(Some("td".parse().unwrap()), [world.root.certificate.clone()]);
    folder.write("bundle.json", bundle.to_jwks().unwrap().as_bytes());
    Setting { world, folder }
}

#[test]
fn what_is_not_trusted_ends_with_1_and_names_the_check() {
    let Setting { folder, .. } = setting();
    let cases: &[(&[&str], &str, Option<u64>)] = &[
        (&["leaf.pem", "--bundle", "root.pem"], "unknown-authority", Some(0)),
        (&["upside-down.pem", "--bundle", "root.pem"], "no-spiffe-id", Some(0)),
        (&["chain.pem", "--bundle", "other.pem"], "no-bundle", Some(0)),
        (&["chain.pem", "--bundle", "tb=root.pem"], "no-bundle", Some(0)),
        (&["chain.pem", "--bundle", "td=other.pem"], "unknown-authority", Some(1)),
        (&["chain.pem", "--bundle", "empty.json"], "no-bundle", Some(0)),
        (&["chain.pem", "--bundle", "root.pem", "--spiffe-id", "spiffe://td/ns/a/sa/c"], "unexpected-identity", Some(0)),
        (&["chain.pem", "--bundle", "root.pem", "--key", "middle-key.pem"], "key-mismatch", Some(0)),
        (&["chain.pem", "--bundle", "root.pem", "--crl", "root.crl"], "crl-missing", Some(0)),
        (&["chain.pem", "--bundle", "root.pem", "--crl", "root.crl", "--crl", "revoked.crl"], "revoked", Some(0)),
        (&["chain.pem", "--bundle", "root.pem", "--at", "2026-11-27T00:00:01Z"], "expired", Some(0)),
        (&["chain.pem", "--bundle", "root.pem", "--at", "2026-11-25T23:59:59Z"], "not-yet-valid", Some(0)),
        (&["chain.pem", "--bundle", "root.pem", "--strict", "--at", "2026-11-26T00:01:00Z"], "not-backdated", Some(0)),
    ];
    for (arguments, check, position) in cases {
        let at: &[&str] = if arguments.contains(&"--at") { &[] } else { &["--at", AT] };
        let ran = folder.run(&[&["svid", "verify", "-o", "json"], *arguments, at].concat());
        assert_eq!(ran.code, 1, "{arguments:?}: {ran:?}");
        let answer = ran.json();
        assert_eq!((&answer["verified"], &answer["spiffeId"]), (&json!(false), &json!(null)), "{arguments:?}");
        assert_eq!(answer["reason"]["name"], *check, "{arguments:?}");
        assert_eq!(answer["reason"]["certificate"]["position"].as_u64(), *position, "{arguments:?}");
        let ran = folder.run(&[&["svid", "verify"], *arguments, at].concat());
        assert!(ran.code == 1 && ran.out.starts_with("refused: certificate ") && ran.out.contains(check), "{ran:?}");
        assert!(ran.out.contains(", serial "), "{ran:?}");
    }
}

#[test]
fn what_cannot_be_asked_ends_with_2() {
    let Setting { folder, .. } = setting();
    let cases: &[(&[&str], &str)] = &[
        (&["chain.pem"], "--bundle"),
        (&["absent.pem", "--bundle", "root.pem"], "cannot read `absent.pem`"),
        (&["text", "--bundle", "root.pem"], "`text`"),
        (&["key.pem", "--bundle", "root.pem"], "`key.pem` holds no certificate"),
        (&["chain.pem", "--bundle", "absent.pem"], "cannot read `absent.pem`"),
        (&["chain.pem", "--bundle", "text"], "`text` is no trust bundle"),
        (&["chain.pem", "--bundle", "root.pem", "--crl", "root.pem"], "`--crl root.pem` holds no revocation list"),
        (&["chain.pem", "--bundle", "root.pem", "--key", "root.pem"], "`--key root.pem` holds no private key"),
        (&["chain.pem", "--bundle", "root.pem", "--spiffe-id", "spiffe://Td/a"], "`--spiffe-id spiffe://Td/a`"),
        (&["chain.pem", "--bundle", "root.pem", "--at", "noon"], "`--at noon`"),
        (&["chain.pem", "--bundle", "root.pem", "--usage", "both"], "both"),
    ];
    for (arguments, says) in cases {
        let ran = folder.run(&[&["svid", "verify"], *arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(says), "{arguments:?}: no `{says}` in {}", ran.err);
    }
    let listed =
        folder.run_with(&["svid", "verify", "-", "--bundle", "root.pem"], r#"{"certificates":[{"cert_chain":[{"path":"x"}]}]}"#);
    assert_eq!(listed.code, 2, "{listed:?}");
    assert!(listed.err.contains("without the certificates") && listed.err.contains("proxy-config secret"), "{listed:?}");
}

#[test]
fn what_is_trusted_ends_with_0_and_shows_the_path() {
    let Setting { folder, world } = setting();
    let cases: &[&[&str]] = &[
        &["chain.pem", "--bundle", "root.pem"],
        &["chain.pem", "--bundle", "td=root.pem", "--bundle", "tb=other.pem"],
        &["chain.pem", "--bundle", "spiffe://td=root.pem"],
        &["chain.pem", "--bundle", "bundle.json"],
        &["chain.pem", "--bundle", "other.pem", "--bundle", "root.pem"],
        &["chain.pem", "--bundle", "root.pem", "--key", "key.pem", "--spiffe-id", ID, "--usage", "client", "--strict"],
        &["chain.pem", "--bundle", "root.pem", "--usage", "server", "--crl", "root.crl", "--crl", "middle.crl"],
        &["chain.pem", "--bundle", "root.pem", "--crl", "middle.crl", "--crl-leaf-only"],
    ];
    for arguments in cases {
        let ran = folder.run(&[&["svid", "verify", "-o", "json", "--at", AT], *arguments].concat());
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        let answer = ran.json();
        assert_eq!(
            (&answer["verified"], &answer["spiffeId"], &answer["reason"]),
            (&json!(true), &json!(ID), &json!(null)),
            "{arguments:?}"
        );
        let serials: Vec<&str> = answer["path"].as_array().unwrap().iter().map(|one| one["serial"].as_str().unwrap()).collect();
        let expected = [&world.leaf, &world.middle, &world.root].map(|party| party.certificate.serial().to_string());
        assert_eq!(serials, expected, "{arguments:?}");
    }
    let text = folder.run(&["svid", "verify", "chain.pem", "--bundle", "root.pem", "--at", AT]);
    assert!(text.out.starts_with(&format!("verified: {ID}\n")), "{}", text.out);
    assert!(text.out.contains("revocation was not looked up"), "{}", text.out);
    let quiet = folder.run(&["-q", "svid", "verify", "chain.pem", "--bundle", "root.pem", "--at", AT]);
    assert_eq!((quiet.code, quiet.out.as_str()), (0, ""));
}

#[test]
fn the_secrets_of_a_proxy_are_chain_and_bundle_at_once() {
    use base64::Engine as _;
    let Setting { world, folder } = setting();
    let encode = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    let dump = json!({"dynamicActiveSecrets": [
        {"name": "default", "secret": {"tlsCertificate": {
            "certificateChain": {"inlineBytes": encode(world.chain())}, "privateKey": {"inlineBytes": encode("[redacted]".to_owned())}}}},
        {"name": "ROOTCA", "secret": {"validationContext": {"trustedCa": {"inlineBytes": encode(pem(&[&world.root]))}}}},
    ]});
    folder.write("secrets.json", dump.to_string().as_bytes());
    let ran = folder.run(&["svid", "verify", "secrets.json", "--bundle", "secrets.json", "--at", AT]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = folder.run(&["svid", "inspect", "secrets.json", "--at", AT]);
    assert!(ran.out.contains("overwritten by the proxy before it printed it"), "{}", ran.out);
}
