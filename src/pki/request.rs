use std::fmt;

use pkcs8::der::Decode as _;
use pkcs8::der::Reader as _;
use pkcs8::der::SliceReader;
use pkcs8::der::Tag;
use pkcs8::der::TagNumber;
use pkcs8::der::Tagged as _;
use pkcs8::der::asn1::AnyRef;
use x509_parser::extensions::ParsedExtension;
use x509_parser::extensions::X509Extension;
use x509_parser::prelude::FromDer;
use x509_parser::x509::AlgorithmIdentifier;
use x509_parser::x509::X509Name;

use crate::pki::ExtendedKeyUsage;
use crate::pki::KeyUsage;
use crate::pki::PemReader;
use crate::pki::PkiError;
use crate::pki::PublicKey;
use crate::pki::SubjectAltName;
use crate::pki::certificate::read_name;

/// A certificate request (PKCS#10, RFC 2986) whose signature was verified and whose key is strong enough to be certified.
///
/// What it asks for is shown, never copied: a certificate's names come from whoever has the right to give them.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    der: Vec<u8>,
    subject: String,
    public_key: PublicKey,
    subject_alt_names: Vec<SubjectAltName>,
    extensions: Vec<RequestedExtension>,
    asks_to_be_ca: bool,
}

/// One extension that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedExtension {
    /// Its name in RFC 5280, or its object identifier.
    pub name: String,
    /// What it says, in words; empty when it is not interpreted.
    pub value: String,
    /// Whether it would be critical.
    pub is_critical: bool,
}

/// What becomes of names a request asks for and its certificate will not carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NamesAskedFor {
    /// The request is refused.
    #[default]
    Refuse,
    /// The certificate is made without them.
    Ignore,
}

/// `extensionRequest` (RFC 2985 section 5.4.2).
const EXTENSION_REQUEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e];
const ATTRIBUTES: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };

impl CertificateRequest {
    /// Reads a request: DER, or text with exactly one PEM block `CERTIFICATE REQUEST` (or `NEW CERTIFICATE REQUEST`).
    ///
    /// # Errors
    /// [`PkiError::Request`] when it is none or anything is left over, [`PkiError::PublicKey`] for a key that is too weak,
    /// [`PkiError::RequestSignature`] when the key in it did not sign it.
    pub fn read(bytes: &[u8]) -> Result<Self, PkiError> {
        // DER starts with the tag of a sequence, which is the character `0`. A text may start with one too, but then no length follows.
        let is_der = bytes.first() == Some(&0x30)
            && (elements::<1>(bytes, "it").is_ok() || memchr::memmem::find(bytes, b"-----BEGIN ").is_none());
        if is_der {
            return Self::from_der(bytes);
        }
        let (requests, others): (Vec<_>, Vec<_>) = PemReader::new(bytes)
            .partition(|block| matches!(block.label.as_str(), "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST"));
        match (requests.as_slice(), others.first()) {
            ([request], None) => Self::from_der(&request.der),
            ([_], Some(other)) => Err(broken(format!("a PEM block `{}` stands beside it, in line {}", other.label, other.line))),
            ([_, second, ..], _) => Err(broken(format!("a second one follows in line {}", second.line))),
            ([], Some(other)) => Err(broken(format!("the PEM block in line {} is a `{}`", other.line, other.label))),
            ([], None) => Err(broken("there is neither a PEM block `CERTIFICATE REQUEST` nor DER".to_owned())),
        }
    }

    /// Reads a request in DER.
    ///
    /// # Errors
    /// As [`CertificateRequest::read`].
    pub fn from_der(der: &[u8]) -> Result<Self, PkiError> {
        let [request] = elements(der, "it")?;
        let [info, algorithm, signature] = elements(request.content(Tag::Sequence)?, "the request")?;
        let [version, subject, key, attributes] = elements(info.content(Tag::Sequence)?, "the request's content")?;
        if version.content(Tag::Integer)? != [0] {
            return Err(broken("its version is not 1".to_owned()));
        }
        let (_, name) = X509Name::from_der(subject.whole).map_err(|_| broken("its subject cannot be read".to_owned()))?;
        let public_key = PublicKey::from_info(key.whole)?;
        public_key.require_strength()?;
        verify(&public_key, info.whole, &algorithm, &signature)?;
        let mut read = Self {
            der: der.to_vec(),
            subject: name.to_string(),
            public_key,
            subject_alt_names: Vec::new(),
            extensions: Vec::new(),
            asks_to_be_ca: false,
        };
        let mut has_extensions = false;
        for attribute in all_elements(attributes.content(ATTRIBUTES)?)? {
            let [kind, values] = elements(attribute.content(Tag::Sequence)?, "an attribute")?;
            if kind.content(Tag::ObjectIdentifier)? != EXTENSION_REQUEST {
                continue;
            }
            if std::mem::replace(&mut has_extensions, true) {
                return Err(broken("it asks for extensions twice".to_owned()));
            }
            let [extensions] = elements(values.content(Tag::Set)?, "the extensions it asks for")?;
            for extension in all_elements(extensions.content(Tag::Sequence)?)? {
                read.read_extension(extension.whole)?;
            }
        }
        Ok(read)
    }

