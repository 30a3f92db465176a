use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Where a root stands in its life. One root of a trust domain is active at a time; an intermediate follows its root.
///
/// ```text
/// prepare         activate       (next activate)     taint           revoke
/// -------> Prepared -----> Active -------------> Old -----> Tainted -------> Revoked
/// ```
///
/// Every state but [`Revoked`](Self::Revoked) is in the trust bundle. The life cycle is that of SPIRE's local authorities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorityState {
    /// In the bundle, so that peers learn it, and signing nothing yet.
    Prepared,
    /// Signs.
    Active,
    /// Signed until another was activated; what it signed is still trusted.
    Old,
    /// What it signed is to be replaced now; still trusted.
    Tainted,
    /// Out of the bundle; nothing under it is trusted.
    Revoked,
}

/// What may be done to a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationStep {
    /// Let it sign.
    Activate,
    /// Have what it signed replaced.
    Taint,
    /// Take it out of the bundle.
    Revoke,
}

/// Why a step is not possible now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("cannot {step} an authority that is {state}: {reason}")]
pub struct RotationError {
    step: RotationStep,
    state: AuthorityState,
    reason: &'static str,
}

impl AuthorityState {
    /// Every state, in order of life.
    pub const ALL: [Self; 5] = [Self::Prepared, Self::Active, Self::Old, Self::Tainted, Self::Revoked];

    /// The name in the ledger and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Active => "active",
            Self::Old => "old",
            Self::Tainted => "tainted",
            Self::Revoked => "revoked",
        }
    }

    /// Whether peers that follow the bundle trust what it signed.
    #[must_use]
    pub fn is_trusted(self) -> bool {
        self != Self::Revoked
    }

    /// The state after a step.
    ///
    /// # Errors
    /// When the step is not possible from this state.
    pub fn after(self, step: RotationStep) -> Result<Self, RotationError> {
        let refuse = |reason| Err(RotationError { step, state: self, reason });
        match (step, self) {
            (RotationStep::Activate, Self::Prepared) => Ok(Self::Active),
            (RotationStep::Activate, Self::Active) => refuse("it signs already"),
            (RotationStep::Activate, Self::Old | Self::Tainted | Self::Revoked) => refuse("only a prepared one can be activated"),
            (RotationStep::Taint, Self::Old) => Ok(Self::Tainted),
            (RotationStep::Taint | RotationStep::Revoke, Self::Active) => refuse("activate another one first"),
            (RotationStep::Taint, Self::Tainted) => refuse("it is tainted already"),
            (RotationStep::Taint, Self::Prepared | Self::Revoked) => refuse("only an old one can be tainted"),
            (RotationStep::Revoke, Self::Tainted) => Ok(Self::Revoked),
            (RotationStep::Revoke, Self::Old) => refuse("taint it first, and wait until nothing chains to it"),
            (RotationStep::Revoke, Self::Revoked) => refuse("it is revoked already"),
            (RotationStep::Revoke, Self::Prepared) => refuse("only a tainted one can be revoked"),
        }
    }
}

impl fmt::Display for AuthorityState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for RotationStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Activate => "activate",
            Self::Taint => "taint",
            Self::Revoke => "revoke",
        })
    }
}

/// A text names no state.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no state of an authority")]
pub struct AuthorityStateError(String);

impl FromStr for AuthorityState {
    type Err = AuthorityStateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| AuthorityStateError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_lives_in_one_direction_only() {
        use AuthorityState::*;
        use RotationStep::*;
        let allowed = [(Prepared, Activate, Active), (Old, Taint, Tainted), (Tainted, Revoke, Revoked)];
        for state in AuthorityState::ALL {
            assert_eq!(state.name().parse(), Ok(state));
            for step in [Activate, Taint, Revoke] {
                let expected = allowed.iter().find(|(from, by, _)| (*from, *by) == (state, step)).map(|(_, _, to)| *to);
                assert_eq!(state.after(step).ok(), expected, "{step} {state}");
            }
        }
        assert_eq!(
            Old.after(Revoke).unwrap_err().to_string(),
            "cannot revoke an authority that is old: taint it first, and wait until nothing chains to it"
        );
    }
}
