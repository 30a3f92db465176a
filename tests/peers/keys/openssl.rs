//! openssl: its keys are read, ours are read by it, and where both write the same structure the bytes are equal.

use base64::Engine as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use crate::keys::meshsec;
use crate::keys::printed;
use crate::keys::skipped;

fn openssl(folder: &Path, arguments: &str) -> Output {
    Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap()
}

fn run(folder: &Path, arguments: &str) -> String {
    printed(&openssl(folder, arguments), arguments)
}

fn is_there(test: &str) -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        skipped(test, "no openssl");
    }
    found
}

/// The old ciphers live in a provider of their own, which an installation need not have.
const LEGACY: &str = "-provider legacy -provider default";

/// Name, how openssl makes the key, and whether this program signs with it.
const KEYS: &[(&str, &str, bool)] = &[
    ("RSA 1024", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024", false),
    ("RSA 2048", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048", true),
    ("RSA 2056", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2056", true),
    ("RSA 3072", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072", true),
    ("RSA 2048, exponent 3", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3", true),
    ("RSA 2048, exponent 17", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:17", true),
    ("RSA-PSS", "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048", true),
    (
        "RSA-PSS of SHA-384",
        "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha384 -pkeyopt rsa_pss_keygen_mgf1_md:sha384 -pkeyopt rsa_pss_keygen_saltlen:48",
        true,
    ),
    ("P-256", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", true),
    ("P-384", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384", true),
    ("P-521", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521", true),
    ("Ed25519", "genpkey -algorithm ED25519", true),
    ("X25519", "genpkey -algorithm X25519", false),
];

/// Files of one key as openssl writes them, with what they were made by.
fn encodings(name: &str) -> Vec<(&'static str, String)> {
    let mut files = vec![
        ("pkcs8.pem", "pkey -in key.pem -out pkcs8.pem".to_owned()),
        ("pkcs8.der", "pkey -in key.pem -outform DER -out pkcs8.der".to_owned()),
        ("public.pem", "pkey -in key.pem -pubout -out public.pem".to_owned()),
        ("public.der", "pkey -in key.pem -pubout -outform DER -out public.der".to_owned()),
    ];
    // The encryption does not depend on what is in it: all combinations for one key are enough.
    let (ciphers, digests) = if name == "P-256" { (4, 4) } else { (1, 1) };
    for cipher in ["aes-256-cbc", "aes-192-cbc", "aes-128-cbc", "des-ede3-cbc"].into_iter().take(ciphers) {
        for digest in ["hmacWithSHA256", "hmacWithSHA1", "hmacWithSHA384", "hmacWithSHA512"].into_iter().take(digests) {
            let file: &'static str = format!("{cipher}.{digest}.pem").leak();
            files.push((file, format!("pkcs8 -topk8 -in key.pem -v2 {cipher} -v2prf {digest} -passout pass:secret -out {file}")));
        }
    }
    files.push((
        "rounds.der",
        "pkcs8 -topk8 -in key.pem -v2 aes256 -iter 1000 -passout pass:secret -outform DER -out rounds.der".to_owned(),
    ));
    files.push(("scrypt.pem", "pkcs8 -topk8 -in key.pem -scrypt -passout pass:secret -out scrypt.pem".to_owned()));
    for scheme in ["PBE-MD5-DES", "PBE-SHA1-DES", "PBE-SHA1-3DES"] {
        let file: &'static str = format!("{scheme}.pem").leak();
        files.push((file, format!("pkcs8 -topk8 -in key.pem -v1 {scheme} -passout pass:secret {LEGACY} -out {file}")));
    }
    let traditional = match name {
        name if name.starts_with("RSA ") => Some("rsa"),
        name if name.starts_with("P-") => Some("ec"),
        _ => None,
    };
    if let Some(command) = traditional {
        let form = if command == "rsa" { "-traditional " } else { "" };
        files.push(("traditional.pem", format!("{command} -in key.pem {form}-out traditional.pem")));
        files.push(("traditional.der", format!("{command} -in key.pem {form}-outform DER -out traditional.der")));
        for cipher in ["des", "des3", "aes128", "aes192", "aes256"] {
            let file: &'static str = format!("traditional.{cipher}.pem").leak();
            let legacy = if cipher == "des" { format!(" {LEGACY}") } else { String::new() };
            files.push((file, format!("{command} -in key.pem {form}-{cipher} -passout pass:secret{legacy} -out {file}")));
        }
    }
    match traditional {
        Some("rsa") => {
            files.push(("pkcs1.public.pem", "rsa -in key.pem -RSAPublicKey_out -out pkcs1.public.pem".to_owned()));
            files.push(("pkcs1.public.der", "rsa -in key.pem -RSAPublicKey_out -outform DER -out pkcs1.public.der".to_owned()));
        }
        Some(_) => {
            files.push(("compressed.pem", "ec -in key.pem -conv_form compressed -out compressed.pem".to_owned()));
            files.push((
                "compressed.public.pem",
                "ec -in key.pem -pubout -conv_form compressed -out compressed.public.pem".to_owned(),
            ));
            files.push(("bare.der", "ec -in key.pem -no_public -outform DER -out bare.der".to_owned()));
        }
        None => {}
    }
    files
}

#[test]
fn every_encoding_of_openssl_is_read() {
    if !is_there("every_encoding_of_openssl_is_read") {
        return;
    }
    let mut count = 0;
    for (name, make, _) in KEYS {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        run(folder, &format!("{make} -out key.pem"));
        let public = run(folder, "pkey -in key.pem -pubout");
        let thumbprint = printed(&meshsec(folder, &["jwk", "thumbprint", "key.pem"]), name);
        for (file, command) in encodings(name) {
            let made = openssl(folder, &command);
            if !made.status.success() {
                let why = String::from_utf8_lossy(&made.stderr).lines().last().unwrap_or_default().to_owned();
                assert!(command.contains(LEGACY), "{name}, {file}: {why}");
                skipped(&format!("every_encoding_of_openssl_is_read, {name}, {file}"), &why);
                continue;
            }
            let what = format!("{name}, {file}");
            assert_eq!(printed(&meshsec(folder, &["jwk", "thumbprint", file]), &what), thumbprint, "{what}");
            if !name.starts_with("RSA-PSS") {
                let pem = printed(&meshsec(folder, &["jwk", "convert", file, "-o", "pem"]), &what);
                assert_eq!(pem, public, "{what}");
            }
            if !file.contains("public") {
                let jwk = printed(&meshsec(folder, &["jwk", "convert", file, "-o", "jwk", "--show-private"]), &what);
                fs::write(folder.join("key.jwk"), jwk).unwrap();
                let back = printed(&meshsec(folder, &["jwk", "convert", "key.jwk", "-o", "pem", "--show-private"]), &what);
                if !name.starts_with("RSA-PSS") {
                    assert_eq!(back, run(folder, "pkey -in key.pem"), "{what}");
                }
            }
            count += 1;
        }
    }
    assert!(count > 180, "only {count} encodings were looked at");
}

#[test]
fn a_wrong_passphrase_opens_no_encoding() {
    if !is_there("a_wrong_passphrase_opens_no_encoding") {
        return;
    }
    for (name, make) in [("RSA 2048", KEYS[1].1), ("P-256", KEYS[8].1)] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        run(folder, &format!("{make} -out key.pem"));
        fs::write(folder.join("wrong"), "Secret\n").unwrap();
        let encrypted = encodings(name).into_iter().filter(|(_, command)| command.contains("passout"));
        for (file, command) in encrypted {
            if !openssl(folder, &command).status.success() {
                skipped(&format!("a_wrong_passphrase_opens_no_encoding, {name}, {file}"), "openssl does not write it");
                continue;
            }
            let output = meshsec(folder, &["jwk", "thumbprint", file, "--password-file", "wrong"]);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{name}, {file}");
            assert!(said.contains("wrong passphrase"), "{name}, {file}: {said}");
        }
    }
}

#[test]
fn keys_restricted_to_pss_stay_so() {
    if !is_there("keys_restricted_to_pss_stay_so") {
        return;
    }
    for (index, wanted) in [(6, "PS256"), (7, "PS384")] {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &format!("{} -out key.pem", KEYS[index].1));
        for file in ["key.pem", "public.pem"] {
            if file == "public.pem" {
                run(folder.path(), "pkey -in key.pem -pubout -out public.pem");
            }
            let jwk = printed(&meshsec(folder.path(), &["jwk", "convert", file, "-o", "jwk"]), file);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&jwk).unwrap()["alg"], wanted);
            let output = meshsec(folder.path(), &["jwk", "convert", file, "-o", "json"]);
            assert!(printed(&output, file).contains(&format!("\"algorithms\": [\n        \"{wanted}\"\n      ]")));
        }
    }
}

#[test]
fn keys_that_are_not_for_tokens_are_refused_by_name() {
    if !is_there("keys_that_are_not_for_tokens_are_refused_by_name") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (make, wanted) in [
        (
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out key.pem",
            "curve `secp256k1` is not supported for `EC`",
        ),
        ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-224 -out key.pem", "curve `1.3.132.0.33` is not supported for `EC`"),
        (
            "ecparam -name prime256v1 -genkey -param_enc explicit -out key.pem",
            "the curve is given by its parameters instead of its name",
        ),
        ("genrsa -primes 3 -traditional -out key.pem 3072", "RSA keys of more than two primes are not supported"),
        ("genpkey -algorithm ED448 -out key.pem", "a private Ed448 key without its public part is not supported"),
        ("genpkey -algorithm X448 -out key.pem", "a private X448 key without its public part is not supported"),
        ("genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out key.pem", "`DH PARAMETERS` is not supported"),
        (
            "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha1 -out key.pem",
            "the RSASSA-PSS parameters of the key fit none of PS256, PS384 and PS512",
        ),
    ] {
        run(folder, make);
        let output = meshsec(folder, &["jwk", "thumbprint", "key.pem"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{make}: {said}");
        assert!(said.contains(wanted), "{make}: {said}");
    }
    run(folder, "genpkey -algorithm ED448 -out key.pem");
    run(folder, "pkey -in key.pem -pubout -out public.pem");
    let jwk = printed(&meshsec(folder, &["jwk", "convert", "public.pem", "-o", "jwk"]), "Ed448");
    assert!(jwk.contains("\"crv\": \"Ed448\""), "{jwk}");
    fs::write(folder.join("public.jwk"), jwk).unwrap();
    let pem = printed(&meshsec(folder, &["jwk", "convert", "public.jwk", "-o", "pem"]), "Ed448");
    assert_eq!(pem, fs::read_to_string(folder.join("public.pem")).unwrap());
}

#[test]
fn parameters_in_front_of_a_key_are_passed_over() {
    if !is_there("parameters_in_front_of_a_key_are_passed_over") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), "ecparam -name prime256v1 -genkey -out key.pem");
    assert!(fs::read_to_string(folder.path().join("key.pem")).unwrap().starts_with("-----BEGIN EC PARAMETERS-----"));
    let public = run(folder.path(), "ec -in key.pem -pubout");
    assert_eq!(printed(&meshsec(folder.path(), &["jwk", "convert", "key.pem", "-o", "pem"]), "key.pem"), public);
}

#[test]
fn what_is_written_here_openssl_reads() {
    if !is_there("what_is_written_here_openssl_reads") {
        return;
    }
    for (algorithm, size) in [("RS256", "2048"), ("RS256", "4096"), ("ES256", ""), ("ES384", ""), ("ES512", ""), ("EdDSA", "")] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut generate = vec!["jwk", "generate", "--alg", algorithm, "--kid", "k", "--out", "keys"];
        if !size.is_empty() {
            generate.extend(["--size", size]);
        }
        printed(&meshsec(folder, &generate), algorithm);
        let public = printed(&meshsec(folder, &["jwk", "convert", "keys/k.public.jwk.json", "-o", "pem"]), algorithm);
        run(folder, "pkey -in keys/k.pem -check -noout");
        assert_eq!(run(folder, "pkey -in keys/k.pem -pubout"), public, "{algorithm}");
        assert_eq!(run(folder, "pkey -in keys/k.pem"), fs::read_to_string(folder.join("keys/k.pem")).unwrap(), "{algorithm}");
        let mut convert = vec!["jwk", "convert", "keys/k.private.jwk.json", "-o", "pem", "--show-private"];
        fs::write(folder.join("encrypted.pem"), printed(&meshsec(folder, &[&convert[..], &["--encrypt"]].concat()), algorithm))
            .unwrap();
        assert_eq!(run(folder, "pkey -in encrypted.pem -passin pass:secret -pubout"), public, "{algorithm}");
        assert!(!openssl(folder, "pkey -in encrypted.pem -passin pass:wrong -noout").status.success(), "{algorithm}");
        let form = match algorithm {
            "RS256" => "pkcs1",
            "EdDSA" => continue,
            _ => "sec1",
        };
        convert.extend(["--form", form]);
        let written = printed(&meshsec(folder, &convert), algorithm);
        let theirs = if form == "pkcs1" { "rsa -in keys/k.pem -traditional" } else { "ec -in keys/k.pem" };
        assert_eq!(written, run(folder, theirs), "{algorithm}");
        if form == "pkcs1" {
            let written = meshsec(folder, &["jwk", "convert", "keys/k.public.jwk.json", "-o", "pem", "--form", "pkcs1"]);
            assert_eq!(printed(&written, algorithm), run(folder, "rsa -in keys/k.pem -RSAPublicKey_out"), "{algorithm}");
        }
    }
}

#[test]
fn certificates_become_keys() {
    if !is_there("certificates_become_keys") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(folder, "req -x509 -newkey rsa:2048 -noenc -subj /CN=root -days 2 -keyout root.key -out root.pem");
    run(folder, "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=leaf -keyout leaf.key -out leaf.csr");
    run(folder, "x509 -req -in leaf.csr -CA root.pem -CAkey root.key -CAcreateserial -days 1 -out leaf.pem");
    run(folder, "x509 -in leaf.pem -trustout -addtrust serverAuth -setalias leaf -out trusted.pem");
    run(folder, "x509 -in leaf.pem -outform DER -out leaf.der");
    let chain = fs::read_to_string(folder.join("leaf.pem")).unwrap() + &fs::read_to_string(folder.join("root.pem")).unwrap();
    fs::write(folder.join("chain.pem"), &chain).unwrap();
    fs::write(folder.join("all.pem"), chain + &fs::read_to_string(folder.join("leaf.key")).unwrap()).unwrap();
    let public = run(folder, "x509 -in leaf.pem -pubkey -noout");
    let fingerprint = run(folder, "x509 -in leaf.pem -fingerprint -sha256 -noout");
    let fingerprint: String = fingerprint.trim().rsplit('=').next().unwrap().replace(':', "").to_lowercase();
    for (file, certificates) in [("leaf.pem", 1), ("trusted.pem", 1), ("leaf.der", 1), ("chain.pem", 2), ("all.pem", 2)] {
        let jwk = printed(&meshsec(folder, &["jwk", "convert", file, "-o", "jwk"]), file);
        let jwk: serde_json::Value = serde_json::from_str(&jwk).unwrap();
        let found = jwk["x5c"].as_array().unwrap();
        assert_eq!(found.len(), certificates, "{file}");
        let der = fs::read(folder.join("leaf.der")).unwrap();
        assert_eq!(found[0], base64::engine::general_purpose::STANDARD.encode(der), "{file}");
        let hex: String = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(jwk["x5t#S256"].as_str().unwrap())
            .unwrap()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, fingerprint, "{file}");
        assert_eq!(printed(&meshsec(folder, &["jwk", "convert", file, "-o", "pem"]), file), public, "{file}");
        // The JWK with its certificates is read again, and refused when its key is exchanged.
        fs::write(folder.join("key.jwk"), jwk.to_string()).unwrap();
        printed(&meshsec(folder, &["jwk", "thumbprint", "key.jwk"]), file);
        let mut other: serde_json::Value =
            serde_json::from_str(&printed(&meshsec(folder, &["jwk", "convert", "root.pem", "-o", "jwk"]), file)).unwrap();
        other["x5c"] = jwk["x5c"].clone();
        other.as_object_mut().unwrap().shift_remove("x5t#S256");
        fs::write(folder.join("key.jwk"), other.to_string()).unwrap();
        let output = meshsec(folder, &["jwk", "thumbprint", "key.jwk"]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("`x5c`: certificate 1 is for another key"), "{file}");
    }
}
