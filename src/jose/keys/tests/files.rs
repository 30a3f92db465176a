//! Key files: PEM and DER in every form.

use crate::jose::Jwk;
use crate::jose::JwkNote;
use crate::jose::KeyFileError;
use crate::jose::KeyFormat;
use crate::jose::PemForm;
use crate::jose::Strictness;
use crate::jose::ThumbprintHash;
use crate::jose::keys::tests::Random;
use crate::jose::keys::tests::facts::RFC7515_OCT;
use crate::jose::keys::tests::facts::RFC7515_P256;
use crate::jose::keys::tests::facts::RFC7515_P521;
use crate::jose::keys::tests::facts::RFC7515_RSA;
use crate::jose::keys::tests::facts::RFC8037_ED25519;
use crate::jose::read_key_file;
use crate::jose::read_keys;
use crate::pki::KeyEncryption;
use crate::pki::pem;
use aws_lc_rs::rand::SystemRandom;

const TRIPLE_DES: &str = "-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: DES-EDE3-CBC,082B4B3DC7BE79F7

zZgxx3uD7bRaxgs33cUVPSA8MkiI/qgMxSDP6j/mRtx+9/TxTQBEH2aXAMyrcD1w
e+ZXBrC7gENUgdWgQxqG9oJ/dM1wZSiBCUXa3OH7SXW3giIpEaHd19MCXngYVlMX
9pHDLG7ypJVd68Eg50Vj8cOhMNRcS0Q2/FOCUnfBRtQ=
-----END EC PRIVATE KEY-----
";
const AES: &str = "-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,B7B15E7526FAB79C18CBBE013936208C

lkvMZrtbYk+An9b/iP6J6aWC6CHZxi5XgFVS0P952/48fvY0MvaWzsCQiZJj4pI/
mZW+dLxNOWd43tequeQMWbKoL9S48pwLkJCVGtGtGeEEBj/LOuyT+Nxw9a6UGt8m
KgBijJ+j5KvzKp8U88J1Y1bjEgih8s4+HG/NjLb654M=
-----END EC PRIVATE KEY-----
";
const PBES2: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjZO2ZQuhSF/gICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENTOyydzC8I5+iYTtXnqYLAEgZCt
hOyt3wp0Qvah28t2JYk3/nnE9XcOzHlDPJ26G4Z7kJ0NWlQ1uSmiK4HjTT1dhED+
ZLNFFZn2tXeGdGeju5Fw2+6rgb54wbsfTk19Hylub7fhHE868cu2IAx7L/z9R0ne
M9rvzeIHtMLpLTd2bLzYkWjV9svy6yFHeSz+J0hpcmiaN+v89266TK5BK/iTiJw=
-----END ENCRYPTED PRIVATE KEY-----
";
const SPKI: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
-----END PUBLIC KEY-----
";
const P256: &str = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";
const ED25519: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";

fn thumbprints(text: &[u8], passphrase: Option<&str>) -> Result<Vec<String>, KeyFileError> {
    Ok(read_keys(text, passphrase)?.iter().map(|key| key.thumbprint(ThumbprintHash::Sha256)).collect())
}

fn key(text: &str) -> Jwk {
    Jwk::parse(text.as_bytes()).unwrap()
}

/// The content of the one block of a text.
fn der(pem: &str) -> Vec<u8> {
    use base64::Engine as _;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64::engine::general_purpose::STANDARD.decode(body).unwrap()
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    for text in [TRIPLE_DES, AES, PBES2] {
        assert_eq!(thumbprints(text.as_bytes(), None), Err(KeyFileError::PassphraseMissing));
        // One in 256 passes the padding; none may pass as a key.
        for passphrase in ["wrong", "", "Secret", "secret "].map(str::to_owned).into_iter().chain((0..600).map(|n| n.to_string()))
        {
            if text == PBES2 && passphrase.len() > 1 && passphrase.parse::<u32>().is_ok() {
                continue;
            }
            assert_eq!(thumbprints(text.as_bytes(), Some(&passphrase)), Err(KeyFileError::PassphraseWrong), "{passphrase}");
        }
    }
}

#[test]
fn encrypted_keys_open_and_weak_encryption_is_noted() {
    for (text, note) in [
        (TRIPLE_DES, "DES-EDE3-CBC and a key made by MD5"),
        (AES, "AES-128-CBC and a key made by MD5"),
        (PBES2, "PBES2 of only 2048 rounds"),
    ] {
        let keys = read_keys(text.as_bytes(), Some("secret")).unwrap();
        assert_eq!(keys[0].thumbprint(ThumbprintHash::Sha256), P256);
        assert!(keys[0].private_text().contains("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"));
        assert_eq!(keys[0].notes(), [JwkNote::WeakEncryption(note.to_owned())]);
    }
}

