//! `meshsec jwt`.

use serde_json::Value;
use serde_json::json;

use crate::run::Folder;
use crate::run::Ran;

/// RFC 7515 A.1 and RFC 8037 A.1.
const JWKS: &str = r#"{"keys":[
  {"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"},
  {"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
]}"#;
/// Until 2100, by the second key: iss `x`, sub `y`, aud `z`.
const EDDSA: &str = "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4Iiwic3ViIjoieSIsImF1ZCI6InoiLCJleHAiOjQxMDI0NDQ4MDB9.jrX9GhJSlEYElUfwL5tzpV31jqIgJBfaeiSU6u7OFNBfc2Q0Ya5arCVwvmTZwINYSfMg1papClNkwGG-BV4tCg";
/// Expired in 1970, by the first key.
const EXP_0: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4IiwiZXhwIjowfQ.W0NnDHoVP8xStMhPKRz2yUK6gAp7VGznX6nT3JbaDrI";
/// RFC 7515 A.3.
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
const P256_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n-----END PUBLIC KEY-----\n";
/// Its thumbprint.
const P256_KID: &str = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";

fn folder() -> Folder {
    Folder::with(&[("jwks.json", JWKS), ("ec.json", P256), ("ec.pub", P256_PUBLIC), ("token", &format!("Bearer {EDDSA}\n"))])
}

