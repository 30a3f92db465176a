//! Structures as Go's older `encoding/asn1` reads them: keys, and the parameters of RSA-PSS. Unlike [`super::der`], it knows long tags,
//! and passes over whatever stands behind the last field.

use num_bigint::BigInt;

use crate::pki::istiod::go::der::INTEGER;
use crate::pki::istiod::go::der::OBJECT_IDENTIFIER;
use crate::pki::istiod::go::der::OCTET_STRING;
use crate::pki::istiod::go::der::SEQUENCE;
use crate::pki::istiod::go::der::is_minimal_integer;
use crate::pki::istiod::go::der::object_identifier;
use crate::pki::istiod::go::der::small;

/// The fields of a structure that were not read yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'d>(pub(super) &'d [u8]);

struct Header {
    /// Class and the constructed bit, as in the first byte of a short tag.
    kind: u8,
    number: u32,
    length: usize,
    size: usize,
}

/// What a field with the given tag is.
enum Field<'d> {
    Content(&'d [u8]),
    OtherTag,
    Absent,
}

impl<'d> Fields<'d> {
    /// The fields of a structure, and what stands behind it.
    pub(super) fn of(bytes: &'d [u8]) -> Option<(Self, &'d [u8])> {
        let mut outer = Self(bytes);
        let content = outer.required(SEQUENCE)?;
        Some((Self(content), outer.0))
    }

    fn header(&self) -> Option<Header> {
        let (first, mut rest) = self.0.split_first()?;
        let mut number = u32::from(first & 0x1f);
        if number == 0x1f {
            let length = rest.iter().take_while(|byte| **byte >= 0x80).count() + 1;
            let bytes = rest.get(..length).filter(|bytes| bytes.len() <= 5 && bytes.first() != Some(&0x80))?;
            let long = bytes.iter().fold(0_u64, |number, byte| number << 7 | u64::from(byte & 0x7f));
            number = u32::try_from(long).ok().filter(|number| (0x1f..1 << 31).contains(number))?;
            rest = rest.get(length..)?;
        }
        let (first_length, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first_length);
        if *first_length >= 0x80 {
            let count = usize::from(first_length & 0x7f);
            let bytes = rest.get(..count).filter(|bytes| !bytes.is_empty())?;
            length = 0;
            for byte in bytes {
                length = if length < 1 << 23 { length << 8 | usize::from(*byte) } else { return None };
                if length == 0 {
                    return None;
                }
            }
            if length < 0x80 {
                return None;
            }
            rest = rest.get(count..)?;
        }
        Some(Header { kind: first & 0xe0, number, length, size: self.0.len() - rest.len() })
    }

    fn field(&mut self, tag: u8) -> Option<Field<'d>> {
        if self.0.is_empty() {
            return Some(Field::Absent);
        }
        let header = self.header()?;
        if header.kind != tag & 0xe0 || header.number != u32::from(tag & 0x1f) {
            return Some(Field::OtherTag);
        }
        let (whole, rest) = self.0.split_at_checked(header.size.checked_add(header.length)?)?;
        self.0 = rest;
        Some(Field::Content(whole.get(header.size..)?))
    }

    fn required(&mut self, tag: u8) -> Option<&'d [u8]> {
        match self.field(tag)? {
            Field::Content(content) => Some(content),
            Field::OtherTag | Field::Absent => None,
        }
    }

    /// `Some(None)` when the field is not there.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Option<&'d [u8]>> {
        match self.field(tag)? {
            Field::Content(content) => Some(Some(content)),
            Field::OtherTag | Field::Absent => Some(None),
        }
    }

    pub(super) fn sequence(&mut self) -> Option<Self> {
        self.required(SEQUENCE).map(Self)
    }

    pub(super) fn octets(&mut self) -> Option<&'d [u8]> {
        self.required(OCTET_STRING)
    }

    pub(super) fn oid(&mut self) -> Option<Vec<u32>> {
        object_identifier(self.required(OBJECT_IDENTIFIER)?)
    }

    pub(super) fn int(&mut self) -> Option<i64> {
        int(self.required(INTEGER)?)
    }

    pub(super) fn big(&mut self) -> Option<BigInt> {
        self.required(INTEGER).filter(|bytes| is_minimal_integer(bytes)).map(BigInt::from_signed_bytes_be)
    }

    /// `Some(None)` when the next field is no number.
    pub(super) fn optional_big(&mut self) -> Option<Option<BigInt>> {
        match self.optional(INTEGER)? {
            None => Some(None),
            Some(bytes) => is_minimal_integer(bytes).then(|| Some(BigInt::from_signed_bytes_be(bytes))),
        }
    }

    /// Any field with its tag and length; empty when there is none.
    pub(super) fn raw(&mut self) -> Option<&'d [u8]> {
        if self.0.is_empty() {
            return Some(&[]);
        }
        let header = self.header()?;
        let (whole, rest) = self.0.split_at_checked(header.size.checked_add(header.length)?)?;
        self.0 = rest;
        Some(whole)
    }

    /// `AlgorithmIdentifier`: object identifier, and parameters with tag and length.
    pub(super) fn algorithm(&mut self) -> Option<(Vec<u32>, &'d [u8])> {
        let mut inner = self.sequence()?;
        Some((inner.oid()?, inner.raw()?))
    }

    /// The element inside an explicit tag. Go looks at the inner tag only and goes on right after the inner element; when the inner
    /// tag is another one, it takes the whole field for one that comes later.
    ///
    /// `Some(None)` when the field is not there.
    pub(super) fn explicit(&mut self, number: u8, tag: u8) -> Option<Option<&'d [u8]>> {
        if self.0.is_empty() {
            return Some(None);
        }
        let header = self.header()?;
        if header.size == self.0.len() {
            return None;
        }
        let is_tag = header.kind & 0xc0 == 0x80 && header.number == u32::from(number);
        if !is_tag || (header.length > 0 && header.kind & 0x20 == 0) {
            return Some(None);
        }
        if header.length == 0 {
            return None;
        }
        let mut inner = Self(self.0.get(header.size..)?);
        match inner.field(tag)? {
            Field::Content(content) => {
                self.0 = inner.0;
                Some(Some(content))
            }
            Field::OtherTag | Field::Absent => Some(None),
        }
    }
}

/// A number in the content of an INTEGER.
pub(super) fn int(content: &[u8]) -> Option<i64> {
    is_minimal_integer(content).then(|| small(content)).flatten()
}

/// The content of a BIT STRING whose unused bits are zero.
pub(super) fn bits(content: &[u8]) -> Option<&[u8]> {
    let (unused, bytes) = content.split_first()?;
    let last = bytes.last().copied();
    let is_good = *unused < 8 && (last.is_some() || *unused == 0) && last.unwrap_or(0) & ((1 << unused) - 1) == 0;
    is_good.then_some(bytes)
}
