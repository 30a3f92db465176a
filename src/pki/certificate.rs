use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions;
use x509_parser::extensions::GeneralName;
use x509_parser::extensions::ParsedExtension;
use x509_parser::extensions::X509Extension;
use x509_parser::prelude::FromDer;

use crate::pki::Fingerprint;
use crate::pki::NameConstraints;
use crate::pki::PkiError;
use crate::pki::PublicKey;
use crate::pki::SerialNumber;
use crate::pki::pem_text::pem;
use crate::pki::time::from_asn1;

/// A certificate (RFC 5280 section 4) whose facts were read once. Nothing in it is verified by being read.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    version: u32,
    subject: String,
    subject_der: Vec<u8>,
    issuer: String,
    issuer_der: Vec<u8>,
    serial: SerialNumber,
    serial_octets: usize,
    is_serial_negative: bool,
    not_before: Timestamp,
    not_after: Timestamp,
    public_key: PublicKey,
    signature_algorithm: String,
    subject_alt_names: Vec<SubjectAltName>,
    is_subject_alt_name_critical: bool,
    basic_constraints: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    extended_key_usage: Option<ExtendedKeyUsage>,
    subject_key_identifier: Option<Vec<u8>>,
    authority_key_identifier: Option<Vec<u8>>,
    name_constraints: Option<NameConstraints>,
    unknown_critical: Vec<String>,
}

/// One name of the subject (RFC 5280 section 4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubjectAltName {
    /// A URI; an identity when it follows SPIFFE's grammar.
    Uri(String),
    /// A DNS name.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// A mail address.
    Email(String),
    /// Anything else, as the parser describes it.
    Other(String),
}

impl fmt::Display for SubjectAltName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uri(uri) => write!(f, "URI:{uri}"),
            Self::Dns(name) => write!(f, "DNS:{name}"),
            Self::Ip(address) => write!(f, "IP:{address}"),
            Self::Email(address) => write!(f, "email:{address}"),
            Self::Other(other) => f.write_str(other),
        }
    }
}

/// Whether the subject is an authority (RFC 5280 section 4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether it may sign certificates.
    pub is_ca: bool,
    /// How many authorities may lie between it and a leaf.
    pub path_length: Option<u64>,
    /// Whether the extension is critical.
    pub is_critical: bool,
}

/// What the key may be used for (RFC 5280 section 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage {
    flags: u16,
    /// Whether the extension is critical.
    pub is_critical: bool,
}

/// Purposes of the key (RFC 5280 section 4.2.1.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedKeyUsage {
    /// Any purpose.
    pub any: bool,
    /// TLS server.
    pub server_auth: bool,
    /// TLS client.
    pub client_auth: bool,
    /// Object identifiers of the other purposes.
    pub other: Vec<String>,
    /// Whether the extension is critical.
    pub is_critical: bool,
}

const USAGES: [(u16, &str); 9] = [
    (1, "digitalSignature"),
    (1 << 1, "nonRepudiation"),
    (1 << 2, "keyEncipherment"),
    (1 << 3, "dataEncipherment"),
    (1 << 4, "keyAgreement"),
    (1 << 5, "keyCertSign"),
    (1 << 6, "cRLSign"),
    (1 << 7, "encipherOnly"),
    (1 << 8, "decipherOnly"),
];

impl KeyUsage {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as the parser hands it out")]
    pub(super) fn from_parsed(found: &extensions::KeyUsage, is_critical: bool) -> Self {
        Self { flags: found.flags, is_critical }
    }

    /// The key signs data, such as a TLS handshake.
    #[must_use]
    pub fn digital_signature(self) -> bool {
        self.flags & 1 != 0
    }

    /// The key signs certificates.
    #[must_use]
    pub fn key_cert_sign(self) -> bool {
        self.flags & (1 << 5) != 0
    }

    /// The key signs revocation lists.
    #[must_use]
    pub fn crl_sign(self) -> bool {
        self.flags & (1 << 6) != 0
    }

    /// The names of RFC 5280 for what is set.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        USAGES.into_iter().filter(|(bit, _)| self.flags & bit != 0).map(|(_, name)| name).collect()
    }
}

