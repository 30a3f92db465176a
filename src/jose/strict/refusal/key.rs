use crate::jose::Algorithm;
use crate::jose::Cause;
use crate::jose::Diagnosis;
use crate::jose::strict::refusal::quoted;

/// Why no key made a token's signature (RFC 7515 section 5.2, RFC 8725 sections 3.1 to 3.5).
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are what was wanted and what was seen")]
pub enum KeyRefusal {
    /// There is no usable key.
    NoKeys { skipped: usize },
    /// No key has this name; the named one may have been unusable.
    KeyUnknown { kid: String, known: Vec<String>, skipped: Option<String> },
    /// The one key that could be meant is not for this algorithm.
    KeyUnfit { algorithm: Algorithm, key: String, reason: UnfitKey },
    /// None of several keys is for this algorithm.
    NoKeyFits { algorithm: Algorithm, keys: Vec<String> },
    /// Without `kid` too many keys come into question.
    TooManyCandidates { count: usize, limit: usize },
    /// What istiod configures when it has no keys.
    UnreachableKeys,
    /// An ECDSA signature in DER.
    SignatureDer { algorithm: Algorithm, bytes: usize },
    /// A signature of the wrong length.
    SignatureLength { algorithm: Algorithm, wanted: usize, seen: usize },
    /// A wrong signature.
    Signature { algorithm: Algorithm, keys: Vec<String> },
}

/// Why a key is not for an algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnfitKey {
    /// An HMAC algorithm and a public key: the classic forgery (RFC 8725 section 2.1).
    PublicKeyForSecret,
    /// A signature algorithm and a shared secret.
    SecretForPublicKey,
    /// Its `use` is another.
    Use(String),
    /// Its `key_ops` do not hold `verify`.
    Operations(Vec<String>),
    /// Its `alg` is another.
    Algorithm(String),
    /// Below the minimum size (RFC 7518 sections 3.2 and 3.3).
    Weak,
    /// Another type or curve.
    Type,
}

