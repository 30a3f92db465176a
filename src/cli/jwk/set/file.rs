//! The file of a set.
#![expect(clippy::wildcard_enum_match_arm, reason = "each question is about a few variants, and all others answer alike")]

use std::fs::File;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::manifests::read_bytes;
use crate::jose::KeySet;
use crate::jose::KeySetError;
use crate::jose::Strictness;
use crate::store::Existing;
use crate::store::StoreError;
use crate::store::write_public;

/// Reads a set that may hold anything.
pub(super) fn read(path: &str, env: &mut Env<'_>) -> Result<KeySet, Error> {
    let bytes = Zeroizing::new(read_bytes(path, env)?);
    KeySet::parse(&bytes, Strictness::Strict).map_err(|error| {
        let name = if path == "-" { "standard input" } else { path };
        let help = match error {
            KeySetError::SingleKey => Some("put it in a set: `meshsec jwk convert FILE -o jwks`"),
            _ => Some("a set is a JSON object with a list `keys`"),
        };
        Error::question(format!("`{name}`: {error}"), help.map(str::to_owned))
    })
}

/// A set that is being changed; others who want to change it wait.
pub(super) struct Opened<'p> {
    path: &'p Path,
    pub(super) set: KeySet,
    /// Holds the lock until the end.
    _directory: File,
}

impl<'p> Opened<'p> {
    /// Opens a set for changing; one that is absent is empty when it may be made.
    pub(super) fn open(path: &'p str, may_be_made: bool, env: &mut Env<'_>) -> Result<Self, Error> {
        if path == "-" {
            return Err(Error::question("a set that is changed must be a file", "name the file".to_owned()));
        }
        let name = path;
        let path = Path::new(path);
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let failed = |action| move |source| StoreError::Io { action, path: parent.to_owned(), source };
        let directory = File::open(parent).map_err(failed("read"))?;
        directory.lock().map_err(failed("lock"))?;
        let set = match path.symlink_metadata() {
            Err(error) if may_be_made && error.kind() == io::ErrorKind::NotFound => KeySet::of([]),
            _ => read(name, env)?,
        };
        if set.has_private_members() {
            return Err(Error::question(
                format!("`{name}` holds private members, and a set is for publication"),
                format!("take them out: `meshsec jwk convert {name} -o jwks --out NEW`; treat the keys as known to others"),
            ));
        }
        Ok(Self { path, set, _directory: directory })
    }

    /// Replaces the file in one step.
    pub(super) fn save(self) -> Result<(), Error> {
        write_public(self.path, self.set.public_text().as_bytes(), Existing::Replace)?;
        Ok(())
    }
}
