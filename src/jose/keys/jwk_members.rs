//! The members of a JWK, read and written.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::jose::Algorithm;
use crate::jose::JwkError;
use crate::jose::keys::asn1;
use crate::jose::keys::elliptic::EcCurve;
use crate::jose::keys::elliptic::EcKey;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::jwk::base64url;
use crate::jose::keys::jwk::standard_base64;
use crate::jose::keys::jwk_note::JwkNote;
use crate::jose::keys::material::KeyMaterial;
use crate::jose::keys::octet::OkpCurve;
use crate::jose::keys::octet::OkpKey;
use crate::jose::keys::reading::Reading;
use crate::jose::keys::reading::text;
use crate::jose::keys::reading::type_name;
use crate::jose::keys::rsa_key::Primes;
use crate::jose::keys::rsa_key::RsaKey;
use crate::pki::Certificate;

/// Members that are private for at least one key type (RFC 7518 section 6).
pub(super) const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// Members that are understood here.
const KNOWN: &[&str] = &["kty", "use", "key_ops", "alg", "kid", "crv", "x", "y", "n", "e", "x5c"];

pub(super) fn read(members: &Map<String, Value>, reading: &mut Reading) -> Result<Jwk, JwkError> {
    let material = read_material(members, reading)?;
    let algorithm = text(members, "alg")?.map(str::to_owned);
    if let Some(name) = &algorithm {
        check_algorithm(name, &material, reading)?;
    }
    let key_use = text(members, "use")?.map(str::to_owned);
    let operations = read_operations(members)?;
    check_use(key_use.as_deref(), operations.as_deref(), reading)?;
    note_weakness(&material, reading);
    let certificates = read_certificates(members, &material, reading)?;
    let own = match &material {
        KeyMaterial::Rsa(_) => &["d", "p", "q", "dp", "dq", "qi"][..],
        KeyMaterial::Ec(_) | KeyMaterial::Okp(_) => &["d"],
        KeyMaterial::Oct(_) => &["k"],
    };
    for name in PRIVATE.iter().filter(|name| members.contains_key(**name) && !own.contains(name)) {
        reading.note(JwkNote::ForeignPrivateMember(name));
    }
    let is_other = |name: &str| !KNOWN.contains(&name) && !PRIVATE.contains(&name);
    let others = members.iter().filter(|(name, _)| is_other(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    let key_id = text(members, "kid")?.map(str::to_owned);
    Ok(Jwk { material, key_id, algorithm, key_use, operations, certificates, others, notes: std::mem::take(&mut reading.notes) })
}

fn read_material(members: &Map<String, Value>, reading: &mut Reading) -> Result<KeyMaterial, JwkError> {
    let Some(key_type) = text(members, "kty")? else {
        return Err(if members.contains_key("ciphertext") {
            JwkError::Encrypted
        } else if members.contains_key("keys") {
            JwkError::IsSet
        } else {
            JwkError::Missing("kty")
        });
    };
    match key_type {
        "RSA" => rsa(members, reading),
        "EC" => ec(members, reading),
        "OKP" => okp(members, reading),
        "oct" => reading.required(members, "k").map(KeyMaterial::Oct),
        other => Err(JwkError::UnknownType(other.to_owned())),
    }
}

fn rsa(members: &Map<String, Value>, reading: &mut Reading) -> Result<KeyMaterial, JwkError> {
    let n = reading.number(members, "n")?.ok_or(JwkError::Missing("n"))?;
    let e = reading.number(members, "e")?.ok_or(JwkError::Missing("e"))?;
    let public = RsaKey::from_public(&n, &e)?;
    if members.contains_key("oth") {
        return Err(JwkError::MultiPrime);
    }
    let d = reading.number(members, "d")?;
    let names = ["p", "q", "dp", "dq", "qi"];
    let is_there = |name: &str| members.contains_key(name);
    let Some(d) = d else {
        return if names.iter().any(|name| is_there(name)) { Err(JwkError::Missing("d")) } else { Ok(KeyMaterial::Rsa(public)) };
    };
    if !names.iter().any(|name| is_there(name)) {
        reading.note(JwkNote::FactorsComputed);
        return public.with_private(&d, None).map(KeyMaterial::Rsa);
    }
    let mut number = |name: &'static str| reading.number(members, name)?.ok_or(JwkError::IncompletePrimes(name));
    let (p, q, dp, dq, qi) = (number("p")?, number("q")?, number("dp")?, number("dq")?, number("qi")?);
    let primes = Primes { p: &p, q: &q, dp: &dp, dq: &dq, qi: &qi };
    public.with_private(&d, Some(&primes)).map(KeyMaterial::Rsa)
}

fn ec(members: &Map<String, Value>, reading: &mut Reading) -> Result<KeyMaterial, JwkError> {
    let name = text(members, "crv")?.ok_or(JwkError::Missing("crv"))?;
    let curve = EcCurve::ALL.into_iter().find(|curve| curve.name() == name);
    let curve = curve.ok_or_else(|| JwkError::UnknownCurve { kty: "EC", curve: name.to_owned() })?;
    let width = (curve.name(), curve.width());
    let x = reading.fixed(members, "x", width)?.ok_or(JwkError::Missing("x"))?;
    let y = reading.fixed(members, "y", width)?.ok_or(JwkError::Missing("y"))?;
    let public = EcKey::from_coordinates(curve, &x, &y)?;
    match reading.fixed(members, "d", width)? {
        None => Ok(KeyMaterial::Ec(public)),
        Some(d) => public.with_private(d).map(KeyMaterial::Ec),
    }
}

fn okp(members: &Map<String, Value>, reading: &mut Reading) -> Result<KeyMaterial, JwkError> {
    let name = text(members, "crv")?.ok_or(JwkError::Missing("crv"))?;
    let curve = OkpCurve::ALL.into_iter().find(|curve| curve.name() == name);
    let curve = curve.ok_or_else(|| JwkError::UnknownCurve { kty: "OKP", curve: name.to_owned() })?;
    let x = reading.required(members, "x")?;
    let public = OkpKey::from_public(curve, &x)?;
    match reading.optional(members, "d")? {
        None => Ok(KeyMaterial::Okp(public)),
        Some(d) => {
            if matches!(curve, OkpCurve::Ed448 | OkpCurve::X448) {
                reading.note(JwkNote::Unchecked(curve.name()));
            }
            OkpKey::from_private(curve, d, Some(&x)).map(KeyMaterial::Okp)
        }
    }
}

/// Whether the type and curve of a key can do the algorithm, whatever its size.
pub(super) fn fits(material: &KeyMaterial, algorithm: Algorithm) -> bool {
    use Algorithm as A;
    match algorithm {
        A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => matches!(material, KeyMaterial::Rsa(_)),
        A::Es256 | A::Es384 | A::Es512 => matches!(material, KeyMaterial::Ec(key) if key.curve.algorithm() == algorithm),
        A::EdDsa => matches!(material, KeyMaterial::Okp(key) if matches!(key.curve, OkpCurve::Ed25519 | OkpCurve::Ed448)),
        A::Hs256 | A::Hs384 | A::Hs512 => matches!(material, KeyMaterial::Oct(_)),
    }
}

fn check_algorithm(name: &str, material: &KeyMaterial, reading: &mut Reading) -> Result<(), JwkError> {
    let curve = match material {
        KeyMaterial::Okp(key) => key.curve.name(),
        KeyMaterial::Rsa(_) | KeyMaterial::Ec(_) | KeyMaterial::Oct(_) => "",
    };
    let refused = || Err(JwkError::Algorithm { algorithm: name.to_owned(), key: material.description() });
    match (Algorithm::from_name(name), name) {
        (Some(algorithm), _) => {
            if fits(material, algorithm) {
                Ok(())
            } else {
                refused()
            }
        }
        // RFC 9864 names the curve; `none` is no algorithm of a key.
        (None, "Ed25519" | "Ed448") => {
            if name == curve {
                Ok(())
            } else {
                refused()
            }
        }
        (None, "none") => refused(),
        (None, other) => {
            reading.note(JwkNote::UnknownAlgorithm(other.to_owned()));
            Ok(())
        }
    }
}

fn read_operations(members: &Map<String, Value>) -> Result<Option<Vec<String>>, JwkError> {
    let wrong = |value: &Value, wanted| JwkError::Type { member: "key_ops".to_owned(), wanted, found: type_name(value) };
    let Some(value) = members.get("key_ops") else { return Ok(None) };
    let Value::Array(elements) = value else { return Err(wrong(value, "a list of strings")) };
    let mut operations: Vec<String> = Vec::new();
    for element in elements {
        let Value::String(operation) = element else { return Err(wrong(element, "a list of strings")) };
        if operations.contains(operation) {
            return Err(JwkError::RepeatedOperation(operation.clone()));
        }
        operations.push(operation.clone());
    }
    Ok(Some(operations))
}

fn check_use(key_use: Option<&str>, operations: Option<&[String]>, reading: &mut Reading) -> Result<(), JwkError> {
    let Some(key_use) = key_use else { return Ok(()) };
    if !matches!(key_use, "sig" | "enc" | "x509-svid" | "jwt-svid" | "wit-svid") {
        reading.note(JwkNote::UnknownUse(key_use.to_owned()));
    }
    let Some(operations) = operations else { return Ok(()) };
    reading.note(JwkNote::UseAndOperations);
    let contradicts = |operation: &&String| {
        let signs = matches!(operation.as_str(), "sign" | "verify");
        (key_use == "sig" && !signs) || (key_use == "enc" && signs)
    };
    match operations.iter().find(contradicts) {
        Some(operation) => Err(JwkError::Inconsistent { key_use: key_use.to_owned(), operation: operation.clone() }),
        None => Ok(()),
    }
}

fn note_weakness(material: &KeyMaterial, reading: &mut Reading) {
    match material {
        KeyMaterial::Rsa(key) => {
            if key.bits() < 2048 {
                reading.note(JwkNote::Weak { bits: key.bits(), minimum: 2048 });
            }
            if !matches!(key.e.as_slice(), [3] | [1, 0, 1]) {
                reading.note(JwkNote::UnusualExponent);
            }
        }
        KeyMaterial::Oct(secret) if secret.len() < 32 => {
            let bits = u64::try_from(secret.len() * 8).unwrap_or(u64::MAX);
            reading.note(JwkNote::Weak { bits, minimum: 256 });
        }
        KeyMaterial::Ec(_) | KeyMaterial::Okp(_) | KeyMaterial::Oct(_) => {}
    }
}

/// `x5c` (RFC 7517 section 4.7): standard base64, the first certificate is for this key.
fn read_certificates(
    members: &Map<String, Value>,
    material: &KeyMaterial,
    reading: &mut Reading,
) -> Result<Vec<Vec<u8>>, JwkError> {
    let wrong = |value: &Value| JwkError::Type { member: "x5c".to_owned(), wanted: "a list of strings", found: type_name(value) };
    let mut certificates = Vec::new();
    let mut issuer: Option<Vec<u8>> = None;
    match members.get("x5c") {
        None => {}
        Some(Value::Array(elements)) if elements.is_empty() => return Err(JwkError::Empty("x5c")),
        Some(Value::Array(elements)) => {
            for (index, element) in (1..).zip(elements) {
                let Value::String(base64) = element else { return Err(wrong(element)) };
                let bad = |reason| JwkError::Certificate { index, reason };
                let der =
                    STANDARD.decode(base64).map_err(|_| bad("is no standard base64 (RFC 4648 section 4), which `x5c` uses"))?;
                let certificate = Certificate::from_der(&der).map_err(|_| bad("cannot be read"))?;
                if index == 1 {
                    let key = asn1::read_spki(certificate.public_key().info()).ok().map(|decoded| decoded.material);
                    if key.is_none_or(|key| Some(&key) != material.public().as_ref()) {
                        return Err(bad("is for another key"));
                    }
                } else if issuer.as_deref() != Some(certificate.subject_der()) {
                    reading.note(JwkNote::ChainOrder { index: index - 1 });
                }
                issuer = Some(certificate.issuer_der().to_vec());
                certificates.push(der);
            }
        }
        Some(other) => return Err(wrong(other)),
    }
    for (name, algorithm) in [("x5t", &digest::SHA1_FOR_LEGACY_USE_ONLY), ("x5t#S256", &digest::SHA256)] {
        let found = text(members, name)?;
        if let Some((found, first)) = found.zip(certificates.first())
            && found.trim_end_matches('=') != base64url(digest::digest(algorithm, first).as_ref())
        {
            return Err(JwkError::CertificateThumbprint(name));
        }
    }
    Ok(certificates)
}

/// All members, private ones included, in the order people expect.
pub(super) fn write(jwk: &Jwk) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    put("kty", jwk.material.key_type().into());
    for (name, value) in [("use", &jwk.key_use), ("alg", &jwk.algorithm), ("kid", &jwk.key_id)] {
        if let Some(value) = value {
            put(name, value.clone().into());
        }
    }
    if let Some(operations) = &jwk.operations {
        put("key_ops", operations.clone().into());
    }
    for (name, value) in numbers(&jwk.material) {
        put(name, value.into());
    }
    if !jwk.certificates.is_empty() {
        put("x5c", jwk.certificates.iter().map(|der| standard_base64(der)).collect());
    }
    for (name, value) in &jwk.others {
        put(name, value.clone());
    }
    members
}

fn numbers(material: &KeyMaterial) -> Vec<(&'static str, String)> {
    let mut numbers = Vec::new();
    match material {
        KeyMaterial::Rsa(key) => {
            numbers.extend([("n", base64url(&key.n)), ("e", base64url(&key.e))]);
            if let Some(private) = &key.private {
                numbers.extend(
                    [
                        ("d", &private.d),
                        ("p", &private.p),
                        ("q", &private.q),
                        ("dp", &private.dp),
                        ("dq", &private.dq),
                        ("qi", &private.qi),
                    ]
                    .map(|(name, number)| (name, base64url(number))),
                );
            }
        }
        KeyMaterial::Ec(key) => {
            numbers.extend([("crv", key.curve.name().to_owned()), ("x", base64url(&key.x)), ("y", base64url(&key.y))]);
            numbers.extend(key.d.as_ref().map(|d| ("d", base64url(d))));
        }
        KeyMaterial::Okp(key) => {
            numbers.extend([("crv", key.curve.name().to_owned()), ("x", base64url(&key.x))]);
            numbers.extend(key.d.as_ref().map(|d| ("d", base64url(d))));
        }
        KeyMaterial::Oct(secret) => numbers.push(("k", base64url(secret))),
    }
    numbers
}

/// The text of members, indented.
pub(super) fn pretty(members: &Map<String, Value>) -> Zeroizing<String> {
    // INVARIANT: a map of strings and JSON values always has a text.
    let mut text = Zeroizing::new(serde_json::to_string_pretty(members).unwrap_or_default());
    text.push('\n');
    text
}
