//! How long to wait after failures before another attempt.

use jiff::SignedDuration;
use jiff::Timestamp;

const FIRST: SignedDuration = SignedDuration::from_secs(1);
const LONGEST: SignedDuration = SignedDuration::from_mins(5);

/// Failures in a row, and when to try again: after a second, then after twice as long each time, five minutes at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    wait: SignedDuration,
    pub(super) until: Timestamp,
}

impl Backoff {
    /// After one more failure.
    pub(super) fn after(earlier: Option<Self>, now: Timestamp) -> Self {
        let wait = earlier.map_or(FIRST, |earlier| earlier.wait.saturating_mul(2).min(LONGEST));
        Self { wait, until: now.saturating_add(wait).unwrap_or(Timestamp::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_five_minutes() {
        let now = Timestamp::UNIX_EPOCH;
        let mut waits = Vec::new();
        let mut backoff = None;
        for _ in 0..11 {
            let next = Backoff::after(backoff, now);
            waits.push(next.until.as_second());
            backoff = Some(next);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }
}
