//! DER as Go's `cryptobyte.String` reads it: strict lengths, one-byte tags, and whatever follows in a sequence is the caller's matter.

use num_bigint::BigInt;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// A context-specific tag.
pub(crate) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// A context-specific tag around other elements.
pub(crate) const fn context_constructed(number: u8) -> u8 {
    0xa0 | number
}

/// What is left to read. Every method takes one element off the front, or answers `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Der<'d>(pub(crate) &'d [u8]);

/// One element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'d> {
    pub(crate) tag: u8,
    pub(crate) content: Der<'d>,
    /// With its tag and length.
    pub(crate) whole: Der<'d>,
}

/// A BIT STRING.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BitString<'d> {
    pub(crate) bytes: &'d [u8],
    pub(crate) unused_bits: u8,
}

impl<'d> Der<'d> {
    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn next_is(self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    pub(crate) fn any(&mut self) -> Option<Element<'d>> {
        let [tag, first, ..] = *self.0 else { return None };
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (header, length) = if first < 0x80 {
            (2, usize::from(first))
        } else {
            let count = usize::from(first & 0x7f);
            let bytes = self.0.get(2..2 + count).filter(|bytes| matches!(bytes.len(), 1..=4))?;
            let length = bytes.iter().try_fold(0_usize, |length, byte| Some(length.checked_mul(256)? + usize::from(*byte)))?;
            // The shortest form only.
            if length < 128 || bytes.first() == Some(&0) {
                return None;
            }
            (2 + count, length)
        };
        let end = header.checked_add(length)?;
        let (whole, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        Some(Element { tag, content: Der(whole.get(header..)?), whole: Der(whole) })
    }

    pub(crate) fn read(&mut self, tag: u8) -> Option<Der<'d>> {
        self.any().filter(|element| element.tag == tag).map(|element| element.content)
    }

    pub(crate) fn read_whole(&mut self, tag: u8) -> Option<Der<'d>> {
        self.any().filter(|element| element.tag == tag).map(|element| element.whole)
    }

    /// `Some(None)` when the next element has another tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Option<Der<'d>>> {
        if self.next_is(tag) { self.read(tag).map(Some) } else { Some(None) }
    }

    pub(crate) fn boolean(&mut self) -> Option<bool> {
        match self.read(BOOLEAN)?.0 {
            [0] => Some(false),
            [0xff] => Some(true),
            _ => None,
        }
    }

    pub(crate) fn integer(&mut self) -> Option<BigInt> {
        self.integer_with_tag(INTEGER).map(BigInt::from_signed_bytes_be)
    }

    pub(crate) fn small_integer(&mut self, tag: u8) -> Option<i64> {
        self.integer_with_tag(tag).and_then(small)
    }

    /// The bytes of a number in two's complement, as few as possible.
    pub(crate) fn integer_with_tag(&mut self, tag: u8) -> Option<&'d [u8]> {
        self.read(tag).map(|content| content.0).filter(|bytes| is_minimal_integer(bytes))
    }

    pub(crate) fn object_identifier(&mut self) -> Option<Vec<u32>> {
        object_identifier(self.read(OBJECT_IDENTIFIER)?.0)
    }

    pub(crate) fn bit_string(&mut self) -> Option<BitString<'d>> {
        let (unused_bits, bytes) = self.read(BIT_STRING)?.0.split_first()?;
        let unused = match bytes.last() {
            None => *unused_bits,
            Some(last) if *unused_bits < 8 => last & ((1 << unused_bits) - 1),
            Some(_) => 1,
        };
        (unused == 0).then_some(BitString { bytes, unused_bits: *unused_bits })
    }
}

impl BitString<'_> {
    pub(crate) fn is_set(&self, bit: usize) -> bool {
        let is_used = bit < self.bytes.len() * 8 - usize::from(self.unused_bits);
        is_used && self.bytes.get(bit / 8).is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1)
    }

    /// The bits as a number, padded at the front.
    pub(crate) fn right_aligned(&self) -> Vec<u8> {
        if self.unused_bits == 0 {
            return self.bytes.to_vec();
        }
        let mut above = 0;
        self.bytes
            .iter()
            .map(|byte| {
                let aligned = above << (8 - self.unused_bits) | byte >> self.unused_bits;
                above = *byte;
                aligned
            })
            .collect()
    }
}

pub(crate) fn is_minimal_integer(bytes: &[u8]) -> bool {
    match bytes {
        [] => false,
        [0, second, ..] => *second >= 0x80,
        [0xff, second, ..] => *second < 0x80,
        _ => true,
    }
}

