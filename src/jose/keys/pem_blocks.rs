//! The blocks of a PEM text (RFC 7468), with the headers of RFC 1421. Text outside blocks is passed over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::jose::keys::key_file_error::KeyFileError;
use crate::jose::keys::material::Secret;

pub(super) struct PemBlock {
    pub(super) label: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) der: Secret,
}

impl PemBlock {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// All blocks of a text, in order.
pub(super) fn blocks(text: &str) -> Result<Vec<PemBlock>, KeyFileError> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim).zip(1_usize..);
    while let Some((line, begin)) = lines.next() {
        let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) else { continue };
        let broken = |reason| KeyFileError::Pem { line: begin, reason };
        let mut headers = Vec::new();
        let mut base64 = Zeroizing::new(String::new());
        loop {
            let (line, _) = lines.next().ok_or_else(|| broken("has no END line"))?;
            if let Some(end) = line.strip_prefix("-----END ") {
                if end.strip_suffix("-----") != Some(label) {
                    return Err(broken("ends with another label"));
                }
                break;
            }
            match line.split_once(':') {
                Some((name, value)) if base64.is_empty() => headers.push((name.trim().to_owned(), value.trim().to_owned())),
                _ => base64.extend(line.split_ascii_whitespace()),
            }
        }
        let der = STANDARD.decode(base64.as_bytes()).map_err(|_| broken("holds something that is not base64"))?;
        found.push(PemBlock { label: label.to_owned(), headers, der: Zeroizing::new(der) });
    }
    Ok(found)
}
