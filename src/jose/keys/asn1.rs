//! Keys in DER: PKCS#8 (RFC 5208, 5958), PKCS#1 (RFC 8017 appendix A.1), SEC 1 (RFC 5915), and `SubjectPublicKeyInfo` (RFC 5280
//! section 4.1.2.7), each read and written.

use zeroize::Zeroizing;

use crate::jose::Algorithm;
use crate::jose::JwkError;
use crate::jose::der;
use crate::jose::der::Elements;
use crate::jose::der::SEQUENCE;
use crate::jose::keys::elliptic::EcCurve;
use crate::jose::keys::elliptic::EcKey;
use crate::jose::keys::elliptic::left_padded;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::jwk_note::JwkNote;
use crate::jose::keys::key_file_error::KeyFileError;
use crate::jose::keys::material::KeyMaterial;
use crate::jose::keys::material::Secret;
use crate::jose::keys::octet::OkpCurve;
use crate::jose::keys::octet::OkpKey;
use crate::jose::keys::rsa_key::Primes;
use crate::jose::keys::rsa_key::RsaKey;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// Constructed, context-specific.
const CONTEXT_0: u8 = 0xa0;
const CONTEXT_1: u8 = 0xa1;
const CONTEXT_2: u8 = 0xa2;
/// Primitive, context-specific: the public key of PKCS#8 version 2.
const IMPLICIT_1: u8 = 0x81;

const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const SECP256K1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x0a];
/// SHA-256, SHA-384 and SHA-512 differ in the last byte: 1, 2, 3.
const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];

/// What a structure said about its key.
pub(super) struct Decoded {
    pub(super) material: KeyMaterial,
    /// The one algorithm that the structure allows, when it is restricted to RSASSA-PSS.
    pub(super) algorithm: Option<Algorithm>,
}

impl Decoded {
    pub(super) fn into_jwk(self) -> Jwk {
        let mut jwk = Jwk::of_material(self.material);
        if let Some(algorithm) = self.algorithm {
            jwk.algorithm = Some(algorithm.name().to_owned());
            jwk.notes.push(JwkNote::PssOnly);
        }
        jwk
    }
}

impl From<KeyMaterial> for Decoded {
    fn from(material: KeyMaterial) -> Self {
        Self { material, algorithm: None }
    }
}

/// A structure that is broken at this place.
fn broken(form: &'static str) -> impl Fn() -> KeyFileError {
    move || KeyFileError::Der { form }
}

/// `PrivateKeyInfo`.
pub(super) fn read_pkcs8(bytes: &[u8]) -> Result<Decoded, KeyFileError> {
    let broken = broken("PKCS#8 private key");
    let (content, _) = only(bytes, SEQUENCE).ok_or_else(&broken)?;
    let mut fields = Elements::of(content);
    fields.next(INTEGER).filter(|(version, _)| matches!(version, [0 | 1])).ok_or_else(&broken)?;
    let identifier = AlgorithmIdentifier::next(&mut fields).ok_or_else(&broken)?;
    let (key, _) = fields.next(OCTET_STRING).ok_or_else(&broken)?;
    if fields.peek() == Some(CONTEXT_0) {
        fields.next(CONTEXT_0).ok_or_else(&broken)?;
    }
    // PKCS#8 version 2 puts the public key behind; some writers tag it as constructed.
    let public = match fields.peek() {
        Some(IMPLICIT_1) => fields.next(IMPLICIT_1).and_then(|(bits, _)| bits.strip_prefix(&[0])),
        Some(CONTEXT_1) => {
            fields.next(CONTEXT_1).and_then(|(inside, _)| Elements::of(inside).next(BIT_STRING)?.0.strip_prefix(&[0]))
        }
        _ => None,
    };
    match identifier.kind()? {
        Kind::Rsa { algorithm } => Ok(Decoded { algorithm, ..read_pkcs1(key)? }),
        Kind::Ec(curve) => read_sec1_on(key, Some(curve)),
        Kind::Okp(curve) => {
            let (seed, _) = only(key, OCTET_STRING).ok_or_else(&broken)?;
            Ok(KeyMaterial::Okp(OkpKey::from_private(curve, Zeroizing::new(seed.to_vec()), public)?).into())
        }
    }
}