    fn read_extension(&mut self, der: &[u8]) -> Result<(), PkiError> {
        let unreadable = || broken("an extension it asks for cannot be read".to_owned());
        let (rest, extension) = X509Extension::from_der(der).map_err(|_| unreadable())?;
        if !rest.is_empty() {
            return Err(unreadable());
        }
        let is_critical = extension.critical;
        #[expect(clippy::wildcard_enum_match_arm, reason = "what is not interpreted is shown by its object identifier")]
        let (name, value) = match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(found) => {
                let names: Vec<SubjectAltName> = found.general_names.iter().map(read_name).collect();
                let value = join(names.iter());
                self.subject_alt_names.extend(names);
                ("subjectAltName".to_owned(), value)
            }
            ParsedExtension::BasicConstraints(found) => {
                self.asks_to_be_ca |= found.ca;
                let length = found.path_len_constraint.map_or(String::new(), |length| format!(", path length {length}"));
                ("basicConstraints".to_owned(), format!("{}{length}", if found.ca { "an authority" } else { "no authority" }))
            }
            ParsedExtension::KeyUsage(found) => ("keyUsage".to_owned(), join(KeyUsage::from_parsed(found, is_critical).names())),
            ParsedExtension::ExtendedKeyUsage(found) => {
                ("extKeyUsage".to_owned(), join(ExtendedKeyUsage::from_parsed(found, is_critical).names()))
            }
            ParsedExtension::ParseError { error } => {
                return Err(broken(format!("the extension {} it asks for cannot be read: {error}", extension.oid)));
            }
            _ => (extension.oid.to_id_string(), String::new()),
        };
        if self.extensions.iter().any(|earlier| earlier.name == name) {
            return Err(broken(format!("it asks for {name} twice")));
        }
        self.extensions.push(RequestedExtension { name, value, is_critical });
        Ok(())
    }

    /// The request in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The name asked for as subject, in words (`O=.., CN=..`); empty when there is none.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The key to certify. The request's sender holds its private half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The other names asked for, in order.
    #[must_use]
    pub fn subject_alt_names(&self) -> &[SubjectAltName] {
        &self.subject_alt_names
    }

    /// Every extension asked for, the names among them, in order.
    #[must_use]
    pub fn extensions(&self) -> &[RequestedExtension] {
        &self.extensions
    }

    /// Whether it asks for the certificate of an authority.
    #[must_use]
    pub fn asks_to_be_ca(&self) -> bool {
        self.asks_to_be_ca
    }

    /// The names asked for beside those that the certificate will carry: these will be ignored, or the request is refused for them.
    ///
    /// # Errors
    /// [`PkiError::RequestNames`] when there are any and the policy is to refuse.
    pub fn names_not_granted(&self, granted: &[SubjectAltName], policy: NamesAskedFor) -> Result<Vec<&SubjectAltName>, PkiError> {
        let names: Vec<_> = self.subject_alt_names.iter().filter(|name| !granted.contains(name)).collect();
        match policy {
            NamesAskedFor::Refuse if !names.is_empty() => {
                Err(PkiError::RequestNames(join(names.iter().map(|name| format!("`{name}`")))))
            }
            NamesAskedFor::Refuse | NamesAskedFor::Ignore => Ok(names),
        }
    }
}

impl fmt::Debug for CertificateRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateRequest({}, {})", self.subject, self.public_key)
    }
}

fn verify(key: &PublicKey, message: &[u8], algorithm: &Element<'_>, signature: &Element<'_>) -> Result<(), PkiError> {
    let named = AlgorithmIdentifier::from_der(algorithm.whole).map(|(_, found)| found.algorithm.to_id_string());
    let named = named.map_err(|_| broken("its signature algorithm cannot be read".to_owned()))?;
    let Some((0, bytes)) = signature.content(Tag::BitString)?.split_first() else {
        return Err(broken("its signature is no whole number of bytes".to_owned()));
    };
    if key.verifies(&named, message, bytes) {
        return Ok(());
    }
    Err(PkiError::RequestSignature(match named.as_str() {
        "1.2.840.113549.1.1.4" | "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" => "its signature uses MD5 or SHA-1".to_owned(),
        _ => format!("the {key} key does not verify the signature (algorithm {named})"),
    }))
}

/// One element of DER: its content, and with its tag and length.
struct Element<'d> {
    tag: Tag,
    content: &'d [u8],
    whole: &'d [u8],
}

impl<'d> Element<'d> {
    fn content(&self, tag: Tag) -> Result<&'d [u8], PkiError> {
        if self.tag == tag {
            Ok(self.content)
        } else {
            Err(broken(format!("a {tag} is missing, there is a {} instead", self.tag)))
        }
    }
}

/// Exactly this many elements, one after another.
fn elements<'d, const COUNT: usize>(der: &'d [u8], what: &str) -> Result<[Element<'d>; COUNT], PkiError> {
    let found = all_elements(der)?;
    let count = found.len();
    found.try_into().map_err(|_| broken(format!("{what} holds {count} elements, not {COUNT}")))
}

/// Every element up to the end of the bytes.
fn all_elements(der: &[u8]) -> Result<Vec<Element<'_>>, PkiError> {
    let unreadable = |error: pkcs8::der::Error| broken(error.to_string());
    let mut reader = SliceReader::new(der).map_err(unreadable)?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        let start = usize::try_from(reader.position()).map_err(unreadable)?;
        let element = AnyRef::decode(&mut reader).map_err(unreadable)?;
        let end = usize::try_from(reader.position()).map_err(unreadable)?;
        found.push(Element { tag: element.tag(), content: element.value(), whole: der.get(start..end).unwrap_or_default() });
    }
    Ok(found)
}

fn join(words: impl IntoIterator<Item = impl ToString>) -> String {
    words.into_iter().map(|word| word.to_string()).collect::<Vec<_>>().join(", ")
}

fn broken(what: String) -> PkiError {
    PkiError::Request(what)
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
