//! Private keys: PKCS#1, PKCS#8 and SEC 1, each as strict or lenient as Go is, and whether one belongs to a certificate.

use aws_lc_rs::agreement;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use num_bigint::BigInt;
use num_bigint::BigUint;
use zeroize::Zeroizing;

use crate::pki::istiod::go::asn1::Fields;
use crate::pki::istiod::go::asn1::bits;
use crate::pki::istiod::go::der::BIT_STRING;
use crate::pki::istiod::go::der::OBJECT_IDENTIFIER;
use crate::pki::istiod::go::der::SEQUENCE;
use crate::pki::istiod::go::der::dotted;
use crate::pki::istiod::go::der::object_identifier;
use crate::pki::istiod::go::elliptic::Curve;
use crate::pki::istiod::go::public_key::PublicKey;
use crate::pki::istiod::go::public_key::RsaPublicKey;
use crate::pki::istiod::go::public_key::positive;

/// What a private key file holds, as far as it is asked here: the public half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyFile {
    /// A key that can sign.
    Signing(PublicKey),
    /// X25519, which Go reads and TLS cannot use.
    X25519,
}

const ONLY_FOR: &str = "x509: failed to parse private key (use";

/// PKCS#1 (RFC 8017 appendix A.1.2).
pub(crate) fn pkcs1(der: &[u8]) -> Result<KeyFile, String> {
    let Some((numbers, rest)) = pkcs1_numbers(der) else {
        return Err(other_format(der, &["ParseECPrivateKey", "ParsePKCS8PrivateKey"]).unwrap_or_else(structure));
    };
    if !rest.is_empty() {
        return Err("asn1: syntax error: trailing data".to_owned());
    }
    numbers.checked().map(|key| KeyFile::Signing(PublicKey::Rsa(key)))
}

/// PKCS#8 (RFC 5208), unencrypted.
pub(crate) fn pkcs8(der: &[u8]) -> Result<KeyFile, String> {
    let Some((oid, parameters, key)) = pkcs8_fields(der) else {
        return Err(other_format(der, &["ParseECPrivateKey", "ParsePKCS1PrivateKey"]).unwrap_or_else(structure));
    };
    match oid.as_slice() {
        [1, 2, 840, 113_549, 1, 1, 1] => {
            pkcs1(key).map_err(|words| format!("x509: failed to parse RSA private key embedded in PKCS#8: {words}"))
        }
        [1, 2, 840, 10045, 2, 1] => {
            let named = Fields(parameters).oid();
            sec1_with(named.as_deref(), key)
                .map_err(|words| format!("x509: failed to parse EC private key embedded in PKCS#8: {words}"))
        }
        [1, 3, 101, 112] => {
            let seed = seed("Ed25519", parameters, key)?;
            let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| "x509: invalid Ed25519 private key".to_owned())?;
            Ok(KeyFile::Signing(PublicKey::Ed25519(pair.public_key().as_ref().to_vec())))
        }
        [1, 3, 101, 110] => seed("X25519", parameters, key).map(|_| KeyFile::X25519),
        other => Err(format!("x509: PKCS#8 wrapping contained private key with unknown algorithm: {}", dotted(other))),
    }
}

/// SEC 1 (RFC 5915).
pub(crate) fn sec1(der: &[u8]) -> Result<KeyFile, String> {
    sec1_with(None, der)
}

/// As `crypto/tls` tries them, whatever the label says.
pub(crate) fn any(der: &[u8]) -> Result<PublicKey, String> {
    if let Ok(KeyFile::Signing(key)) = pkcs1(der) {
        return Ok(key);
    }
    match pkcs8(der) {
        Ok(KeyFile::Signing(key)) => return Ok(key),
        Ok(KeyFile::X25519) => return Err("tls: found unknown private key type in PKCS#8 wrapping".to_owned()),
        Err(_) => {}
    }
    match sec1(der) {
        Ok(KeyFile::Signing(key)) => Ok(key),
        Ok(KeyFile::X25519) | Err(_) => Err("tls: failed to parse private key".to_owned()),
    }
}

fn structure() -> String {
    "asn1: structure error: the fields are not those of a private key".to_owned()
}

