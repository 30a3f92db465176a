//! Any bytes as a token, as a key set and as a request to authenticate. Nobody passes with claims without the secret.
#![no_main]

use std::sync::Arc;

use aws_lc_rs::hmac;
use libfuzzer_sys::fuzz_target;
use meshsec::diag::Span;
use meshsec::diag::Spanned;
use meshsec::jose::Jwks;
use meshsec::jose::UnverifiedToken;
use meshsec::jose::compact_text;
use meshsec::jose::parse_object;
use meshsec::manifest::kinds::ClaimToHeader;
use meshsec::manifest::kinds::HeaderLocation;
use meshsec::manifest::kinds::JwtRule;
use meshsec::simulate::message::Message;
use meshsec::simulate::request_authentication::AuthenticationOutcome;
use meshsec::simulate::request_authentication::Authenticator;
use meshsec::simulate::request_authentication::KeySource;
use meshsec::simulate::request_authentication::Origin;
use meshsec::simulate::request_authentication::Provider;
use meshsec::simulate::request_authentication::TokenCache;
use meshsec_fuzz::choices::Choices;

const SECRET: &[u8] = b"a secret known to both sides";
/// `SECRET` as the `k` of a JWK.
const ENCODED_SECRET: &str = "YSBzZWNyZXQga25vd24gdG8gYm90aCBzaWRlcw";
/// The evaluation time.
const NOW: u64 = 1_700_000_000;

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices::new(data);
    match choices.below(4) {
        0 => read_token(choices.rest()),
        1 => read_keys(choices.rest()),
        2 => read_json(choices.rest()),
        _ => authenticate(&mut choices),
    }
});

fn read_token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // A second line may hold the keys.
    let (text, keys) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(token) = UnverifiedToken::parse(text) else { return };
    assert!(token.signed_text().ends_with(token.encoded_payload()));
    assert!(token.payload().is_object());
    assert_eq!(UnverifiedToken::parse(text).as_ref(), Ok(&token));
    for keys in [keys, &secret_set("")] {
        let Ok(keys) = Jwks::parse(keys) else { continue };
        let _ = keys.verify(&token);
    }
}

