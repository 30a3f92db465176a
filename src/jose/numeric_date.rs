use jiff::Timestamp;
use thiserror::Error;

use crate::jose::ExactJson;

/// The last second of the year 9999: later dates are taken for mistakes.
const LATEST: f64 = 253_402_300_799.0;
/// From here on a number of seconds is more likely one of milliseconds: the year 5138.
const MILLISECONDS_FROM: f64 = 1e11;

/// The value of a time claim: seconds since 1970-01-01T00:00:00Z, fractions kept (RFC 7519 section 2).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct NumericDate(f64);

/// Why a value is no time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DateError {
    /// Another kind of value; a string that holds a number is still a string.
    #[error("is {0}, not a number")]
    NotANumber(&'static str),
    /// Before 1970.
    #[error("is negative")]
    Negative,
    /// After the year 9999.
    #[error("lies after the year 9999{}", if *.milliseconds { ": it looks like milliseconds" } else { "" })]
    TooLate {
        /// Whether it makes sense as milliseconds.
        milliseconds: bool,
    },
}

impl NumericDate {
    /// The time a claim tells.
    ///
    /// # Errors
    /// When it is no number, or outside the years 1970 to 9999.
    pub fn of(claim: &ExactJson) -> Result<Self, DateError> {
        let ExactJson::Number(text) = claim else { return Err(DateError::NotANumber(claim.kind())) };
        let seconds: f64 = text.parse().unwrap_or(f64::INFINITY);
        if seconds < 0.0 {
            Err(DateError::Negative)
        } else if seconds > LATEST {
            Err(DateError::TooLate { milliseconds: seconds / 1000.0 <= MILLISECONDS_FROM })
        } else {
            Ok(Self(seconds))
        }
    }

    /// This time as a date.
    #[must_use]
    pub fn from_timestamp(at: Timestamp) -> Self {
        Self(at.as_duration().as_secs_f64())
    }

    /// Seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0
    }

    /// Seconds from `now` until then; negative when it is past.
    #[must_use]
    pub fn from_now(self, now: Timestamp) -> f64 {
        self.0 - Self::from_timestamp(now).0
    }

    /// As a timestamp, to the millisecond.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "the years 1970 to 9999 fit")]
        let milliseconds = (self.0 * 1000.0).round() as i64;
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
    }

    /// Whether the number makes more sense as milliseconds.
    #[must_use]
    pub fn looks_like_milliseconds(self) -> bool {
        self.0 >= MILLISECONDS_FROM
    }
}

/// A length of time in words, the two largest units: `3 h 12 min`.
#[must_use]
pub fn duration_in_words(seconds: f64) -> String {
    const UNITS: [(&str, &str, u64); 6] = [
        (" year", " years", 31_557_600),
        (" day", " days", 86_400),
        (" h", " h", 3600),
        (" min", " min", 60),
        (" s", " s", 1),
        ("", "", 0),
    ];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and is not negative")]
    let whole = seconds.abs() as u64;
    if whole == 0 {
        return if seconds == 0.0 { "0 s".to_owned() } else { "less than a second".to_owned() };
    }
    let part = |count: u64, (one, many, _): (&str, &str, u64)| format!("{count}{}", if count == 1 { one } else { many });
    for pair in UNITS.windows(2) {
        let [unit, next] = pair else { continue };
        if whole < unit.2 {
            continue;
        }
        let (count, rest) = (whole / unit.2, whole % unit.2);
        let smaller = rest.checked_div(next.2).unwrap_or(0);
        return if smaller == 0 { part(count, *unit) } else { format!("{} {}", part(count, *unit), part(smaller, *next)) };
    }
    part(whole, (" s", " s", 1))
}

/// A time relative to now: `in 3 h 12 min`, `2 days ago`, `now`.
#[must_use]
pub fn relative_in_words(seconds_from_now: f64) -> String {
    if seconds_from_now.abs() < 1.0 {
        "now".to_owned()
    } else if seconds_from_now > 0.0 {
        format!("in {}", duration_in_words(seconds_from_now))
    } else {
        format!("{} ago", duration_in_words(seconds_from_now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_time_and_what_is_none() {
        let number = |text: &str| ExactJson::Number(text.to_owned());
        for (claim, expected) in [
            (ExactJson::from("1700000000"), Err(DateError::NotANumber("a string"))),
            (ExactJson::Null, Err(DateError::NotANumber("null"))),
            (number("-1"), Err(DateError::Negative)),
            (number("-1e400"), Err(DateError::Negative)),
            (number("1e400"), Err(DateError::TooLate { milliseconds: false })),
            (number("253402300800"), Err(DateError::TooLate { milliseconds: true })),
            (number("1700000000000"), Err(DateError::TooLate { milliseconds: true })),
            (number("99999999999999999999"), Err(DateError::TooLate { milliseconds: false })),
            (number("253402207200"), Ok("9999-12-30T22:00:00Z")),
            (number("0"), Ok("1970-01-01T00:00:00Z")),
            (number("-0"), Ok("1970-01-01T00:00:00Z")),
            (number("1.7e9"), Ok("2023-11-14T22:13:20Z")),
            (number("1700000000.25"), Ok("2023-11-14T22:13:20.25Z")),
        ] {
            let found = NumericDate::of(&claim).map(|date| date.timestamp().to_string());
            assert_eq!(found, expected.map(str::to_owned), "{claim:?}");
        }
    }

    #[test]
    fn words_for_lengths_of_time() {
        for (seconds, expected) in [
            (0.0, "now"),
            (-0.5, "now"),
            (1.0, "in 1 s"),
            (-59.9, "59 s ago"),
            (60.0, "in 1 min"),
            (3599.0, "in 59 min 59 s"),
            (11_520.0, "in 3 h 12 min"),
            (-86_400.0, "1 day ago"),
            (-200_000.0, "2 days 7 h ago"),
            (31_557_600.0, "in 1 year"),
            (3e9, "in 95 years 23 days"),
            (f64::INFINITY, "in 584542046090 years 228 days"),
        ] {
            assert_eq!(relative_in_words(seconds), expected, "{seconds}");
        }
    }
}
