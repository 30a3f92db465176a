//! SVIDs, ours there and theirs here.

use jiff::SignedDuration;
use jiff::Timestamp;
use meshsec::bundle;
use meshsec::cli::entropy::SystemEntropy;
use meshsec::pki::Certificate;
use meshsec::pki::KeyEncryption;
use meshsec::pki::KeyType;
use meshsec::pki::PemReader;
use meshsec::pki::PrivateKey;
use meshsec::pki::pem_chain;
use meshsec::spiffe::SpiffeId;
use serde_json::Value;
use serde_json::json;

use crate::go_spiffe::ask;
use crate::go_spiffe::material::KEY_TYPES;
use crate::go_spiffe::material::intermediate;
use crate::go_spiffe::material::key;
use crate::go_spiffe::material::root;
use crate::go_spiffe::material::svid;

fn question(chain: &[&Certificate], key: &PrivateKey, root: &Certificate, trust_domain: &str, at: Timestamp) -> Value {
    let key = key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy::default()).unwrap();
    json!({"certificates": pem_chain(chain.iter().copied()), "key": key.as_str(), "form": "pem", "bundle": root.pem(),
        "trustDomain": trust_domain, "at": at.to_string()})
}

#[test]
fn our_svids_load_and_verify_there_and_wrong_ones_do_not() {
    let id = "spiffe://td/ns/default/sa/web";
    let now = Timestamp::now();
    let later = now + SignedDuration::from_hours(25);
    let earlier = now - SignedDuration::from_mins(3);
    // Name, question, and whether it loads and verifies.
    let mut cases: Vec<(String, Value, bool, bool)> = Vec::new();
    for root_type in KEY_TYPES {
        for leaf_type in KEY_TYPES {
            let root = root("td", root_type, leaf_type == KeyType::EcdsaP256);
            let signer = intermediate(&root, "td", leaf_type);
            let key = key(leaf_type);
            let leaf = svid(&signer, id, &key);
            let chain = [&leaf, signer.certificate()];
            let name = format!("{root_type} over {leaf_type}");
            cases.push((name.clone(), question(&chain, &key, root.certificate(), "td", now), true, true));
            let stranger = self::root("td", root_type, false);
            cases.push((format!("{name}, another root"), question(&chain, &key, stranger.certificate(), "td", now), true, false));
        }
    }
    let root = root("td", KeyType::EcdsaP256, false);
    let signer = intermediate(&root, "td", KeyType::EcdsaP256);
    let key = key(KeyType::EcdsaP256);
    let leaf = svid(&signer, id, &key);
    let chain = [&leaf, signer.certificate()];
    let other_key = self::key(KeyType::EcdsaP256);
    let constrained = self::root("td", KeyType::EcdsaP256, true);
    let foreign = svid(&constrained, "spiffe://else/a", &key);
    cases.extend([
        ("another key".to_owned(), question(&chain, &other_key, root.certificate(), "td", now), false, false),
        ("expired".to_owned(), question(&chain, &key, root.certificate(), "td", later), true, false),
        ("not yet valid".to_owned(), question(&chain, &key, root.certificate(), "td", earlier), true, false),
        ("without the intermediate".to_owned(), question(&[&leaf], &key, root.certificate(), "td", now), true, false),
        (
            "the intermediate first".to_owned(),
            question(&[signer.certificate(), &leaf], &key, root.certificate(), "td", now),
            false,
            false,
        ),
        ("the bundle of another trust domain".to_owned(), question(&chain, &key, root.certificate(), "else", now), true, false),
        (
            "outside the name constraint".to_owned(),
            question(&[&foreign], &key, constrained.certificate(), "else", now),
            true,
            false,
        ),
    ]);
    let questions: Vec<Value> = cases.iter().map(|(_, question, ..)| question.clone()).collect();
    let Some(answers) = ask("our_svids_load_and_verify_there_and_wrong_ones_do_not", "svid", &questions) else { return };
    let mut wrong = Vec::new();
    for ((name, _, loads, verifies), answer) in cases.iter().zip(&answers) {
        let is_id = !loads || answer["id"] == if name.starts_with("outside") { "spiffe://else/a" } else { id };
        if (answer["loadError"] == "", answer["verifyError"] == "") != (*loads, *verifies) || !is_id {
            wrong.push(format!("{name}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn svids_made_there_are_read_here() {
    let Some(made) = ask("svids_made_there_are_read_here", "make", &[]) else { return };
    for made in &made {
        let name = made["name"].as_str().unwrap();
        let text = made["certificates"].as_str().unwrap();
        let blocks: Vec<_> = PemReader::new(text.as_bytes()).collect();
        assert_eq!(blocks.len(), 1, "{name}");
        let leaf = Certificate::from_der(&blocks[0].der).unwrap();
        let ids: Vec<SpiffeId> = leaf.uris().map(|uri| uri.parse().unwrap()).collect();
        assert_eq!(ids.iter().map(SpiffeId::as_str).collect::<Vec<_>>(), [made["id"].as_str().unwrap()], "{name}");
        let bundle = bundle::read(made["written"].as_str().unwrap().as_bytes()).unwrap().bundles.remove(0).bundle;
        let is_signed: Vec<bool> = bundle.authorities().iter().map(|authority| leaf.is_signed_by(authority)).collect();
        // Keys on P-521 are no keys for Envoy, so their signatures are not verified here.
        let wanted: Vec<bool> = (0..is_signed.len()).map(|index| index == 0 && !name.contains("P-521")).collect();
        assert_eq!(is_signed, wanted, "{name}");
        let key = PrivateKey::from_pem(made["key"].as_str().unwrap(), None);
        match key {
            Ok(key) => assert_eq!(&key.public_key().unwrap(), leaf.public_key(), "{name}"),
            Err(error) => assert!(name.contains("P-521"), "{name}: {error}"),
        }
    }
}