/// Go's hint when the bytes are a key of another format.
fn other_format(der: &[u8], formats: &[&str]) -> Option<String> {
    let reads = |format: &str| match format {
        "ParseECPrivateKey" => sec1_fields(der).is_some(),
        "ParsePKCS8PrivateKey" => pkcs8_fields(der).is_some(),
        _ => pkcs1_numbers(der).is_some(),
    };
    let format = formats.iter().find(|format| reads(format))?;
    Some(format!("{ONLY_FOR} {format} instead for this key format)"))
}

fn pkcs8_fields(der: &[u8]) -> Option<(Vec<u32>, &[u8], &[u8])> {
    let (mut fields, _) = Fields::of(der)?;
    fields.int()?;
    let (oid, parameters) = fields.algorithm()?;
    Some((oid, parameters, fields.octets()?))
}

fn seed<'d>(name: &str, parameters: &[u8], key: &'d [u8]) -> Result<&'d [u8], String> {
    if !parameters.is_empty() {
        return Err(format!("x509: invalid {name} private key parameters"));
    }
    let seed = Fields(key).octets().ok_or_else(|| format!("x509: invalid {name} private key"))?;
    if seed.len() == 32 { Ok(seed) } else { Err(format!("x509: invalid {name} private key length: {}", seed.len())) }
}

struct Sec1<'d> {
    version: i64,
    scalar: &'d [u8],
    curve: Option<Vec<u32>>,
}

fn sec1_fields(der: &[u8]) -> Option<Sec1<'_>> {
    let (mut fields, _) = Fields::of(der)?;
    let version = fields.int()?;
    let scalar = fields.octets()?;
    let curve = match fields.explicit(0, OBJECT_IDENTIFIER)? {
        Some(content) => Some(object_identifier(content)?),
        None => None,
    };
    if let Some(content) = fields.explicit(1, BIT_STRING)? {
        bits(content)?;
    }
    Some(Sec1 { version, scalar, curve })
}

fn sec1_with(named: Option<&[u32]>, der: &[u8]) -> Result<KeyFile, String> {
    let Some(fields) = sec1_fields(der) else {
        let other = other_format(der, &["ParsePKCS8PrivateKey", "ParsePKCS1PrivateKey"]);
        return Err(other.unwrap_or_else(|| format!("x509: failed to parse EC private key: {}", structure())));
    };
    if fields.version != 1 {
        return Err(format!("x509: unknown EC private key version {}", fields.version));
    }
    let curve = named.or(fields.curve.as_deref()).and_then(Curve::from_oid).ok_or("x509: unknown elliptic curve")?;
    let mut scalar = fields.scalar;
    while scalar.len() > curve.size() {
        scalar = scalar.strip_prefix(&[0]).ok_or("x509: invalid private key length")?;
    }
    let mut padded = Zeroizing::new(vec![0; curve.size() - scalar.len()]);
    padded.extend_from_slice(scalar);
    let point = curve.has_scalar(&padded).then(|| public_point(curve, &padded)).flatten();
    let point = point.ok_or("ecdsa: invalid private key")?;
    Ok(KeyFile::Signing(PublicKey::Ecdsa(curve, point)))
}

fn public_point(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    let algorithm = match curve {
        Curve::P224 => return curve.public_point(scalar),
        Curve::P256 => &agreement::ECDH_P256,
        Curve::P384 => &agreement::ECDH_P384,
        Curve::P521 => &agreement::ECDH_P521,
    };
    let key = agreement::PrivateKey::from_private_key(algorithm, scalar).ok()?;
    Some(key.compute_public_key().ok()?.as_ref().to_vec())
}

/// The numbers of a PKCS#1 key.
struct RsaNumbers {
    version: i64,
    modulus: BigInt,
    exponent: i64,
    private: BigInt,
    primes: [BigInt; 2],
    /// dP, dQ and qInv.
    precomputed: [Option<BigInt>; 3],
    more_primes: Vec<BigInt>,
}

fn pkcs1_numbers(der: &[u8]) -> Option<(RsaNumbers, &[u8])> {
    let (mut fields, rest) = Fields::of(der)?;
    let version = fields.int()?;
    let modulus = fields.big()?;
    let exponent = fields.int()?;
    let private = fields.big()?;
    let primes = [fields.big()?, fields.big()?];
    let precomputed = [fields.optional_big()?, fields.optional_big()?, fields.optional_big()?];
    let mut more_primes = Vec::new();
    if let Some(list) = fields.optional(SEQUENCE)? {
        let mut list = Fields(list);
        while !list.0.is_empty() {
            let mut one = list.sequence()?;
            more_primes.push(one.big()?);
            one.big()?;
            one.big()?;
        }
    }
    Some((RsaNumbers { version, modulus, exponent, private, primes, precomputed, more_primes }, rest))
}

