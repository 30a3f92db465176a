//! Which key of a set a token was signed with. The token's `kid` only narrows the search; type, curve, `alg`, `use` and size are the
//! key's own (RFC 8725 sections 3.1 and 3.2).

use crate::jose::Algorithm;
use crate::jose::VerifyingKey;
use crate::jose::inspect::is_der_ecdsa;
use crate::jose::inspect::signature_length;
use crate::jose::strict::key_set::VerificationKeys;
use crate::jose::strict::refusal::KeyRefusal;
use crate::jose::strict::refusal::Refusal;
use crate::jose::strict::refusal::UnfitKey;
use crate::jose::strict::refusal::refused;
use crate::jose::strict::token::StrictToken;

/// A token without `kid` is tried with so many keys at most.
const MOST_CANDIDATES: usize = 16;

impl VerificationKeys {
    /// Index of the key whose signature the token carries.
    pub(super) fn signer_of(&self, token: &StrictToken) -> Result<usize, Box<Refusal>> {
        if self.keys().is_empty() {
            return Err(refused(KeyRefusal::NoKeys { skipped: self.skipped().len() }));
        }
        let keys = self.keys().iter().enumerate();
        let named: Vec<(usize, &VerifyingKey)> = match token.key_id() {
            Some(kid) => keys.filter(|(_, key)| key.jwk().key_id() == Some(kid) || self.is_the_only_nameless(key)).collect(),
            None => keys.collect(),
        };
        if named.is_empty() && !self.is_placeholder() {
            let known = self.keys().iter().filter_map(|key| key.jwk().key_id().map(str::to_owned)).collect();
            let skipped = self.skipped().iter().find(|skipped| skipped.key_id.as_deref() == token.key_id());
            let kid = token.key_id().unwrap_or_default().to_owned();
            return Err(refused(KeyRefusal::KeyUnknown {
                kid,
                known,
                skipped: skipped.map(|skipped| skipped.reason.to_string()),
            }));
        }
        let algorithm = token.algorithm();
        let (fit, unfit): (Vec<_>, Vec<_>) = named.iter().copied().partition(|(_, key)| key.knows(algorithm));
        if self.is_placeholder() {
            return Err(refused(KeyRefusal::UnreachableKeys));
        }
        if fit.is_empty() {
            return Err(refused(match unfit.as_slice() {
                [(_, key)] => KeyRefusal::KeyUnfit { algorithm, key: describe(key), reason: unfit_reason(key, algorithm) },
                keys => KeyRefusal::NoKeyFits { algorithm, keys: keys.iter().map(|(_, key)| describe(key)).collect() },
            }));
        }
        if token.key_id().is_none() && fit.len() > MOST_CANDIDATES {
            return Err(refused(KeyRefusal::TooManyCandidates { count: fit.len(), limit: MOST_CANDIDATES }));
        }
        check_length(token)?;
        let signer = fit.iter().find(|(_, key)| key.verifies(algorithm, token.signed_text(), token.signature()));
        signer
            .map(|(index, _)| *index)
            .ok_or_else(|| refused(KeyRefusal::Signature { algorithm, keys: fit.iter().map(|(_, key)| describe(key)).collect() }))
    }

    /// A key given by itself has no name to compare with; in a set of several a name is wanted.
    fn is_the_only_nameless(&self, key: &VerifyingKey) -> bool {
        self.keys().len() == 1 && key.jwk().key_id().is_none()
    }
}

/// A signature of another length is told apart from a wrong one, because a conversion went wrong and not a key.
fn check_length(token: &StrictToken) -> Result<(), Box<Refusal>> {
    let (algorithm, signature) = (token.algorithm(), token.signature());
    let Some(wanted) = signature_length(algorithm.name()).filter(|wanted| *wanted != signature.len()) else { return Ok(()) };
    let is_ecdsa = matches!(algorithm, Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512);
    if is_ecdsa && is_der_ecdsa(signature) {
        return Err(refused(KeyRefusal::SignatureDer { algorithm, bytes: signature.len() }));
    }
    Err(refused(KeyRefusal::SignatureLength { algorithm, wanted, seen: signature.len() }))
}

/// A key in words, with its name.
fn describe(key: &VerifyingKey) -> String {
    let jwk = key.jwk();
    match jwk.key_id() {
        Some(kid) => format!("{} `{kid}`", jwk.description()),
        None => format!("{} without `kid`", jwk.description()),
    }
}

fn unfit_reason(key: &VerifyingKey, algorithm: Algorithm) -> UnfitKey {
    let jwk = key.jwk();
    let is_secret_algorithm = matches!(algorithm, Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512);
    if is_secret_algorithm != jwk.is_secret() {
        return if is_secret_algorithm { UnfitKey::PublicKeyForSecret } else { UnfitKey::SecretForPublicKey };
    }
    if let Some(key_use) = jwk.key_use().filter(|key_use| !matches!(*key_use, "sig" | "jwt-svid")) {
        return UnfitKey::Use(key_use.to_owned());
    }
    if let Some(operations) = jwk.operations().filter(|list| !list.iter().any(|operation| operation == "verify")) {
        return UnfitKey::Operations(operations.to_vec());
    }
    match jwk.algorithm() {
        Some(name) if name != algorithm.name() => UnfitKey::Algorithm(name.to_owned()),
        _ if jwk.is_weak() => UnfitKey::Weak,
        _ => UnfitKey::Type,
    }
}
