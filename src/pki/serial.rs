use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A certificate's serial number (RFC 5280 section 4.1.2.2): a non-negative integer, printed as lower-case hex without a prefix.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber(Vec<u8>);

/// A text is no serial number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no serial number: write it in hex, as certificates show it, with or without colons")]
pub struct SerialNumberError(String);

impl SerialNumber {
    /// A serial number from its magnitude, most significant byte first; zeros in front do not count.
    #[must_use]
    pub fn from_be_bytes(bytes: &[u8]) -> Self {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        Self(bytes.get(zeros..).unwrap_or_default().to_vec())
    }

    /// The magnitude, most significant byte first, without zeros in front; empty for zero.
    #[must_use]
    pub fn as_be_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("00");
        }
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SerialNumber {
    type Err = SerialNumberError;

    /// Hex in either case, with or without `0x` in front and colons between the bytes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || SerialNumberError(text.to_owned());
        let digits: String = text.strip_prefix("0x").unwrap_or(text).chars().filter(|c| *c != ':').collect();
        if digits.is_empty() || digits.len() > 64 {
            return Err(error());
        }
        let even = if digits.len().is_multiple_of(2) { digits } else { format!("0{digits}") };
        let nibble = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let mut bytes = Vec::with_capacity(even.len() / 2);
        for pair in even.as_bytes().chunks_exact(2) {
            let [high, low] = pair else { return Err(error()) };
            bytes.push(nibble(*high).ok_or_else(error)? << 4 | nibble(*low).ok_or_else(error)?);
        }
        Ok(Self::from_be_bytes(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_prints_back_what_it_parsed() {
        for (text, printed) in [
            ("56B993119A3099BBE3C6286ACB4B6A09BE820C91", Some("56b993119a3099bbe3c6286acb4b6a09be820c91")),
            ("00:ab:CD", Some("abcd")),
            ("0x1", Some("01")),
            ("0", Some("00")),
            ("", None),
            ("xyz", None),
            ("-1", None),
        ] {
            assert_eq!(text.parse::<SerialNumber>().ok().map(|serial| serial.to_string()).as_deref(), printed, "{text}");
        }
    }
}
