use crate::jwk::P256;
use crate::jwk::P256_THUMBPRINT;
use crate::jwk::P256_TRADITIONAL;
use crate::jwk::SECRET;
use crate::jwk::mode;
use crate::run::Folder;

const PRIVATE_PART: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";

fn folder() -> Folder {
    Folder::with(&[
        ("key.json", P256),
        ("key.pem", P256_TRADITIONAL),
        ("secret.json", SECRET),
        ("pw", "secret\n"),
        ("set.json", &format!(r#"{{"keys":[{{"kty":"RSA-HSM"}},{P256},{SECRET}]}}"#)),
    ])
}

#[test]
fn nothing_private_is_printed_without_being_asked_for() {
    let folder = folder();
    for output in ["jwk", "jwks", "pem", "text", "json"] {
        for file in ["key.json", "key.pem", "set.json"] {
            if (output, file) == ("jwk", "set.json") || (output, file) == ("pem", "set.json") {
                continue;
            }
            let ran = folder.run(&["jwk", "convert", file, "--password-file", "pw", "-o", output]);
            assert_eq!(ran.code, if file == "set.json" { 2 } else { 0 }, "{output} {file}: {ran:?}");
            for secret in [PRIVATE_PART, "AyM1SysP", "PRIVATE KEY", "\"d\"", "\"k\""] {
                assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{output} {file}: {ran:?}");
            }
        }
        let ran = folder.run(&["jwk", "convert", "secret.json", "-o", output]);
        assert_eq!(ran.code, if output == "text" || output == "json" { 0 } else { 2 }, "{output}: {ran:?}");
        assert!(!ran.out.contains("AyM1SysP") && !ran.err.contains("AyM1SysP"), "{output}: {ran:?}");
    }
}

#[test]
fn questions_that_have_no_answer() {
    let folder = folder();
    for (arguments, wanted) in [
        (&["key.json", "-o", "jwks", "--alg", "RS256"][..], "`alg` is `RS256`, which EC P-256 cannot do"),
        (&["key.json", "-o", "jwk", "--alg", "HS256"], "`alg` is `HS256`, which EC P-256 cannot do"),
        (&["key.json", "key.json", "-o", "jwk"], "2 keys do not fit in one JWK"),
        (&["key.json", "key.json", "-o", "jwks", "--kid", "a"], "`--kid` names one key, and 2 were read"),
        (&["key.json", "-o", "pem", "--form", "pkcs1"], "PKCS#1 holds no key like this one (EC P-256)"),
        (&["key.json", "-o", "pem", "--form", "sec1"], "SEC 1 holds no key like this one (EC P-256)"),
        (&["secret.json", "-o", "pem", "--show-private"], "a shared secret (`kty: oct`) has no PEM form"),
        (
            &["key.json", "-o", "pem", "--form", "sec1", "--show-private", "--new-password-file", "pw"],
            "only PKCS#8 is written encrypted",
        ),
        (&["key.json", "-o", "jwk", "--out", "pw"], "`pw` exists already, and stays as it is"),
    ] {
        let ran = folder.run(&[&["jwk", "convert"], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(wanted), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn an_encrypted_key_becomes_a_jwk_that_can_be_published() {
    let ran = folder().run(&["jwk", "convert", "key.pem", "--password-file", "pw", "-o", "jwk", "--use", "sig"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let jwk = ran.json();
    let members: Vec<&str> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["kty", "use", "alg", "kid", "crv", "x", "y"]);
    assert_eq!((&jwk["kid"], &jwk["alg"]), (&P256_THUMBPRINT.into(), &"ES256".into()));
    for said in
        ["`alg` is ES256, the usual one for EC P-256", "only the public half is written", "DES-EDE3-CBC and a key made by MD5"]
    {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    let ran = folder().run(&["jwk", "convert", "key.pem", "--password-file", "pw", "--no-kid", "--no-alg", "-q"]);
    assert_eq!(ran.json().as_object().unwrap().len(), 4, "{ran:?}");
}

#[test]
fn private_files_are_for_their_owner_and_come_back_the_same() {
    let folder = folder();
    for (file, output, more) in [
        ("out.pem", "pem", &[][..]),
        ("out.sec1", "pem", &["--form", "sec1"]),
        ("out.enc", "pem", &["--new-password-file", "pw"]),
        ("out.jwk", "jwk", &[]),
        ("out.jwks", "jwks", &[]),
    ] {
        let convert = [&["jwk", "convert", "key.json", "--show-private", "-o", output, "--out", file], more].concat();
        let ran = folder.run(&convert);
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{file}: {ran:?}");
        assert_eq!(mode(&folder.path().join(file)), 0o600, "{file}");
        assert_eq!(folder.run(&convert).code, 2, "{file} is replaced");
        assert_eq!(folder.run(&[&convert[..], &["--overwrite"]].concat()).code, 0, "{file}");
        let back = folder.run(&["jwk", "convert", file, "--password-file", "pw", "-o", "jwk", "--show-private"]);
        assert_eq!(back.json()["d"], PRIVATE_PART, "{file}: {back:?}");
    }
    let ran = folder.run(&["jwk", "convert", "key.json", "--out", "public.pem"]);
    assert_eq!((ran.code, mode(&folder.path().join("public.pem"))), (0, 0o644));
}

#[test]
fn skipped_keys_are_named_and_change_the_exit_code() {
    let ran = folder().run(&["jwk", "convert", "set.json", "-o", "jwks"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("set.json: key 1 of the set is skipped: unknown key type `RSA-HSM`"), "{}", ran.err);
    assert!(ran.err.contains("1 shared secret(s) left out"), "{}", ran.err);
    assert_eq!(ran.json()["keys"].as_array().unwrap().len(), 1);
}

#[test]
fn lost_zeros_are_put_back_when_asked_for() {
    let short = r#"{"kty":"EC","crv":"P-256","x":"VUOJSvPQDtfXQKvb11yWsGh3t4fbX3Dup4uQqNfACg","y":"u0yFo9jqKe-q-iRAaRLdhNWxTcMr9lbvbGvVil2UP5I"}"#;
    let folder = Folder::with(&[("short.json", short)]);
    let ran = folder.run(&["jwk", "convert", "short.json", "-o", "jwk"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("`x` has 31 bytes, P-256 needs 32") && ran.err.contains("--repair"), "{}", ran.err);
    let ran = folder.run(&["jwk", "convert", "short.json", "-o", "jwk", "--repair"]);
    assert_eq!(ran.json()["x"], "AFVDiUrz0A7X10Cr29dclrBod7eH219w7qeLkKjXwAo", "{ran:?}");
    assert!(ran.err.contains("`x` lacked zeros in front"), "{}", ran.err);
}

#[test]
fn facts_are_told_in_words() {
    let ran = folder().run(&["jwk", "convert", "key.json", "secret.json", "-o", "text"]);
    let wanted = format!(
        "key          EC P-256, private key\nsigns        ES256\nthumbprint   {P256_THUMBPRINT}\n\n\
         key          secret of 64 bytes, shared secret\nsigns        HS256, HS384, HS512\n"
    );
    assert_eq!((ran.code, ran.out), (0, wanted));
}
