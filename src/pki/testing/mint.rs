//! Certificates with anything in them, right or wrong, written byte by byte. Knows nothing of the crate, so that every kind of test can use it.
#![allow(dead_code, reason = "each test uses its part")]

/// What makes a signature.
pub(crate) type Sign<'s> = &'s dyn Fn(&[u8]) -> Vec<u8>;

/// Everything that a certificate says.
#[derive(Clone)]
pub(crate) struct Mint {
    /// Bytes of the version element; none for version 1.
    pub(crate) version: Vec<u8>,
    /// Content of the serial number, as it is written.
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    /// `YYYYMMDDhhmmssZ`.
    pub(crate) not_before: String,
    pub(crate) not_after: String,
    /// `SubjectPublicKeyInfo`.
    pub(crate) key: Vec<u8>,
    pub(crate) extensions: Vec<Vec<u8>>,
    /// `AlgorithmIdentifier` of the signature.
    pub(crate) algorithm: Vec<u8>,
}

/// A name of the subject, or of a constraint.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Name<'n> {
    Uri(&'n str),
    Dns(&'n str),
    Ip(&'n [u8]),
    Email(&'n str),
    Directory(&'n [u8]),
}

pub(crate) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub(crate) const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
pub(crate) const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];
pub(crate) const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 0x25, 0];

/// Bits of keyUsage, the first of which is the highest of the first byte.
pub(crate) const DIGITAL_SIGNATURE: u8 = 0x80;
pub(crate) const KEY_ENCIPHERMENT: u8 = 0x20;
pub(crate) const KEY_CERT_SIGN: u8 = 0x04;
pub(crate) const CRL_SIGN: u8 = 0x02;

pub(crate) fn ecdsa_sha256() -> Vec<u8> {
    element(0x30, &element(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]))
}

pub(crate) fn ecdsa_sha384() -> Vec<u8> {
    element(0x30, &element(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3]))
}

pub(crate) fn rsa_sha256() -> Vec<u8> {
    element(0x30, &[element(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b]), vec![5, 0]].concat())
}

pub(crate) fn rsa_sha1() -> Vec<u8> {
    element(0x30, &[element(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5]), vec![5, 0]].concat())
}

impl Mint {
    /// The certificate in DER.
    pub(crate) fn certificate(&self, sign: Sign<'_>) -> Vec<u8> {
        let mut signed = self.version.clone();
        signed.extend(element(0x02, &self.serial));
        signed.extend(&self.algorithm);
        signed.extend(&self.issuer);
        signed.extend(element(0x30, &[time(&self.not_before), time(&self.not_after)].concat()));
        signed.extend(&self.subject);
        signed.extend(&self.key);
        if !self.extensions.is_empty() {
            signed.extend(element(0xa3, &element(0x30, &self.extensions.concat())));
        }
        let signed = element(0x30, &signed);
        let signature = sign(&signed);
        element(0x30, &[signed, self.algorithm.clone(), element(0x03, &[&[0], signature.as_slice()].concat())].concat())
    }
}

/// `UTCTime` through 2049, `GeneralizedTime` after.
fn time(text: &str) -> Vec<u8> {
    if text < "20500000000000Z" { element(0x17, &text.as_bytes()[2..]) } else { element(0x18, text.as_bytes()) }
}

pub(crate) fn version_3() -> Vec<u8> {
    element(0xa0, &element(0x02, &[2]))
}

/// A name of organization and common name; empty when both are.
pub(crate) fn distinguished(organization: &str, common_name: &str) -> Vec<u8> {
    let part = |oid: &[u8], text: &str| {
        if text.is_empty() {
            return Vec::new();
        }
        element(0x31, &element(0x30, &[element(0x06, oid), element(0x0c, text.as_bytes())].concat()))
    };
    element(0x30, &[part(&[0x55, 4, 10], organization), part(&[0x55, 4, 3], common_name)].concat())
}

/// An extension by the bytes of its object identifier.
pub(crate) fn extension(oid: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if is_critical { vec![0x01, 0x01, 0xff] } else { Vec::new() };
    element(0x30, &[element(0x06, oid), critical, element(0x04, value)].concat())
}

pub(crate) fn basic_constraints(is_critical: bool, is_ca: bool, path_length: Option<u8>) -> Vec<u8> {
    let ca = if is_ca { vec![0x01, 0x01, 0xff] } else { Vec::new() };
    let length = path_length.map(|length| element(0x02, &[length])).unwrap_or_default();
    extension(&[0x55, 0x1d, 0x13], is_critical, &element(0x30, &[ca, length].concat()))
}

