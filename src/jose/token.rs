use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::jose::Algorithm;
use crate::jose::TextClaim;
use crate::jose::TimeClaim;
use crate::jose::TokenStatus;
use crate::jose::base64url;
use crate::jose::parse_object;

/// A compact JWS whose parts could be read. Nothing in it may be believed: the signature is not verified.
#[derive(Debug, Clone, PartialEq)]
pub struct UnverifiedToken {
    algorithm: Algorithm,
    key_id: String,
    issuer: String,
    not_before: u64,
    expires_at: u64,
    audiences: Vec<String>,
    payload: Arc<Value>,
    signed_text: String,
    payload_start: usize,
    signature: Vec<u8>,
}

impl UnverifiedToken {
    /// Reads a token; the first thing that does not fit decides the status.
    ///
    /// # Errors
    /// With the status Envoy would answer.
    pub fn parse(text: &str) -> Result<Self, TokenStatus> {
        let mut pieces = text.split('.').filter(|piece| !piece.is_empty());
        let (Some(header_piece), Some(payload_piece), Some(signature_piece), None) =
            (pieces.next(), pieces.next(), pieces.next(), pieces.next())
        else {
            return Err(TokenStatus::BadFormat);
        };

        let header = base64url::decode(header_piece.as_bytes()).ok_or(TokenStatus::HeaderBase64)?;
        let header = parse_object(&header).map_err(|_| TokenStatus::HeaderJson)?;
        let Some(Value::String(name)) = header.get("alg") else { return Err(TokenStatus::HeaderAlg) };
        let algorithm = Algorithm::from_name(name).ok_or(TokenStatus::AlgUnsupported)?;
        let key_id = optional_text(&header, "kid").map_err(|()| TokenStatus::HeaderKid)?;

        let payload = base64url::decode(payload_piece.as_bytes()).ok_or(TokenStatus::PayloadBase64)?;
        let payload = parse_object(&payload).map_err(|_| TokenStatus::PayloadJson)?;
        let issuer = text_claim(&payload, "iss", TextClaim::Iss)?.to_owned();
        text_claim(&payload, "sub", TextClaim::Sub)?;
        time_claim(&payload, "iat", TimeClaim::Iat)?;
        let not_before = time_claim(&payload, "nbf", TimeClaim::Nbf)?;
        let expires_at = time_claim(&payload, "exp", TimeClaim::Exp)?;
        text_claim(&payload, "jti", TextClaim::Jti)?;
        let audiences = audiences(&payload)?;

        let signature = base64url::decode(signature_piece.as_bytes()).ok_or(TokenStatus::SignatureBase64)?;
        Ok(Self {
            algorithm,
            key_id: key_id.to_owned(),
            issuer,
            not_before,
            expires_at,
            audiences,
            signed_text: format!("{header_piece}.{payload_piece}"),
            payload_start: header_piece.len() + 1,
            payload: Arc::new(Value::Object(payload)),
            signature,
        })
    }

    /// `alg` of the header.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `kid` of the header; empty when absent.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// `iss`; empty when absent.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `nbf` in whole seconds since 1970; 0 when absent.
    #[must_use]
    pub fn not_before(&self) -> u64 {
        self.not_before
    }

    /// `exp` in whole seconds since 1970; 0 when absent, which never expires.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.expires_at
    }

    /// The values of `aud`.
    #[must_use]
    pub fn audiences(&self) -> &[String] {
        &self.audiences
    }

    /// The payload, an object.
    #[must_use]
    pub fn payload(&self) -> &Arc<Value> {
        &self.payload
    }

    /// The payload piece as it was written.
    #[must_use]
    pub fn encoded_payload(&self) -> &str {
        self.signed_text.get(self.payload_start..).unwrap_or_default()
    }

    /// What the signature was made over: header and payload piece as written, joined by one dot.
    #[must_use]
    pub fn signed_text(&self) -> &str {
        &self.signed_text
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

fn optional_text<'m>(members: &'m Map<String, Value>, name: &str) -> Result<&'m str, ()> {
    match members.get(name) {
        None => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(()),
    }
}

fn text_claim<'m>(payload: &'m Map<String, Value>, name: &str, claim: TextClaim) -> Result<&'m str, TokenStatus> {
    optional_text(payload, name).map_err(|()| TokenStatus::ClaimType(claim))
}

fn time_claim(payload: &Map<String, Value>, name: &str, claim: TimeClaim) -> Result<u64, TokenStatus> {
    const TWO_TO_THE_64: f64 = 18_446_744_073_709_551_616.0;
    match payload.get(name).map(Value::as_f64) {
        None => Ok(0),
        Some(None) => Err(TokenStatus::ClaimInt(claim)),
        Some(Some(seconds)) if (0.0..TWO_TO_THE_64).contains(&seconds) =>
        {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, and fractions are cut off")]
            Ok(seconds as u64)
        }
        Some(Some(_)) => Err(TokenStatus::ClaimRange(claim)),
    }
}

fn audiences(payload: &Map<String, Value>) -> Result<Vec<String>, TokenStatus> {
    match payload.get("aud") {
        None => Ok(Vec::new()),
        Some(Value::String(audience)) => Ok(vec![audience.clone()]),
        Some(Value::Array(list)) => {
            let texts = list.iter().map(|element| element.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or(TokenStatus::AudType)
        }
        Some(_) => Err(TokenStatus::AudType),
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
