//! Every row of the filter's behaviour, asked of the real Envoy (`ENVOY_BIN`) and of `jwt verify --request-auth`: the same tokens are
//! accepted, refused with the same status and message, or not seen.

use std::fs;
use std::io::Write;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use meshsec::jose::Algorithm;
use meshsec::jose::SigningKey;
use meshsec::jose::UNREACHABLE_KEYS;
use serde_json::Value;
use serde_json::json;

use super::envoy_filter::Answer;
use super::envoy_filter::Filter;
use super::envoy_filter::Rule;
use super::envoy_filter::refusal;
use super::key;
use super::meshsec;
use super::public;
use super::signed;

const A: &str = "https://a.example";
const B: &str = "https://b.example";
const C: &str = "https://c.example";

pub(super) fn envoy(test: &str) -> Option<String> {
    let envoy = std::env::var("ENVOY_BIN").ok();
    if envoy.is_none() {
        let line = format!("SKIPPED {test}: ENVOY_BIN does not name an Envoy\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    envoy
}

/// The keys of all tests: K1 and K2 have names and algorithms, K0 and the others have none.
struct Keys {
    k1: SigningKey,
    k2: SigningKey,
    k0: SigningKey,
    ed25519: SigningKey,
    other: SigningKey,
}

fn without(jwk: &Value, names: &[&str]) -> Value {
    let mut members = jwk.as_object().unwrap().clone();
    for name in names {
        members.shift_remove(*name);
    }
    Value::Object(members)
}

fn with(jwk: &Value, name: &str, value: &str) -> Value {
    let mut jwk = jwk.clone();
    jwk[name] = value.into();
    jwk
}

fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// One question.
struct Case {
    name: &'static str,
    policy: usize,
    path: String,
    headers: Vec<(&'static str, String)>,
}

/// Policies and questions about them.
#[derive(Default)]
struct Table {
    policies: Vec<Vec<Rule>>,
    cases: Vec<Case>,
}

impl Table {
    fn policy(&mut self, rules: &[Rule]) -> usize {
        self.policies.push(rules.to_vec());
        self.policies.len() - 1
    }

    fn header(&mut self, policy: usize, name: &'static str, header: &'static str, value: impl Into<String>) {
        self.cases.push(Case { name, policy, path: "/".to_owned(), headers: vec![(header, value.into())] });
    }

    fn bearer(&mut self, policy: usize, name: &'static str, token: &str) {
        self.header(policy, name, "authorization", format!("Bearer {token}"));
    }

    fn request(&mut self, policy: usize, name: &'static str, path: impl Into<String>, headers: Vec<(&'static str, String)>) {
        self.cases.push(Case { name, policy, path: path.into(), headers });
    }
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn envoy_and_verify_answer_the_same() {
    let Some(envoy) = envoy("envoy_and_verify_answer_the_same") else { return };
    let keys = Keys {
        k1: key(Algorithm::Rs256, "k1"),
        k2: key(Algorithm::Es256, "k2"),
        k0: key(Algorithm::Rs256, "k0"),
        ed25519: key(Algorithm::EdDsa, "ed"),
        other: key(Algorithm::Rs256, "k1"),
    };
    let k1 = with(&public(&keys.k1), "alg", "RS256");
    let k2 = with(&public(&keys.k2), "alg", "ES256");
    let k0 = without(&public(&keys.k0), &["kid", "alg"]);
    let ed = without(&public(&keys.ed25519), &["kid", "alg"]);
    let now = now();
    let claims = |issuer: &str, more: &str| format!(r#"{{"iss":"{issuer}","sub":"alice"{more}}}"#);
    let tok = |payload: &str| signed(&keys.k1, Algorithm::Rs256, r#"{"alg":"RS256","kid":"k1"}"#, payload);
    let tok_a = |more: &str| tok(&claims(A, more));
    let tok_b = |more: &str| signed(&keys.k2, Algorithm::Es256, r#"{"alg":"ES256","kid":"k2"}"#, &claims(B, more));
    let tok_with_header = |header: &str| signed(&keys.k1, Algorithm::Rs256, header, &claims(A, ""));
    let rule = |issuer: &str, jwks: String, more: Value| {
        let mut rule = json!({"issuer": issuer, "jwks": jwks});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    let mut table = Table::default();

    // Times and claims.
    let one = table.policy(&[rule(A, set(std::slice::from_ref(&k1)), json!({}))]);
    table.request(one, "no token", "/", vec![]);
    table.bearer(one, "good", &tok_a(""));
    for (name, more) in [
        ("expired beyond the skew", format!(",\"exp\":{}", now - 66)),
        ("expired within the skew", format!(",\"exp\":{}", now - 30)),
        ("exp 0", ",\"exp\":0".to_owned()),
        ("exp is text", ",\"exp\":\"9999999999\"".to_owned()),
        ("exp is null", ",\"exp\":null".to_owned()),
        ("exp is true", ",\"exp\":true".to_owned()),
        ("exp negative", ",\"exp\":-1".to_owned()),
        ("exp negative fraction", ",\"exp\":-0.5".to_owned()),
        ("exp huge", ",\"exp\":18446744073709551616".to_owned()),
        ("exp beyond doubles", ",\"exp\":1e400".to_owned()),
        ("exp just below 2^64", ",\"exp\":18446744073709549568".to_owned()),
        ("exp fraction", format!(",\"exp\":{}.9", now + 100)),
        ("exp in exponent form", ",\"exp\":4.1e9".to_owned()),
        ("exp in milliseconds", format!(",\"exp\":{}000", now - 9999)),
        ("nbf beyond the skew", format!(",\"nbf\":{}", now + 120)),
        ("nbf within the skew", format!(",\"nbf\":{}", now + 30)),
        ("nbf is text", ",\"nbf\":\"1\"".to_owned()),
        ("iat in the future", format!(",\"iat\":{}", now + 86_400)),
        ("iat negative", ",\"iat\":-1".to_owned()),
        ("jti is a number", ",\"jti\":7".to_owned()),
        ("two errors: iat and exp", ",\"exp\":\"x\",\"iat\":\"x\"".to_owned()),
        ("member twice", ",\"sub\":\"bob\"".to_owned()),
        ("member twice, nested", ",\"o\":{\"a\":1,\"a\":2}".to_owned()),
        ("lone surrogate", ",\"n\":\"\\ud800\"".to_owned()),
        ("large integer", ",\"n\":9007199254740993".to_owned()),
        ("aud is ignored", ",\"aud\":\"anything\"".to_owned()),
        ("aud is a number", ",\"aud\":5".to_owned()),
        ("aud holds a number", ",\"aud\":[\"a\",5]".to_owned()),
        ("aud is an empty list", ",\"aud\":[]".to_owned()),
        ("99 levels", format!(",\"n\":{}1{}", "[".repeat(99), "]".repeat(99))),
        ("100 levels", format!(",\"n\":{}1{}", "[".repeat(100), "]".repeat(100))),
    ] {
        table.bearer(one, name, &tok_a(&more));
    }
    for (name, payload) in [
        ("other issuer", claims(C, "")),
        ("issuer with a slash", claims(&format!("{A}/"), "")),
        ("issuer of another case", claims(&A.to_uppercase(), "")),
        ("no issuer", "{\"sub\":\"alice\"}".to_owned()),
        ("issuer is a number", "{\"iss\":7}".to_owned()),
        ("sub is a number", format!("{{\"iss\":\"{A}\",\"sub\":7}}")),
        ("no sub", format!("{{\"iss\":\"{A}\"}}")),
        ("single quotes", format!("{{'iss':'{A}',}}")),
        ("names without quotes", format!("{{iss:\"{A}\"}}")),
        ("comment", format!("{{\"iss\":\"{A}\" /* x */}}")),
        ("byte order mark", format!("\u{feff}{{\"iss\":\"{A}\"}}")),
        ("NaN", format!("{{\"iss\":\"{A}\",\"n\":NaN}}")),
        ("text after the object", format!("{{\"iss\":\"{A}\"}} x")),
        ("a list", "[]".to_owned()),
        ("text", "\"x\"".to_owned()),
        ("nothing but spaces", "  ".to_owned()),
    ] {
        table.bearer(one, name, &tok(&payload));
    }
    table.bearer(one, "payload is not UTF-8", &{
        let text = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#),
            URL_SAFE_NO_PAD.encode([&b"{\"iss\":\""[..], &[0xff], b"\"}"].concat())
        );
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(keys.k1.sign(Algorithm::Rs256, text.as_bytes()).unwrap()))
    });

    // Headers, keys and signatures.
    for (name, header) in [
        ("kid of no key", r#"{"alg":"RS256","kid":"zzz"}"#),
        ("kid of another case", r#"{"alg":"RS256","kid":"K1"}"#),
        ("no kid", r#"{"alg":"RS256"}"#),
        ("empty kid", r#"{"alg":"RS256","kid":""}"#),
        ("kid is a number", r#"{"alg":"RS256","kid":5}"#),
        ("kid is null", r#"{"alg":"RS256","kid":null}"#),
        ("no alg", r#"{"kid":"k1"}"#),
        ("alg is a number", r#"{"alg":5,"kid":"k1"}"#),
        ("alg lower case", r#"{"alg":"rs256","kid":"k1"}"#),
        ("alg none with a signature", r#"{"alg":"none","kid":"k1"}"#),
        ("alg twice", r#"{"alg":"RS256","alg":"RS256","kid":"k1"}"#),
        ("ES256K", r#"{"alg":"ES256K","kid":"k1"}"#),
        ("Ed25519", r#"{"alg":"Ed25519","kid":"k1"}"#),
        ("crit", r#"{"alg":"RS256","kid":"k1","crit":["x"]}"#),
        ("crit registered", r#"{"alg":"RS256","kid":"k1","crit":["kid"]}"#),
        ("b64", r#"{"alg":"RS256","kid":"k1","b64":false}"#),
        ("typ", r#"{"alg":"RS256","kid":"k1","typ":"at+jwt"}"#),
        ("zip", r#"{"alg":"RS256","kid":"k1","zip":"DEF"}"#),
        ("header in single quotes", "{'alg':'RS256','kid':'k1'}"),
    ] {
        table.bearer(one, name, &tok_with_header(header));
    }
    table.bearer(
        one,
        "RS512 against a key for RS256",
        &signed(&keys.k1, Algorithm::Rs512, r#"{"alg":"RS512","kid":"k1"}"#, &claims(A, "")),
    );
    table.bearer(
        one,
        "other key of the same kid",
        &signed(&keys.other, Algorithm::Rs256, r#"{"alg":"RS256","kid":"k1"}"#, &claims(A, "")),
    );
    let good = tok_a("");
    let pieces: Vec<&str> = good.split('.').collect();
    let (h, p, s) = (pieces[0], pieces[1], pieces[2]);
    for (name, text) in [
        ("unsigned: alg none", "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.".to_owned()),
        ("garbage", "abc".to_owned()),
        ("two pieces", format!("{h}.{p}")),
        ("four pieces", format!("{h}.{p}.{s}.x")),
        ("five pieces", format!("{h}.{p}.{s}.x.y")),
        ("empty piece inside", format!("{h}..{p}.{s}")),
        ("dot in front", format!(".{good}")),
        ("dot at the end", format!("{good}.")),
        ("signature empty", format!("{h}.{p}.")),
        ("signature padded", format!("{good}==")),
        ("signature padded wrongly", format!("{good}===")),
        ("header padded", format!("{h}=.{p}.{s}")),
        ("plus in the header", format!("+{h}.{p}.{s}")),
        ("plus in the payload", format!("{h}.+{p}.{s}")),
        ("plus in the signature", format!("{h}.{p}.+{s}")),
        ("space inside", format!("{h}.{p}. {s}")),
        ("signature cut", format!("{h}.{p}.{}", cut(s, 6))),
        ("comma behind", format!("{good},x")),
        ("spare bits", format!("{h}.{p}.{}", spare_bits(s))),
    ] {
        table.bearer(one, name, &text);
    }

    // Prefixes and places.
    for (name, value) in [
        ("basic", "Basic dXNlcg==".to_owned()),
        ("lower case prefix", format!("bearer {good}")),
        ("prefix alone", "Bearer".to_owned()),
        ("prefix inside", format!("X Bearer {good}")),
        ("plus behind the prefix", format!("Bearer +{good}")),
        ("two spaces", format!("Bearer   {good}")),
        ("prefix twice", format!("Bearer Bearer {good}")),
        ("no prefix", good.clone()),
    ] {
        table.header(one, name, "authorization", value);
    }
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    table.request(one, "parameter", format!("/?access_token={good}"), vec![]);
    table.request(one, "parameter among others", format!("/x?a=1&access_token={good}&z=%2F"), vec![]);
    table.request(one, "empty parameter", "/?access_token=", vec![]);
    table.request(one, "parameter without value", "/?access_token", vec![]);
    table.request(one, "encoded parameter", format!("/?access_token={}", good.replace('.', "%2E")), vec![]);
    table.request(one, "two parameters", format!("/?access_token={good}&access_token=x"), vec![]);
    table.request(one, "header and parameter", format!("/?access_token={good}"), vec![bearer(&good)]);
    table.request(one, "header and garbage parameter", "/?access_token=garbage", vec![bearer(&good)]);
    table.request(one, "garbage header and parameter", format!("/?access_token={good}"), vec![bearer("garbage")]);
    table.request(one, "two authorization headers", "/", vec![bearer(&good), bearer(&good)]);
    table.request(one, "token in another header", "/", vec![("x-jwt", good.clone())]);

    let place = |more: Value| rule(A, set(std::slice::from_ref(&k1)), more);
    let x_jwt = table.policy(&[place(json!({"fromHeaders": [{"name": "x-jwt"}]}))]);
    table.header(x_jwt, "named header", "x-jwt", good.clone());
    table.header(x_jwt, "named header, default place", "authorization", format!("Bearer {good}"));
    table.header(x_jwt, "named header with Bearer", "x-jwt", format!("Bearer {good}"));
    table.header(x_jwt, "named header empty", "x-jwt", "");
    table.header(x_jwt, "named header of another case", "X-JWT", good.clone());
    table.request(x_jwt, "named header twice", "/", vec![("x-jwt", good.clone()), ("x-jwt", "garbage".to_owned())]);
    table.request(x_jwt, "named header, default parameter", format!("/?access_token={good}"), vec![]);
    let prefixed = table.policy(&[place(json!({"fromHeaders": [{"name": "x-jwt", "prefix": "Value "}]}))]);
    table.header(prefixed, "own prefix", "x-jwt", format!("Value {good}"));
    table.header(prefixed, "own prefix missing", "x-jwt", good.clone());
    let params = table.policy(&[place(json!({"fromParams": ["t1", "t2"]}))]);
    table.request(params, "named parameter", format!("/?t1={good}"), vec![]);
    table.request(
        params,
        "two named parameters",
        format!("/?t1={good}&t2={}", tok_a(&format!(",\"exp\":{}", now - 999))),
        vec![],
    );
    table.request(params, "default parameter", "/?access_token=garbage", vec![]);
    let cookies = table.policy(&[place(json!({"fromCookies": ["s"]}))]);
    table.header(cookies, "cookie", "cookie", format!("a=b; s={good}"));
    table.header(cookies, "quoted cookie", "cookie", format!("s=\"{good}\""));
    table.header(cookies, "no cookie", "cookie", "a=b");

    // Audiences.
    let api = table.policy(&[place(json!({"audiences": ["api"]}))]);
    for (name, more) in [
        ("no audience", String::new()),
        ("one of several", ",\"aud\":[\"x\",\"api\"]".to_owned()),
        ("with a scheme", ",\"aud\":\"https://api/\"".to_owned()),
        ("two slashes", ",\"aud\":\"api//\"".to_owned()),
        ("upper case scheme", ",\"aud\":\"HTTPS://api\"".to_owned()),
        ("other case", ",\"aud\":\"API\"".to_owned()),
        ("other", ",\"aud\":\"web\"".to_owned()),
        ("expired and other", format!(",\"aud\":\"web\",\"exp\":{}", now - 999)),
    ] {
        table.bearer(api, name, &tok_a(&more));
    }
    let forged = signed(&keys.other, Algorithm::Rs256, r#"{"alg":"RS256","kid":"k1"}"#, &claims(A, ",\"aud\":\"web\""));
    table.bearer(api, "forged and other audience", &forged);
    let url = table.policy(&[place(json!({"audiences": ["https://api/"]}))]);
    table.bearer(url, "configured with a scheme", &tok_a(",\"aud\":\"http://api\""));

    // Key sets.
    let nameless = table.policy(&[rule(A, set(std::slice::from_ref(&k0)), json!({}))]);
    let by_k0 = |algorithm: Algorithm, header: &str| signed(&keys.k0, algorithm, header, &claims(A, ""));
    table.bearer(nameless, "any kid", &by_k0(Algorithm::Rs512, r#"{"alg":"RS512","kid":"zzz"}"#));
    table.bearer(nameless, "PS384", &by_k0(Algorithm::Ps384, r#"{"alg":"PS384"}"#));
    table.bearer(nameless, "RS256 in the header of a PS256 signature", &by_k0(Algorithm::Ps256, r#"{"alg":"RS256"}"#));
    let hs256 = SigningKey::from_secret(k0.to_string().as_bytes()).unwrap();
    table.bearer(nameless, "HS256 with the public key", &signed(&hs256, Algorithm::Hs256, r#"{"alg":"HS256"}"#, &claims(A, "")));
    let mixed = table.policy(&[rule(A, set(&[ed.clone(), k0.clone()]), json!({}))]);
    table.bearer(mixed, "Ed25519 first", &by_k0(Algorithm::Rs256, r#"{"alg":"RS256"}"#));
    table.bearer(mixed, "Ed25519 itself", &signed(&keys.ed25519, Algorithm::EdDsa, r#"{"alg":"EdDSA"}"#, &claims(A, "")));
    let ordered = table.policy(&[rule(A, set(&[k0.clone(), ed.clone()]), json!({}))]);
    table.bearer(ordered, "Ed25519 last", &by_k0(Algorithm::Rs256, r#"{"alg":"RS256"}"#));
    let odd = table.policy(&[rule(
        A,
        set(&[json!({"kty": "XYZ"}), with(&public(&keys.other), "kid", "k1"), with(&k1, "use", "enc")]),
        json!({}),
    )]);
    table.bearer(odd, "skipped key, two of one kid, use enc", &tok_a(""));
    let ec = table.policy(&[rule(A, set(&[without(&public(&keys.k2), &["alg", "kid"])]), json!({}))]);
    for (name, alg) in [
        ("EC key, RS256 in the header", "RS256"),
        ("EC key, HS256 in the header", "HS256"),
        ("EC key, EdDSA in the header", "EdDSA"),
        ("EC key, ES384 in the header", "ES384"),
    ] {
        table.bearer(ec, name, &signed(&keys.k2, Algorithm::Es256, &format!(r#"{{"alg":"{alg}"}}"#), &claims(A, "")));
    }
    let es256 = signed(&keys.k2, Algorithm::Es256, r#"{"alg":"ES256"}"#, &claims(A, ""));
    table.bearer(ec, "ECDSA signature and one byte", &format!("{es256}AA"));
    table.bearer(ec, "ECDSA signature cut", cut(&es256, 3));
    let fake = table.policy(&[rule(A, UNREACHABLE_KEYS.to_owned(), json!({}))]);
    table.request(fake, "keys unreachable, no token", "/", vec![]);
    table.bearer(fake, "keys unreachable, RS256", &tok_a(""));
    table.bearer(fake, "keys unreachable, ES256", &es256);
    table.bearer(fake, "keys unreachable, other issuer", &tok(&claims(C, "")));
    table.bearer(fake, "keys unreachable, expired", &tok_a(&format!(",\"exp\":{}", now - 999)));
    let any_issuer = table.policy(&[rule("", set(std::slice::from_ref(&k1)), json!({"jwksUri": "https://unused.example"}))]);
    table.bearer(any_issuer, "rule without issuer", &tok(&claims("anything", "")));
    table.bearer(any_issuer, "rule and token without issuer", &tok("{}"));

    // Several rules.
    let both =
        |more: Value| [rule(A, set(std::slice::from_ref(&k1)), more.clone()), rule(B, set(std::slice::from_ref(&k2)), more)];
    let two = table.policy(&both(json!({})));
    let expired = format!(",\"exp\":{}", now - 999);
    table.bearer(two, "first of two", &tok_a(""));
    table.bearer(two, "second of two", &tok_b(""));
    table.bearer(two, "neither", &tok(&claims(C, "")));
    table.bearer(two, "first expired", &tok_a(&expired));
    table.bearer(two, "second expired", &tok_b(&expired));
    table.bearer(two, "garbage to two", "garbage");
    table.request(two, "one each", format!("/?access_token={}", tok_b("")), vec![bearer(&good)]);
    table.request(two, "one each, the other way", format!("/?access_token={good}"), vec![bearer(&tok_b(""))]);
    let kept = table.policy(&both(json!({"forwardOriginalToken": true})));
    table.request(kept, "one each, forwarded", format!("/?access_token={}", tok_b("")), vec![bearer(&good)]);
    let own = |issuer: &str, key: &Value, header: &str, audiences: Value| {
        rule(issuer, set(std::slice::from_ref(key)), json!({"fromHeaders": [{"name": header}], "audiences": audiences}))
    };
    let apart = table.policy(&[own(A, &k1, "x-a", json!([])), own(B, &k2, "x-b", json!([]))]);
    let x = |a: &str, b: &str| vec![("x-a", a.to_owned()), ("x-b", b.to_owned())];
    table.request(apart, "each its own", "/", x(&good, &tok_b("")));
    table.request(apart, "first garbage", "/", x("garbage", &tok_b("")));
    table.request(apart, "second garbage", "/", x(&good, "garbage"));
    table.header(apart, "only garbage", "x-a", "garbage");
    table.header(apart, "only expired", "x-b", tok_b(&expired));
    table.header(apart, "at the wrong place", "x-a", tok_b(""));
    let strict_a = table.policy(&[own(A, &k1, "x-a", json!(["api"])), own(B, &k2, "x-b", json!([]))]);
    table.request(strict_a, "audience and expired", "/", x(&tok_a(",\"aud\":\"web\""), &tok_b(&expired)));
    let strict_b = table.policy(&[own(A, &k1, "x-a", json!([])), own(B, &k2, "x-b", json!(["api"]))]);
    table.request(strict_b, "expired and audience", "/", x(&tok_a(&expired), &tok_b(",\"aud\":\"web\"")));
    let same = table.policy(&[place(json!({"audiences": ["x"]})), place(json!({"audiences": ["y"]}))]);
    table.bearer(same, "two rules of one issuer", &tok_a(",\"aud\":\"y\""));

    let folder = tempfile::tempdir().unwrap();
    let filter = Filter::start(&envoy, folder.path(), &table.policies, None);
    let mut wrong = Vec::new();
    for case in &table.cases {
        let file = format!("policy-{}.yaml", case.policy);
        let policy = json!({
            "apiVersion": "security.istio.io/v1",
            "kind": "RequestAuthentication",
            "metadata": {"name": "jwt", "namespace": "shop"},
            "spec": {"jwtRules": table.policies[case.policy]},
        });
        fs::write(folder.path().join(&file), policy.to_string()).unwrap();
        let real = filter.ask(case.policy, &case.path, &case.headers);
        let headers: Vec<String> = case.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let mut arguments =
            vec!["jwt", "verify", "-o", "json", "--assume-admitted", "--request-auth", &file, "--path", &case.path];
        for header in &headers {
            arguments.extend(["-H", header.as_str()]);
        }
        let (code, out, error) = meshsec(folder.path(), &arguments);
        // Our answer repeats the claim, and the reader here knows no number as large.
        let Ok(verdict) = serde_json::from_str::<Value>(&out.replace("1e400", "0")) else {
            wrong.push(format!("{}: no answer: {error}", case.name));
            continue;
        };
        if let Some(difference) = difference(&real, &verdict, code) {
            wrong.push(format!("{}: {difference}\n    Envoy: {real:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.cases.len(), wrong.join("\n"));
    assert!(table.cases.len() > 140, "{}", table.cases.len());
}

/// Without so many characters at the end.
fn cut(text: &str, count: usize) -> &str {
    text.split_at(text.len() - count).0
}

/// A signature whose last character has spare bits set.
fn spare_bits(signature: &str) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = alphabet.chars().position(|character| signature.ends_with(character)).unwrap();
    format!("{}{}", cut(signature, 1), alphabet.chars().nth(last + 1).unwrap())
}

/// Where our answer is another.
fn difference(real: &Answer, verdict: &Value, code: i32) -> Option<String> {
    let answer = &verdict["envoy"];
    let expected = match (real.status, &real.claims) {
        (200, Some(_)) => ("verified", 0),
        (200, None) => ("no-token", 1),
        _ => ("refused", 1),
    };
    if (answer["outcome"].as_str(), code) != (Some(expected.0), expected.1) {
        return Some(format!("we say {} with exit code {code}", answer["outcome"]));
    }
    if expected.0 == "refused" {
        let ours = (answer["httpStatus"].as_u64(), answer["message"].as_str(), answer["wwwAuthenticate"].as_str());
        if ours != (Some(u64::from(real.status)), Some(real.body.as_str()), real.challenge.as_deref()) {
            return Some(format!("we say {ours:?}"));
        }
        let cause = &verdict["cause"];
        if ["cause", "field", "wanted", "seen", "message", "fix"]
            .iter()
            .any(|name| cause[name].as_str().is_none_or(str::is_empty))
        {
            return Some(format!("the doctor is silent: {cause}"));
        }
    }
    None
}

#[test]
fn key_sets_that_envoy_refuses_are_refused() {
    let Some(envoy) = envoy("key_sets_that_envoy_refuses_are_refused") else { return };
    let k1 = key(Algorithm::Rs256, "k1");
    let folder = tempfile::tempdir().unwrap();
    for (name, set, refused) in [
        ("empty", r#"{"keys":[]}"#.to_owned(), true),
        ("a bare key", public(&k1).to_string(), true),
        ("not JSON", "keys".to_owned(), true),
        ("keys is no list", r#"{"keys":{}}"#.to_owned(), true),
        ("unknown type", r#"{"keys":[{"kty":"XYZ"}]}"#.to_owned(), true),
        ("exponent 17", set(&[with(&public(&k1), "e", "EQ")]), true),
        ("RSA for ES256", set(&[with(&public(&k1), "alg", "ES256")]), true),
        ("one good of two", set(&[json!({"kty": "XYZ"}), public(&k1)]), false),
    ] {
        let rule = json!({"issuer": A, "jwks": set});
        let policy = json!({
            "apiVersion": "security.istio.io/v1",
            "kind": "RequestAuthentication",
            "metadata": {"name": "jwt", "namespace": "shop"},
            "spec": {"jwtRules": [rule]},
        });
        fs::write(folder.path().join("policy.yaml"), policy.to_string()).unwrap();
        let real = refusal(&envoy, folder.path(), std::slice::from_ref(&rule));
        let (code, _, error) =
            meshsec(folder.path(), &["jwt", "verify", "a.b.c", "--assume-admitted", "--request-auth", "policy.yaml"]);
        assert_eq!((real.is_some(), code), (refused, if refused { 2 } else { 1 }), "{name}: {real:?} {error}");
        if let Some(real) = real {
            let ours = error.split("Provider 'origins-0'").nth(1).unwrap_or_default().lines().next().unwrap_or_default();
            assert!(!ours.is_empty() && real.contains(ours.trim()), "{name}: we say `{ours}`, Envoy {real}");
        }
    }
}
