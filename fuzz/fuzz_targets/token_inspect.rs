//! Any bytes as what a person pastes, as a token to inspect, and as header and claims that are really signed. Every answer can be drawn;
//! nobody passes without the secret; what the strict verifier accepts, the proxy accepts, too.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use meshsec::jose::Algorithm;
use meshsec::jose::ExactJson;
use meshsec::jose::Inspection;
use meshsec::jose::Jwks;
use meshsec::jose::PastedToken;
use meshsec::jose::Rules;
use meshsec::jose::SigningKey;
use meshsec::jose::UnverifiedToken;
use meshsec::jose::VerificationKeys;
use meshsec::jose::parse_object;
use meshsec::render::Style;
use meshsec::render::token_inspection_json;
use meshsec::render::token_inspection_text;
use meshsec_fuzz::choices::Choices;

const SECRET: &[u8] = b"a secret of thirty-two bytes ....and more than sixty-four bytes of it";
const NOW: i64 = 1_700_000_000;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_secret(SECRET).expect("a secret"));
static KEYS: LazyLock<VerificationKeys> = LazyLock::new(|| VerificationKeys::of_keys([KEY.jwk().clone()]));
static ENVOY_KEYS: LazyLock<Jwks> = LazyLock::new(|| {
    let set = format!("{{\"keys\":[{}]}}", KEY.jwk().private_text().as_str());
    Jwks::parse(&set).expect("a key set")
});

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices::new(data);
    match choices.below(3) {
        0 => pasted(choices.rest()),
        1 => {
            let cut = choices.below(64);
            let (header, payload) = choices.rest().split_at_checked(cut).unwrap_or((choices.rest(), &[]));
            let token = format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
            inspected(&token);
        }
        _ => signed(choices.rest()),
    }
});

fn rules() -> Rules {
    Rules { accepts_any_audience: true, accepts_without_expiry: true, leeway: SignedDuration::from_secs(60), ..Rules::default() }
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).expect("a time")
}

fn pasted(data: &[u8]) {
    let Ok(pasted) = PastedToken::from_bytes(data) else { return };
    assert_eq!(pasted.text, pasted.text.trim());
    inspected(&pasted.text);
}

fn inspected(text: &str) {
    let verification = KEYS.verify(text, &rules(), now());
    assert!(!verification.is_verified(), "a token without the secret is verified");
    for refusal in &verification.refusals {
        let diagnosis = refusal.diagnosis();
        assert!(!diagnosis.message.is_empty() && !diagnosis.field.is_empty());
    }
    let Ok(inspection) = Inspection::of(text, now()) else { return };
    let mut out = Vec::new();
    token_inspection_text(&mut out, &inspection, &[], Style::plain()).expect("memory");
    assert!(!out.iter().any(|byte| *byte == 0x1b), "an escape code reaches the terminal");
    let mut out = Vec::new();
    token_inspection_json(&mut out, &inspection, &[]).expect("memory");
    let document = ExactJson::parse(&out).expect("JSON");
    assert!(document.duplicates.is_empty(), "a name is written twice");
}

/// Claims that are really signed.
fn signed(payload: &[u8]) {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(payload));
    let signature = KEY.sign(Algorithm::Hs256, text.as_bytes()).expect("a signature");
    let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature));
    let strict = KEYS.verify(&token, &rules(), now());
    if !strict.is_verified() {
        return;
    }
    // A number beyond every double is JSON, and protobuf does not take it.
    if parse_object(payload).is_err() {
        let document = ExactJson::parse(payload).expect("JSON");
        assert!(has_huge_number(&document.value), "strictly JSON, but not for Envoy");
        return;
    }
    let lenient = UnverifiedToken::parse(&token).expect("what is strictly good is good for Envoy");
    assert_eq!(ENVOY_KEYS.verify(&lenient), Ok(0));
    let seconds = u64::try_from(NOW).expect("a time");
    assert!(lenient.expires_at() == 0 || lenient.expires_at() + 60 >= seconds);
    assert!(lenient.not_before() <= seconds + 60);
}

fn has_huge_number(value: &ExactJson) -> bool {
    match value {
        ExactJson::Number(text) => text.parse::<f64>().is_ok_and(f64::is_infinite),
        ExactJson::Array(elements) => elements.iter().any(has_huge_number),
        ExactJson::Object(members) => members.iter().any(|(_, value)| has_huge_number(value)),
        ExactJson::Null | ExactJson::Bool(_) | ExactJson::String(_) => false,
    }
}