/// `RSAPrivateKey`.
pub(super) fn read_pkcs1(bytes: &[u8]) -> Result<Decoded, KeyFileError> {
    let broken = broken("PKCS#1 private key");
    let (content, _) = only(bytes, SEQUENCE).ok_or_else(&broken)?;
    let mut fields = Elements::of(content);
    match fields.next(INTEGER).ok_or_else(&broken)?.0 {
        [0] => {}
        [1] => return Err(JwkError::MultiPrime.into()),
        _ => return Err(broken()),
    }
    let mut number = || unsigned(&mut fields).ok_or_else(&broken);
    let (n, e, d, p, q, dp, dq, qi) = (number()?, number()?, number()?, number()?, number()?, number()?, number()?, number()?);
    let primes = Primes { p, q, dp, dq, qi };
    Ok(KeyMaterial::Rsa(RsaKey::from_public(n, e)?.with_private(d, Some(&primes))?).into())
}

/// `RSAPublicKey`.
pub(super) fn read_pkcs1_public(bytes: &[u8]) -> Result<Decoded, KeyFileError> {
    let broken = broken("PKCS#1 public key");
    let (content, _) = only(bytes, SEQUENCE).ok_or_else(&broken)?;
    let mut fields = Elements::of(content);
    let n = unsigned(&mut fields).ok_or_else(&broken)?;
    let e = unsigned(&mut fields).ok_or_else(&broken)?;
    Ok(KeyMaterial::Rsa(RsaKey::from_public(n, e)?).into())
}

/// `ECPrivateKey` that names its curve.
pub(super) fn read_sec1(bytes: &[u8]) -> Result<Decoded, KeyFileError> {
    read_sec1_on(bytes, None)
}

/// `ECPrivateKey`; the curve stands in it, or around it.
fn read_sec1_on(bytes: &[u8], outer: Option<EcCurve>) -> Result<Decoded, KeyFileError> {
    let broken = broken("SEC 1 private key");
    let (content, _) = only(bytes, SEQUENCE).ok_or_else(&broken)?;
    let mut fields = Elements::of(content);
    fields.next(INTEGER).filter(|(version, _)| *version == [1]).ok_or_else(&broken)?;
    let (number, _) = fields.next(OCTET_STRING).ok_or_else(&broken)?;
    let mut curve = outer;
    if fields.peek() == Some(CONTEXT_0) {
        let (parameters, _) = fields.next(CONTEXT_0).ok_or_else(&broken)?;
        let named = ec_curve(&mut Elements::of(parameters))?;
        if curve.is_some_and(|outer| outer != named) {
            return Err(broken());
        }
        curve = Some(named);
    }
    let curve = curve.ok_or(KeyFileError::NoCurve)?;
    let d = left_padded(number, curve.width()).ok_or(JwkError::PrivateRange { curve: curve.name() })?;
    let key = EcKey::from_private(curve, d)?;
    if fields.peek() == Some(CONTEXT_1) {
        let (inside, _) = fields.next(CONTEXT_1).ok_or_else(&broken)?;
        let (bits, _) = Elements::of(inside).next(BIT_STRING).ok_or_else(&broken)?;
        let public = EcKey::from_point(curve, bits.strip_prefix(&[0]).ok_or_else(&broken)?)?;
        if public != key.public() {
            return Err(JwkError::PrivateMismatch.into());
        }
    }
    Ok(KeyMaterial::Ec(key).into())
}

/// `SubjectPublicKeyInfo`.
pub(super) fn read_spki(bytes: &[u8]) -> Result<Decoded, KeyFileError> {
    let broken = broken("public key");
    let (content, _) = only(bytes, SEQUENCE).ok_or_else(&broken)?;
    let mut fields = Elements::of(content);
    let identifier = AlgorithmIdentifier::next(&mut fields).ok_or_else(&broken)?;
    let (bits, _) = fields.next(BIT_STRING).ok_or_else(&broken)?;
    let key = bits.strip_prefix(&[0]).ok_or_else(&broken)?;
    match identifier.kind()? {
        Kind::Rsa { algorithm } => Ok(Decoded { algorithm, ..read_pkcs1_public(key)? }),
        Kind::Ec(curve) => Ok(KeyMaterial::Ec(EcKey::from_point(curve, key)?).into()),
        Kind::Okp(curve) => Ok(KeyMaterial::Okp(OkpKey::from_public(curve, key)?).into()),
    }
}

