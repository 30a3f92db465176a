//! The curves Go knows, with plain arithmetic for what the library here does not offer: P-224, and ECDSA with SHA-1 on P-384.
//!
//! Only public values pass through the slow arithmetic, except the scalar of a P-224 key, whose point nobody else computes.

use num_bigint::BigUint;

use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::SEQUENCE;

/// A curve of FIPS 186-5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    /// secp224r1.
    P224,
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
}

impl Curve {
    pub(super) fn from_oid(oid: &[u32]) -> Option<Self> {
        match oid {
            [1, 3, 132, 0, 33] => Some(Self::P224),
            [1, 2, 840, 10045, 3, 1, 7] => Some(Self::P256),
            [1, 3, 132, 0, 34] => Some(Self::P384),
            [1, 3, 132, 0, 35] => Some(Self::P521),
            _ => None,
        }
    }

    /// How it is usually called.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P224 => "P-224",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Length of a coordinate, and of a scalar, in bytes.
    pub(super) fn size(self) -> usize {
        match self {
            Self::P224 => 28,
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// Prime, order, b and the base point; a is -3 on all of them.
    fn domain(self) -> Domain {
        let [prime, order, b, x, y] = match self {
            Self::P224 => [
                "ffffffffffffffffffffffffffffffff000000000000000000000001",
                "ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d",
                "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
                "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21",
                "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
            ],
            Self::P256 => [
                "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
                "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
                "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
                "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
                "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
            ],
            Self::P384 => [
                "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
                "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
                "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
                "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
                "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
            ],
            Self::P521 => [
                "1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
                "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
                "c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
                "11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
            ],
        }
        .map(|hex| BigUint::parse_bytes(hex.as_bytes(), 16).unwrap_or_default());
        Domain { prime, order, b, base: (x, y) }
    }

    /// Whether the bytes are an uncompressed point of the curve (SEC 1, 2.3.4).
    pub(super) fn has_point(self, bytes: &[u8]) -> bool {
        self.point(bytes).is_some()
    }

    fn point(self, bytes: &[u8]) -> Option<(BigUint, BigUint)> {
        let coordinates = bytes.strip_prefix(&[4]).filter(|rest| rest.len() == 2 * self.size())?;
        let (x, y) = coordinates.split_at_checked(self.size())?;
        let (x, y) = (BigUint::from_bytes_be(x), BigUint::from_bytes_be(y));
        let domain = self.domain();
        let is_on_curve = x < domain.prime && y < domain.prime && domain.is_on_curve(&x, &y);
        is_on_curve.then_some((x, y))
    }

    /// Whether the scalar is one of a private key.
    pub(super) fn has_scalar(self, bytes: &[u8]) -> bool {
        let scalar = BigUint::from_bytes_be(bytes);
        scalar != BigUint::ZERO && scalar < self.domain().order
    }

    /// The public point of a private scalar, uncompressed.
    pub(super) fn public_point(self, scalar: &[u8]) -> Option<Vec<u8>> {
        let domain = self.domain();
        let (x, y) = domain.affine(&domain.multiply(&domain.base.clone(), &BigUint::from_bytes_be(scalar)))?;
        let padded = |number: &BigUint| {
            let bytes = number.to_bytes_be();
            let zeros = self.size().saturating_sub(bytes.len());
            [vec![0; zeros], bytes].concat()
        };
        Some([vec![4], padded(&x), padded(&y)].concat())
    }

    /// ECDSA (FIPS 186-5 section 6.4.2) over a digest, the signature in DER.
    pub(super) fn verifies(self, point: &[u8], digest: &[u8], signature: &[u8]) -> Option<bool> {
        let mut outer = Der(signature);
        let mut inner = outer.read(SEQUENCE).filter(|_| outer.is_empty())?;
        let (r, s) = (inner.integer()?.to_biguint()?, inner.integer()?.to_biguint()?);
        let domain = self.domain();
        let is_in_range = |number: &BigUint| *number != BigUint::ZERO && *number < domain.order;
        if !inner.is_empty() || !is_in_range(&r) || !is_in_range(&s) {
            return Some(false);
        }
        let bits = u64::try_from(digest.len() * 8).ok()?;
        let hash = BigUint::from_bytes_be(digest) >> bits.saturating_sub(domain.order.bits());
        let inverse = s.modinv(&domain.order)?;
        let (first, second) = (hash * &inverse % &domain.order, &r * inverse % &domain.order);
        let sum = domain.add(&domain.multiply(&domain.base, &first), &domain.multiply(&self.point(point)?, &second));
        Some(domain.affine(&sum).is_some_and(|(x, _)| x % &domain.order == r))
    }
}

struct Domain {
    prime: BigUint,
    order: BigUint,
    b: BigUint,
    base: (BigUint, BigUint),
}

/// Jacobian coordinates; `z` is zero for the point at infinity.
#[derive(Clone)]
struct Jacobian {
    x: BigUint,
    y: BigUint,
    z: BigUint,
}

impl Domain {
    fn is_on_curve(&self, x: &BigUint, y: &BigUint) -> bool {
        let right = x * x % &self.prime * x + &self.b + &self.prime * 3_u32 - x * 3_u32;
        y * y % &self.prime == right % &self.prime
    }

    fn minus(&self, left: &BigUint, right: &BigUint) -> BigUint {
        (left + &self.prime - right % &self.prime) % &self.prime
    }

    fn double(&self, point: &Jacobian) -> Jacobian {
        let p = &self.prime;
        let delta = &point.z * &point.z % p;
        let gamma = &point.y * &point.y % p;
        let beta = &point.x * &gamma % p;
        let alpha = self.minus(&point.x, &delta) * (&point.x + &delta) % p * 3_u32 % p;
        let x = self.minus(&(&alpha * &alpha % p), &(&beta * 8_u32));
        let sum = &point.y + &point.z;
        let z = self.minus(&self.minus(&(&sum * &sum % p), &gamma), &delta);
        let y = self.minus(&(&alpha * self.minus(&(&beta * 4_u32 % p), &x) % p), &(&gamma * &gamma % p * 8_u32));
        Jacobian { x, y, z }
    }

    fn add(&self, left: &Jacobian, right: &Jacobian) -> Jacobian {
        if left.z == BigUint::ZERO {
            return right.clone();
        }
        if right.z == BigUint::ZERO {
            return left.clone();
        }
        let p = &self.prime;
        let (z1, z2) = (&left.z * &left.z % p, &right.z * &right.z % p);
        let (u1, u2) = (&left.x * &z2 % p, &right.x * &z1 % p);
        let (s1, s2) = (&left.y * &right.z % p * &z2 % p, &right.y * &left.z % p * &z1 % p);
        let (h, r) = (self.minus(&u2, &u1), self.minus(&s2, &s1));
        if h == BigUint::ZERO {
            let nowhere = Jacobian { x: 1_u32.into(), y: 1_u32.into(), z: BigUint::ZERO };
            return if r == BigUint::ZERO { self.double(left) } else { nowhere };
        }
        let h2 = &h * &h % p;
        let h3 = &h2 * &h % p;
        let v = &u1 * &h2 % p;
        let x = self.minus(&self.minus(&(&r * &r % p), &h3), &(&v * 2_u32));
        let y = self.minus(&(&r * self.minus(&v, &x) % p), &(&s1 * &h3 % p));
        let z = &left.z * &right.z % p * &h % p;
        Jacobian { x, y, z }
    }

    fn multiply(&self, (x, y): &(BigUint, BigUint), scalar: &BigUint) -> Jacobian {
        let point = Jacobian { x: x.clone(), y: y.clone(), z: 1_u32.into() };
        let mut result = Jacobian { x: 1_u32.into(), y: 1_u32.into(), z: BigUint::ZERO };
        for bit in (0..scalar.bits()).rev() {
            result = self.double(&result);
            if scalar.bit(bit) {
                result = self.add(&result, &point);
            }
        }
        result
    }

    fn affine(&self, point: &Jacobian) -> Option<(BigUint, BigUint)> {
        let inverse = point.z.modinv(&self.prime).filter(|_| point.z != BigUint::ZERO)?;
        let square = &inverse * &inverse % &self.prime;
        let cube = &square * &inverse % &self.prime;
        Some((&point.x * square % &self.prime, &point.y * cube % &self.prime))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::agreement;
    use aws_lc_rs::digest;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature;
    use aws_lc_rs::signature::EcdsaKeyPair;
    use aws_lc_rs::signature::KeyPair as _;

    use super::Curve;

    #[test]
    fn points_and_signatures_agree_with_the_library() {
        let random = SystemRandom::new();
        for (curve, agreement, signing, digest) in [
            (Curve::P256, &agreement::ECDH_P256, &signature::ECDSA_P256_SHA256_ASN1_SIGNING, &digest::SHA256),
            (Curve::P384, &agreement::ECDH_P384, &signature::ECDSA_P384_SHA384_ASN1_SIGNING, &digest::SHA384),
            (Curve::P521, &agreement::ECDH_P521, &signature::ECDSA_P521_SHA512_ASN1_SIGNING, &digest::SHA512),
        ] {
            let name = curve.name();
            let scalar: Vec<u8> = [vec![0], (1..).take(curve.size() - 1).collect()].concat();
            let key = agreement::PrivateKey::from_private_key(agreement, &scalar).unwrap();
            let point = key.compute_public_key().unwrap();
            assert_eq!(curve.public_point(&scalar).as_deref(), Some(point.as_ref()), "{name}");
            let pair = EcdsaKeyPair::from_private_key_and_public_key(signing, &scalar, point.as_ref()).unwrap();
            let signed = pair.sign(&random, b"text").unwrap();
            let hash = |text: &[u8]| digest::digest(digest, text);
            assert_eq!(curve.verifies(pair.public_key().as_ref(), hash(b"text").as_ref(), signed.as_ref()), Some(true), "{name}");
            assert_eq!(
                curve.verifies(pair.public_key().as_ref(), hash(b"texT").as_ref(), signed.as_ref()),
                Some(false),
                "{name}"
            );
        }
    }

    #[test]
    fn only_points_of_the_curve_are_points() {
        let one = [vec![0; 27], vec![1]].concat();
        let base = Curve::P224.public_point(&one).unwrap();
        assert!(Curve::P224.has_point(&base));
        let mut beside = base.clone();
        *beside.last_mut().unwrap() ^= 1;
        for bytes in [&beside[..], &base[1..], &base[..56], &[], &[0], &[&[2], &base[1..29]].concat()] {
            assert!(!Curve::P224.has_point(bytes), "{bytes:?}");
        }
        assert!(!Curve::P256.has_point(&base));
        assert!(!Curve::P224.has_scalar(&[0; 28]) && !Curve::P224.has_scalar(&[0xff; 28]) && Curve::P224.has_scalar(&one));
    }
}