impl ExtendedKeyUsage {
    pub(super) fn from_parsed(found: &extensions::ExtendedKeyUsage<'_>, is_critical: bool) -> Self {
        let named = [
            (found.code_signing, "codeSigning"),
            (found.email_protection, "emailProtection"),
            (found.time_stamping, "timeStamping"),
            (found.ocsp_signing, "OCSPSigning"),
        ];
        let named = named.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name.to_owned());
        Self {
            any: found.any,
            server_auth: found.server_auth,
            client_auth: found.client_auth,
            other: named.chain(found.other.iter().map(ToString::to_string)).collect(),
            is_critical,
        }
    }

    /// The names of RFC 5280 for what is set, object identifiers for the rest.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let known = [(self.server_auth, "serverAuth"), (self.client_auth, "clientAuth"), (self.any, "anyExtendedKeyUsage")];
        let known = known.into_iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name);
        known.chain(self.other.iter().map(String::as_str)).collect()
    }
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`PkiError::Certificate`] when it is none, bytes follow it, or one of the extensions that are interpreted cannot be read.
    pub fn from_der(der: &[u8]) -> Result<Self, PkiError> {
        let broken = |what: String| PkiError::Certificate(what);
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|error| broken(error.to_string()))?;
        if !rest.is_empty() {
            return Err(broken("bytes follow it".to_owned()));
        }
        let mut certificate = Self {
            der: der.to_vec(),
            version: parsed.version().0.saturating_add(1),
            subject: parsed.subject().to_string(),
            subject_der: parsed.subject().as_raw().to_vec(),
            issuer: parsed.issuer().to_string(),
            issuer_der: parsed.issuer().as_raw().to_vec(),
            serial: SerialNumber::from_be_bytes(parsed.raw_serial()),
            serial_octets: parsed.raw_serial().len(),
            is_serial_negative: parsed.raw_serial().first().is_some_and(|first| *first >= 0x80),
            not_before: from_asn1(parsed.validity().not_before),
            not_after: from_asn1(parsed.validity().not_after),
            public_key: PublicKey::from_parsed(parsed.public_key()),
            signature_algorithm: parsed.signature_algorithm.algorithm.to_id_string(),
            subject_alt_names: Vec::new(),
            is_subject_alt_name_critical: false,
            basic_constraints: None,
            key_usage: None,
            extended_key_usage: None,
            subject_key_identifier: None,
            authority_key_identifier: None,
            name_constraints: None,
            unknown_critical: Vec::new(),
        };
        let mut seen = Vec::new();
        for extension in parsed.extensions() {
            if seen.contains(&&extension.oid) {
                return Err(broken(format!("extension {} occurs twice", extension.oid)));
            }
            seen.push(&extension.oid);
            certificate.read_extension(extension)?;
        }
        Ok(certificate)
    }

    fn read_extension(&mut self, extension: &X509Extension<'_>) -> Result<(), PkiError> {
        let is_critical = extension.critical;
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(found) => {
                self.basic_constraints = Some(BasicConstraints {
                    is_ca: found.ca,
                    path_length: found.path_len_constraint.map(u64::from),
                    is_critical,
                });
            }
            ParsedExtension::KeyUsage(found) => self.key_usage = Some(KeyUsage::from_parsed(found, is_critical)),
            ParsedExtension::ExtendedKeyUsage(found) => {
                self.extended_key_usage = Some(ExtendedKeyUsage::from_parsed(found, is_critical));
            }
            ParsedExtension::SubjectAlternativeName(found) => {
                self.subject_alt_names = found.general_names.iter().map(read_name).collect();
                self.is_subject_alt_name_critical = is_critical;
            }
            ParsedExtension::SubjectKeyIdentifier(found) => self.subject_key_identifier = Some(found.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(found) => {
                self.authority_key_identifier = found.key_identifier.as_ref().map(|identifier| identifier.0.to_vec());
            }
            ParsedExtension::NameConstraints(found) => {
                self.name_constraints = Some(NameConstraints::from_parsed(found, is_critical));
            }
            ParsedExtension::ParseError { error } => {
                return Err(PkiError::Certificate(format!("extension {} cannot be read: {error}", extension.oid)));
            }
            ParsedExtension::CertificatePolicies(_)
            | ParsedExtension::PolicyMappings(_)
            | ParsedExtension::PolicyConstraints(_)
            | ParsedExtension::InhibitAnyPolicy(_)
            | ParsedExtension::IssuerAlternativeName(_)
            | ParsedExtension::CRLDistributionPoints(_)
            | ParsedExtension::AuthorityInfoAccess(_)
            | ParsedExtension::SubjectInfoAccess(_)
            | ParsedExtension::NSCertType(_)
            | ParsedExtension::NsCertComment(_)
            | ParsedExtension::SCT(_)
            | ParsedExtension::IssuingDistributionPoint(_)
            | ParsedExtension::CRLNumber(_)
            | ParsedExtension::ReasonCode(_)
            | ParsedExtension::InvalidityDate(_)
            | ParsedExtension::UnsupportedExtension { .. }
            | ParsedExtension::Unparsed => {
                if is_critical {
                    self.unknown_critical.push(extension.oid.to_id_string());
                }
            }
        }
        Ok(())
    }

    /// The certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as a PEM block.
    #[must_use]
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    /// SHA-256 of the DER form.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.der)
    }

    /// The version as it is spoken of: 1, 2 or 3.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The subject's name in words (`O=.., CN=..`); empty when there is none.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The subject's name in DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.subject_der
    }

    /// Whether the subject has no name at all.
    #[must_use]
    pub fn has_empty_subject(&self) -> bool {
        is_empty_name(&self.subject_der)
    }

    /// Whether the issuer has no name at all.
    #[must_use]
    pub fn has_empty_issuer(&self) -> bool {
        is_empty_name(&self.issuer_der)
    }

    /// The issuer's name in words.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The issuer's name in DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer_der
    }

    /// The serial number.
    #[must_use]
    pub fn serial(&self) -> &SerialNumber {
        &self.serial
    }

    /// How many octets the serial number is written with; RFC 5280 section 4.1.2.2 allows 20.
    #[must_use]
    pub fn serial_octets(&self) -> usize {
        self.serial_octets
    }

    /// Whether the serial number is written as a negative one, which RFC 5280 section 4.1.2.2 forbids.
    #[must_use]
    pub fn is_serial_negative(&self) -> bool {
        self.is_serial_negative
    }

    /// First second of validity.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Last second of validity.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Whether the time lies within the validity, both ends included.
    #[must_use]
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        (self.not_before.as_second()..=self.not_after.as_second()).contains(&at.as_second())
    }

    /// The subject's key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Object identifier of the signature's algorithm.
    #[must_use]
    pub fn signature_algorithm(&self) -> &str {
        &self.signature_algorithm
    }

    /// The subject's other names, in order.
    #[must_use]
    pub fn subject_alt_names(&self) -> &[SubjectAltName] {
        &self.subject_alt_names
    }

    /// The URIs among the names.
    pub fn uris(&self) -> impl Iterator<Item = &str> {
        self.subject_alt_names.iter().filter_map(|name| match name {
            SubjectAltName::Uri(uri) => Some(uri.as_str()),
            SubjectAltName::Dns(_) | SubjectAltName::Ip(_) | SubjectAltName::Email(_) | SubjectAltName::Other(_) => None,
        })
    }

    /// Whether the names are marked critical.
    #[must_use]
    pub fn is_subject_alt_name_critical(&self) -> bool {
        self.is_subject_alt_name_critical
    }

    /// `basicConstraints`, when present.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.basic_constraints
    }

    /// Whether it says it is an authority's.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.basic_constraints.is_some_and(|constraints| constraints.is_ca)
    }

    /// `keyUsage`, when present.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.key_usage
    }

    /// `extKeyUsage`, when present.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<&ExtendedKeyUsage> {
        self.extended_key_usage.as_ref()
    }

    /// `subjectKeyIdentifier`, when present.
    #[must_use]
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.subject_key_identifier.as_deref()
    }

    /// The key identifier of the issuer, when present.
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.authority_key_identifier.as_deref()
    }

    /// Whether it constrains the names of what it signs.
    #[must_use]
    pub fn has_name_constraints(&self) -> bool {
        self.name_constraints.is_some()
    }

    /// The constraints on the names of what it signs, when present.
    #[must_use]
    pub fn name_constraints(&self) -> Option<&NameConstraints> {
        self.name_constraints.as_ref()
    }

    /// Object identifiers of critical extensions that nobody here interprets; a verifier must refuse them (RFC 5280 section 4.2).
    #[must_use]
    pub fn unknown_critical_extensions(&self) -> &[String] {
        &self.unknown_critical
    }

    /// Whether subject and issuer are the same name.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject_der == self.issuer_der
    }

    /// Whether the key of this issuer made the signature, and the names agree.
    #[must_use]
    pub fn is_signed_by(&self, issuer: &Self) -> bool {
        let Ok((_, parsed)) = X509Certificate::from_der(&self.der) else { return false };
        self.issuer_der == issuer.subject_der
            && issuer.public_key.verifies(
                &self.signature_algorithm,
                parsed.tbs_certificate.as_ref(),
                parsed.signature_value.as_ref(),
            )
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, serial {})", self.subject, self.serial)
    }
}

/// A sequence of nothing.
fn is_empty_name(der: &[u8]) -> bool {
    der.len() <= 2
}

/// A name as the parser gives it.
pub(super) fn read_name(name: &GeneralName<'_>) -> SubjectAltName {
    match name {
        GeneralName::URI(uri) => SubjectAltName::Uri((*uri).to_owned()),
        GeneralName::DNSName(name) => SubjectAltName::Dns((*name).to_owned()),
        GeneralName::RFC822Name(name) => SubjectAltName::Email((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let address =
                <[u8; 4]>::try_from(*bytes).map(IpAddr::from).or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            address.map_or_else(|_| SubjectAltName::Other(name.to_string()), SubjectAltName::Ip)
        }
        GeneralName::OtherName(..)
        | GeneralName::X400Address(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EDIPartyName(_)
        | GeneralName::RegisteredID(_)
        | GeneralName::Invalid(..) => SubjectAltName::Other(name.to_string()),
    }
}
