//! What is wrong with a key set that is to be published, or used to verify.

use std::fmt;

use serde_json::Value;

use crate::jose::JwkError;
use crate::jose::KeyError;
use crate::jose::key::Key;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::jwk_note::JwkNote;
use crate::jose::keys::key_set::KeySet;
use crate::jose::keys::key_set::SetElement;

/// A statement about a key set, or one key of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetFinding {
    /// Which key, counted from one; none for the set as a whole.
    pub index: Option<usize>,
    /// Its `kid`.
    pub key_id: Option<String>,
    /// What about it.
    pub problem: SetProblem,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetProblem {
    /// There is no key.
    Empty,
    /// The key cannot be used.
    Skipped(JwkError),
    /// It holds private members.
    Private,
    /// It is a shared secret.
    Secret,
    /// Secrets and public keys stand in one set.
    Mixed,
    /// Another key of the same type has the same `kid`.
    DuplicateKeyId {
        /// The first with it, counted from one.
        first: usize,
    },
    /// It is the same key as another one.
    DuplicateKey {
        /// The first, counted from one.
        first: usize,
    },
    /// Envoy skips it, although it is a good key for signatures.
    Envoy(KeyError),
    /// There is no `kid`.
    NoKeyId,
    /// There is no `alg`.
    NoAlgorithm,
    /// An Ed25519 key that Envoy tries for every token, and that then ends the search.
    EndsSearch,
    /// It verifies no token; the reason is in its members.
    NotForSignatures,
    /// `use` or `key_ops` says it is not for signatures, and Envoy uses it nevertheless.
    EnvoyIgnoresUse,
    /// Something else worth knowing.
    Note(JwkNote),
}

impl SetProblem {
    /// Whether the set must not be used like this; everything else is a warning.
    #[must_use]
    pub fn is_error(&self) -> bool {
        match self {
            Self::Empty
            | Self::Skipped(_)
            | Self::Private
            | Self::Secret
            | Self::DuplicateKeyId { .. }
            | Self::Envoy(_)
            | Self::EndsSearch => true,
            Self::Mixed
            | Self::DuplicateKey { .. }
            | Self::NoKeyId
            | Self::NoAlgorithm
            | Self::NotForSignatures
            | Self::EnvoyIgnoresUse
            | Self::Note(_) => false,
        }
    }

    /// A short name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Skipped(_) => "unusable",
            Self::Private => "private-members",
            Self::Secret => "shared-secret",
            Self::Mixed => "mixed",
            Self::DuplicateKeyId { .. } => "duplicate-kid",
            Self::DuplicateKey { .. } => "duplicate-key",
            Self::Envoy(_) => "envoy-skips",
            Self::NoKeyId => "no-kid",
            Self::NoAlgorithm => "no-alg",
            Self::EndsSearch => "ends-search",
            Self::NotForSignatures => "not-for-signatures",
            Self::EnvoyIgnoresUse => "envoy-ignores-use",
            Self::Note(_) => "note",
        }
    }
}

impl KeySet {
    /// Everything that is wrong or doubtful, in the order of the keys, the set as a whole last.
    #[must_use]
    pub fn check(&self) -> Vec<SetFinding> {
        let mut findings = Vec::new();
        for (index, element) in (1..).zip(self.elements()) {
            let key_id = element.key_id().map(str::to_owned);
            let found = self.problems(index, element).into_iter();
            findings.extend(found.map(|problem| SetFinding { index: Some(index), key_id: key_id.clone(), problem }));
        }
        let whole = |problem| SetFinding { index: None, key_id: None, problem };
        if self.elements().is_empty() {
            findings.push(whole(SetProblem::Empty));
        }
        if self.keys().any(Jwk::is_secret) && self.keys().any(|key| !key.is_secret()) {
            findings.push(whole(SetProblem::Mixed));
        }
        findings
    }

    fn problems(&self, index: usize, element: &SetElement) -> Vec<SetProblem> {
        let mut problems = Vec::new();
        let key = match &element.key {
            Ok(key) => key,
            Err(error) => {
                problems.push(SetProblem::Skipped(error.clone()));
                if element.has_private_members() {
                    problems.push(SetProblem::Private);
                }
                return problems;
            }
        };
        if key.is_secret() {
            problems.push(SetProblem::Secret);
        } else if element.has_private_members() {
            problems.push(SetProblem::Private);
        }
        let earlier = || (1..index).zip(self.elements()).filter_map(|(at, other)| Some((at, other.key.as_ref().ok()?)));
        let same_id =
            |other: &Jwk| other.key_type() == key.key_type() && other.key_id() == key.key_id() && key.key_id().is_some();
        if let Some((first, _)) =
            earlier().find(|(_, other)| other.material.public() == key.material.public() && !key.is_secret())
        {
            problems.push(SetProblem::DuplicateKey { first });
        }
        if let Some((first, _)) = earlier().find(|(_, other)| same_id(other)) {
            problems.push(SetProblem::DuplicateKeyId { first });
        }
        let envoy = element.as_object().map(Key::from_jwk);
        let is_read_by_envoy = matches!(envoy, Some(Ok(_)));
        if key.algorithms().is_empty() {
            problems.push(SetProblem::NotForSignatures);
            if is_read_by_envoy && !key.material.algorithms().is_empty() {
                problems.push(SetProblem::EnvoyIgnoresUse);
            }
        } else if let Some(Err(error)) = envoy {
            problems.push(SetProblem::Envoy(error));
        }
        if key.key_id().is_none() {
            problems.push(SetProblem::NoKeyId);
        }
        if key.algorithm().is_none() {
            problems.push(SetProblem::NoAlgorithm);
        }
        let is_tried_always = is_read_by_envoy && key.algorithm().is_none() && key.key_id().is_none();
        if key.key_type() == "OKP" && is_tried_always && self.elements().len() > index {
            problems.push(SetProblem::EndsSearch);
        }
        problems.extend(key.notes().iter().cloned().map(SetProblem::Note));
        problems
    }
}

impl SetElement {
    fn as_object(&self) -> Option<&serde_json::Map<String, Value>> {
        self.value().as_object()
    }
}

impl fmt::Display for SetProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no key: every token is refused"),
            Self::Skipped(error) => write!(f, "the key cannot be used: {error}"),
            Self::Private => f.write_str("it holds private members: whoever reads the set can sign"),
            Self::Secret => f.write_str("it is a shared secret: whoever reads the set can sign"),
            Self::Mixed => f.write_str("shared secrets and public keys stand in one set, which invites algorithm confusion"),
            Self::DuplicateKeyId { first } => write!(f, "key {first} of the same type has the same `kid`"),
            Self::DuplicateKey { first } => write!(f, "it is the same key as key {first}"),
            Self::Envoy(error) => write!(f, "Envoy skips it: {error}"),
            Self::NoKeyId => f.write_str("it has no `kid`: tokens cannot name it, and SPIRE and go-spiffe refuse it"),
            Self::NoAlgorithm => {
                f.write_str("it has no `alg`: Envoy then lets the token choose the algorithm, except for the family of RSA keys")
            }
            Self::EndsSearch => f.write_str(
                "Envoy tries an Ed25519 key without `alg` and `kid` for every token, and the keys after it are then not tried",
            ),
            Self::NotForSignatures => f.write_str("it verifies no token"),
            Self::EnvoyIgnoresUse => f.write_str("Envoy ignores `use` and `key_ops` and verifies tokens with it nevertheless"),
            Self::Note(note) => note.fmt(f),
        }
    }
}