/// The private key as `PrivateKeyInfo`; nothing when it is public, or a secret.
pub(super) fn write_pkcs8(material: &KeyMaterial) -> Option<Secret> {
    let (identifier, key) = match material {
        KeyMaterial::Rsa(_) => (rsa_identifier(), write_pkcs1(material)?),
        KeyMaterial::Ec(key) => (ec_identifier(key.curve), sec1(key, false)?),
        KeyMaterial::Okp(key) => {
            (sequence(&[&der::element(OBJECT_IDENTIFIER, key.curve.oid())]), element(OCTET_STRING, key.d.as_ref()?))
        }
        KeyMaterial::Oct(_) => return None,
    };
    Some(sequence(&[&der::element(INTEGER, &[0]), &identifier, &element(OCTET_STRING, &key)]))
}

/// The private RSA key as `RSAPrivateKey`.
pub(super) fn write_pkcs1(material: &KeyMaterial) -> Option<Secret> {
    let KeyMaterial::Rsa(key) = material else { return None };
    let private = key.private.as_ref()?;
    let numbers = [&key.n, &key.e, &*private.d, &*private.p, &*private.q, &*private.dp, &*private.dq, &*private.qi]
        .map(|number| Zeroizing::new(der::unsigned_integer(number)));
    let mut parts: Vec<&[u8]> = vec![&[INTEGER, 1, 0]];
    parts.extend(numbers.iter().map(|number| number.as_slice()));
    Some(sequence(&parts))
}

/// The public RSA key as `RSAPublicKey`.
pub(super) fn write_pkcs1_public(material: &KeyMaterial) -> Option<Vec<u8>> {
    let KeyMaterial::Rsa(key) = material else { return None };
    Some(der::two_integers(&key.n, &key.e))
}

/// The private EC key as `ECPrivateKey` with its curve.
pub(super) fn write_sec1(material: &KeyMaterial) -> Option<Secret> {
    let KeyMaterial::Ec(key) = material else { return None };
    sec1(key, true)
}

/// The public half as `SubjectPublicKeyInfo`; a secret has none.
pub(super) fn write_spki(material: &KeyMaterial) -> Option<Vec<u8>> {
    let (identifier, key) = match material {
        KeyMaterial::Rsa(key) => (rsa_identifier(), der::two_integers(&key.n, &key.e)),
        KeyMaterial::Ec(key) => (ec_identifier(key.curve), key.point()),
        KeyMaterial::Okp(key) => (sequence(&[&der::element(OBJECT_IDENTIFIER, key.curve.oid())]), key.x.clone()),
        KeyMaterial::Oct(_) => return None,
    };
    let bits = der::element(BIT_STRING, &[&[0], key.as_slice()].concat());
    Some(der::element(SEQUENCE, &[identifier.as_slice(), &bits].concat()))
}

fn sec1(key: &EcKey, with_curve: bool) -> Option<Secret> {
    let d = element(OCTET_STRING, key.d.as_ref()?);
    let curve = if with_curve { der::element(CONTEXT_0, &der::element(OBJECT_IDENTIFIER, key.curve.oid())) } else { Vec::new() };
    let point = der::element(CONTEXT_1, &der::element(BIT_STRING, &[&[0], key.point().as_slice()].concat()));
    Some(sequence(&[&[INTEGER, 1, 1], &d, &curve, &point]))
}

fn rsa_identifier() -> Secret {
    sequence(&[&der::element(OBJECT_IDENTIFIER, RSA_ENCRYPTION), &[NULL, 0]])
}

fn ec_identifier(curve: EcCurve) -> Secret {
    sequence(&[&der::element(OBJECT_IDENTIFIER, EC_PUBLIC_KEY), &der::element(OBJECT_IDENTIFIER, curve.oid())])
}

fn element(tag: u8, content: &[u8]) -> Secret {
    Zeroizing::new(der::element(tag, content))
}

fn sequence(parts: &[&[u8]]) -> Secret {
    element(SEQUENCE, &Zeroizing::new(parts.concat()))
}

/// The first sequence without what is behind it: the certificate in front of the trust settings of OpenSSL.
pub(super) fn first_element(bytes: &[u8]) -> &[u8] {
    Elements::of(bytes).next(SEQUENCE).map_or(bytes, |(_, whole)| whole)
}

/// One element with nothing behind it.
fn only(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let mut elements = Elements::of(bytes);
    let found = elements.next(tag)?;
    elements.peek().is_none().then_some(found)
}

/// An integer that is not negative.
fn unsigned<'d>(fields: &mut Elements<'d>) -> Option<&'d [u8]> {
    let (content, _) = fields.next(INTEGER)?;
    content.first().is_some_and(|first| *first < 0x80).then_some(content)
}

