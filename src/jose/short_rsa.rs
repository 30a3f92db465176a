//! RSA signatures (RFC 8017 section 8) of moduli for which aws-lc-rs has no algorithm, because Envoy verifies them too.
//!
//! Only public values are handled, so nothing here needs to run in constant time.

use std::cmp::Ordering;

use aws_lc_rs::digest;

use crate::jose::der;

/// How the digest is put into the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1,
    /// RSASSA-PSS with a salt as long as the digest.
    Pss,
}

/// Whether a signature is one of `text` under this key.
pub(super) fn verifies(
    (modulus, exponent): (&[u8], &[u8]),
    padding: Padding,
    digest: &'static digest::Algorithm,
    text: &[u8],
    signature: &[u8],
) -> bool {
    let modulus_bytes = der::without_leading_zeros(modulus);
    if signature.len() != modulus_bytes.len() {
        return false;
    }
    let modulus = Modulus { limbs: limbs(modulus_bytes) };
    let Some(message) = modulus.power(&limbs(signature), exponent) else { return false };
    let message = big_endian(&message, modulus_bytes.len());
    let hash = digest::digest(digest, text);
    match padding {
        Padding::Pkcs1 => pkcs1_message(digest, hash.as_ref(), message.len()).is_some_and(|expected| expected == message),
        Padding::Pss => {
            let unused_bits = modulus_bytes.first().map_or(0, |first| first.leading_zeros()) + 1;
            is_pss_message(digest, hash.as_ref(), &message, unused_bits).unwrap_or(false)
        }
    }
}

/// EMSA-PKCS1-v1_5 (section 9.2).
fn pkcs1_message(digest: &'static digest::Algorithm, hash: &[u8], length: usize) -> Option<Vec<u8>> {
    let last_of_oid = match digest.output_len() {
        32 => 1,
        48 => 2,
        _ => 3,
    };
    let oid = der::element(0x06, &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last_of_oid]);
    let algorithm = der::element(der::SEQUENCE, &[oid, der::element(0x05, &[])].concat());
    let info = der::element(der::SEQUENCE, &[algorithm, der::element(0x04, hash)].concat());
    let filling = length.checked_sub(info.len() + 3).filter(|filling| *filling >= 8)?;
    Some([&[0, 1][..], &vec![0xff; filling], &[0], &info].concat())
}

/// EMSA-PSS (section 9.1.2) with MGF1 over the same digest; `unused_bits` stand in front of the encoded message, 1 to 8 of them.
fn is_pss_message(digest: &'static digest::Algorithm, hash: &[u8], message: &[u8], unused_bits: u32) -> Option<bool> {
    let (encoded, unused_bits) = match message.split_first()? {
        (0, rest) if unused_bits == 8 => (rest, 0),
        _ if unused_bits == 8 => return None,
        _ => (message, unused_bits),
    };
    let (encoded, trailer) = encoded.split_at_checked(encoded.len().checked_sub(1)?)?;
    let (masked, masked_hash) = encoded.split_at_checked(encoded.len().checked_sub(hash.len())?)?;
    let mut block: Vec<u8> = masked.iter().zip(mask(digest, masked_hash, masked.len())).map(|(byte, mask)| byte ^ mask).collect();
    let front = 0xff_u8.checked_shr(unused_bits)?;
    if trailer != [0xbc] || masked.first()? & !front != 0 {
        return None;
    }
    *block.first_mut()? &= front;
    let (zeros_and_one, salt) = block.split_at_checked(block.len().checked_sub(hash.len())?)?;
    let (one, zeros) = zeros_and_one.split_last()?;
    let salted = digest::digest(digest, &[&[0; 8][..], hash, salt].concat());
    Some(*one == 1 && zeros.iter().all(|byte| *byte == 0) && salted.as_ref() == masked_hash)
}

/// MGF1 (appendix B.2.1).
fn mask(digest: &'static digest::Algorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + digest.output_len());
    let mut counter = 0_u32;
    while bytes.len() < length {
        bytes.extend_from_slice(digest::digest(digest, &[seed, &counter.to_be_bytes()].concat()).as_ref());
        counter += 1;
    }
    bytes.truncate(length);
    bytes
}

/// An odd number above one, lowest limb first.
struct Modulus {
    limbs: Vec<u64>,
}

