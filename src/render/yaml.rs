//! JSON values as YAML.

use std::io;
use std::io::Write;

use serde_json::Value;

/// Writes a value as a YAML document.
///
/// # Errors
/// When the writer fails.
pub fn yaml(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    let text = serde_saphyr::to_string(value).map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}
