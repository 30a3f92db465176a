//! Revocation lists as Go reads them (`ParseRevocationList`), and as the proxy looks at them.

use num_bigint::BigInt;

use crate::pki::istiod::go::algorithm::SignatureAlgorithm;
use crate::pki::istiod::go::certificate::CRL_SIGN;
use crate::pki::istiod::go::certificate::Certificate;
use crate::pki::istiod::go::certificate::Extension;
use crate::pki::istiod::go::certificate::read_extension;
use crate::pki::istiod::go::certificate::signature_algorithm;
use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::ENUMERATED;
use crate::pki::istiod::go::der::GENERALIZED_TIME;
use crate::pki::istiod::go::der::INTEGER;
use crate::pki::istiod::go::der::SEQUENCE;
use crate::pki::istiod::go::der::UTC_TIME;
use crate::pki::istiod::go::der::context;
use crate::pki::istiod::go::der::context_constructed;
use crate::pki::istiod::go::name::Name;
use crate::pki::istiod::go::signature;
use crate::pki::istiod::go::time;
use crate::pki::istiod::go::time::Second;

/// A version 2 revocation list.
#[derive(Debug, Clone)]
pub(crate) struct RevocationList {
    /// Who signed it.
    pub issuer: Name,
    /// What it was signed with.
    pub signature_algorithm: SignatureAlgorithm,
    /// What is signed.
    pub(crate) message: Vec<u8>,
    /// Its signature.
    pub(crate) signature: Vec<u8>,
    /// From when it counts.
    pub this_update: Second,
    /// Until when, if it says so.
    pub next_update: Option<Second>,
    /// What it revokes.
    pub entries: Vec<Entry>,
    /// Its extensions.
    pub extensions: Vec<Extension>,
    /// Whether it has the field of extensions, and nothing in it.
    pub has_empty_extensions: bool,
}

/// One revoked certificate.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Which.
    pub serial: BigInt,
    /// Whether it has a critical extension.
    pub has_critical: bool,
    /// Whether it has the field of extensions, and nothing in it.
    pub has_empty_extensions: bool,
}

impl RevocationList {
    /// Reads one list; what stands behind it is not looked at. The error holds the words of Go's library.
    ///
    /// # Errors
    /// When Go's `ParseRevocationList` fails.
    pub(crate) fn read(der: &[u8]) -> Result<Self, String> {
        let malformed = || "x509: malformed crl".to_owned();
        let mut input = Der(der).read(SEQUENCE).ok_or_else(malformed)?;
        let message = input.read_whole(SEQUENCE).ok_or("x509: malformed tbs crl")?;
        let mut tbs = message;
        let mut tbs = tbs.read(SEQUENCE).ok_or("x509: malformed tbs crl")?;
        if !tbs.next_is(INTEGER) {
            return Err("x509: unsupported crl version".to_owned());
        }
        match tbs.small_integer(INTEGER).ok_or_else(malformed)? {
            1 => {}
            version => return Err(format!("x509: unsupported crl version: {version}")),
        }
        let signature_algorithm = signature_algorithm(&mut tbs, &mut input)?;
        let signature = input.bit_string().ok_or("x509: malformed signature")?.right_aligned();
        let raw_issuer = tbs.read_whole(SEQUENCE).ok_or("x509: malformed issuer")?;
        let issuer = Name::read(raw_issuer)?;
        let this_update = time::read(&mut tbs)?;
        let has_next = tbs.next_is(GENERALIZED_TIME) || tbs.next_is(UTC_TIME);
        let next_update = if has_next { Some(time::read(&mut tbs)?) } else { None };
        let mut entries = Vec::new();
        if tbs.next_is(SEQUENCE) {
            let mut list = tbs.read(SEQUENCE).ok_or_else(malformed)?;
            while !list.is_empty() {
                entries.push(entry(list.read(SEQUENCE).ok_or_else(malformed)?)?);
            }
        }
        let mut extensions = Vec::new();
        let mut has_empty_extensions = false;
        if let Some(mut outer) = tbs.optional(context_constructed(0)).ok_or("x509: malformed extensions")? {
            let mut list = outer.read(SEQUENCE).ok_or("x509: malformed extensions")?;
            has_empty_extensions = list.is_empty();
            while !list.is_empty() {
                let extension = read_extension(list.read(SEQUENCE).ok_or("x509: malformed extension")?)?;
                check_extension(&extension)?;
                extensions.push(extension);
            }
        }
        Ok(Self {
            issuer,
            signature_algorithm,
            message: message.0.to_vec(),
            signature,
            this_update,
            next_update,
            entries,
            extensions,
            has_empty_extensions,
        })
    }

    /// Whether this authority may sign lists and signed this one. Names are not compared.
    ///
    /// # Errors
    /// Go's words when not.
    pub(crate) fn check_signature_from(&self, issuer: &Certificate) -> Result<(), String> {
        issuer.may_sign(CRL_SIGN)?;
        let Some(key) = &issuer.public_key else { return Err(signature::unsupported()) };
        signature::check(self.signature_algorithm, &self.message, &self.signature, key, true)
    }
}

fn entry(mut der: Der<'_>) -> Result<Entry, String> {
    let serial = der.integer().ok_or("x509: malformed serial number")?;
    time::read(&mut der)?;
    let (mut has_critical, mut has_empty_extensions) = (false, false);
    if let Some(mut list) = der.optional(SEQUENCE).ok_or("x509: malformed extensions")? {
        has_empty_extensions = list.is_empty();
        while !list.is_empty() {
            let extension = read_extension(list.read(SEQUENCE).ok_or("x509: malformed extension")?)?;
            if extension.oid == [2, 5, 29, 21] {
                Der(&extension.value).small_integer(ENUMERATED).ok_or("x509: malformed reasonCode extension")?;
            }
            has_critical |= extension.critical;
        }
    }
    Ok(Entry { serial, has_critical, has_empty_extensions })
}

/// The two extensions Go looks into.
fn check_extension(extension: &Extension) -> Result<(), String> {
    let mut value = Der(&extension.value);
    match extension.oid.as_slice() {
        [2, 5, 29, 35] if extension.critical => Err("x509: authority key identifier incorrectly marked critical".to_owned()),
        [2, 5, 29, 35] => {
            let invalid = || "x509: invalid authority key identifier".to_owned();
            value.read(SEQUENCE).ok_or_else(invalid)?.optional(context(0)).ok_or_else(invalid)?;
            Ok(())
        }
        [2, 5, 29, 20] => value.integer().map(|_| ()).ok_or_else(|| "x509: malformed crl number".to_owned()),
        _ => Ok(()),
    }
}
