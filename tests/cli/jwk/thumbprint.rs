use crate::jwk::P256;
use crate::jwk::P256_THUMBPRINT;
use crate::jwk::P256_TRADITIONAL;
use crate::jwk::SECRET;
use crate::run::Folder;

#[test]
fn files_that_cannot_be_read_say_why() {
    let folder = Folder::with(&[
        ("words", "hello"),
        ("secret.pem", P256_TRADITIONAL),
        ("wrong", "wrong\n"),
        ("jwe", r#"{"ciphertext":"x"}"#),
    ]);
    for (arguments, wanted) in [
        (&["nowhere"][..], "cannot read `nowhere`"),
        (&["words"], "`words`: no key: neither a PEM block, nor a JWK, nor DER"),
        (&["secret.pem"], "no passphrase was given"),
        (&["secret.pem", "--password-file", "wrong"], "`secret.pem`: wrong passphrase"),
        (&["jwe"], "`jwe`: an encrypted JWK (JWE), which is not opened here"),
    ] {
        let ran = folder.run(&[&["jwk", "thumbprint"], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(wanted), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn thumbprints_in_every_form() {
    let folder = Folder::with(&[("key.json", P256), ("key.pem", P256_TRADITIONAL), ("pw", "secret\n")]);
    let uri = format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{P256_THUMBPRINT}\n");
    for (arguments, wanted) in [
        (&["key.json"][..], format!("{P256_THUMBPRINT}\n")),
        (&["key.pem", "--password-file", "pw"], format!("{P256_THUMBPRINT}\n")),
        (&["key.json", "--uri"], uri),
        (&["key.json", "--kubernetes"], "K9G7DESol8MKeqCZHN442AYv5EHeUNoPRoJTRPYC6Cc\n".to_owned()),
        (&["key.json", "key.json"], format!("{P256_THUMBPRINT}  key.json  -\n{P256_THUMBPRINT}  key.json  -\n")),
    ] {
        let ran = folder.run(&[&["jwk", "thumbprint"], arguments].concat());
        assert_eq!((ran.code, ran.out), (0, wanted), "{arguments:?}: {}", ran.err);
    }
    let ran = folder.run_with(&["jwk", "thumbprint", "-", "-o", "json"], P256);
    assert_eq!(ran.json()["keys"][0]["thumbprint"], P256_THUMBPRINT);
}

#[test]
fn the_thumbprint_of_a_secret_comes_with_a_warning() {
    let folder = Folder::with(&[("key.json", SECRET)]);
    let ran = folder.run(&["jwk", "thumbprint", "key.json"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "y_x3gCJnL6oKGBBIXScabduwxTVy2Wd2bzRVEUbdUzc\n"));
    assert!(ran.err.contains("a digest of the secret: do not publish it"), "{}", ran.err);
}
