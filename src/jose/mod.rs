//! JSON Web Keys and tokens: read and verified as Envoy's JWT filter does, and as the standards want; minted and inspected.
//!
//! In: the text of a compact JWS (RFC 7515 section 7.1) and of a key set (RFC 7517). Out: an [`UnverifiedToken`], a [`Jwks`],
//! and which key of the set verified the signature, or the [`TokenStatus`] that the proxy would answer with.
//!
//! ```text
//! token text --UnverifiedToken::parse--> header, claims, signature --Jwks::verify--> index of the key       as Envoy does
//! token text --VerificationKeys::verify--> StrictVerification with every Refusal                            by the standards
//! token text --Inspection::of--> what it says, what is odd about it                                         without a key
//! TokenDraft + SigningKey --> token text
//! PEM, DER, JWK, JWK set --read_key_file--> Jwk, KeySet, SigningKey --> JWK, JWK set, PEM                   strictly, `keys`
//! ```
//!
//! Invariants: an [`UnverifiedToken`] says so by its name, nothing in it may be believed before [`Jwks::verify`]; a [`Jwks`]
//! holds at least one usable key; the numbers of a [`Jwk`] belong together; private ones reach a text only through functions that say so in
//! their names; secrets never appear in `Debug` output. Issuer, time and audience are compared by the caller,
//! because Envoy does that between parsing and verifying.
//!
//! [`UnverifiedToken`] and [`Jwks`] are as lenient as Envoy, not as strict as the standards: padding, white space inside a piece, dropped
//! empty pieces and a lenient JSON grammar ([`parse_object`]) are accepted, because the question is what the proxy does. What is strict
//! shares nothing with it but the algorithms' names.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod algorithm;
mod base64url;
mod certificate;
mod der;
mod diagnosis;
pub mod encoded;
mod exact_json;
mod inspect;
mod json;
mod json_text;
mod jwks;
mod key;
mod key_error;
mod keys;
mod mint;
mod numeric_date;
mod pasted;
mod rsa;
mod short_rsa;
mod status;
mod strict;
mod strict_json;
mod token;
mod unreachable;

#[cfg(test)]
pub(crate) mod testing;

pub use algorithm::Algorithm;
pub use diagnosis::Cause;
pub use diagnosis::Diagnosis;
pub use diagnosis::near_miss;
pub use exact_json::ExactDocument;
pub use exact_json::ExactJson;
pub use exact_json::ExactJsonError;
pub use exact_json::JsonProblem;
pub use inspect::Form;
pub use inspect::InspectError;
pub use inspect::Inspection;
pub use inspect::Part;
pub use inspect::SignaturePart;
pub use inspect::TimeReport;
pub use inspect::TokenKind;
pub use inspect::Warning;
pub use json::JsonError;
pub use json::parse_object;
pub use json_text::compact_text;
pub use jwks::Jwks;
pub use jwks::JwksError;
pub use jwks::KeyFacts;
pub use jwks::KeySetDigest;
pub use key_error::KeyError;
pub use keys::EcCurve;
pub use keys::Jwk;
pub use keys::JwkError;
pub use keys::JwkNote;
pub use keys::KeyFile;
pub use keys::KeyFileError;
pub use keys::KeyFormat;
pub use keys::KeySet;
pub use keys::KeySetError;
pub use keys::KeySpec;
pub use keys::OkpCurve;
pub use keys::PemError;
pub use keys::PemForm;
pub use keys::SetElement;
pub use keys::SetFinding;
pub use keys::SetProblem;
pub use keys::SigningError;
pub use keys::SigningKey;
pub use keys::Strictness;
pub use keys::ThumbprintHash;
pub use keys::VerifyingKey;
pub use keys::read_key_file;
pub use keys::read_keys;
pub use mint::TokenDraft;
pub use numeric_date::DateError;
pub use numeric_date::NumericDate;
pub use numeric_date::duration_in_words;
pub use numeric_date::relative_in_words;
pub use pasted::PasteError;
pub use pasted::PastedToken;
pub use status::TextClaim;
pub use status::TimeClaim;
pub use status::TokenStatus;
pub use strict::ClaimRefusal;
pub use strict::HeaderRefusal;
pub use strict::KeyRefusal;
pub use strict::Refusal;
pub use strict::Rules;
pub use strict::SkippedKey;
pub use strict::StrictToken;
pub use strict::StrictVerification;
pub use strict::UnfitKey;
pub use strict::VerificationKeys;
pub use strict::WritingRefusal;
pub use strict_json::StrictJsonError;
pub use strict_json::parse_strict_object;
pub use token::UnverifiedToken;
pub use unreachable::UNREACHABLE_KEYS;
