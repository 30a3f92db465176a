//! A certificate as Go's `crypto/x509` reads one. Where the standard and Go differ, Go is followed: it is what istiod runs on.

use aws_lc_rs::digest;
use num_bigint::BigInt;
use num_bigint::Sign;

use crate::pki::istiod::go::algorithm::SignatureAlgorithm;
use crate::pki::istiod::go::constraints::NameConstraints;
use crate::pki::istiod::go::der::BOOLEAN;
use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::INTEGER;
use crate::pki::istiod::go::der::OCTET_STRING;
use crate::pki::istiod::go::der::SEQUENCE;
use crate::pki::istiod::go::der::context;
use crate::pki::istiod::go::der::context_constructed;
use crate::pki::istiod::go::der::dotted;
use crate::pki::istiod::go::extensions;
use crate::pki::istiod::go::name::Name;
use crate::pki::istiod::go::public_key;
use crate::pki::istiod::go::public_key::PublicKey;
use crate::pki::istiod::go::signature;
use crate::pki::istiod::go::time;
use crate::pki::istiod::go::time::Second;
use crate::pki::istiod::go::url::Uri;

/// A certificate that Go reads.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    /// The whole of it in DER.
    pub raw: Vec<u8>,
    pub(crate) raw_issuer: Vec<u8>,
    pub(crate) raw_subject: Vec<u8>,
    pub(crate) raw_public_key: Vec<u8>,
    /// 1, 2 or 3.
    pub version: i64,
    /// Not negative.
    pub serial: BigInt,
    /// What it was signed with.
    pub signature_algorithm: SignatureAlgorithm,
    pub(crate) signed: Signed,
    /// Whose it is.
    pub subject: Name,
    /// Who signed it.
    pub issuer: Name,
    /// First second of validity.
    pub not_before: Second,
    /// Last second of validity.
    pub not_after: Second,
    /// `None` when Go does not know its kind.
    pub public_key: Option<PublicKey>,
    /// Object identifiers of the extensions that are there, and whether each is critical.
    pub extensions: Vec<Extension>,
    /// What the extensions say.
    pub says: Says,
}

/// One extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extension {
    /// Its object identifier.
    pub oid: Vec<u32>,
    /// Whether it is critical.
    pub critical: bool,
    /// Its value.
    pub value: Vec<u8>,
}

/// Who vouches for a certificate.
#[derive(Debug, Clone)]
pub(crate) enum Signed {
    /// A signature over bytes.
    With { message: Vec<u8>, signature: Vec<u8> },
    /// It will be signed with the private half of this key.
    WillBe(Box<PublicKey>),
}

/// `keyUsage` bit of signing certificates.
pub(crate) const KEY_CERT_SIGN: u16 = 1 << 5;
/// `keyUsage` bit of signing revocation lists.
pub(crate) const CRL_SIGN: u16 = 1 << 6;

/// The extensions Go understands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Says {
    /// Bits of `keyUsage`; zero also when the extension is absent.
    pub key_usage: u16,
    /// Whether `basicConstraints` is there.
    pub has_basic_constraints: bool,
    /// cA.
    pub is_ca: bool,
    /// pathLenConstraint.
    pub max_path_length: Option<u64>,
    /// DNS names.
    pub dns_names: Vec<String>,
    /// Mail addresses.
    pub emails: Vec<String>,
    /// Addresses of 4 or 16 bytes.
    pub addresses: Vec<Vec<u8>>,
    /// URIs.
    pub uris: Vec<Uri>,
    /// `nameConstraints`, when there.
    pub name_constraints: Option<NameConstraints>,
    /// `authorityKeyIdentifier`; empty when absent.
    pub authority_key_id: Vec<u8>,
    /// `subjectKeyIdentifier`; empty when absent.
    pub subject_key_id: Vec<u8>,
    /// Purposes.
    pub purposes: Vec<Purpose>,
    /// `certificatePolicies`, in DER.
    pub policies: Vec<Vec<u8>>,
    /// `policyMappings`: from issuer's to subject's policy.
    pub policy_mappings: Vec<(Vec<u8>, Vec<u8>)>,
    /// requireExplicitPolicy; never negative.
    pub require_explicit_policy: Option<i64>,
    /// inhibitPolicyMapping; never negative.
    pub inhibit_policy_mapping: Option<i64>,
    /// inhibitAnyPolicy; never negative.
    pub inhibit_any_policy: Option<i64>,
    /// Critical extensions that Go does not understand.
    pub unhandled_critical: Vec<Vec<u32>>,
}

/// One `extKeyUsage`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// anyExtendedKeyUsage.
    Any,
    /// serverAuth.
    Server,
    /// clientAuth.
    Client,
    /// Another one.
    Other(Vec<u32>),
}

