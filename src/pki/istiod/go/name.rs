//! Distinguished names: what Go takes for one, and how it writes one.

use std::fmt::Write as _;

use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::SEQUENCE;
use crate::pki::istiod::go::der::SET;
use crate::pki::istiod::go::der::dotted;

/// The attributes of a distinguished name in the order they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Name {
    attributes: Vec<Attribute>,
}

/// One attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Attribute {
    /// Which relative name it is part of.
    set: usize,
    oid: Vec<u32>,
    /// Type of the string.
    tag: u8,
    value: String,
}

/// In the order of Go's `ToRDNSequence`; the last two keep their last value only.
const NAMED: [(u32, &str); 9] =
    [(6, "C"), (8, "ST"), (7, "L"), (9, "STREET"), (17, "POSTALCODE"), (10, "O"), (11, "OU"), (3, "CN"), (5, "SERIALNUMBER")];

impl Name {
    /// Reads a `Name` with its tag and length.
    pub(crate) fn read(der: Der<'_>) -> Result<Self, String> {
        let mut outer = der;
        let invalid = || "x509: invalid RDNSequence".to_owned();
        let mut rest = outer.read(SEQUENCE).ok_or_else(invalid)?;
        let mut attributes = Vec::new();
        let mut set = 0;
        while !rest.is_empty() {
            let mut members = rest.read(SET).ok_or_else(invalid)?;
            set += 1;
            while !members.is_empty() {
                let mut attribute = members.read(SEQUENCE).ok_or("x509: invalid RDNSequence: invalid attribute")?;
                let oid = attribute.object_identifier().ok_or("x509: invalid RDNSequence: invalid attribute type")?;
                let value = attribute.any().ok_or("x509: invalid RDNSequence: invalid attribute value")?;
                let text = text(value.tag, value.content.0)
                    .map_err(|words| format!("x509: invalid RDNSequence: invalid attribute value: {words}"))?;
                attributes.push(Attribute { set, oid, tag: value.tag, value: text });
            }
        }
        Ok(Self { attributes })
    }

    /// The common name, else the first organization: how Go names a certificate in its hints.
    pub(super) fn hint(&self) -> Option<&str> {
        let last = |arc| self.values(arc).last().filter(|value| !value.is_empty());
        last(3).or_else(|| self.values(10).next())
    }

    fn values(&self, arc: u32) -> impl DoubleEndedIterator<Item = &str> {
        self.attributes.iter().filter(move |attribute| attribute.oid == [2, 5, 4, arc]).map(|attribute| attribute.value.as_str())
    }

    /// Whether there are no attributes.
    pub(crate) fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Whether the names are one to those who compare them by RFC 5280 section 7.1: the type of a string, its case and its blanks do
    /// not count.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.attributes.len() == other.attributes.len() && self.starts_like(other)
    }

    /// Whether the first attributes are those of the other name.
    pub(crate) fn starts_like(&self, other: &Self) -> bool {
        self.attributes.len() >= other.attributes.len()
            && self.attributes.iter().zip(&other.attributes).all(|(own, other)| own.comparable() == other.comparable())
    }

    /// As Go's `pkix.Name` prints it. The relation between the name and this text is not one to one, and istiod looks up
    /// certificates by this text.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        let mut sets: Vec<String> = Vec::new();
        for Attribute { oid, value, .. } in &self.attributes {
            let is_named = NAMED.iter().any(|(arc, _)| *oid == [2, 5, 4, *arc]);
            if !is_named {
                sets.push(foreign(oid, value));
            }
        }
        for (arc, label) in NAMED {
            let mut values: Vec<&str> = self.values(arc).collect();
            if matches!(arc, 3 | 5) {
                // One field each: the last one wins, and an empty one is none.
                values = values.last().copied().filter(|value| !value.is_empty()).into_iter().collect();
            }
            if !values.is_empty() {
                sets.push(values.iter().map(|value| format!("{label}={}", escaped(value))).collect::<Vec<_>>().join("+"));
            }
        }
        sets.reverse();
        sets.join(",")
    }
}

impl Attribute {
    fn comparable(&self) -> (usize, &[u32], u8, String) {
        let is_folded = matches!(self.tag, 0x0c | 0x13 | 0x14 | 0x16 | 0x1e);
        let blanks = |letter: char| letter.is_ascii_whitespace();
        let folded =
            || self.value.split(blanks).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        let (tag, value) = if is_folded { (0, folded()) } else { (self.tag, self.value.clone()) };
        (self.set, &self.oid, tag, value)
    }
}

