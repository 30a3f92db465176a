//! Base64url of a token's piece: read whatever way it is spelled, with what is unusual about the spelling.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Takes any left-over bits; [`Spelling`] tells about them.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// What RFC 7515 section 2 does not allow in an encoded piece, and yet can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations about one text")]
pub struct Spelling {
    /// `=` at the end.
    pub padding: bool,
    /// Spaces, tabs or line breaks.
    pub white_space: bool,
    /// `+` or `/`, which belong to the other alphabet.
    pub standard_alphabet: bool,
    /// Unused bits of the last character are set: the same bytes have another spelling (RFC 4648 section 3.5).
    pub spare_bits: bool,
}

/// Why a piece cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// A character of no base64 alphabet.
    #[error("character {position} is not base64url")]
    Character {
        /// Counted from 1, in bytes.
        position: usize,
    },
    /// A length that no encoder yields.
    #[error("{length} characters are one too many or too few for base64url")]
    Length {
        /// Characters without padding and white space.
        length: usize,
    },
    /// Padding in the middle, or too much of it.
    #[error("misplaced `=` padding")]
    Padding,
}

impl Spelling {
    /// The one spelling the standard allows.
    #[must_use]
    pub fn is_canonical(self) -> bool {
        self == Self::default()
    }

    /// What is unusual, in words.
    #[must_use]
    pub fn oddities(self) -> Vec<&'static str> {
        let Self { padding, white_space, standard_alphabet, spare_bits } = self;
        [
            (padding, "`=` padding"),
            (white_space, "white space"),
            (standard_alphabet, "`+` or `/` instead of `-` or `_`"),
            (spare_bits, "unused bits that are not zero"),
        ]
        .into_iter()
        .filter_map(|(found, words)| found.then_some(words))
        .collect()
    }
}

/// The bytes of a piece and how it was spelled.
///
/// # Errors
/// When no reading of it makes sense.
pub fn decode(text: &str) -> Result<(Vec<u8>, Spelling), EncodingError> {
    // Takes the one right spelling only, which nearly every piece has.
    URL_SAFE_NO_PAD.decode(text).map(|bytes| (bytes, Spelling::default())).or_else(|_| decode_odd(text))
}

fn decode_odd(text: &str) -> Result<(Vec<u8>, Spelling), EncodingError> {
    let mut spelling = Spelling::default();
    let mut plain = Vec::with_capacity(text.len());
    let mut padding = 0;
    for (index, byte) in text.bytes().enumerate() {
        let character = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                spelling.white_space = true;
                continue;
            }
            b'=' => {
                padding += 1;
                continue;
            }
            b'+' | b'/' => {
                spelling.standard_alphabet = true;
                if byte == b'+' { b'-' } else { b'_' }
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => byte,
            _ => return Err(EncodingError::Character { position: index + 1 }),
        };
        if padding > 0 {
            return Err(EncodingError::Padding);
        }
        plain.push(character);
    }
    spelling.padding = padding > 0;
    if padding > 0 && (padding > 2 || (plain.len() + padding) % 4 != 0) {
        return Err(EncodingError::Padding);
    }
    let bytes = LENIENT.decode(&plain).map_err(|_| EncodingError::Length { length: plain.len() })?;
    spelling.spare_bits = URL_SAFE_NO_PAD.decode(&plain).is_err();
    Ok((bytes, spelling))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_told() {
        let plain = Spelling::default();
        for (text, expected) in [
            ("Y", Err(EncodingError::Length { length: 1 })),
            ("YWJjZ", Err(EncodingError::Length { length: 5 })),
            ("YQ!", Err(EncodingError::Character { position: 3 })),
            ("Yé", Err(EncodingError::Character { position: 2 })),
            ("YQ=", Err(EncodingError::Padding)),
            ("YQ=Q", Err(EncodingError::Padding)),
            ("YWJj=", Err(EncodingError::Padding)),
            ("=", Err(EncodingError::Padding)),
            ("", Ok(("", plain))),
            ("YQ", Ok(("a", plain))),
            ("YR", Ok(("a", Spelling { spare_bits: true, ..plain }))),
            ("YQ==", Ok(("a", Spelling { padding: true, ..plain }))),
            ("Y\nQ", Ok(("a", Spelling { white_space: true, ..plain }))),
            ("Pj4/Pz8+", Ok((">>???>", Spelling { standard_alphabet: true, ..plain }))),
        ] {
            let expected = expected.map(|(bytes, spelling)| (bytes.as_bytes().to_vec(), spelling));
            assert_eq!(decode(text), expected, "{text:?}");
        }
    }
}