impl Certificate {
    /// Reads one certificate and nothing behind it; the error holds the words of Go's library.
    ///
    /// # Errors
    /// When Go's `ParseCertificate` fails.
    pub(crate) fn read(der: &[u8]) -> Result<Self, String> {
        let mut outer = Der(der);
        let whole = outer.read_whole(SEQUENCE).ok_or("x509: malformed certificate")?;
        let certificate = Self::read_element(whole)?;
        if outer.is_empty() { Ok(certificate) } else { Err("x509: trailing data".to_owned()) }
    }

    /// Reads the certificate in front; something may stand behind it.
    pub(crate) fn read_first(der: &[u8]) -> Option<Self> {
        Self::read_element(Der(der).read_whole(SEQUENCE)?).ok()
    }

    fn read_element(whole: Der<'_>) -> Result<Self, String> {
        let mut outer = whole;
        let mut input = outer.read(SEQUENCE).ok_or("x509: malformed certificate")?;
        let message = input.read_whole(SEQUENCE).ok_or("x509: malformed tbs certificate")?;
        let mut tbs = message;
        let mut tbs = tbs.read(SEQUENCE).ok_or("x509: malformed tbs certificate")?;
        let version = version(&mut tbs).ok_or("x509: malformed version")?.wrapping_add(1);
        if version > 3 {
            return Err("x509: invalid version".to_owned());
        }
        let serial = tbs.integer().ok_or("x509: malformed serial number")?;
        if serial.sign() == Sign::Minus {
            return Err("x509: negative serial number".to_owned());
        }
        let signature_algorithm = signature_algorithm(&mut tbs, &mut input)?;
        let raw_issuer = tbs.read_whole(SEQUENCE).ok_or("x509: malformed issuer")?;
        let issuer = Name::read(raw_issuer)?;
        let mut validity = tbs.read(SEQUENCE).ok_or("x509: malformed validity")?;
        let (not_before, not_after) = (time::read(&mut validity)?, time::read(&mut validity)?);
        let raw_subject = tbs.read_whole(SEQUENCE).ok_or("x509: malformed issuer")?;
        let subject = Name::read(raw_subject)?;
        let raw_public_key = tbs.read_whole(SEQUENCE).ok_or("x509: malformed spki")?;
        let mut info = raw_public_key;
        let public_key = public_key::read(info.read(SEQUENCE).ok_or("x509: malformed spki")?)?;
        let mut extensions = Vec::new();
        if version > 1 {
            tbs.optional(context(1)).ok_or("x509: malformed issuerUniqueID")?;
            tbs.optional(context(2)).ok_or("x509: malformed subjectUniqueID")?;
        }
        if version == 3
            && let Some(list) = tbs.optional(context_constructed(3)).ok_or("x509: malformed extensions")?
        {
            extensions = read_extensions(list)?;
        }
        let says = extensions::read(&extensions)?;
        let signature = input.bit_string().ok_or("x509: malformed signature")?.right_aligned();
        Ok(Self {
            raw: whole.0.to_vec(),
            raw_issuer: raw_issuer.0.to_vec(),
            raw_subject: raw_subject.0.to_vec(),
            raw_public_key: raw_public_key.0.to_vec(),
            version,
            serial,
            signature_algorithm,
            signed: Signed::With { message: message.0.to_vec(), signature },
            subject,
            issuer,
            not_before,
            not_after,
            public_key,
            extensions,
            says,
        })
    }

    /// A certificate that this one is going to sign, as istiod makes them for workloads (its `genCertTemplateFromCSR`).
    #[must_use]
    pub(crate) fn workload_under(&self, uri: &str, not_before: Second, not_after: Second) -> Option<Self> {
        let key = self.public_key.clone()?;
        let names = Extension { oid: vec![2, 5, 29, 17], critical: true, value: Vec::new() };
        Some(Self {
            raw: Vec::new(),
            raw_issuer: self.raw_subject.clone(),
            raw_subject: vec![SEQUENCE, 0],
            raw_public_key: Vec::new(),
            version: 3,
            serial: BigInt::from(1),
            signature_algorithm: SignatureAlgorithm::Unknown,
            signed: Signed::WillBe(Box::new(key)),
            subject: Name::default(),
            issuer: self.subject.clone(),
            not_before,
            not_after,
            public_key: None,
            extensions: vec![names],
            says: Says {
                key_usage: 0b101,
                has_basic_constraints: true,
                uris: vec![Uri::parse(uri)?],
                authority_key_id: self.says.subject_key_id.clone(),
                purposes: vec![Purpose::Server, Purpose::Client],
                ..Says::default()
            },
        })
    }