/// A number in two's complement that fits in 64 bits.
pub(crate) fn small(bytes: &[u8]) -> Option<i64> {
    let negative = bytes.first().is_some_and(|first| *first >= 0x80);
    (bytes.len() <= 8).then(|| bytes.iter().fold(if negative { -1 } else { 0 }, |value, byte| value << 8 | i64::from(*byte)))
}

/// The arcs of an object identifier, none above 2^31 - 1.
pub(crate) fn object_identifier(bytes: &[u8]) -> Option<Vec<u32>> {
    let mut arcs = Vec::with_capacity(bytes.len() + 1);
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut value = 0_u64;
        let mut is_complete = false;
        let mut length = 0;
        for byte in rest {
            if length == 5 || (length == 0 && *byte == 0x80) {
                return None;
            }
            value = value << 7 | u64::from(byte & 0x7f);
            length += 1;
            if *byte < 0x80 {
                is_complete = true;
                break;
            }
        }
        if !is_complete {
            return None;
        }
        let value = u32::try_from(value).ok().filter(|value| *value <= i32::MAX.unsigned_abs())?;
        if arcs.is_empty() {
            let first = (value / 40).min(2);
            arcs.extend([first, value - first * 40]);
        } else {
            arcs.push(value);
        }
        rest = rest.get(length..)?;
    }
    (!arcs.is_empty()).then_some(arcs)
}

/// An object identifier in dots.
pub(crate) fn dotted(arcs: &[u32]) -> String {
    arcs.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::Der;
    use super::INTEGER;
    use super::SEQUENCE;

    #[test]
    fn lengths_are_read_in_their_shortest_form_only() {
        for (name, bytes) in [
            ("no length", &[0x30][..]),
            ("cut short", &[0x30, 2, 0]),
            ("long form of a short length", &[0x30, 0x81, 1, 0]),
            ("a zero in front", &[0x30, 0x82, 0, 0x80]),
            ("no end", &[0x30, 0x80, 0, 0]),
            ("five bytes of length", &[0x30, 0x85, 1, 0, 0, 0, 0]),
            ("a long tag", &[0x3f, 0x81, 0, 0]),
        ] {
            assert_eq!(Der(bytes).read(SEQUENCE), None, "{name}");
        }
        let long = [&[0x30, 0x81, 0x80][..], &[7; 128], &[1]].concat();
        let mut reader = Der(&long);
        assert_eq!((reader.read(SEQUENCE).map(|content| content.0.len()), reader.0), (Some(128), &[1][..]));
    }

    #[test]
    fn numbers_are_minimal() {
        for (bytes, wanted) in [
            (&[2, 1, 0][..], Some(0)),
            (&[2, 1, 0xff], Some(-1)),
            (&[2, 2, 0, 0x80], Some(128)),
            (&[2, 8, 0x7f, 255, 255, 255, 255, 255, 255, 255], Some(i64::MAX)),
            (&[2, 0], None),
            (&[2, 2, 0, 1], None),
            (&[2, 2, 0xff, 0x80], None),
            (&[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0], None),
        ] {
            assert_eq!(Der(bytes).small_integer(INTEGER), wanted, "{bytes:?}");
        }
    }

    #[test]
    fn object_identifiers_are_complete_and_minimal() {
        for (bytes, wanted) in [
            (&[6, 3, 0x55, 4, 3][..], Some(vec![2, 5, 4, 3])),
            (&[6, 1, 0x2b], Some(vec![1, 3])),
            (&[6, 2, 0x88, 0x37], Some(vec![2, 999])),
            (&[6, 0], None),
            (&[6, 2, 0x55, 0x80], None),
            (&[6, 3, 0x55, 0x80, 1], None),
            (&[6, 7, 0x55, 0x90, 0x80, 0x80, 0x80, 0x80, 0], None),
        ] {
            assert_eq!(Der(bytes).object_identifier(), wanted, "{bytes:?}");
        }
    }

    #[test]
    fn bits_past_the_end_are_zero() {
        for bytes in [&[3, 0][..], &[3, 1, 1], &[3, 2, 8, 0], &[3, 2, 1, 1]] {
            assert_eq!(Der(bytes).bit_string(), None, "{bytes:?}");
        }
        let bits = Der(&[3, 2, 1, 0b0000_0110]).bit_string().unwrap();
        assert_eq!((0..9).filter(|bit| bits.is_set(*bit)).collect::<Vec<_>>(), [5, 6]);
        assert_eq!(bits.right_aligned(), [3]);
    }
}