fn mint(folder: &Folder, more: &[&str]) -> String {
    let ran = folder.run(&[&["jwt", "mint", "-q", "--key", "ec.json"], more].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out.trim().to_owned()
}

fn cause(ran: &Ran) -> Value {
    ran.json()["cause"]["cause"].clone()
}

#[test]
fn what_is_no_token_ends_with_two() {
    let folder = folder();
    folder.write("binary", &[0xff, 0xfe, 0]);
    folder.write("empty", b"\n");
    for (name, argument, message) in [
        ("opaque", "abc", "this is no token: 1 piece between dots"),
        ("empty", "", "the token is empty"),
        ("empty file", "@empty", "the token is empty"),
        ("no text", "@binary", "byte 1 is not UTF-8"),
        ("no file", "@missing", "cannot read `missing`"),
        ("object", "{}", "without a token in it"),
        ("refusal", r#"{"error":"invalid_grant"}"#, "invalid_grant"),
    ] {
        let ran = folder.run(&["jwt", "inspect", argument]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}: {ran:?}");
        assert!(ran.err.contains(message) && ran.err.contains("help:"), "{name}: {ran:?}");
    }
}

#[test]
fn inspect_reads_no_key_and_says_so() {
    let folder = folder();
    for arguments in
        [&["jwt", "inspect", EDDSA][..], &["jwt", "inspect", "@token"], &["jwt", "inspect", &format!("Bearer {EDDSA}")]]
    {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.starts_with("NOT VERIFIED: no key was read"), "{ran:?}");
        assert!(ran.out.contains("2100-01-01T00:00:00Z") && ran.out.contains(r#"requestPrincipals: ["x/y"]"#), "{ran:?}");
        let json = folder.run(&[arguments, &["-o", "json"]].concat()).json();
        assert_eq!(json["signatureVerified"], false);
        assert_eq!(json["header"], json!({"alg": "EdDSA", "typ": "JWT"}));
        assert_eq!(json["claims"], json!({"iss": "x", "sub": "y", "aud": "z", "exp": 4_102_444_800_u64}));
        assert_eq!(json["kind"], "jwt");
        assert!(json["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "W08"), "{json}");
    }
    let ran = folder.run_with(&["jwt", "inspect", "-"], &format!(r#"{{"access_token":"{EDDSA}","token_type":"Bearer"}}"#));
    assert_eq!((ran.code, ran.out.contains("`access_token`")), (0, true), "{ran:?}");
    let ran = folder.run_with(&["jwt", "inspect"], EDDSA);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn other_forms_and_traps_are_answered() {
    let folder = folder();
    let deep = format!("{{\"a\":{}}}", "[".repeat(300_000));
    let token = |payload: &str| format!("eyJhbGciOiJub25lIn0.{}.", base64(payload));
    let large = format!("{{\"a\":[{}1]}}", "1,".repeat(300_000));
    for (name, text, form, kind) in [
        ("alg none", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.".to_owned(), "compact", "jwt"),
        ("encrypted", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..b.c.d".to_owned(), "jwe", "jwe"),
        ("JSON", format!(r#"{{"payload":"{}","protected":"eyJhbGciOiJub25lIn0","signature":""}}"#, base64("{}")), "json", "jwt"),
        ("nested", "eyJhbGciOiJFUzI1NiIsImN0eSI6IkpXVCJ9.YS5iLmM.AA".to_owned(), "compact", "nested"),
        ("line breaks", format!("{}\n{}", &EDDSA[..60], &EDDSA[60..]), "compact", "jwt"),
        ("padding", format!("{EDDSA}=="), "compact", "jwt"),
        ("huge numbers", token("{\"exp\":99999999999999999999,\"n\":1e999999}"), "compact", "jwt"),
        ("floats", token("{\"exp\":1795694400.75}"), "compact", "jwt"),
        ("twice", token("{\"sub\":1,\"sub\":2}"), "compact", "jwt"),
        ("deep", token(&deep), "compact", "jws"),
        ("one megabyte", token(&large), "compact", "jwt"),
        ("no JSON", token("Example"), "compact", "jws"),
    ] {
        folder.write("it", text.as_bytes());
        let ran = folder.run(&["jwt", "inspect", "@it"]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        let ran = folder.run(&["jwt", "inspect", "@it", "-o", "json"]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        let json: Value =
            serde_json::from_str(&ran.out.replace("1e999999", "0")).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((json["form"].as_str(), json["kind"].as_str()), (Some(form), Some(kind)), "{name}");
        assert!(!json["warnings"].as_array().unwrap().is_empty(), "{name}");
    }
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn mint_refuses_what_would_be_unsafe_or_unclear() {
    let folder = folder();
    folder.write("secret", &[b'x'; 40]);
    folder.write("short", b"too short\n");
    for (name, arguments, message) in [
        ("no key", &["--iss", "a"][..], "required"),
        ("public key", &["--key", "ec.pub"], "a public key, where a private one is wanted"),
        ("no such file", &["--key", "missing"], "cannot read `missing`"),
        ("no key in it", &["--key", "secret"], "no key"),
        ("alg none", &["--key", "ec.json", "--alg", "none"], "it is none of"),
        ("algorithm of another key", &["--key", "ec.json", "--alg", "RS256"], "it signs with ES256"),
        ("HMAC with a public key", &["--secret-file", "ec.pub", "--allow-hmac"], "holds a key, not a shared secret"),
        ("HMAC unasked", &["--secret-file", "secret"], "--allow-hmac"),
        ("short secret", &["--secret-file", "short", "--allow-hmac"], "too weak"),
        ("a key as HMAC", &["--key", "ec.json", "--alg", "HS256", "--allow-hmac"], "it signs with ES256"),
        ("twice", &["--key", "ec.json", "--iss", "a", "--claim", "iss=b"], "given twice"),
        ("twice by flag", &["--key", "ec.json", "--claim", "a=b", "--claim", "a=c"], "given twice"),
        ("no JSON", &["--key", "ec.json", "--claim-json", "a=b"], "is not JSON"),
        ("no name", &["--key", "ec.json", "--claim", "=b"], "has no name"),
        ("alg as header", &["--key", "ec.json", "--header", "alg=none"], "is refused"),
        ("crit", &["--key", "ec.json", "--header", "crit=x"], "is refused"),
        ("ttl", &["--key", "ec.json", "--ttl=-1h"], "--ttl"),
        ("nbf", &["--key", "ec.json", "--nbf", "soon"], "neither a time nor a duration"),
    ] {
        let ran = folder.run(&[&["jwt", "mint"], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}: {ran:?}");
        assert!(ran.err.contains(message), "{name}: {ran:?}");
    }
}

#[test]
fn mint_prints_the_token_alone() {
    let folder = folder();
    let ran = folder.run(&["jwt", "mint", "--key", "ec.json", "--iss", "a", "--never-expires"]);
    assert_eq!(ran.out.trim().matches('.').count(), 2, "{ran:?}");
    assert_eq!(ran.out.lines().count(), 1, "{ran:?}");
    for warning in ["no subject", "no audience", "never expires"] {
        assert!(ran.err.contains(warning), "{warning}: {ran:?}");
    }
    let token = mint(
        &folder,
        &[
            "--at",
            "2026-11-26T12:00:00Z",
            "--iss",
            "a@b",
            "--sub",
            "s",
            "--aud",
            "x",
            "--aud",
            "y",
            "--ttl",
            "90m",
            "--nbf",
            "5m",
        ],
    );
    let json = folder.run(&["jwt", "inspect", &token, "-o", "json"]).json();
    assert_eq!(json["header"], json!({"alg": "ES256", "typ": "JWT", "kid": P256_KID}));
    let claims = json["claims"].as_object().unwrap();
    let names: Vec<&str> = claims.keys().map(String::as_str).collect();
    assert_eq!(names, ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"]);
    let times = [&claims["iat"], &claims["nbf"], &claims["exp"]].map(|time| time.as_i64().unwrap() - 1_795_694_400);
    assert_eq!((times, claims["aud"].clone()), ([0, 300, 5400], json!(["x", "y"])));
    assert_eq!(claims["jti"].as_str().unwrap().len(), 32);
    let more = [
        "--claim",
        "role=a=b",
        "--claim-json",
        r#"g=["a",{"n":12345678901234567890}]"#,
        "--claim-json",
        "exp=1",
        "--jti",
        "",
        "--header",
        "typ=at+jwt",
        "--kid",
        "k",
    ];
    let json = folder.run(&["jwt", "inspect", &mint(&folder, &more), "-o", "json"]).json();
    assert_eq!(json["header"], json!({"alg": "ES256", "typ": "at+jwt", "kid": "k"}));
    let claims = &json["claims"];
    assert_eq!((claims["role"].clone(), claims["exp"].clone(), claims.get("jti")), (json!("a=b"), json!(1), None));
    assert_eq!(claims["g"], json!(["a", {"n": 12_345_678_901_234_567_890_u64}]));
}

#[test]
fn verify_is_strict() {
    let folder = folder();
    let at = ["--at", "2026-11-26T12:00:00Z"];
    let good = mint(&folder, &[&at[..], &["--iss", "a", "--sub", "s", "--aud", "x"]].concat());
    let verify = |token: &str, more: &[&str]| {
        folder.run(&[&["jwt", "verify", token, "--key", "ec.pub", "-o", "json"], &at[..], more].concat())
    };
    let ran = verify(&good, &["--aud", "x", "--iss", "a"]);
    assert_eq!((ran.code, ran.json()["verdict"].clone()), (0, json!("verified")), "{ran:?}");
    assert_eq!(ran.json()["notChecked"], json!([]));
    assert_eq!(verify(&good, &["--aud", "x"]).json()["notChecked"], json!(["iss"]));
    for (name, token, more, expected) in [
        ("other audience", good.clone(), &["--aud", "y"][..], "audience"),
        ("audience not asked", good.clone(), &[], "audience"),
        ("other issuer", good.clone(), &["--aud", "x", "--iss", "a/"], "issuer"),
        ("expired", mint(&folder, &[&["--at", "2026-11-26T10:00:00Z", "--aud", "x"][..]].concat()), &["--aud", "x"], "expired"),
        ("no expiry", mint(&folder, &["--never-expires", "--aud", "x"]), &["--aud", "x"], "missing-claim"),
        ("other algorithm", good.clone(), &["--aud", "x", "--alg", "RS256"], "algorithm"),
        ("forged", good.replacen("eyJpc3MiOiJh", "eyJpc3MiOiJi", 1), &["--aud", "x"], "signature"),
        ("other key", EDDSA.to_owned(), &["--aud", "z"], "key-type"),
        ("garbage", "garbage".to_owned(), &[], "malformed"),
        ("kind", good.clone(), &["--aud", "x", "--typ", "at+jwt"], "kind"),
    ] {
        let ran = verify(&token, more);
        assert_eq!((ran.code, cause(&ran)), (1, json!(expected)), "{name}: {ran:?}");
    }
    assert_eq!(verify(&good, &["--accept-any-audience"]).code, 0);
    assert_eq!(verify(&mint(&folder, &["--never-expires", "--aud", "x"]), &["--aud", "x", "--accept-without-expiry"]).code, 0);
    let late = mint(&folder, &["--at", "2026-11-26T10:59:30Z", "--aud", "x"]);
    assert_eq!((verify(&late, &["--aud", "x"]).code, verify(&late, &["--aud", "x", "--leeway", "60s"]).code), (1, 0));
    let ran = folder.run(&["jwt", "verify", EXP_0, "--jwks", "jwks.json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("Envoy differs") && ran.out.contains("`exp: 0` means never"), "{ran:?}");
}

#[test]
fn questions_that_verify_cannot_answer() {
    let folder = folder();
    folder.write("map.json", br#"{"k":"-----BEGIN CERTIFICATE-----\nx"}"#);
    folder.write("empty.yaml", b"apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n");
    for (name, arguments, message) in [
        ("no keys", &["jwt", "verify", EDDSA][..], "required"),
        ("two sources", &["jwt", "verify", EDDSA, "--jwks", "jwks.json", "--key", "ec.pub"], "cannot be used with"),
        ("one key as a set", &["jwt", "verify", EDDSA, "--jwks", "ec.json"], "single key"),
        ("certificates as a set", &["jwt", "verify", EDDSA, "--jwks", "map.json"], "oauth2/v3/certs"),
        ("public key as a secret", &["jwt", "verify", EDDSA, "--secret-file", "ec.pub"], "holds a key, not a shared secret"),
        ("time", &["jwt", "verify", EDDSA, "--jwks", "jwks.json", "--at", "soon"], "--at"),
        ("leeway", &["jwt", "verify", EDDSA, "--jwks", "jwks.json", "--leeway", "5"], "--leeway"),
        ("no policy", &["jwt", "verify", EDDSA, "--request-auth", "empty.yaml"], "no RequestAuthentication"),
        ("header without policy", &["jwt", "verify", "--jwks", "jwks.json", "-H", "a: b"], "--request-auth"),
    ] {
        let ran = folder.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}: {ran:?}");
        assert!(ran.err.contains(message), "{name}: {ran:?}");
    }
}

fn policy(rules: &Value) -> String {
    json!({"apiVersion": "security.istio.io/v1", "kind": "RequestAuthentication", "metadata": {"name": "jwt", "namespace": "shop"}, "spec": {"jwtRules": rules}}).to_string()
}

#[test]
fn verify_answers_as_the_proxy_would_and_shows_where_the_standards_differ() {
    let folder = folder();
    folder.write("policy.yaml", policy(&json!([{"issuer": "x", "jwks": JWKS}])).as_bytes());
    let ask = |more: &[&str]| folder.run(&[&["jwt", "verify", "--request-auth", "policy.yaml", "-o", "json"], more].concat());
    let ran = ask(&[EDDSA]);
    let json = ran.json();
    assert_eq!((ran.code, json["judge"].clone(), json["differ"].clone()), (0, json!("envoy"), json!(true)), "{ran:?}");
    assert_eq!(
        (json["envoy"]["principal"].clone(), json["envoy"]["decidedBy"]["policy"].clone()),
        (json!("x/y"), json!("shop/jwt"))
    );
    assert_eq!(json["strict"]["refusals"][0]["cause"], "audience");
    assert_eq!(ask(&[EDDSA, "--strict"]).code, 1);
    let ran = ask(&[EDDSA, "--strict", "--aud", "z"]);
    assert_eq!((ran.code, ran.json()["differ"].clone()), (0, json!(false)), "{ran:?}");
    let bearer = format!("authorization: Bearer {EDDSA}");
    assert_eq!(ask(&["-H", &bearer]).code, 0);
    let ran = ask(&["-H", &bearer.replace("Bearer", "bearer")]);
    assert_eq!((ran.code, ran.json()["verdict"].clone(), cause(&ran)), (1, json!("no-token"), json!("prefix")), "{ran:?}");
    let ran = ask(&[EDDSA, "-H", &bearer.replace("Bearer", "Token")]);
    assert_eq!((ran.code, cause(&ran)), (1, json!("prefix")), "the token is sent as the header has it: {ran:?}");
    let ran = ask(&["--path", &format!("/?token={EDDSA}")]);
    assert_eq!((ran.code, cause(&ran)), (1, json!("token-location")), "{ran:?}");
    assert_eq!(ask(&["--path", &format!("/?access_token={EDDSA}")]).code, 0);
    folder.write("policy.yaml", policy(&json!([{"issuer": "x/", "jwks": JWKS}])).as_bytes());
    let ran = ask(&[EDDSA]);
    assert_eq!((ran.code, cause(&ran), ran.json()["notChecked"].clone()), (1, json!("issuer"), json!([])), "{ran:?}");
    let ran = ask(&["garbage"]);
    assert_eq!((ran.json()["envoy"]["httpStatus"].clone(), ran.code), (json!(401), 1), "{ran:?}");
}

#[test]
fn keys_of_a_rule_that_fetches_them() {
    let folder = folder();
    folder.write("policy.yaml", policy(&json!([{"issuer": "x", "jwksUri": "https://x.example/keys"}])).as_bytes());
    let ask =
        |more: &[&str]| folder.run(&[&["jwt", "verify", EDDSA, "--request-auth", "policy.yaml", "-o", "json"], more].concat());
    let ran = ask(&[]);
    assert_eq!((ran.code, ran.json()["verdict"].clone()), (4, json!("undetermined")), "{ran:?}");
    for given in ["jwks.json", "https://x.example/keys=jwks.json", "x=jwks.json"] {
        assert_eq!(ask(&["--jwks", given]).code, 0, "{given}");
    }
    let ran = ask(&["--jwks", "unreachable"]);
    assert_eq!((ran.code, cause(&ran)), (1, json!("keys-unreachable")), "{ran:?}");
    assert_eq!(ran.json()["envoy"]["message"], "Jwt verification fails");
}

#[test]
fn a_policy_is_written_that_is_read_again() {
    let folder = folder();
    let token = mint(&folder, &["--iss", "https://a.example", "--sub", "s", "--aud", "shop"]);
    let ran = folder.run(&[
        "jwt",
        "request-authentication",
        "--key",
        "ec.json",
        "--iss",
        "https://a.example",
        "--audience",
        "shop",
        "--selector",
        "app=web",
        "-n",
        "shop",
        "--require",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.out.contains("\"d\""), "the private key is in the policy: {ran:?}");
    folder.write("policy.yaml", ran.out.as_bytes());
    folder.write(
        "mesh.yaml",
        b"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {app: web}\n  ports: [{name: http, port: 80}]\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web, sidecar.istio.io/inject: \"true\"}}\nspec: {containers: [{name: c, image: x}]}\n",
    );
    let ran = folder.run(&["jwt", "verify", &token, "--request-auth", "policy.yaml", "-o", "json"]);
    assert_eq!((ran.code, ran.json()["differ"].clone()), (0, json!(false)), "{ran:?}");
    let base = ["simulate", "request", "-f", "mesh.yaml", "-f", "policy.yaml", "--to", "web.shop:80", "-o", "json"];
    for (name, token, input, verdict) in [
        ("good", Some("@-"), token.as_str(), "allowed"),
        ("with its prefix", Some("@-"), &format!("Bearer {token}\n"), "allowed"),
        ("none", None, "", "denied"),
        ("other", Some("@-"), EDDSA, "unauthenticated"),
    ] {
        let arguments = [&base[..], &token.map(|token| vec!["--token", token]).unwrap_or_default()].concat();
        let ran = folder.run_with(&arguments, input);
        assert_eq!(ran.json()["verdict"], verdict, "{name}: {ran:?}");
    }
}

#[test]
fn policies_that_are_not_written() {
    let folder = folder();
    folder.write(
        "odd.json",
        br#"{"keys":[{"kty":"XYZ"},{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
    );
    for (name, arguments, message) in [
        ("a secret", &["--jwks", "jwks.json", "--iss", "a"][..], "shared secret"),
        ("a key that istiod refuses", &["--jwks", "odd.json", "--iss", "a"], "unknown key type"),
        ("no issuer", &["--key", "ec.pub", "--iss", ""], "empty"),
        ("no URL", &["--jwks-uri", "keys", "--iss", "a"], "is no URL"),
        ("no label", &["--key", "ec.pub", "--iss", "a", "--selector", "app"], "is no label"),
        ("no name", &["--key", "ec.pub", "--iss", "a", "--name", "A B"], "is no name"),
    ] {
        let ran = folder.run(&[&["jwt", "request-authentication"], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}: {ran:?}");
        assert!(ran.err.contains(message), "{name}: {ran:?}");
    }
}

#[test]
fn a_directory_of_keys() {
    let folder = folder();
    let ran = folder.run(&["jwt", "mint", "--key", "."]);
    assert!(ran.code == 2 && ran.err.contains("holds no private key"), "{ran:?}");
    for kid in ["k1", "k2"] {
        assert_eq!(folder.run(&["jwk", "generate", "--alg", "ES256", "--kid", kid, "--out", "keys"]).code, 0);
    }
    let ran = folder.run(&["jwt", "mint", "--key", "keys"]);
    assert!(ran.code == 2 && ran.err.contains("`k1`, `k2`"), "{ran:?}");
    let ran = folder.run(&["jwt", "mint", "-q", "--key", "keys", "--kid", "k2", "--aud", "x"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let token = ran.out.trim();
    let ran = folder.run(&["jwt", "verify", token, "--jwks", "keys/jwks.json", "--aud", "x", "-o", "json"]);
    assert_eq!((ran.code, ran.json()["strict"]["key"]["kid"].clone()), (0, json!("k2")), "{ran:?}");
}