impl Modulus {
    /// `base` to the power of a big-endian exponent; `None` when `base` is not below the modulus.
    fn power(&self, base: &[u64], exponent: &[u8]) -> Option<Vec<u64>> {
        if compare(base, &self.limbs) != Ordering::Less {
            return None;
        }
        let mut result: Vec<u64> = vec![0; self.limbs.len()];
        *result.first_mut()? = 1;
        for bit in exponent.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
            result = self.multiply(&result, &result);
            if bit == 1 {
                result = self.multiply(&result, base);
            }
        }
        Some(result)
    }

    /// By doubling and adding.
    fn multiply(&self, left: &[u64], right: &[u64]) -> Vec<u64> {
        let mut result = vec![0; self.limbs.len()];
        for limb in left.iter().rev() {
            for bit in (0..u64::BITS).rev() {
                let twice = result.clone();
                self.add(&mut result, &twice);
                if limb >> bit & 1 == 1 {
                    self.add(&mut result, right);
                }
            }
        }
        result
    }

    /// The sum of two numbers below the modulus.
    fn add(&self, left: &mut [u64], right: &[u64]) {
        let mut carry = false;
        for (left, right) in left.iter_mut().zip(right) {
            let (sum, first) = left.overflowing_add(*right);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            (*left, carry) = (sum, first || second);
        }
        if carry || compare(left, &self.limbs) != Ordering::Less {
            let mut borrow = false;
            for (left, right) in left.iter_mut().zip(&self.limbs) {
                let (difference, first) = left.overflowing_sub(*right);
                let (difference, second) = difference.overflowing_sub(u64::from(borrow));
                (*left, borrow) = (difference, first || second);
            }
        }
    }
}

fn compare(left: &[u64], right: &[u64]) -> Ordering {
    left.iter().rev().cmp(right.iter().rev())
}

fn limbs(big_endian: &[u8]) -> Vec<u64> {
    big_endian.rchunks(8).map(|chunk| chunk.iter().fold(0, |limb, byte| limb << 8 | u64::from(*byte))).collect()
}

fn big_endian(limbs: &[u64], length: usize) -> Vec<u8> {
    let bytes: Vec<u8> = limbs.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect();
    bytes.get(bytes.len().saturating_sub(length)..).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest;

    use super::Modulus;
    use super::Padding;
    use super::big_endian;
    use super::is_pss_message;
    use super::limbs;
    use super::verifies;
    use crate::jose::testing::OTHER_RSA;
    use crate::jose::testing::RSA;

    /// On moduli both can do, the same answers as the library.
    #[test]
    fn signatures_of_the_library_verify() {
        let (modulus, exponent) = RSA.rsa_components();
        let (other, _) = OTHER_RSA.rsa_components();
        for (name, padding, digest) in [
            ("RS256", Padding::Pkcs1, &digest::SHA256),
            ("RS384", Padding::Pkcs1, &digest::SHA384),
            ("RS512", Padding::Pkcs1, &digest::SHA512),
            ("PS256", Padding::Pss, &digest::SHA256),
            ("PS384", Padding::Pss, &digest::SHA384),
            ("PS512", Padding::Pss, &digest::SHA512),
        ] {
            let signature = RSA.sign(name, b"text");
            let under =
                |modulus: &[u8], text: &[u8], signature: &[u8]| verifies((modulus, &exponent), padding, digest, text, signature);
            assert!(under(&modulus, b"text", &signature), "{name}");
            assert!(!under(&modulus, b"texT", &signature), "{name} of another text");
            assert!(!under(&other, b"text", &signature), "{name} of another key");
            assert!(!under(&modulus, b"text", &[&[0], &signature[..]].concat()), "{name} with a zero in front");
            assert!(!under(&modulus, b"text", &[0xff; 256]), "{name} above the modulus");
            assert!(!under(&modulus, b"text", &[0; 256]), "{name} zero");
        }
        assert!(!verifies((&modulus, &exponent), Padding::Pss, &digest::SHA256, b"text", &RSA.sign("PS256/20", b"text")));
        assert!(!verifies((&modulus, &exponent), Padding::Pss, &digest::SHA256, b"text", &RSA.sign("RS256", b"text")));
    }

    #[test]
    fn every_part_of_a_pss_message_counts() {
        let (modulus, exponent) = RSA.rsa_components();
        let modulus = Modulus { limbs: limbs(&modulus[1..]) };
        let message = modulus.power(&limbs(&RSA.sign("PS256", b"text")), &exponent).unwrap();
        let message = big_endian(&message, 256);
        let hash = digest::digest(&digest::SHA256, b"text");
        let is_good =
            |message: &[u8], unused_bits| is_pss_message(&digest::SHA256, hash.as_ref(), message, unused_bits).unwrap_or(false);
        assert!(is_good(&message, 1));
        for (index, bit) in [(0, 0x80), (0, 1), (5, 1), (190, 1), (230, 1), (255, 1)] {
            let mut changed = message.clone();
            changed[index] ^= bit;
            assert!(!is_good(&changed, 1), "byte {index} ^ {bit}");
        }
        for length in 0..256 {
            assert!(!is_good(&message[..length], 1), "{length} bytes");
        }
        // A modulus of 8n + 1 bits leaves a whole byte unused, which must be zero.
        let longer = |first| [&[first][..], &message].concat();
        assert_eq!((is_good(&longer(1), 8), is_good(&longer(0), 1)), (false, false));
    }
}