fn foreign(oid: &[u32], value: &str) -> String {
    let is_printable = value.bytes().all(|byte| is_printable(byte) && byte != b'*' && byte != b'&');
    let mut text = format!("{}=#{:02x}", dotted(oid), if is_printable { 0x13 } else { 0x0c });
    let length = value.len();
    if length < 128 {
        let _ = write!(text, "{length:02x}");
    } else {
        let bytes: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        let _ = write!(text, "{:02x}", 0x80 | bytes.len());
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
    }
    value.bytes().for_each(|byte| {
        let _ = write!(text, "{byte:02x}");
    });
    text
}

fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for (index, letter) in value.char_indices() {
        let is_special = match letter {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => true,
            ' ' => index == 0 || index + 1 == value.len(),
            '#' => index == 0,
            _ => false,
        };
        if is_special {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

fn is_printable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'\''..=b')' | b'+'..=b'/' | b' ' | b':' | b'=' | b'?' | b'*' | b'&')
}

/// The string types Go knows (RFC 5280 section 4.1.2.4, and those that came before).
fn text(tag: u8, value: &[u8]) -> Result<String, String> {
    let ascii = || String::from_utf8_lossy(value).into_owned();
    match tag {
        0x14 => Ok(value.iter().map(|byte| char::from(*byte)).collect()),
        0x13 if value.iter().all(|byte| is_printable(*byte)) => Ok(ascii()),
        0x13 => Err("invalid PrintableString".to_owned()),
        0x0c => String::from_utf8(value.to_vec()).map_err(|_| "invalid UTF-8 string".to_owned()),
        0x1e => basic_plane(value).ok_or_else(|| "invalid BMPString".to_owned()),
        0x16 if value.is_ascii() => Ok(ascii()),
        0x16 => Err("invalid IA5String".to_owned()),
        0x12 if value.iter().all(|byte| byte.is_ascii_digit() || *byte == b' ') => Ok(ascii()),
        0x12 => Err("invalid NumericString".to_owned()),
        _ => Err(format!("unsupported string type: {tag}")),
    }
}

fn basic_plane(value: &[u8]) -> Option<String> {
    if !value.len().is_multiple_of(2) {
        return None;
    }
    let value = value.strip_suffix(&[0, 0]).unwrap_or(value);
    value
        .chunks_exact(2)
        .map(|pair| {
            let point = pair.iter().fold(0, |point, byte| point << 8 | u32::from(*byte));
            char::from_u32(point).filter(|_| !matches!(point, 0xfffe | 0xffff | 0xfdd0..=0xfdef))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Der;
    use super::Name;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
    }

    fn name(attributes: &[(&[u8], u8, &[u8])]) -> Result<Name, String> {
        let sets: Vec<u8> = attributes
            .iter()
            .flat_map(|(oid, tag, value)| element(0x31, &element(0x30, &[element(6, oid), element(*tag, value)].concat())))
            .collect();
        Name::read(Der(&element(0x30, &sets)))
    }

    #[test]
    fn text_is_in_gos_order_and_escapes() {
        const CN: &[u8] = &[0x55, 4, 3];
        const O: &[u8] = &[0x55, 4, 10];
        for (attributes, wanted) in [
            (vec![(CN, 0x0c, &b"ca"[..]), (O, 0x13, b"Istio")], "CN=ca,O=Istio"),
            (vec![(O, 0x13, b"a"), (O, 0x13, b"b")], "O=a+O=b"),
            (vec![(CN, 0x0c, b"first"), (CN, 0x0c, b" a,b ")], "CN=\\ a\\,b\\ "),
            (vec![(O, 0x13, b"x"), (&[0x55, 4, 4], 0x0c, b"me")], "O=x,2.5.4.4=#13026d65"),
            (vec![(&[0x55, 4, 4], 0x0c, b"*")], "2.5.4.4=#0c012a"),
            (vec![(CN, 0x14, &[0xe9])], "CN=\u{e9}"),
            (vec![(CN, 0x1e, &[0, 0x41, 0, 0])], "CN=A"),
            (vec![(CN, 0x0c, b"")], ""),
        ] {
            assert_eq!(name(&attributes).unwrap().text(), wanted);
        }
        for (tag, value) in
            [(0x13, &b"a@b"[..]), (0x0c, &[0xff]), (0x1e, &[0]), (0x1e, &[0xd8, 0]), (0x16, &[0x80]), (0x12, b"a"), (4, b"")]
        {
            assert!(name(&[(CN, tag, value)]).is_err(), "{tag:x} {value:?}");
        }
    }
}
