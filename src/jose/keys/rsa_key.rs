//! The numbers of an RSA key (RFC 8017 section 3) and whether they belong together.
//!
//! The arithmetic on private numbers is neither constant in time nor wiped from memory: it runs once, when a key is read on the
//! machine of its owner. Signing is done by the cryptographic library.

use num_bigint::BigUint;
use zeroize::Zeroizing;

use crate::jose::JwkError;
use crate::jose::keys::material::Secret;

/// Below this nothing calls itself a key.
const SHORTEST_BITS: u64 = 512;
const LONGEST_BITS: u64 = 16384;
/// Factoring takes minutes beyond this.
const LONGEST_FACTORED_BITS: u64 = 8192;
const LONGEST_EXPONENT_BITS: u64 = 33;

/// Modulus, exponent and, for a private key, everything else. Numbers are big-endian without zeros in front.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RsaKey {
    pub(super) n: Vec<u8>,
    pub(super) e: Vec<u8>,
    pub(super) private: Option<RsaPrivate>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RsaPrivate {
    pub(super) d: Secret,
    pub(super) p: Secret,
    pub(super) q: Secret,
    pub(super) dp: Secret,
    pub(super) dq: Secret,
    pub(super) qi: Secret,
}

/// The primes of a private key and what is derived from them, as read.
pub(super) struct Primes<'k> {
    pub(super) p: &'k [u8],
    pub(super) q: &'k [u8],
    pub(super) dp: &'k [u8],
    pub(super) dq: &'k [u8],
    pub(super) qi: &'k [u8],
}

impl RsaKey {
    pub(super) fn from_public(n: &[u8], e: &[u8]) -> Result<Self, JwkError> {
        let (modulus, exponent) = (BigUint::from_bytes_be(n), BigUint::from_bytes_be(e));
        let bits = modulus.bits();
        let refused = |reason| Err(JwkError::Modulus { bits, reason });
        if bits < SHORTEST_BITS {
            return refused("512 at least");
        }
        if bits > LONGEST_BITS {
            return refused("16384 at most");
        }
        if !modulus.bit(0) {
            return refused("it is even");
        }
        if !exponent.bit(0) || exponent.bits() < 2 || exponent.bits() > LONGEST_EXPONENT_BITS {
            return Err(JwkError::Exponent);
        }
        Ok(Self { n: modulus.to_bytes_be(), e: exponent.to_bytes_be(), private: None })
    }

    /// The same key with its private part, which is checked, or completed when the primes are absent.
    pub(super) fn with_private(self, d: &[u8], primes: Option<&Primes<'_>>) -> Result<Self, JwkError> {
        let number = BigUint::from_bytes_be;
        let (n, e, d) = (number(&self.n), number(&self.e), number(d));
        if d.bits() < 2 || d >= n {
            return Err(JwkError::RsaMismatch("d"));
        }
        let (p, q) = match primes {
            Some(primes) => (number(primes.p), number(primes.q)),
            None => factors(&n, &e, &d).ok_or(JwkError::RsaMismatch("d"))?,
        };
        let one = BigUint::from(1_u8);
        if p <= one || q <= one || &p * &q != n {
            return Err(JwkError::RsaMismatch(if primes.is_some() { "p" } else { "d" }));
        }
        if p == q {
            return Err(JwkError::RsaMismatch("q"));
        }
        let (p1, q1) = (&p - &one, &q - &one);
        if (&d * &e) % &p1 != one || (&d * &e) % &q1 != one {
            return Err(JwkError::RsaMismatch("d"));
        }
        let (dp, dq) = (&d % &p1, &d % &q1);
        let qi = q.modinv(&p).ok_or(JwkError::RsaMismatch("q"))?;
        if let Some(primes) = primes {
            for (name, computed, found) in [("dp", &dp, primes.dp), ("dq", &dq, primes.dq), ("qi", &qi, primes.qi)] {
                if *computed != number(found) {
                    return Err(JwkError::RsaMismatch(name));
                }
            }
        }
        let secret = |number: &BigUint| Zeroizing::new(number.to_bytes_be());
        let private =
            RsaPrivate { d: secret(&d), p: secret(&p), q: secret(&q), dp: secret(&dp), dq: secret(&dq), qi: secret(&qi) };
        Ok(Self { private: Some(private), ..self })
    }

    /// Size of the modulus.
    pub(super) fn bits(&self) -> u64 {
        BigUint::from_bytes_be(&self.n).bits()
    }

    pub(super) fn public(&self) -> Self {
        Self { private: None, ..self.clone() }
    }
}

/// The two primes, the greater first, from both exponents (NIST SP 800-56B appendix C).
fn factors(n: &BigUint, e: &BigUint, d: &BigUint) -> Option<(BigUint, BigUint)> {
    if n.bits() > LONGEST_FACTORED_BITS {
        return None;
    }
    let one = BigUint::from(1_u8);
    let minus_one = n - &one;
    let k = d * e - &one;
    let twos = k.trailing_zeros().filter(|twos| *twos > 0)?;
    let r = &k >> twos;
    // Each base fails with probability one half when the exponents are right.
    for base in 2_u32..100 {
        let mut y = BigUint::from(base).modpow(&r, n);
        if y == one || y == minus_one {
            continue;
        }
        let mut comes_to_one = false;
        for _ in 0..twos {
            let square = &y * &y % n;
            if square == one {
                let p = common_divisor(&y - &one, n.clone());
                let q = n / &p;
                return Some(if p > q { (p, q) } else { (q, p) });
            }
            comes_to_one = square == minus_one;
            if comes_to_one {
                break;
            }
            y = square;
        }
        // With the right exponents every base does (Euler), so the first one that does not ends the search.
        if !comes_to_one {
            return None;
        }
    }
    None
}

fn common_divisor(mut a: BigUint, mut b: BigUint) -> BigUint {
    while b.bits() > 0 {
        (a, b) = (b.clone(), a % b);
    }
    a
}