impl KeyRefusal {
    pub(super) fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::NoKeys { skipped: 0 } => {
                Diagnosis::new(Cause::Keys, "jwks", "a key", "none", "the key set is empty", "publish the issuer's public keys")
            }
            Self::NoKeys { skipped } => Diagnosis::new(
                Cause::Keys,
                "jwks",
                "a usable key",
                format!("{skipped} that cannot be used"),
                "no key of the set can be used",
                "publish keys with every member they need; `meshsec jwk set check` says what is wrong with each",
            ),
            Self::KeyUnknown { kid, known, skipped: Some(reason) } => Diagnosis::new(
                Cause::KeyId,
                "header kid",
                quoted(known),
                format!("`{kid}`"),
                format!("the key `{kid}` is in the set, but cannot be used: {reason}"),
                "publish the key again, with every member it needs",
            ),
            Self::KeyUnknown { kid, known, skipped: None } => Diagnosis::new(
                Cause::KeyId,
                "header kid",
                quoted(known),
                format!("`{kid}`"),
                format!("no key of the set is called `{kid}`"),
                "fetch the key set again: the issuer may have changed keys, or this is the set of another issuer",
            ),
            Self::KeyUnfit { algorithm, key, reason } => {
                let (cause, message, fix) = unfit(*algorithm, key, reason);
                Diagnosis::new(
                    cause,
                    "header alg",
                    format!("an algorithm of the key ({key})"),
                    format!("`{algorithm}`"),
                    message,
                    fix,
                )
            }
            Self::NoKeyFits { algorithm, keys } => Diagnosis::new(
                Cause::KeyType,
                "header alg",
                format!("an algorithm of the keys ({})", keys.join(", ")),
                format!("`{algorithm}`"),
                format!("no key is for {algorithm}"),
                "publish the key the issuer signs with, or let it sign with one of these",
            ),
            Self::TooManyCandidates { count, limit } => Diagnosis::new(
                Cause::KeyId,
                "header kid",
                format!("at most {limit} keys to try"),
                format!("no `kid`, {count} keys"),
                format!("the token has no `kid` and {count} keys come into question"),
                "let the issuer put `kid` into the header",
            ),
            Self::UnreachableKeys => Diagnosis::new(
                Cause::KeysUnreachable,
                "jwks",
                "the issuer's keys",
                "the key istiod puts in when it cannot fetch them",
                "these are not the issuer's keys: istiod could not fetch them and configured a key that nobody has",
                "make `jwksUri` reachable for istiod (its log says why not), or put the keys into `jwks`",
            ),
            Self::SignatureDer { algorithm, bytes } => Diagnosis::new(
                Cause::Signature,
                "signature",
                "R and S side by side",
                format!("{bytes} bytes of DER"),
                format!("the {algorithm} signature is written in DER"),
                "let the signer convert it (RFC 7518 section 3.4); many libraries have an option for JOSE or P1363 form",
            ),
            Self::SignatureLength { algorithm, wanted, seen } => Diagnosis::new(
                Cause::Signature,
                "signature",
                format!("{wanted} bytes"),
                format!("{seen} bytes"),
                format!("the signature has {seen} bytes, {algorithm} signatures have {wanted}"),
                "the token was cut off, or its signer is broken: issue it again",
            ),
            Self::Signature { algorithm, keys } => Diagnosis::new(
                Cause::Signature,
                "signature",
                format!("an {algorithm} signature by {}", keys.join(" or ")),
                "another one",
                format!("the signature is not one of {}", keys.join(" or ")),
                "the token was changed, or another key signed it: compare with the key set the issuer publishes now",
            ),
        }
    }

    pub(super) fn envoy_view(&self) -> Option<&'static str> {
        match self {
            Self::KeyUnfit { reason: UnfitKey::Use(_) | UnfitKey::Operations(_), .. } => {
                Some("Envoy ignores `use` and `key_ops`")
            }
            Self::KeyUnfit { reason: UnfitKey::Weak, .. } => Some("Envoy has no minimum size of keys"),
            Self::KeyUnknown { .. } => Some("Envoy also tries keys without `kid`"),
            Self::TooManyCandidates { .. } => Some("Envoy tries every key"),
            Self::KeyUnfit { .. }
            | Self::NoKeys { .. }
            | Self::NoKeyFits { .. }
            | Self::UnreachableKeys
            | Self::SignatureDer { .. }
            | Self::SignatureLength { .. }
            | Self::Signature { .. } => None,
        }
    }
}

fn unfit(algorithm: Algorithm, key: &str, reason: &UnfitKey) -> (Cause, String, &'static str) {
    match reason {
        UnfitKey::PublicKeyForSecret => (
            Cause::KeyType,
            format!("the token is signed with {algorithm}, a shared secret, and the key is public ({key})"),
            "refuse it: whoever knows the public key could have made this token",
        ),
        UnfitKey::SecretForPublicKey => (
            Cause::KeyType,
            format!("the token is signed with {algorithm}, and the key is a shared secret ({key})"),
            "give the issuer's public key",
        ),
        UnfitKey::Use(key_use) => (
            Cause::KeyType,
            format!("the key ({key}) is for `{key_use}`, not for signatures; Envoy would use it all the same"),
            "publish a key with `use: sig`",
        ),
        UnfitKey::Operations(operations) => (
            Cause::KeyType,
            format!("the key ({key}) is for {}, not to verify", quoted(operations)),
            "publish it with `key_ops: [\"verify\"]`",
        ),
        UnfitKey::Algorithm(name) => (
            Cause::KeyType,
            format!("the token is signed with {algorithm}, and the key ({key}) is for {name} only"),
            "let the issuer sign with the algorithm of its key, or publish the key with the right `alg`",
        ),
        UnfitKey::Weak => (
            Cause::Keys,
            format!("the key ({key}) is too weak for {algorithm}; Envoy does not mind"),
            "sign with RSA of 2048 bits or more, or a secret as long as the digest (RFC 7518 section 3)",
        ),
        UnfitKey::Type => (
            Cause::KeyType,
            format!("the token is signed with {algorithm}, which a key of this type ({key}) cannot do"),
            "give the key the issuer signed with",
        ),
    }
}
