//! What a token says, without believing it: header, claims, times, kind and what is odd about it. No key is involved.

mod form;
mod kind;
mod signature;
mod svid;
mod times;
mod warnings;

use jiff::Timestamp;

use crate::jose::Algorithm;
use crate::jose::ExactJson;

pub use form::Form;
pub use form::InspectError;
pub use form::Part;
pub use kind::TokenKind;
pub(super) use kind::is_media_type;
pub use signature::SignaturePart;
pub(super) use signature::is_der_ecdsa;
pub(super) use signature::signature_length;
pub use times::TimeReport;
pub use warnings::Warning;

/// Everything that can be said about a token without a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// How it is written.
    pub form: Form,
    /// What it is for, by its looks.
    pub kind: TokenKind,
    /// The header; of a JSON serialization the first protected one.
    pub header: Part,
    /// The claims, or whatever else was signed.
    pub payload: Part,
    /// The signature.
    pub signature: SignaturePart,
    /// `alg` when it is one that Envoy implements.
    pub algorithm: Option<Algorithm>,
    /// Time claims in the order they are written.
    pub times: Vec<TimeReport>,
    /// `request.auth.principal`: `iss`, a slash and `sub`.
    pub principal: Option<String>,
    /// The values of `aud`.
    pub audiences: Vec<String>,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
}

impl Inspection {
    /// Takes a token apart.
    ///
    /// # Errors
    /// When the text is no token in any form.
    pub fn of(text: &str, now: Timestamp) -> Result<Self, InspectError> {
        let form::Pieces { form, header, payload, signature, oddities } = form::Pieces::of(text)?;
        let alg = header.member("alg").and_then(ExactJson::as_str);
        let algorithm = alg.and_then(Algorithm::from_name);
        let signature = SignaturePart::of(signature, alg.unwrap_or_default());
        let times = times::of(&payload, now);
        let principal = payload
            .member("iss")
            .and_then(ExactJson::as_str)
            .zip(payload.member("sub").and_then(ExactJson::as_str))
            .map(|(issuer, subject)| format!("{issuer}/{subject}"));
        let audiences = audiences(payload.member("aud"));
        let kind = TokenKind::of(form, &header, &payload);
        let mut inspection =
            Self { form, kind, header, payload, signature, algorithm, times, principal, audiences, warnings: Vec::new() };
        inspection.warnings = warnings::of(&inspection, text, &oddities, now);
        Ok(inspection)
    }
}

fn audiences(claim: Option<&ExactJson>) -> Vec<String> {
    match claim {
        Some(ExactJson::String(audience)) => vec![audience.clone()],
        Some(ExactJson::Array(elements)) => elements.iter().filter_map(|element| element.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
