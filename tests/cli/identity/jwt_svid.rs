//! `jwt mint --svid`: signed by the mesh's own key, which the ledger keeps and the bundle publishes.

use std::fs;

use super::Site;
use crate::run::Folder;
use crate::run::Ran;

fn site() -> (Folder, impl Fn(&Folder, &[&str]) -> Ran) {
    let folder = Folder::with(&[]);
    let run = |folder: &Folder, arguments: &[&str]| folder.run(&[arguments, &["--home", "home"]].concat());
    assert_eq!(run(&folder, &["ca", "init", "--insecure-no-password", "-q"]).code, 0);
    (folder, run)
}

const MINT: [&str; 8] =
    ["jwt", "mint", "-q", "--svid", "--spiffe-id", "spiffe://cluster.local/ns/shop/sa/web", "--aud", "payments"];

#[test]
fn what_the_profile_forbids_is_refused_and_makes_no_key() {
    let (folder, run) = site();
    for (arguments, says) in [
        (vec!["jwt", "mint", "--svid", "--spiffe-id", "spiffe://cluster.local/a"], "no audience was named"),
        (vec!["jwt", "mint", "--svid", "--aud", "x"], "no identity was given"),
        (
            vec!["jwt", "mint", "--svid", "--aud", "x", "--spiffe-id", "spiffe://example.org/a"],
            "lies in trust domain `example.org`",
        ),
        (vec!["jwt", "mint", "--svid", "--aud", "x", "--spiffe-id", "spiffe://cluster.local/a", "--ttl", "100d"], "issues for"),
        (
            vec!["jwt", "mint", "--svid", "--aud", "x", "--spiffe-id", "spiffe://cluster.local/a", "--never-expires"],
            "cannot be used with",
        ),
        (
            vec!["jwt", "mint", "--svid", "--aud", "x", "--spiffe-id", "spiffe://cluster.local/a", "--sub", "b"],
            "cannot be used with",
        ),
    ] {
        let ran = run(&folder, &arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(says), "{arguments:?}: {ran:?}");
    }
    let keys = fs::read_dir(folder.path().join("home/keys")).unwrap().count();
    assert_eq!(keys, 2, "only the keys of the root and the intermediate are there");
}

#[test]
fn the_bundle_verifies_what_the_mesh_key_signs_also_after_a_restore() {
    let (folder, run) = site();
    let token = run(&folder, &MINT).out.trim().to_owned();
    let inspected = folder.run(&["jwt", "inspect", &token, "-o", "json"]).json();
    assert_eq!(inspected["claims"]["sub"], "spiffe://cluster.local/ns/shop/sa/web");
    assert_eq!(inspected["claims"]["aud"], "payments");
    let life = inspected["claims"]["exp"].as_i64().unwrap() - inspected["claims"]["iat"].as_i64().unwrap();
    assert_eq!(life, 300, "five minutes, as SPIRE's");
    let bundle = run(&folder, &["bundle", "convert", "--to", "spiffe"]).out;
    folder.write("bundle.json", bundle.as_bytes());
    for (audience, code) in [("payments", 0), ("other", 1)] {
        let ran = folder.run(&["jwt", "verify", &token, "--jwks", "bundle.json", "--aud", audience]);
        assert_eq!(ran.code, code, "{audience}: {ran:?}");
    }
    folder.write("pw", b"a passphrase for the backup");
    assert_eq!(run(&folder, &["ca", "backup", "-o", "b.age", "--password-file", "pw"]).code, 0);
    let ran = folder.run(&["ca", "restore", "b.age", "--home", "again", "--password-file", "pw"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let later = folder.run(&[&MINT[..], &["--home", "again"]].concat()).out;
    let key_of = |token: &str| folder.run(&["jwt", "inspect", token.trim(), "-o", "json"]).json()["header"]["kid"].clone();
    assert_eq!(key_of(&later), key_of(&token), "the restored home signs with the same key");
}

#[test]
fn processes_that_mint_at_once_use_one_key() {
    let site = Site::new();
    let home = site.path("home");
    let (folder, home) = (home.parent().unwrap(), home.to_str().unwrap());
    let keys: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
        let minters: Vec<_> = (0..12)
            .map(|_| {
                scope.spawn(|| {
                    let ran = crate::run::run_in(folder, &[&MINT[..], &["--home", home]].concat(), "");
                    assert_eq!(ran.code, 0, "{ran:?}");
                    let token = ran.out.trim().to_owned();
                    crate::run::run_in(folder, &["jwt", "inspect", &token, "-o", "json"], "").json()["header"]["kid"].to_string()
                })
            })
            .collect();
        minters.into_iter().map(|minter| minter.join().unwrap()).collect()
    });
    assert_eq!(keys.len(), 1, "{keys:?}");
    let files = fs::read_dir(site.path("home/keys")).unwrap();
    let jwt = files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with("jwt-")).count();
    assert_eq!(jwt, 1, "the keys of those who came second are gone");
}

