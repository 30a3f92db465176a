mod claim;
mod header;
mod key;
mod writing;

use crate::jose::Diagnosis;

pub use claim::ClaimRefusal;
pub use header::HeaderRefusal;
pub use key::KeyRefusal;
pub use key::UnfitKey;
pub use writing::WritingRefusal;

/// Why a strict verifier refuses a token, by the step that found it.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// It is not written as a token must be.
    Writing(WritingRefusal),
    /// Its header asks for something that is not granted.
    Header(HeaderRefusal),
    /// No key made its signature.
    Key(KeyRefusal),
    /// Signed, but its claims do not hold.
    Claim(ClaimRefusal),
}

impl Refusal {
    /// What to tell the person who must make it work.
    #[must_use]
    pub fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Writing(refusal) => refusal.diagnosis(),
            Self::Header(refusal) => refusal.diagnosis(),
            Self::Key(refusal) => refusal.diagnosis(),
            Self::Claim(refusal) => refusal.diagnosis(),
        }
    }

    /// Why Envoy does not mind, when it accepts the token.
    #[must_use]
    pub fn envoy_view(&self) -> Option<&'static str> {
        match self {
            Self::Writing(refusal) => refusal.envoy_view(),
            Self::Header(refusal) => refusal.envoy_view(),
            Self::Key(refusal) => refusal.envoy_view(),
            Self::Claim(refusal) => refusal.envoy_view(),
        }
    }
}

impl From<WritingRefusal> for Refusal {
    fn from(refusal: WritingRefusal) -> Self {
        Self::Writing(refusal)
    }
}

impl From<HeaderRefusal> for Refusal {
    fn from(refusal: HeaderRefusal) -> Self {
        Self::Header(refusal)
    }
}

impl From<KeyRefusal> for Refusal {
    fn from(refusal: KeyRefusal) -> Self {
        Self::Key(refusal)
    }
}

impl From<ClaimRefusal> for Refusal {
    fn from(refusal: ClaimRefusal) -> Self {
        Self::Claim(refusal)
    }
}

/// A refusal where a result carries it in a box.
#[expect(clippy::unnecessary_box_returns, reason = "the box is what results carry")]
pub(super) fn refused(refusal: impl Into<Refusal>) -> Box<Refusal> {
    Box::new(refusal.into())
}

/// Quoted and joined by commas.
fn quoted<T: AsRef<str>>(values: &[T]) -> String {
    match values {
        [] => "nothing".to_owned(),
        values => values.iter().map(|value| format!("`{}`", value.as_ref())).collect::<Vec<_>>().join(", "),
    }
}
