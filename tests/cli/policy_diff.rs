//! `meshsec policy diff`.

use serde_json::json;

use crate::meshes::READERS;
use crate::meshes::SHOP;
use crate::meshes::STRICT;
use crate::run::Folder;

/// `shop/web` may also write.
fn writers() -> String {
    READERS.replace("methods: [GET]", "methods: [GET, POST]")
}

fn folder() -> Folder {
    Folder::with(&[
        ("before/mesh.yaml", SHOP),
        ("before/policy.yaml", READERS),
        ("after/mesh.yaml", SHOP),
        ("after/policy.yaml", &writers()),
    ])
}

#[test]
fn text_says_which_fields_and_which_requests_change() {
    let ran = folder().run(&["policy", "diff", "-f", "after", "--against", "before"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let expected = "\
changed AuthorizationPolicy shop/api-readers
  spec.rules[0].to[0].operation.methods: [\"GET\"] -> [\"GET\",\"POST\"]

opened: POST requests from shop/web to shop/api:8080, shop/api (undeclared ports)
  denied (403) -> allowed (200)
  by AuthorizationPolicy shop/api-readers rule 0 (after/policy.yaml:7:5 after)
  witness: ";
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    assert!(ran.out.ends_with("1 opened, 0 closed, 0 other\n"), "{}", ran.out);
}

#[test]
fn a_witness_is_answered_as_told_on_both_sides() {
    let folder = folder();
    let ran = folder.run(&["policy", "diff", "-f", "after", "--against", "before", "-o", "json"]);
    let document = ran.json();
    assert_eq!(document["schemaVersion"], "meshsec.dev/policy-diff/v1");
    assert_eq!(document["summary"]["opened"], 1, "{document}");
    let change = &document["changes"][0];
    assert_eq!(change["direction"], "opened");
    assert_eq!(change["callers"], json!({"kind": "identities", "text": "shop/web", "workloads": ["shop/web"]}));
    assert_eq!(change["requests"]["parts"], json!({"method": "POST"}));
    folder.write("witness.json", change["witness"].to_string().as_bytes());
    for (side, code) in [("before", 1), ("after", 0)] {
        let ran = folder.run(&["simulate", "request", "-f", side, "--request", "witness.json", "-o", "json"]);
        assert_eq!(ran.code, code, "{side}: {ran:?}");
        assert_eq!(ran.json()["verdict"], change[side]["verdict"], "{side}");
    }
}

#[test]
fn fail_on_looks_at_the_direction() {
    let folder = folder();
    let cases = [
        ("after", "before", "opened", 1),
        ("after", "before", "closed", 0),
        ("after", "before", "any", 1),
        ("before", "after", "opened", 0),
        ("before", "after", "closed", 1),
        ("before", "before", "any", 0),
    ];
    for (after, before, direction, code) in cases {
        let ran = folder.run(&["policy", "diff", "-f", after, "--against", before, "--fail-on", direction, "-q"]);
        assert_eq!(ran.code, code, "{before} to {after}, {direction}: {ran:?}");
        assert_eq!(ran.out, "");
    }
}

#[test]
fn markdown_is_a_table_with_the_requests_below() {
    let folder = folder();
    folder.write("after/strict.yaml", STRICT.as_bytes());
    let ran = folder.run(&["policy", "diff", "-f", "after", "--against", "before", "-o", "markdown"]);
    assert!(ran.out.starts_with("### Requests that get another verdict: 1 opened, "), "{}", ran.out);
    assert!(ran.out.contains("| **opened** | POST requests | shop/web | "), "{}", ran.out);
    assert!(ran.out.contains("- **created** `PeerAuthentication shop/default`"), "{}", ran.out);
}

#[test]
fn values_of_secrets_stay_hidden() {
    let secret = |value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: key, namespace: shop}}\nstringData: {{password: {value}}}\n")
    };
    let folder = Folder::with(&[("before.yaml", &secret("hunter2")), ("after.yaml", &secret("hunter3"))]);
    for format in ["text", "json", "markdown"] {
        let ran = folder.run(&["policy", "diff", "-f", "after.yaml", "--against", "before.yaml", "-o", format]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains("stringData.password") && !ran.out.contains("hunter"), "{}", ran.out);
    }
}

#[test]
fn what_is_missing_is_asked_for() {
    let ran = folder().run(&["policy", "diff", "-f", "after"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("nothing was given to compare with") && ran.err.contains("--against"), "{}", ran.err);
    let ran = folder().run(&["policy", "diff", "-f", "-", "--against", "-"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("only one of"), "{}", ran.err);
}