    /// The extension with this last arc under 2.5.29.
    #[must_use]
    pub(crate) fn extension(&self, arc: u32) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.oid == [2, 5, 29, arc])
    }

    /// Whether subject and issuer are the same name.
    #[must_use]
    pub(crate) fn is_self_issued(&self) -> bool {
        self.raw_subject == self.raw_issuer
    }

    /// Whether subject, key and names are those of a certificate in the chain: that would be a loop. Like Go, the first one of
    /// the same subject and key that has names where this has none (or the reverse) ends the search.
    pub(crate) fn is_in<'c>(&self, chain: impl IntoIterator<Item = &'c Self>) -> bool {
        let names = |certificate: &Self| certificate.extension(17).map(|names| names.value.clone());
        for other in chain {
            if self.raw_subject == other.raw_subject && self.raw_public_key == other.raw_public_key {
                match (names(self), names(other)) {
                    (None, None) => return true,
                    (None, Some(_)) | (Some(_), None) => return false,
                    (Some(own), Some(other)) if own == other => return true,
                    (Some(_), Some(_)) => {}
                }
            }
        }
        false
    }

    /// Whether the issuer may sign certificates and signed this one.
    ///
    /// # Errors
    /// Go's words when not.
    pub(crate) fn check_signature_from(&self, issuer: &Self) -> Result<(), String> {
        issuer.may_sign(KEY_CERT_SIGN)?;
        let Some(key) = &issuer.public_key else { return Err(signature::unsupported()) };
        match &self.signed {
            Signed::With { message, signature } => signature::check(self.signature_algorithm, message, signature, key, false),
            Signed::WillBe(own) if **own == *key => Ok(()),
            Signed::WillBe(_) => Err("x509: verification failure".to_owned()),
        }
    }

    /// Whether a version 3 certificate is an authority's, and its `keyUsage`, if it has one, holds the bit.
    pub(crate) fn may_sign(&self, usage: u16) -> Result<(), String> {
        let says = &self.says;
        let is_no_authority = if says.has_basic_constraints { !says.is_ca } else { self.version == 3 };
        if is_no_authority || (says.key_usage != 0 && says.key_usage & usage == 0) {
            return Err("x509: invalid signature: parent certificate cannot sign this kind of certificate".to_owned());
        }
        Ok(())
    }

    /// The serial number in lower-case hexadecimal, two digits a byte.
    #[must_use]
    pub(crate) fn serial_hex(&self) -> String {
        hex(&self.serial.magnitude().to_bytes_be())
    }

    /// SHA-256 of the whole, in lower-case hexadecimal.
    #[must_use]
    pub(crate) fn fingerprint(&self) -> String {
        hex(digest::digest(&digest::SHA256, &self.raw).as_ref())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The version as it is encoded, zero for the first.
fn version(tbs: &mut Der<'_>) -> Option<i64> {
    match tbs.optional(context_constructed(0))? {
        None => Some(0),
        Some(mut inner) => inner.small_integer(INTEGER).filter(|version| *version >= 0 && inner.is_empty()),
    }
}

/// The algorithm inside, which the one outside must repeat.
pub(crate) fn signature_algorithm(tbs: &mut Der<'_>, outer: &mut Der<'_>) -> Result<SignatureAlgorithm, String> {
    let inner = tbs.read(SEQUENCE).ok_or("x509: malformed signature algorithm identifier")?;
    let outer = outer.read(SEQUENCE).ok_or("x509: malformed algorithm identifier")?;
    if inner != outer {
        return Err("x509: inner and outer signature algorithm identifiers don't match".to_owned());
    }
    let (oid, parameters) = public_key::algorithm_identifier(inner)?;
    Ok(SignatureAlgorithm::from_identifier(&oid, parameters.0))
}

fn read_extensions(mut list: Der<'_>) -> Result<Vec<Extension>, String> {
    let mut rest = list.read(SEQUENCE).ok_or("x509: malformed extensions")?;
    let mut extensions: Vec<Extension> = Vec::new();
    while !rest.is_empty() {
        let extension = read_extension(rest.read(SEQUENCE).ok_or("x509: malformed extension")?)?;
        if extensions.iter().any(|other| other.oid == extension.oid) {
            return Err(format!("x509: certificate contains duplicate extension with OID \"{}\"", dotted(&extension.oid)));
        }
        extensions.push(extension);
    }
    Ok(extensions)
}

pub(crate) fn read_extension(mut der: Der<'_>) -> Result<Extension, String> {
    let oid = der.object_identifier().ok_or("x509: malformed extension OID field")?;
    let critical = der.next_is(BOOLEAN) && der.boolean().ok_or("x509: malformed extension critical field")?;
    let value = der.read(OCTET_STRING).ok_or("x509: malformed extension value field")?.0.to_vec();
    Ok(Extension { oid, critical, value })
}
