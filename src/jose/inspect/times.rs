use jiff::Timestamp;

use crate::jose::DateError;
use crate::jose::NumericDate;
use crate::jose::inspect::form::Part;
use crate::jose::relative_in_words;

/// Claims that hold times: RFC 7519 section 4.1, OpenID Connect (`auth_time`, `updated_at`).
const TIME_CLAIMS: [&str; 5] = ["iat", "nbf", "exp", "auth_time", "updated_at"];

/// One time claim.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeReport {
    /// Its name.
    pub claim: String,
    /// When, or why that is no time.
    pub date: Result<NumericDate, DateError>,
    /// Relative to now: `in 3 h 12 min`; empty when it is no time.
    pub words: String,
}

pub(super) fn of(payload: &Part, now: Timestamp) -> Vec<TimeReport> {
    let members = payload.object().and_then(|object| object.as_object()).unwrap_or_default();
    let times = members.iter().filter(|(name, _)| TIME_CLAIMS.contains(&name.as_str()));
    times
        .map(|(name, value)| {
            let date = NumericDate::of(value);
            let words = date.as_ref().map(|date| relative_in_words(date.from_now(now))).unwrap_or_default();
            TimeReport { claim: name.clone(), date, words }
        })
        .collect()
}