fn read_keys(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(keys) = Jwks::parse(text) {
        assert!(!format!("{keys:?}").contains(ENCODED_SECRET), "a secret is shown");
        for algorithm in ["RS256", "PS512", "ES256", "ES384", "ES512", "HS256", "HS384", "EdDSA"] {
            let token = format!("{}.e30.AAAA", encode(format!(r#"{{"alg":"{algorithm}"}}"#).as_bytes()));
            if let Ok(token) = UnverifiedToken::parse(&token) {
                let is_verified = keys.verify(&token).is_ok();
                assert!(!is_verified, "{algorithm}: three zero bytes sign with {text}");
            }
        }
    }
}

/// What is read and written again means the same.
fn read_json(data: &[u8]) {
    let Ok(object) = parse_object(data) else { return };
    let value = serde_json::Value::Object(object);
    let written = compact_text(&value);
    let again = parse_object(written.as_bytes()).unwrap_or_else(|error| panic!("{written}: {error:?}"));
    assert_eq!(compact_text(&serde_json::Value::Object(again)), written);
}

fn authenticate(choices: &mut Choices<'_>) {
    let which = choices.below(6);
    let authenticator = authenticator(which);
    let mut message = Message {
        method: choices.pick(&["GET", "OPTIONS", "POST"]).to_owned(),
        scheme: choices.pick(&["http", "https"]).to_owned(),
        authority: choices.word(&["h", "h:80", "", "a.example"]),
        path: (!choices.once_in(16)).then(|| choices.word(&["/", "/a?b=c", "*", "/?access_token="])),
        ..Message::default()
    };
    let mut tokens = Vec::new();
    for _ in 0..1 + choices.below(3) {
        let token = token(choices);
        match choices.below(6) {
            0 => message.headers.append("authorization", format!("Bearer {token}")),
            1 => message.headers.append("x-token", format!("Tok {token}")),
            2 => message.headers.append("cookie", format!("a=b; session={token}")),
            3 => message.path = message.path.map(|path| format!("{path}?access_token={token}")),
            4 => message.path = message.path.map(|path| format!("{path}&param={token}&x")),
            _ => message.headers.append("authorization", format!("{}{token}{}", choices.free_text(), choices.free_text())),
        }
        tokens.push(token);
    }
    for _ in 0..choices.below(3) {
        let name = choices.pick(&["origin", "access-control-request-method", "x-payload", "x-claim", "cookie", "authorization"]);
        message.headers.append(name, choices.free_text());
    }
    let mut cache = TokenCache::default();
    let mut first = message.clone();
    let outcome = authenticator.authenticate(&mut first, NOW, &mut cache);
    let mut trace = Vec::new();
    for is_explained in [false, true] {
        let mut again = message.clone();
        let same = if is_explained {
            authenticator.explain(&mut again, NOW, &mut cache, &mut trace)
        } else {
            authenticator.authenticate(&mut again, NOW, &mut cache)
        };
        assert_eq!((&same, &again), (&outcome, &first), "explained: {is_explained}");
    }
    match &outcome {
        AuthenticationOutcome::Passed { claims: Some(_), .. } => {
            assert!(tokens.iter().any(|token| is_signed(token)), "passed without a good signature: {message:?}");
        }
        AuthenticationOutcome::Undetermined { .. } => assert!(which >= 4, "all keys are known"),
        AuthenticationOutcome::Passed { claims: None, .. } | AuthenticationOutcome::Rejected { .. } => {}
    }
}

/// A token; mostly signed with the secret.
fn token(choices: &mut Choices<'_>) -> String {
    let header = match choices.below(6) {
        0..4 => r#"{"alg":"HS256"}"#.to_owned(),
        4 => r#"{"alg":"HS256","kid":"k1"}"#.to_owned(),
        _ => format!(r#"{{"alg":"{}"}}"#, choices.free_text()),
    };
    let mut payload = String::from("{");
    let claims = [
        ("iss", [r#""a""#, r#""b""#, r#""u""#, "1"]),
        ("sub", [r#""s""#, r#""""#, "null", r#""x/y""#]),
        ("exp", ["1699999950", "1699999939", "1e300", "-1"]),
        ("nbf", ["1700000060", "1700000061", "0.5", r#""1""#]),
        ("aud", [r#""x""#, r#"["x","http://y/"]"#, "[]", "[1]"]),
        ("scope", [r#""r w""#, r#"" r  w ""#, r#"["r w"]"#, "{}"]),
        ("n", [r#"{"g":{"h":"v"}}"#, r#"{"g":[1,"v"]}"#, "[[[]]]", "true"]),
    ];
    for (name, values) in claims {
        if choices.below(4) < 2 {
            let value = if choices.once_in(12) { choices.free_text() } else { choices.pick(&values).to_owned() };
            payload.push_str(&format!(r#""{name}":{value},"#));
        }
    }
    payload.push_str(r#""z":0}"#);
    if choices.once_in(16) {
        payload.push_str(&choices.free_text());
    }
    let text = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
    let mut signature = sign(text.as_bytes());
    if choices.once_in(6) {
        signature.truncate(choices.below(32));
    }
    let token = format!("{text}.{}", encode(&signature));
    if choices.once_in(16) { format!("{token}{}", choices.free_text()) } else { token }
}

/// Whether some token read from the text has a signature made with the secret, by another way than the one under test.
fn is_signed(text: &str) -> bool {
    // A token may be followed by what ends it in its place.
    (0..=text.len()).filter(|end| text.is_char_boundary(*end)).any(|end| {
        UnverifiedToken::parse(&text[..end]).is_ok_and(|token| sign(token.signed_text().as_bytes()) == token.signature())
    })
}

fn sign(text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET), text).as_ref().to_vec()
}

fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let value = (0..3).fold(0_usize, |value, at| value << 8 | usize::from(group.get(at).copied().unwrap_or_default()));
        for digit in 0..=group.len() {
            text.push(char::from(DIGITS[value >> (18 - 6 * digit) & 63]));
        }
    }
    text
}

fn secret_set(more: &str) -> String {
    format!(r#"{{"keys":[{{{more}"kty":"oct","k":"{ENCODED_SECRET}"}}]}}"#)
}

fn text(value: &str) -> Spanned<String> {
    Spanned::new(value.to_owned(), Span::default())
}

/// One of the fixed sets of providers. From 4 on some keys are not known.
fn authenticator(which: usize) -> Authenticator {
    let keys = |more: &str| KeySource::Keys(Arc::new(Jwks::parse(&secret_set(more)).expect("a good key set")));
    let a = JwtRule {
        issuer: text("a"),
        audiences: vec![text("x"), text("https://y")],
        output_payload_to_header: Some(text("X-Payload")),
        ..JwtRule::default()
    };
    let b = JwtRule {
        issuer: text("b"),
        from_headers: vec![
            HeaderLocation { name: text("x-token"), prefix: "Tok ".to_owned() },
            HeaderLocation { name: text("Authorization"), prefix: "Bearer ".to_owned() },
        ],
        from_params: vec![text("param"), text("access_token")],
        from_cookies: vec![text("session")],
        forward_original_token: true,
        output_claim_to_headers: vec![
            ClaimToHeader { header: text("x-claim"), claim: text("n.g.h") },
            ClaimToHeader { header: text("x-sub"), claim: text("sub") },
        ],
        space_delimited_claims: vec![text("n"), text("sub")],
        ..JwtRule::default()
    };
    let any = JwtRule { from_cookies: vec![text("session")], from_params: vec![text("param")], ..JwtRule::default() };
    let unknown = JwtRule { issuer: text("u"), ..JwtRule::default() };
    let rules = match which {
        0 => vec![(a, keys(r#""kid":"k1","#))],
        1 => vec![(b, keys(""))],
        2 => vec![(a, keys("")), (b, keys(r#""alg":"HS256","#))],
        3 => vec![(b, KeySource::Unreachable), (a, KeySource::FetchFailed), (any, keys(""))],
        4 => vec![(unknown, KeySource::Unknown("u".to_owned()))],
        _ => vec![
            (a, keys("")),
            (unknown, KeySource::Unknown("u".to_owned())),
            (b, KeySource::Unknown("b".to_owned())),
            (any, keys("")),
        ],
    };
    let provider = |(policy, (rule, keys)): (usize, (JwtRule, KeySource))| Provider::new(&rule, keys, Origin { policy, rule: 0 });
    Authenticator::new(rules.into_iter().enumerate().map(provider).collect()).expect("usable providers")
}
