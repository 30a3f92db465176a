//! Tokens made here. The key's own type signs (`SigningKey`), not the `jsonwebtoken` crate: that one knows neither P-521 nor RSA keys of
//! odd sizes, reads the key anew for each token, and orders neither header nor claims.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::jose::Algorithm;
use crate::jose::ExactJson;
use crate::jose::SigningError;
use crate::jose::SigningKey;

/// A token to be signed: members in the order to write them.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenDraft {
    /// `alg`.
    pub algorithm: Algorithm,
    /// `kid`.
    pub key_id: Option<String>,
    /// Header members beside `alg` and `kid`.
    pub header: Vec<(String, ExactJson)>,
    /// Claims.
    pub claims: Vec<(String, ExactJson)>,
}

impl TokenDraft {
    /// Signs it: a compact JWS (RFC 7515 section 3.1).
    ///
    /// # Errors
    /// When the key does not sign with the algorithm.
    pub fn sign(&self, key: &SigningKey) -> Result<String, SigningError> {
        let mut header = String::with_capacity(128);
        let alg = ("alg".to_owned(), ExactJson::from(self.algorithm.name()));
        let kid = self.key_id.as_ref().map(|kid| ("kid".to_owned(), ExactJson::from(kid.as_str())));
        write_members([&alg].into_iter().chain(&self.header).chain(&kid), &mut header);
        let mut claims = String::with_capacity(256);
        write_members(&self.claims, &mut claims);
        let mut token = String::with_capacity((header.len() + claims.len() + 256) / 3 * 4 + 16);
        URL_SAFE_NO_PAD.encode_string(header, &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = key.sign(self.algorithm, token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

fn write_members<'m>(members: impl IntoIterator<Item = &'m (String, ExactJson)>, text: &mut String) {
    text.push('{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_string(name, text);
        text.push(':');
        write_value(value, text);
    }
    text.push('}');
}

/// Compact JSON (RFC 8259), escaping only what must be.
fn write_value(value: &ExactJson, text: &mut String) {
    match value {
        ExactJson::Null => text.push_str("null"),
        ExactJson::Bool(true) => text.push_str("true"),
        ExactJson::Bool(false) => text.push_str("false"),
        ExactJson::Number(digits) => text.push_str(digits),
        ExactJson::String(string) => write_string(string, text),
        ExactJson::Array(elements) => {
            text.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_value(element, text);
            }
            text.push(']');
        }
        ExactJson::Object(members) => write_members(members, text),
    }
}

fn write_string(string: &str, text: &mut String) {
    use std::fmt::Write as _;

    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            // Writing into a String cannot fail.
            '\0'..' ' => drop(write!(text, "\\u{:04x}", u32::from(character))),
            _ => text.push(character),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::KeySpec;
    use crate::jose::Rules;
    use crate::jose::VerificationKeys;
    use aws_lc_rs::rand::SystemRandom;

    fn draft(algorithm: Algorithm, claims: &str) -> TokenDraft {
        let ExactJson::Object(claims) = ExactJson::parse(claims.as_bytes()).unwrap().value else { panic!("{claims}") };
        TokenDraft { algorithm, key_id: Some("k".to_owned()), header: vec![("typ".to_owned(), "JWT".into())], claims }
    }

    #[test]
    fn every_algorithm_verifies_strictly() {
        let random = SystemRandom::new();
        let now = "2026-11-26T12:00:00Z".parse().unwrap();
        let claims = r#"{"iss":"a","n":12345678901234567890123,"t":"é\n\"","l":[1,{"x":null}],"exp":1795698000}"#;
        for algorithm in Algorithm::ALL {
            let key = SigningKey::generate(KeySpec::for_algorithm(algorithm), &random).unwrap();
            let token = draft(algorithm, claims).sign(&key).unwrap();
            let keys = VerificationKeys::of_keys([key.jwk().clone().with_key_id(Some("k".to_owned()))]);
            let verification = keys.verify(&token, &Rules::default(), now);
            assert!(verification.is_verified(), "{algorithm}: {:?}", verification.refusals);
            let read = ExactJson::parse(claims.as_bytes()).unwrap().value;
            assert_eq!(verification.claims(), Some(&read), "{algorithm}");
        }
    }

    #[test]
    fn a_key_signs_only_with_its_own_algorithms() {
        let key = SigningKey::generate(KeySpec::for_algorithm(Algorithm::Es256), &SystemRandom::new()).unwrap();
        for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| *algorithm != Algorithm::Es256) {
            assert!(draft(algorithm, "{}").sign(&key).is_err(), "{algorithm}");
        }
    }

    #[test]
    fn header_members_have_an_order() {
        let key = SigningKey::generate(KeySpec::for_algorithm(Algorithm::EdDsa), &SystemRandom::new()).unwrap();
        let token = draft(Algorithm::EdDsa, "{}").sign(&key).unwrap();
        let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
        assert_eq!(String::from_utf8(header).unwrap(), r#"{"alg":"EdDSA","typ":"JWT","kid":"k"}"#);
    }
}
