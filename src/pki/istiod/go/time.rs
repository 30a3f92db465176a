//! `UTCTime` and `GeneralizedTime` as Go reads them: an offset from UTC is allowed, a fraction of a second is not.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::pki::istiod::go::der::Der;
use crate::pki::istiod::go::der::GENERALIZED_TIME;
use crate::pki::istiod::go::der::UTC_TIME;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// A second, counted from 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Second(pub i64);

impl Second {
    /// Whether `now` is earlier.
    #[must_use]
    pub(crate) fn is_after(self, now: Timestamp) -> bool {
        i128::from(self.0) * 1_000_000_000 > now.as_nanosecond()
    }

    /// Whether `now` is later.
    #[must_use]
    pub(crate) fn is_before(self, now: Timestamp) -> bool {
        i128::from(self.0) * 1_000_000_000 < now.as_nanosecond()
    }

    /// As a timestamp; what lies outside its range is cut to it.
    #[must_use]
    pub(crate) fn timestamp(self) -> Timestamp {
        let cut = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_second(self.0).unwrap_or(cut)
    }
}

/// Takes a time off the front; the words are those of Go's library.
pub(super) fn read(der: &mut Der<'_>) -> Result<Second, &'static str> {
    if der.next_is(UTC_TIME) {
        der.read(UTC_TIME).and_then(|text| utc_time(text.0)).ok_or("x509: malformed UTCTime")
    } else if der.next_is(GENERALIZED_TIME) {
        der.read(GENERALIZED_TIME).and_then(|text| generalized_time(text.0)).ok_or("x509: malformed GeneralizedTime")
    } else {
        Err("x509: unsupported time format")
    }
}

fn generalized_time(text: &[u8]) -> Option<Second> {
    let (year, rest) = number(text, 4)?;
    moment(year, rest, true)
}

fn utc_time(text: &[u8]) -> Option<Second> {
    let (year, rest) = number(text, 2)?;
    // Two digits mean 1950 to 2049.
    let year = if year < 50 { 2000 + year } else { 1900 + year };
    moment(year, rest, true).or_else(|| moment(year, rest, false))
}

fn moment(year: u32, text: &[u8], has_seconds: bool) -> Option<Second> {
    let (month, text) = number(text, 2)?;
    let (day, text) = number(text, 2)?;
    let (hour, text) = number(text, 2)?;
    let (minute, text) = number(text, 2)?;
    let (second, zone) = if has_seconds { number(text, 2)? } else { (0, text) };
    let small = |number: u32| i8::try_from(number).ok();
    let date =
        DateTime::new(i16::try_from(year).ok()?, small(month)?, small(day)?, small(hour)?, small(minute)?, small(second)?, 0);
    // Not by way of a timestamp: the last day of 9999, which means "for ever", is outside its range.
    let local = date.ok()?.duration_since(EPOCH).as_secs();
    Some(Second(local - offset(zone)?))
}

/// Seconds east of UTC. No offset at all is written `Z`, nothing else.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, digits) = match zone.split_first()? {
        (b'Z', []) => return Some(0),
        (b'+', digits) => (1, digits),
        (b'-', digits) => (-1, digits),
        _ => return None,
    };
    let (hours, digits) = number(digits, 2)?;
    let (minutes, rest) = number(digits, 2)?;
    let seconds = (i64::from(hours) * 60 + i64::from(minutes)) * 60;
    (hours <= 24 && minutes < 60 && seconds > 0 && rest.is_empty()).then_some(sign * seconds)
}

fn number(text: &[u8], digits: usize) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(digits)?;
    let value = digits.iter().try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0')))?;
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::Der;
    use super::read;

    #[test]
    fn times_are_read_as_go_reads_them() {
        for (tag, text, wanted) in [
            (0x17, "700101000000Z", Some(0)),
            (0x17, "7001010000Z", Some(0)),
            (0x17, "500101000000Z", Some(-631_152_000)),
            (0x17, "491231235959Z", Some(2_524_607_999)),
            (0x17, "700101010000+0100", Some(0)),
            (0x17, "7001010100+0100", Some(0)),
            (0x18, "19700101000000Z", Some(0)),
            (0x18, "19700101000000-2400", Some(86_400)),
            (0x18, "99991231235959Z", Some(253_402_300_799)),
            (0x18, "00000101000000Z", Some(-62_167_219_200)),
            (0x17, "700101000000+0000", None),
            (0x17, "700101000000", None),
            (0x17, "700101000000z", None),
            (0x17, "700101000000.5Z", None),
            (0x17, "700229000000Z", None),
            (0x17, "701301000000Z", None),
            (0x17, "700101240000Z", None),
            (0x17, "700101000060Z", None),
            (0x18, "700101000000Z", None),
            (0x18, "197001010000Z", None),
            (0x16, "700101000000Z", None),
        ] {
            let der = [&[tag, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
            assert_eq!(read(&mut Der(&der)).ok().map(|second| second.0), wanted, "{tag:x} {text}");
        }
    }
}
