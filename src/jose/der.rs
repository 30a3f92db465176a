//! The few pieces of DER (X.690) that keys, signatures and certificates need.

use zeroize::Zeroizing;

pub(super) const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;

/// An element with its tag and length in front.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = without_leading_zeros(&length);
    // Never grown: a private key must not be left behind in freed memory.
    let mut bytes = Vec::with_capacity(content.len() + 2 + length.len());
    bytes.push(tag);
    match significant {
        [] => bytes.push(0),
        [short] if *short < 0x80 => bytes.push(*short),
        _ => {
            bytes.push(0x80 | u8::try_from(significant.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(significant);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

/// A sequence of two unsigned integers: an RSA public key (RFC 8017 A.1.1) or an ECDSA signature (RFC 3279 2.2.3).
pub(super) fn two_integers(first: &[u8], second: &[u8]) -> Vec<u8> {
    let mut content = unsigned_integer(first);
    content.extend(unsigned_integer(second));
    element(SEQUENCE, &content)
}

/// A number that is not negative.
pub(super) fn unsigned_integer(big_endian: &[u8]) -> Vec<u8> {
    let significant = without_leading_zeros(big_endian);
    let mut content = Zeroizing::new(Vec::with_capacity(significant.len() + 1));
    if significant.first().is_none_or(|first| *first >= 0x80) {
        content.push(0);
    }
    content.extend_from_slice(significant);
    element(INTEGER, &content)
}

/// The bytes after the zeros in front.
pub(super) fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

/// Reads elements one after another.
pub(super) struct Elements<'d> {
    rest: &'d [u8],
}

impl<'d> Elements<'d> {
    pub(super) fn of(content: &'d [u8]) -> Self {
        Self { rest: content }
    }

    /// The tag of the next element.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The content of the next element, which must have this tag, and the element as a whole.
    pub(super) fn next(&mut self, tag: u8) -> Option<(&'d [u8], &'d [u8])> {
        let (found, after_tag) = self.rest.split_first()?;
        if *found != tag {
            return None;
        }
        let (first, after_first) = after_tag.split_first()?;
        let (length, after_length) = if *first < 0x80 {
            (usize::from(*first), after_first)
        } else {
            let (length, rest) = after_first.split_at_checked(usize::from(first & 0x7f))?;
            if length.is_empty() || length.len() > 4 {
                return None;
            }
            (length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
        };
        let (content, rest) = after_length.split_at_checked(length)?;
        let whole = self.rest.get(..self.rest.len() - rest.len())?;
        self.rest = rest;
        Some((content, whole))
    }
}