/// `AlgorithmIdentifier` (RFC 5280 section 4.1.1.2).
struct AlgorithmIdentifier<'d> {
    oid: &'d [u8],
    /// Tag and content.
    parameters: Elements<'d>,
}

enum Kind {
    Rsa { algorithm: Option<Algorithm> },
    Ec(EcCurve),
    Okp(OkpCurve),
}

impl<'d> AlgorithmIdentifier<'d> {
    fn next(fields: &mut Elements<'d>) -> Option<Self> {
        let (content, _) = fields.next(SEQUENCE)?;
        let mut parameters = Elements::of(content);
        let (oid, _) = parameters.next(OBJECT_IDENTIFIER)?;
        Some(Self { oid, parameters })
    }

    fn kind(mut self) -> Result<Kind, KeyFileError> {
        if self.oid == RSA_ENCRYPTION {
            return Ok(Kind::Rsa { algorithm: None });
        }
        if self.oid == RSASSA_PSS {
            return Ok(Kind::Rsa { algorithm: Some(pss_algorithm(&mut self.parameters)?) });
        }
        if self.oid == EC_PUBLIC_KEY {
            return ec_curve(&mut self.parameters).map(Kind::Ec);
        }
        let okp = OkpCurve::ALL.into_iter().find(|curve| curve.oid() == self.oid);
        okp.map(Kind::Okp).ok_or_else(|| KeyFileError::Algorithm { oid: dotted(self.oid) })
    }
}

fn ec_curve(parameters: &mut Elements<'_>) -> Result<EcCurve, KeyFileError> {
    if parameters.peek() == Some(SEQUENCE) {
        return Err(KeyFileError::ExplicitCurve);
    }
    let (oid, _) = parameters.next(OBJECT_IDENTIFIER).ok_or(KeyFileError::NoCurve)?;
    EcCurve::ALL.into_iter().find(|curve| curve.oid() == oid).ok_or_else(|| {
        let curve = if oid == SECP256K1 { "secp256k1".to_owned() } else { dotted(oid) };
        JwkError::UnknownCurve { kty: "EC", curve }.into()
    })
}

/// The algorithm that an RSASSA-PSS key is restricted to (RFC 4055 section 3.1). Without parameters every digest is allowed and the
/// usual one is taken; parameters must describe one of JWS (RFC 7518 section 3.5): equal digests and a salt no longer than that.
fn pss_algorithm(parameters: &mut Elements<'_>) -> Result<Algorithm, KeyFileError> {
    if parameters.peek().is_none() {
        return Ok(Algorithm::Ps256);
    }
    read_pss(parameters).ok_or(KeyFileError::PssParameters)
}

fn read_pss(parameters: &mut Elements<'_>) -> Option<Algorithm> {
    let (content, _) = parameters.next(SEQUENCE)?;
    let mut fields = Elements::of(content);
    // An absent digest means SHA-1, which no JWS algorithm uses.
    let (hash, _) = fields.next(CONTEXT_0)?;
    let digest = sha2(&mut Elements::of(hash))?;
    let (mask, _) = fields.next(CONTEXT_1)?;
    let mut mask = Elements::of(Elements::of(mask).next(SEQUENCE)?.0);
    if mask.next(OBJECT_IDENTIFIER)?.0 != MGF1 || sha2(&mut mask)? != digest {
        return None;
    }
    let (algorithm, length) = match digest {
        1 => (Algorithm::Ps256, 32),
        2 => (Algorithm::Ps384, 48),
        3 => (Algorithm::Ps512, 64),
        _ => return None,
    };
    if fields.peek() == Some(CONTEXT_2) {
        let (salt, _) = fields.next(CONTEXT_2)?;
        let (salt, _) = Elements::of(salt).next(INTEGER)?;
        // The number is a minimum for a key.
        return matches!(salt, [salt] if *salt <= length).then_some(algorithm);
    }
    Some(algorithm)
}

fn sha2(fields: &mut Elements<'_>) -> Option<u8> {
    let (content, _) = fields.next(SEQUENCE)?;
    let (oid, _) = Elements::of(content).next(OBJECT_IDENTIFIER)?;
    match oid.strip_prefix(SHA2)? {
        [last] => Some(*last),
        _ => None,
    }
}

/// An object identifier as people write it.
pub(super) fn dotted(oid: &[u8]) -> String {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc: u64 = 0;
    for byte in oid {
        arc = arc.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.extend([first, arc - first * 40]);
            } else {
                arcs.push(arc);
            }
            arc = 0;
        }
    }
    arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}
