//! JWT-SVIDs of the program, verified there with the bundle of the program, before and after its key is rotated.

use serde_json::Value;
use serde_json::json;

use crate::go_spiffe::ask;
use crate::program::Program;

const ID: &str = "spiffe://cluster.local/ns/shop/sa/web";

fn question(token: &str, bundle: &str, trust_domain: &str, audience: &str) -> Value {
    json!({"token": token.trim(), "bundle": bundle, "trustDomain": trust_domain, "audience": audience})
}

#[test]
fn our_jwt_svids_verify_there_with_our_bundle_and_wrong_ones_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::init(folder.path(), &[]);
    let mint = |options: &[&str]| program.run(&[&["jwt", "mint", "-q", "--svid", "--spiffe-id", ID], options].concat());
    let bundle = || program.run(&["bundle", "convert", "--to", "spiffe"]);
    let first = mint(&["--aud", "payments"]);
    let first_bundle = bundle();
    program.run(&["ca", "rotate", "jwt-key"]);
    let both = bundle();
    let during = mint(&["--aud", "payments"]);
    program.run(&["ca", "rotate", "jwt-key", "--compromised"]);
    let (last, last_bundle) = (mint(&["--aud", "payments", "--aud", "shop"]), bundle());
    let expired = mint(&["--aud", "payments", "--at", "2026-01-01T00:00:00Z"]);
    let (signed, _) = last.rsplit_once('.').unwrap();
    let (_, signature) = first.rsplit_once('.').unwrap();
    // Question and the identity, or a part of what go-spiffe says.
    let cases = [
        ("the first key", question(&first, &first_bundle, "cluster.local", "payments"), Ok(ID)),
        ("the first key, two published", question(&first, &both, "cluster.local", "payments"), Ok(ID)),
        ("during a rotation, an older bundle", question(&during, &first_bundle, "cluster.local", "payments"), Ok(ID)),
        ("during a rotation", question(&during, &both, "cluster.local", "payments"), Ok(ID)),
        ("after it", question(&last, &last_bundle, "cluster.local", "shop"), Ok(ID)),
        ("a compromised key", question(&first, &last_bundle, "cluster.local", "payments"), Err("no JWT authority")),
        ("a key that comes later", question(&last, &first_bundle, "cluster.local", "payments"), Err("no JWT authority")),
        ("another audience", question(&first, &first_bundle, "cluster.local", "web"), Err("expected audience")),
        ("another trust domain", question(&first, &first_bundle, "example.org", "payments"), Err("no bundle found")),
        ("expired", question(&expired, &last_bundle, "cluster.local", "payments"), Err("has expired")),
        (
            "a foreign signature",
            question(&format!("{signed}.{signature}"), &last_bundle, "cluster.local", "payments"),
            Err("unable to get claims"),
        ),
    ];
    let questions: Vec<Value> = cases.iter().map(|(_, question, _)| question.clone()).collect();
    let Some(answers) = ask("our_jwt_svids_verify_there_with_our_bundle_and_wrong_ones_do_not", "jwt", &questions) else {
        return;
    };
    let mut wrong = Vec::new();
    for ((name, _, expected), answer) in cases.iter().zip(&answers) {
        let said = answer["error"].as_str().unwrap();
        let is_right = match expected {
            Ok(id) => said.is_empty() && answer["id"] == *id,
            Err(words) => said.contains(words),
        };
        if !is_right {
            wrong.push(format!("{name}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