#[test]
fn a_new_key_is_published_before_it_signs_and_the_old_one_until_its_tokens_expired() {
    let (folder, run) = site();
    let key_of = |token: &str| folder.run(&["jwt", "inspect", token.trim(), "-o", "json"]).json()["header"]["kid"].clone();
    let published = || {
        let bundle = run(&folder, &["bundle", "convert", "--to", "spiffe"]);
        folder.write("bundle.json", bundle.out.as_bytes());
        let keys = bundle.json()["keys"].as_array().unwrap().clone();
        let kids: Vec<_> = keys.iter().filter(|key| key["use"] == "jwt-svid").map(|key| key["kid"].clone()).collect();
        (kids, bundle.json()["spiffe_sequence"].as_u64().unwrap())
    };
    let verified = |token: &str| folder.run(&["jwt", "verify", token, "--jwks", "bundle.json", "--aud", "payments"]).code;
    let before = run(&folder, &MINT).out.trim().to_owned();
    let (_, first_sequence) = published();
    let answer = run(&folder, &["ca", "rotate", "jwt-key", "--lead", "2s", "-o", "json"]).json();
    assert_eq!(answer["old"]["kid"], key_of(&before), "{answer}");
    let during = run(&folder, &MINT).out.trim().to_owned();
    assert_eq!(key_of(&during), key_of(&before), "nobody has the new key yet");
    let (kids, sequence) = published();
    assert_eq!((kids.len(), sequence), (2, first_sequence + 1), "{kids:?}");
    assert!(kids.contains(&answer["new"]["kid"]) && kids.contains(&answer["old"]["kid"]), "{kids:?}");
    std::thread::sleep(std::time::Duration::from_secs(3));
    let after = run(&folder, &MINT).out.trim().to_owned();
    assert_eq!(key_of(&after), answer["new"]["kid"]);
    for token in [&before, &during, &after] {
        assert_eq!(verified(token), 0, "the bundle from before the first new token: {token}");
    }
    let answer = run(&folder, &["ca", "rotate", "jwt-key", "--compromised", "-o", "json"]).json();
    let last = run(&folder, &MINT).out.trim().to_owned();
    assert_eq!(key_of(&last), answer["new"]["kid"], "it signs at once");
    let (kids, later) = published();
    assert_eq!(kids, [answer["new"]["kid"].clone()]);
    assert!(later > sequence, "{later}");
    for (token, code) in [(&before, 1), (&after, 1), (&last, 0)] {
        assert_eq!(verified(token), code, "{token}");
    }
    let files = fs::read_dir(folder.path().join("home/keys")).unwrap();
    let jwt = files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with("jwt-")).count();
    assert_eq!(jwt, 1, "what nothing depends on is gone from the disk");
}

#[test]
fn a_rotation_says_what_it_did_and_makes_the_first_key_where_there_is_none() {
    let (folder, run) = site();
    let ran = run(&folder, &["ca", "rotate", "jwt-key"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("signs from now on") && !ran.out.contains("old"), "{ran:?}");
    let ran = run(&folder, &["ca", "rotate", "jwt-key"]);
    assert!(ran.out.contains("old, signs until 20"), "{ran:?}");
    let first = run(&folder, &["ca", "rotate", "jwt-key", "-o", "json"]).json();
    let second = run(&folder, &["ca", "rotate", "jwt-key", "--lead", "1s", "-o", "json"]).json();
    assert_eq!(second["old"], first["old"], "still the first key, and as long as it was promised");
    assert_eq!(second["new"]["signsFrom"], first["new"]["signsFrom"], "after the keys that were announced before it");
    let ran = run(&folder, &["ca", "rotate", "jwt-key", "--compromised"]);
    assert!(ran.out.contains("old, no longer in the bundle"), "{ran:?}");
    let ran = run(&folder, &["ca", "rotate", "jwt-key", "--compromised", "--lead", "1h"]);
    assert!(ran.code == 2 && ran.err.contains("cannot be used with"), "{ran:?}");
}
