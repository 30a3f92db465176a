use crate::bundle::BundleError;
use crate::bundle::Note;
use crate::bundle::TrustBundle;
use crate::bundle::jwks;
use crate::bundle::pem;
use crate::pki::Certificate;
use crate::pki::PkiError;

/// How a bundle was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BundleForm {
    /// PEM blocks with any text around them.
    Pem,
    /// One certificate in DER.
    Der,
    /// A SPIFFE bundle: a JWKS document (SPIFFE Trust Domain and Bundle section 4).
    Spiffe,
    /// SPIFFE bundles by trust domain.
    Map,
}

impl BundleForm {
    /// The name shown and used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pem => "pem",
            Self::Der => "der",
            Self::Spiffe => "spiffe",
            Self::Map => "map",
        }
    }
}

/// A bundle, and what was odd about its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBundle {
    /// The bundle.
    pub bundle: TrustBundle,
    /// In the order of the text.
    pub notes: Vec<Note>,
}

/// What was read: one bundle, or several when the form is a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBundles {
    /// How it was written.
    pub form: BundleForm,
    /// In the order of the text.
    pub bundles: Vec<ReadBundle>,
}

/// Reads bundles in any of the forms; the bytes themselves say which.
///
/// # Errors
/// With what is wrong and where.
pub fn read(bytes: &[u8]) -> Result<ReadBundles, BundleError> {
    match bytes.trim_ascii_start().first() {
        Some(b'{') => return jwks::read(bytes),
        Some(0x30) if memchr::memmem::find(bytes, b"-----BEGIN ").is_none() => {
            let wrong = |source: PkiError| BundleError::Certificate { place: "the DER bytes".to_owned(), source };
            let bundle = TrustBundle::of(None, [Certificate::from_der(bytes).map_err(wrong)?]);
            return Ok(ReadBundles { form: BundleForm::Der, bundles: vec![ReadBundle { bundle, notes: Vec::new() }] });
        }
        _ => {}
    }
    pem::read(bytes).map(|bundle| ReadBundles { form: BundleForm::Pem, bundles: vec![bundle] })
}
