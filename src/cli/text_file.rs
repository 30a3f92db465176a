//! Text files that are written whole or not at all.

use std::ffi::OsString;
use std::fs;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::cli::error::Error;

/// Writes a file, which holds the old text or the new one and never a part. A file that is there keeps its permissions; a link is
/// followed.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut temporary = OsString::from(&target);
    temporary.push(format!(".{}.new", std::process::id()));
    let written = OpenOptions::new().write(true).create_new(true).open(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
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
