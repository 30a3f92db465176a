//! Text files that are written whole or not at all.

use std::ffi::OsString;
use std::fs;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::cli::error::Error;

/// Writes a file, which holds the old text or the new one and never a part. A file that is there keeps its permissions; a link is
/// followed.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Error> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        // A device or a pipe, such as `/dev/null`, is written to and not replaced.
        let written = OpenOptions::new().write(true).open(&target).and_then(|mut device| device.write_all(text.as_bytes()));
        return written.map_err(|source| Error::WriteFile { path: path.display().to_string(), source });
    }
    let mut temporary = OsString::from(&target);
    temporary.push(format!(".{}.new", std::process::id()));
    let written = OpenOptions::new().write(true).create_new(true).open(&temporary).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        if let Ok(metadata) = fs::metadata(&target) {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&temporary, &target)
    });
    written.map_err(|source| {
        let _ = fs::remove_file(&temporary);
        Error::WriteFile { path: path.display().to_string(), source }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        replace(Path::new("/dev/null"), "text").unwrap();
        let metadata = fs::metadata("/dev/null").unwrap();
        assert!(!metadata.is_file() && fs::read("/dev/null").unwrap().is_empty());
    }
}
