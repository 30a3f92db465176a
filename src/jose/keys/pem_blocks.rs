//! The blocks of a PEM text. What looks like a block and is none is an error here, because a key file has nothing to hide.

use crate::jose::keys::key_file_error::KeyFileError;
use crate::pki::PemBlock;
use crate::pki::PemReader;

/// All blocks of a text, in order.
pub(super) fn blocks(text: &str) -> Result<Vec<PemBlock>, KeyFileError> {
    let found: Vec<PemBlock> = PemReader::new(text.as_bytes()).collect();
    let mut expected = found.iter().map(|block| block.line).peekable();
    for (line, number) in text.lines().zip(1_usize..).filter(|(line, _)| line.contains("-----BEGIN ")) {
        if expected.next_if_eq(&number).is_none() {
            return Err(KeyFileError::Pem { line: number, reason: defect(line, text.lines().skip(number)) });
        }
    }
    Ok(found)
}

/// A header in front of the base64 text.
pub(super) fn header<'b>(block: &'b PemBlock, name: &str) -> Option<&'b str> {
    block.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

/// What is wrong with a block, in words.
fn defect<'t>(begin: &str, mut rest: impl Iterator<Item = &'t str>) -> &'static str {
    let Some(label) = begin.trim_end().strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) else {
        return "does not begin with a line `-----BEGIN ..-----` of its own";
    };
    let end = rest.find_map(|line| line.trim().strip_prefix("-----END "));
    match end.map(|end| end.strip_suffix("-----") == Some(label)) {
        None => "has no line `-----END ..-----`",
        Some(false) => "ends with another label",
        Some(true) => "holds something that is not base64",
    }
}