impl RsaNumbers {
    fn checked(self) -> Result<RsaPublicKey, String> {
        if self.version > 1 {
            return Err("x509: unsupported private key version".to_owned());
        }
        let zero = || "x509: private key contains zero or negative value".to_owned();
        let modulus = positive(&self.modulus).ok_or_else(zero)?;
        let private = positive(&self.private).ok_or_else(zero)?;
        let [p, q] = self.primes.each_ref().map(positive);
        let (p, q) = (p.ok_or_else(zero)?, q.ok_or_else(zero)?);
        let mut precomputed = Vec::new();
        for number in self.precomputed.iter().flatten() {
            precomputed.push(positive(number).ok_or_else(zero)?);
        }
        let mut more = Vec::new();
        for prime in &self.more_primes {
            more.push(positive(prime).ok_or("x509: private key contains zero or negative prime")?);
        }
        let public = RsaPublicKey { modulus, exponent: self.exponent };
        let one = BigUint::from(1_u32);
        if public.modulus <= one || private >= public.modulus {
            return Err("input overflows the modulus".to_owned());
        }
        if !public.is_sane() {
            return Err("crypto/rsa: public modulus or exponent is not usable".to_owned());
        }
        if !more.is_empty() {
            return several_primes([p, q].into_iter().chain(more)).map(|()| public);
        }
        let all = <[BigUint; 3]>::try_from(precomputed).ok().filter(|_| self.precomputed.iter().all(Option::is_some));
        two_primes(&public, &private, &p, &q, all)?;
        Ok(public)
    }
}

/// What Go still asks of keys with more than two primes.
fn several_primes(primes: impl Iterator<Item = BigUint>) -> Result<(), String> {
    let one = BigUint::from(1_u32);
    let mut product = one.clone();
    for prime in primes {
        if prime <= one {
            return Err("crypto/rsa: prime factor is <= 1".to_owned());
        }
        if product > one && (&product % &prime).modinv(&prime).is_none() {
            return Err("crypto/rsa: prime factors are not relatively prime".to_owned());
        }
        product *= prime;
    }
    Ok(())
}

/// The consistency of a usual key, in the order Go looks at it.
fn two_primes(
    public: &RsaPublicKey,
    private: &BigUint,
    p: &BigUint,
    q: &BigUint,
    given: Option<[BigUint; 3]>,
) -> Result<(), String> {
    let n = &public.modulus;
    let two = BigUint::from(2_u32);
    if *p <= two || *q <= two {
        return Err("modulus must be > 1".to_owned());
    }
    let (p1, q1) = (p - 1_u32, q - 1_u32);
    let [dp, dq, inverse] = match given {
        Some(given) => given,
        None if !p.bit(0) => return Err("crypto/rsa: p is even".to_owned()),
        None => [private % &p1, private % &q1, (q % p).modpow(&(p - 2_u32), p)],
    };
    if inverse >= *p {
        return Err("input overflows the modulus".to_owned());
    }
    if p >= n || q >= n {
        return Err("crypto/rsa: invalid prime".to_owned());
    }
    if p * q % n != BigUint::ZERO {
        return Err("crypto/rsa: p * q != n".to_owned());
    }
    let exponent = BigUint::from(public.exponent.unsigned_abs());
    let one = BigUint::from(1_u32);
    if dp >= p1 || dq >= q1 || &exponent * &dp % &p1 != one || &exponent * &dq % &q1 != one {
        return Err("crypto/rsa: invalid CRT exponent".to_owned());
    }
    if q * &inverse % p != one {
        return Err("crypto/rsa: invalid CRT coefficient".to_owned());
    }
    if private % &p1 != dp {
        return Err("crypto/rsa: d does not match dP".to_owned());
    }
    if private % &q1 != dq {
        return Err("crypto/rsa: d does not match dQ".to_owned());
    }
    if p == q {
        return Err("crypto/rsa: p == q".to_owned());
    }
    let distance = if p > q { p - q } else { q - p };
    let half = n.bits() / 2;
    if distance.bits() + 100 <= half {
        return Err("crypto/rsa: |p - q| too small".to_owned());
    }
    if private.bits() <= half {
        return Err("crypto/rsa: d too small".to_owned());
    }
    Ok(())
}