#[test]
fn texts_around_a_block_and_odd_lines_do_no_harm() {
    let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let unusual = format!("\u{feff}{}", SPKI.trim_end());
    for (name, text) in [
        ("parameters in front", format!("{parameters}{SPKI}")),
        ("words around", format!("the key\n{SPKI}that was it")),
        ("carriage returns", SPKI.replace('\n', "\r\n")),
        ("a byte order mark and no last line end", unusual),
        ("short lines", SPKI.replace("IYIKoZ", "I\nYIKoZ")),
        ("twice", format!("{SPKI}{SPKI}")),
    ] {
        assert_eq!(thumbprints(text.as_bytes(), None), Ok(vec![P256.to_owned()]), "{name}");
    }
}

#[test]
fn files_that_hold_no_key_say_why() {
    let mut random = Random(SystemRandom::new());
    let rsa = key(RFC7515_RSA).private_pem(PemForm::Pkcs1, &KeyEncryption::Plain, &mut random).unwrap();
    let pkcs8 = key(RFC7515_RSA).private_pem(PemForm::Pkcs8, &KeyEncryption::Plain, &mut random).unwrap();
    let label = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    for (name, text, wanted) in [
        ("nothing", String::new(), "no key: neither a PEM block, nor a JWK, nor DER"),
        ("words", "hello".to_owned(), "no key: neither a PEM block, nor a JWK, nor DER"),
        ("a list", "[]".to_owned(), "not a JSON object"),
        ("an empty set", r#"{"keys":[]}"#.to_owned(), "the key set is empty"),
        ("a key of SSH", label("OPENSSH PRIVATE KEY"), "`OPENSSH PRIVATE KEY` is not supported"),
        ("DSA", label("DSA PRIVATE KEY"), "`DSA PRIVATE KEY` is not supported"),
        ("a request", label("CERTIFICATE REQUEST"), "`CERTIFICATE REQUEST` is not supported"),
        ("parameters alone", label("EC PARAMETERS"), "no key among its PEM blocks (EC PARAMETERS)"),
        ("damaged PKCS#8", label("PRIVATE KEY"), "a damaged PKCS#8 private key"),
        ("damaged certificate", label("CERTIFICATE"), "a damaged certificate"),
        ("damaged encryption", label("ENCRYPTED PRIVATE KEY"), "a damaged encrypted PKCS#8 private key"),
        ("no END", SPKI.replace("-----END PUBLIC KEY-----", ""), "the PEM block in line 1 has no line `-----END ..-----`"),
        ("indented", format!("  {SPKI}"), "the PEM block in line 1 does not begin with a line `-----BEGIN ..-----` of its own"),
        ("a broken block after a good one", format!("{SPKI}{}", SPKI.replace("MFkw", "M!kw")), "the PEM block in line 4 holds something that is not base64"),
        ("another END", SPKI.replace("END PUBLIC", "END RSA PUBLIC"), "the PEM block in line 1 ends with another label"),
        ("no base64", SPKI.replace("MFkw", "M!kw"), "the PEM block in line 1 holds something that is not base64"),
        ("PKCS#1 called PKCS#8", rsa.replace("RSA PRIVATE", "PRIVATE"), "the block `PRIVATE KEY` holds a PKCS#1 private key"),
        ("PKCS#8 called PKCS#1", pkcs8.replace("PRIVATE", "RSA PRIVATE"), "the block `RSA PRIVATE KEY` holds a PKCS#8 private key"),
        ("a public key called private", SPKI.replace("PUBLIC", "PRIVATE"), "the block `PRIVATE KEY` holds a public key (SubjectPublicKeyInfo)"),
        ("secp256k1", "-----BEGIN PUBLIC KEY-----\nMFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n-----END PUBLIC KEY-----".to_owned(), "curve `secp256k1` is not supported for `EC`"),
        ("a hybrid point", SPKI.replace("DQgAE", "DQgAG"), "the point of P-256 is written neither uncompressed nor compressed"),
    ] {
        let found = thumbprints(text.as_bytes(), Some("x")).map_err(|error| error.to_string());
        assert_eq!(found, Err(wanted.to_owned()), "{name}");
    }
}

#[test]
fn every_key_survives_every_form() {
    let mut random = Random(SystemRandom::new());
    for (text, forms) in [
        (RFC7515_RSA, &[PemForm::Pkcs8, PemForm::Pkcs1][..]),
        (RFC7515_P256, &[PemForm::Pkcs8, PemForm::Sec1]),
        (RFC7515_P521, &[PemForm::Pkcs8, PemForm::Sec1]),
        (RFC8037_ED25519, &[PemForm::Pkcs8]),
    ] {
        let key = key(text);
        for form in [PemForm::Pkcs8, PemForm::Pkcs1, PemForm::Sec1] {
            let written = key.private_pem(form, &KeyEncryption::Plain, &mut random);
            assert_eq!(written.is_ok(), forms.contains(&form), "{form}: {key:?}");
            let Ok(written) = written else { continue };
            for (file, format) in [(written.as_bytes(), KeyFormat::Pem), (&der(&written), KeyFormat::Der)] {
                let read = read_key_file(file, None, Strictness::Strict).unwrap();
                assert_eq!((read.format, &*read.keys[0].private_text()), (format, &*key.private_text()), "{form}");
            }
        }
        let public = key.public_pem(PemForm::Pkcs8).unwrap();
        let thumbprint = vec![key.thumbprint(ThumbprintHash::Sha256)];
        assert_eq!(thumbprints(public.as_bytes(), None).as_ref(), Ok(&thumbprint));
        assert_eq!(thumbprints(&der(&public), None).as_ref(), Ok(&thumbprint));
        let encrypted = key.private_pem(PemForm::Pkcs8, &KeyEncryption::Passphrase("pässword"), &mut random).unwrap();
        assert_eq!(thumbprints(encrypted.as_bytes(), Some("pässword")), Ok(thumbprint));
    }
    let rsa = key(RFC7515_RSA).public_pem(PemForm::Pkcs1).unwrap();
    assert!(rsa.starts_with("-----BEGIN RSA PUBLIC KEY-----"));
    assert_eq!(thumbprints(rsa.as_bytes(), None), Ok(vec![key(RFC7515_RSA).thumbprint(ThumbprintHash::Sha256)]));
    let secret = key(RFC7515_OCT);
    assert_eq!(secret.public_pem(PemForm::Pkcs8).unwrap_err().to_string(), "a shared secret (`kty: oct`) has no PEM form");
    assert!(secret.private_pem(PemForm::Pkcs8, &KeyEncryption::Plain, &mut random).is_err());
}

#[test]
fn the_examples_of_the_rfcs_in_der() {
    let pkcs8 = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
    let spki = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    for body in [pkcs8, spki] {
        assert_eq!(thumbprints(&der(body), None), Ok(vec![ED25519.to_owned()]));
    }
    let mut random = Random(SystemRandom::new());
    let written = key(RFC8037_ED25519).private_pem(PemForm::Pkcs8, &KeyEncryption::Plain, &mut random).unwrap();
    assert_eq!(der(&written), der(pkcs8));
    assert_eq!(der(&key(RFC8037_ED25519).public_pem(PemForm::Pkcs8).unwrap()), der(spki));
    assert_eq!(der(&key(RFC7515_P256).public_pem(PemForm::Pkcs8).unwrap()), der(SPKI));
}

#[test]
fn points_may_be_compressed() {
    let mut compressed = der(SPKI)[..26].to_vec();
    compressed[1] = 0x39;
    compressed[24] = 0x22;
    // The bit string loses the second coordinate; its last bit goes into the first byte.
    let tail = der(SPKI);
    compressed[25] = 0;
    compressed.push(3);
    compressed.extend(&tail[27..59]);
    assert_eq!(thumbprints(&compressed, None), Ok(vec![P256.to_owned()]));
    compressed[26] = 2;
    assert_ne!(thumbprints(&compressed, None), Ok(vec![P256.to_owned()]));
}

#[test]
fn stretching_a_passphrase_has_bounds() {
    let with_rounds = |rounds: &[u8]| {
        let bytes = der(PBES2);
        let at = bytes.windows(4).position(|window| window == [0x02, 0x02, 0x08, 0x00]).unwrap();
        let mut changed = bytes.clone();
        changed.splice(at..at + 4, [&[0x02, u8::try_from(rounds.len()).unwrap()], rounds].concat());
        let more = u8::try_from(rounds.len() - 2).unwrap();
        for length in [2, 4, 17, 19, 32] {
            changed[length] += more;
        }
        pem("ENCRYPTED PRIVATE KEY", &changed)
    };
    let found = thumbprints(with_rounds(&[0x7f, 0xff, 0xff, 0xff]).as_bytes(), Some("secret"));
    assert_eq!(found, Err(KeyFileError::Cost { cost: "2147483647 rounds".to_owned() }));
}