pub(crate) fn key_usage(is_critical: bool, bits: u8) -> Vec<u8> {
    let unused = u8::try_from(bits.trailing_zeros().min(7)).unwrap();
    extension(&[0x55, 0x1d, 0x0f], is_critical, &element(0x03, &[unused, bits]))
}

pub(crate) fn extended_key_usage(is_critical: bool, purposes: &[&[u8]]) -> Vec<u8> {
    let purposes: Vec<Vec<u8>> = purposes.iter().map(|oid| element(0x06, oid)).collect();
    extension(&[0x55, 0x1d, 0x25], is_critical, &element(0x30, &purposes.concat()))
}

pub(crate) fn alternative_names(is_critical: bool, names: &[Name<'_>]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = names.iter().map(Name::general).collect();
    extension(&[0x55, 0x1d, 0x11], is_critical, &element(0x30, &names.concat()))
}

pub(crate) fn name_constraints(is_critical: bool, permitted: &[Name<'_>], excluded: &[Name<'_>]) -> Vec<u8> {
    let subtrees = |tag, names: &[Name<'_>]| {
        let subtrees: Vec<Vec<u8>> = names.iter().map(|name| element(0x30, &name.general())).collect();
        if names.is_empty() { Vec::new() } else { element(tag, &subtrees.concat()) }
    };
    let content = [subtrees(0xa0, permitted), subtrees(0xa1, excluded)].concat();
    extension(&[0x55, 0x1d, 0x1e], is_critical, &element(0x30, &content))
}

pub(crate) fn subject_key_identifier(identifier: &[u8]) -> Vec<u8> {
    extension(&[0x55, 0x1d, 0x0e], false, &element(0x04, identifier))
}

pub(crate) fn authority_key_identifier(identifier: &[u8]) -> Vec<u8> {
    extension(&[0x55, 0x1d, 0x23], false, &element(0x30, &element(0x80, identifier)))
}

/// An extension that nobody knows.
pub(crate) fn unknown_extension(is_critical: bool) -> Vec<u8> {
    extension(&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 99], is_critical, &[5, 0])
}

impl Name<'_> {
    fn general(&self) -> Vec<u8> {
        match self {
            Self::Email(text) => element(0x81, text.as_bytes()),
            Self::Dns(text) => element(0x82, text.as_bytes()),
            Self::Directory(name) => element(0xa4, name),
            Self::Uri(text) => element(0x86, text.as_bytes()),
            Self::Ip(bytes) => element(0x87, bytes),
        }
    }
}

/// A revocation list.
#[derive(Clone)]
pub(crate) struct MintCrl {
    pub(crate) issuer: Vec<u8>,
    pub(crate) this_update: String,
    pub(crate) next_update: String,
    /// Contents of serial numbers.
    pub(crate) revoked: Vec<Vec<u8>>,
    pub(crate) extensions: Vec<Vec<u8>>,
    pub(crate) algorithm: Vec<u8>,
    /// Version 2, which extensions need.
    pub(crate) is_version_2: bool,
}

impl MintCrl {
    /// The list in DER.
    pub(crate) fn list(&self, sign: Sign<'_>) -> Vec<u8> {
        let mut signed = if self.is_version_2 { element(0x02, &[1]) } else { Vec::new() };
        signed.extend(&self.algorithm);
        signed.extend(&self.issuer);
        signed.extend(time(&self.this_update));
        signed.extend(time(&self.next_update));
        if !self.revoked.is_empty() {
            let entry = |serial: &Vec<u8>| element(0x30, &[element(0x02, serial), time(&self.this_update)].concat());
            signed.extend(element(0x30, &self.revoked.iter().map(entry).collect::<Vec<_>>().concat()));
        }
        if !self.extensions.is_empty() {
            signed.extend(element(0xa0, &element(0x30, &self.extensions.concat())));
        }
        let signed = element(0x30, &signed);
        let signature = sign(&signed);
        element(0x30, &[signed, self.algorithm.clone(), element(0x03, &[&[0], signature.as_slice()].concat())].concat())
    }
}

pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match length {
        0..0x80 => bytes.push(u8::try_from(length).unwrap()),
        0x80..0x100 => bytes.extend([0x81, u8::try_from(length).unwrap()]),
        _ => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}
