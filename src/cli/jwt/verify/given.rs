//! Verification with keys that were given: `--jwks`, `--key`, `--secret-file`.

use jiff::Timestamp;

use crate::cli::error::Error;
use crate::cli::jwt::key_input::read_public_keys;
use crate::cli::jwt::key_input::read_secret;
use crate::cli::jwt::verify::VerifyArgs;
use crate::cli::manifests::read_text;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::jose::Jwk;
use crate::jose::KeySetError;
use crate::jose::VerificationKeys;
use crate::manifest::kinds::JwtRule;
use crate::render::TokenVerdict;
use crate::simulate::KeySource;
use crate::simulate::message::Message;
use crate::simulate::token_check::TokenCheck;

impl VerifyArgs {
    /// Judged by the standards; beside it what the proxy would say to a rule that asks for the same.
    pub(super) fn by_keys(&self, token: &str, now: Timestamp) -> Result<TokenVerdict, Error> {
        let (keys, set) = self.given_keys()?;
        let strict = keys.verify(token, &self.rules(), now);
        let mut notes = key_notes(&keys);
        let rule = JwtRule {
            issuer: match self.iss.as_slice() {
                [issuer] => Spanned::new(issuer.clone(), Span::default()),
                _ => Spanned::default(),
            },
            audiences: self.aud.iter().map(|audience| Spanned::new(audience.clone(), Span::default())).collect(),
            ..JwtRule::default()
        };
        let envoy = match set.map(|set| TokenCheck::of_rule(&rule, KeySource::from_text(&set))) {
            Some(Ok(check)) => {
                let mut message = Message { method: "GET".to_owned(), path: Some("/".to_owned()), ..Message::default() };
                check.place(token, &mut message);
                Some(check.answer(&message, now))
            }
            Some(Err(error)) => {
                notes.push(format!("Envoy would refuse a listener with these keys: {}", error.error));
                None
            }
            None => None,
        };
        Ok(TokenVerdict::new(self.judge(), Some(strict), Some(keys), envoy).with_notes(notes))
    }

    /// The keys, and the same as the text of a key set.
    fn given_keys(&self) -> Result<(VerificationKeys, Option<String>), Error> {
        if let Some(path) = &self.secret_file {
            let secret = read_secret(path)?;
            let set = format!("{{\"keys\":[{}]}}", secret.jwk().private_text().as_str());
            return Ok((VerificationKeys::of_keys([secret.jwk().clone()]), Some(set)));
        }
        if !self.key.is_empty() {
            let mut keys: Vec<Jwk> = Vec::new();
            for path in &self.key {
                keys.extend(read_public_keys(path)?);
            }
            let members: Option<Vec<_>> = keys.iter().map(Jwk::public_members).collect();
            let set = members.map(|keys| serde_json::json!({"keys": keys}).to_string());
            return Ok((VerificationKeys::of_keys(keys), set));
        }
        let [path] = self.jwks.as_slice() else {
            return Err(Error::question(
                "several `--jwks` are for `--request-auth` only",
                "give one key set, or the policies that use them".to_owned(),
            ));
        };
        let text = read_text(path)?;
        Ok((key_set(path, &text)?, Some(text)))
    }
}

/// Reads a key set the user named.
pub(super) fn key_set(path: &str, text: &str) -> Result<VerificationKeys, Error> {
    VerificationKeys::from_jwks(text.as_bytes()).map_err(|error| {
        let help = if error == KeySetError::SingleKey {
            "give it with `--key`, or put it into a list: `{\"keys\": [..]}`"
        } else if text.contains("-----BEGIN CERTIFICATE-----") {
            "this is a map of certificates: use the issuer's JWK endpoint; Google's is https://www.googleapis.com/oauth2/v3/certs"
        } else {
            "give a JSON object with a `keys` list (RFC 7517 section 5)"
        };
        Error::question(format!("`{path}`: {error}"), help.to_owned())
    })
}

/// What is odd about a key set.
pub(super) fn key_notes(keys: &VerificationKeys) -> Vec<String> {
    let mut notes: Vec<String> = keys
        .skipped()
        .iter()
        .map(|skipped| match (skipped.index + 1, &skipped.key_id) {
            (number, Some(kid)) => format!("key {number} (`{kid}`) of the set is left out: {}", skipped.reason),
            (number, None) => format!("key {number} of the set is left out: {}", skipped.reason),
        })
        .collect();
    let has_secret = keys.keys().iter().any(|key| key.jwk().is_secret());
    if has_secret && keys.keys().iter().any(|key| !key.jwk().is_secret()) {
        notes.push("the set mixes shared secrets with public keys, which invites forgeries".to_owned());
    }
    notes
}
