//! `svid issue --all`: one identity for each service account in manifests.

use std::collections::BTreeSet;
use std::fs;

use crate::identity::authority::Authority;
use crate::identity::authority::secret;
use crate::run::root;

const TWO: &str = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n---\napiVersion: apps/v1\nkind: \
                   Deployment\nmetadata: {name: db, namespace: shop}\nspec: {selector: {matchLabels: {app: db}}, template: {metadata: \
                   {labels: {app: db}}, spec: {serviceAccountName: db-account, containers: [{name: c, image: i}]}}}\n";

#[test]
fn manifests_that_are_wrong_or_name_nobody_are_refused() {
    let authority = Authority::new();
    authority.write("broken.yaml", b"kind: [\n");
    authority.write("nobody.yaml", b"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
    authority.write("two.yaml", TWO.as_bytes());
    authority.write("foreign/shop/web/key.pem", b"mine");
    for (flags, says) in [
        (&["-f", "absent.yaml", "--out", "x"][..], "absent.yaml"),
        (&["-f", "broken.yaml", "--out", "x"], "broken.yaml:"),
        (&["-f", "nobody.yaml", "--out", "x"], "name no service account and no workload"),
        (&["-f", "two.yaml"], "nothing says where the private key goes"),
        (&["-f", "two.yaml", "--out", "foreign"], "`foreign/shop/web/key.pem` exists and was not written by this program"),
        (&["-f", "two.yaml", "--out", "x", "--csr", "y"], "cannot be used with"),
    ] {
        authority.refuses(&[&["svid", "issue", "--all"], flags].concat(), 2, &[says]);
    }
    assert!(!authority.path("foreign/shop/db-account").exists());
}

/// The service accounts that a folder of examples names: every `ServiceAccount`, and every `serviceAccountName`.
fn accounts(example: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(root().join("examples").join(example)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = fs::read_to_string(path).unwrap();
            for line in text.lines().filter_map(|line| line.trim().strip_prefix("serviceAccountName: ")) {
                found.insert(line.trim().to_owned());
            }
        }
    }
    found
}

#[test]
fn every_service_account_of_the_examples_gets_its_identity() {
    for example in ["online-boutique", "photo-app"] {
        let authority = Authority::new();
        let manifests = root().join("examples").join(example).display().to_string();
        let ran = authority.run(&["svid", "issue", "-f", &manifests, "--all", "--out", "certs"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let mut issued = BTreeSet::new();
        for namespace in fs::read_dir(authority.path("certs")).unwrap() {
            for account in fs::read_dir(namespace.unwrap().path()).unwrap() {
                let path = account.unwrap().path();
                let parts: Vec<&str> = path.iter().rev().take(2).map(|part| part.to_str().unwrap()).collect();
                let directory = path.strip_prefix(authority.path("")).unwrap().to_str().unwrap().to_owned();
                let files = authority.files(&directory);
                assert_eq!(files.names(), [format!("URI:spiffe://cluster.local/ns/{}/sa/{}", parts[1], parts[0])]);
                assert_eq!(ran.out.matches(&format!("/sa/{} until", parts[0])).count(), 1, "{directory}");
                issued.insert(parts[0].to_owned());
            }
        }
        let expected = accounts(example);
        assert!(expected.len() >= 3 && expected.is_subset(&issued), "{example}: {expected:?} in {issued:?}");
        let said = format!("issued {} identities", authority.serials("valid").len());
        assert!(ran.err.contains(&said) && ran.out.lines().count() == issued.len(), "{ran:?}");
    }
}

#[test]
fn formats_hold_one_of_each() {
    let authority = Authority::new();
    authority.write("two.yaml", TWO.as_bytes());
    let issue = ["svid", "issue", "-f", "two.yaml", "--all"];
    let json = authority.run(&[&issue[..], &["--out", "certs", "-o", "json"]].concat());
    let ids: Vec<_> = json.json().as_array().unwrap().iter().map(|one| one["spiffeId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["spiffe://cluster.local/ns/shop/sa/db-account", "spiffe://cluster.local/ns/shop/sa/web"]);
    assert!(!json.out.contains("PRIVATE KEY"));
    let secrets = authority.done(&[&issue[..], &["-o", "k8s", "--layout", "tls"]].concat());
    let heads: Vec<String> = secrets.split("---\n").filter(|one| !one.is_empty()).map(|one| secret(one).0).collect();
    assert!(heads.len() == 2 && heads[0].contains("name: db-account-svid") && heads[1].contains("name: web-svid"), "{heads:?}");
    let ran = authority.run_with(&["svid", "issue", "-f", "-", "--all", "--out", "piped", "-q"], TWO);
    assert!(ran.code == 0 && ran.out.is_empty() && ran.err.is_empty(), "{ran:?}");
    authority.files("piped/shop/web");
    // Once more into the same place takes the place of the first.
    let before = authority.files("certs/shop/web").serial();
    authority.done(&[&issue[..], &["--out", "certs", "--ttl", "1h", "--key-type", "ecdsa-p384", "-q"]].concat());
    let after = authority.files("certs/shop/web");
    assert!(after.serial() != before && after.leaf().public_key().to_string() == "ECDSA P-384");
    // Renewal of everything keeps each directory.
    authority.done(&["svid", "renew", "--all", "--ratio", "1", "--jitter", "0", "-q"]);
    assert_ne!(authority.files("certs/shop/web").serial(), after.serial());
}
