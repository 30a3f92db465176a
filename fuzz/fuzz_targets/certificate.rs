//! Any bytes as certificates, revocation lists and requests, and a good chain with bytes changed. Nobody is trusted under a bundle whose key
//! did not sign what he says.
#![no_main]

use std::sync::LazyLock;

use jiff::SignedDuration;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use meshsec::pki::AuthorityProfile;
use meshsec::pki::Certificate;
use meshsec::pki::CertificateRequest;
use meshsec::pki::Crl;
use meshsec::pki::Lifetime;
use meshsec::pki::PemReader;
use meshsec::pki::PrivateKey;
use meshsec::pki::SerialNumber;
use meshsec::pki::Signer;
use meshsec::pki::SvidProfile;
use meshsec::pki::svid;
use meshsec::pki::verify::Question;
use meshsec::pki::verify::RevocationScope;
use meshsec::pki::verify::TlsRole;
use meshsec::pki::verify::TrustBundles;
use meshsec::pki::verify::verify;
use meshsec_fuzz::choices::Choices;

const ID: &str = "spiffe://td/ns/a/sa/b";

/// A root that signs the same bytes each time, and a leaf under it.
struct World {
    root: Certificate,
    leaf: Certificate,
    crl: Crl,
    at: Timestamp,
    bundles: TrustBundles,
}

/// An Ed25519 key of fixed bytes in PKCS#8.
fn key(seed: u8) -> PrivateKey {
    let head = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    PrivateKey::from_pkcs8(&[&head[..], &[seed; 32]].concat()).expect("a key")
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let at = Timestamp::from_second(1_800_000_000).expect("a time");
    let lifetime = Lifetime::of(at - SignedDuration::from_hours(1), SignedDuration::from_hours(24));
    let root = AuthorityProfile {
        trust_domain: "td".parse().expect("a trust domain"),
        common_name: "root".to_owned(),
        serial: SerialNumber::from_be_bytes(&[1; 16]),
        lifetime,
        path_length: Some(1),
        is_constrained: true,
    };
    let signer = Signer::self_signed(&root, key(1)).expect("a root");
    let profile = SvidProfile {
        spiffe_id: ID.parse().expect("an identity"),
        dns_names: vec!["b.a".to_owned()],
        addresses: vec!["10.0.0.1".parse().expect("an address")],
        serial: SerialNumber::from_be_bytes(&[2; 16]),
        lifetime,
    };
    let leaf = signer.sign_svid(&profile, &key(2).public_key().expect("a public key")).expect("a leaf");
    let crl = signer.sign_crl(1, at - SignedDuration::from_hours(1), at + SignedDuration::from_hours(1), &[]).expect("a list");
    let root = signer.certificate().clone();
    let bundles = TrustBundles::from([("td".parse().expect("a trust domain"), vec![root.clone()])]);
    World { root, leaf, crl, at, bundles }
});

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices::new(data);
    match choices.below(5) {
        0 => read_certificate(choices.rest()),
        1 => read_list(choices.rest()),
        2 => read_request(choices.rest()),
        3 => change_chain(&mut choices),
        _ => read_pem(choices.rest()),
    }
});

fn read_certificate(data: &[u8]) {
    let Ok(certificate) = Certificate::from_der(data) else { return };
    assert_eq!(certificate.der(), data);
    let pem = certificate.pem();
    let blocks: Vec<_> = PemReader::new(pem.as_bytes()).collect();
    assert!(blocks.len() == 1 && *blocks[0].der == data, "what is written is read again");
    ask(&[certificate.clone()], &[]);
    ask(&[WORLD.leaf.clone(), certificate.clone()], &[]);
    ask(&[certificate, WORLD.root.clone()], &[]);
}

fn read_list(data: &[u8]) {
    let Ok(list) = Crl::from_der(data) else { return };
    assert_eq!(list.der(), data);
    let is_known = *data == *WORLD.crl.der();
    assert!(is_known || !list.is_signed_by(&WORLD.root) || list.entries().is_empty(), "a list that the root never signed");
    ask(&[WORLD.leaf.clone()], &[list]);
}

fn read_request(data: &[u8]) {
    if let Ok(request) = CertificateRequest::read(data) {
        let again = CertificateRequest::from_der(request.der()).expect("what was read");
        assert_eq!(again.der(), request.der());
    }
}

fn read_pem(data: &[u8]) {
    let mut last = 0;
    for block in PemReader::new(data) {
        assert!(block.offset >= last && block.end > block.offset && block.end <= data.len(), "blocks follow each other");
        last = block.end;
    }
}

/// A good chain of which some bytes are others.
fn change_chain(choices: &mut Choices<'_>) {
    let mut bytes = if choices.once_in(3) { WORLD.root.der().to_vec() } else { WORLD.leaf.der().to_vec() };
    for _ in 0..1 + choices.below(4) {
        let at = (usize::from(choices.byte()) << 8 | usize::from(choices.byte())) % bytes.len();
        match choices.below(4) {
            0 => drop(bytes.remove(at)),
            1 => bytes.insert(at, choices.byte()),
            _ => bytes[at] = choices.byte(),
        }
        if bytes.is_empty() {
            return;
        }
    }
    let Ok(changed) = Certificate::from_der(&bytes) else { return };
    ask(&[changed.clone()], &[]);
    ask(&[WORLD.leaf.clone(), changed], std::slice::from_ref(&WORLD.crl));
}

/// Puts every question to a chain. Only one identity was ever signed.
fn ask(chain: &[Certificate], crls: &[Crl]) {
    for problem in svid::check_chain(chain, WORLD.at).iter().chain(&svid::check_authorities(chain, true, WORLD.at)) {
        assert!(svid::ALL.contains(&problem.check) && !problem.message.is_empty() && !problem.to_string().is_empty());
    }
    let _ = svid::refused_from_client(chain, WORLD.at);
    for role in [TlsRole::Any, TlsRole::Client] {
        let question = Question {
            chain,
            bundles: &WORLD.bundles,
            crls,
            revocation: RevocationScope::WholePath,
            at: WORLD.at,
            role,
            expected: None,
        };
        if let Ok(verified) = verify(&question) {
            assert_eq!(verified.spiffe_id.as_str(), ID, "an identity that nobody signed");
            assert_eq!(verified.path.last(), Some(&WORLD.root), "a path to somewhere else");
            assert!(crls.is_empty() || verified.looked_up > 0);
        }
        let nobody = TrustBundles::new();
        assert!(verify(&Question { bundles: &nobody, ..question }).is_err(), "trusted by nobody");
    }
}
