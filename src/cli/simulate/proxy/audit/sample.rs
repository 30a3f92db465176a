//! Which decisions are kept when not all are: those whose request id hashes low. The same id is kept everywhere, or nowhere.

use std::str::FromStr;

use aws_lc_rs::digest;

use crate::proxy::Record;

/// A part of all decisions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    percent: f64,
}

impl FromStr for Sample {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').unwrap_or(text);
        match number.parse::<f64>() {
            Ok(percent) if percent > 0.0 && percent <= 100.0 => Ok(Self { percent }),
            _ => Err("write a percentage above 0 and up to 100, such as `5` or `0.1`".to_owned()),
        }
    }
}

impl Sample {
    /// As it is written into each line; nothing when all are kept.
    pub(super) fn percent(self) -> Option<f64> {
        (self.percent < 100.0).then_some(self.percent)
    }

    /// Whether this decision is kept. Where there is no request, the connection's number and its caller stand for the id.
    pub(super) fn takes(self, record: &Record) -> bool {
        if self.percent >= 100.0 {
            return true;
        }
        match &record.request {
            Some(request) => self.takes_id(&request.request_id),
            None => self.takes_id(&format!("{} {}", record.connection.id, record.connection.source)),
        }
    }

    fn takes_id(self, id: &str) -> bool {
        let digest = digest::digest(&digest::SHA256, id.as_bytes());
        let number = digest.as_ref().first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        f64::from(number) < self.percent / 100.0 * (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_as_many_are_kept_as_was_asked_for_and_always_the_same() {
        for (text, least, most) in [("100", 10_000, 10_000), ("50%", 4_800, 5_200), ("1", 70, 130), ("0.1", 2, 25)] {
            let sample: Sample = text.parse().unwrap();
            let taken = || (0..10_000).filter(|number| sample.takes_id(&format!("id-{number}"))).collect::<Vec<_>>();
            let first = taken();
            assert!((least..=most).contains(&first.len()), "{text}: {}", first.len());
            assert_eq!(first, taken(), "{text}");
        }
        let few: Sample = "1".parse().unwrap();
        let more: Sample = "10".parse().unwrap();
        assert!((0..1000).map(|number| format!("id-{number}")).all(|id| !few.takes_id(&id) || more.takes_id(&id)));
    }

    #[test]
    fn what_is_no_part_of_all_is_refused() {
        for text in ["0", "-1", "100.1", "x", "", "NaN", "inf", "1/100"] {
            assert!(text.parse::<Sample>().is_err(), "{text}");
        }
    }
}
