use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::SystemTime;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::pki::PkiError;
use crate::pki::PrivateKey;
use crate::pki::Signer;
use crate::store::Authority;
use crate::store::AuthorityId;
use crate::store::Existing;
use crate::store::Ledger;
use crate::store::Settings;
use crate::store::StoreError;
use crate::store::files;
use crate::store::files::TemporaryDirectory;

pub(in crate::store) const LEDGER: &str = "ledger.db";
const KEYS: &str = "keys";
/// Where `policy apply` keeps its journals; they may be there before there is an authority.
const JOURNALS: &str = "apply";
/// What the names of keys for JWT-SVIDs begin with; no authority's does.
const JWT: &str = "jwt-";

/// How old a key that no row names must be before it counts as the rest of a run that died.
const ORPHAN_AGE: Duration = Duration::from_secs(3600);

/// The directory of an authority, with its ledger open.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
    ledger: Ledger,
}

/// A home in the making. It lies beside its place until [`NewHome::commit`], and is removed when dropped before.
#[derive(Debug)]
pub struct NewHome {
    home: Home,
    beside: TemporaryDirectory,
    target: PathBuf,
}

impl Home {
    /// Starts a new home. Nothing is at `path` before [`NewHome::commit`].
    ///
    /// # Errors
    /// When something other than a directory that is empty, or holds journals alone, is at `path`, or the directory above cannot be written.
    pub fn create(path: &Path, settings: &Settings, now: Timestamp) -> Result<NewHome, StoreError> {
        NewHome::begin(path, |beside| Ledger::create(&beside.join(LEDGER), settings, now))
    }

    /// Opens a home.
    ///
    /// # Errors
    /// When there is none, it is a symbolic link or open to others, or its ledger is damaged or of a later schema.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = named(path);
        let metadata = match fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(StoreError::Missing(path)),
            Err(error) => return Err(StoreError::io("read", &path, error)),
        };
        if metadata.is_symlink() {
            return Err(StoreError::Symlink(path));
        }
        if !metadata.is_dir() {
            return Err(StoreError::WrongKind(path, "directory"));
        }
        files::refuse_others(&path, &metadata)?;
        let ledger = path.join(LEDGER);
        match fs::symlink_metadata(&ledger) {
            Ok(metadata) if metadata.is_symlink() => return Err(StoreError::Symlink(ledger)),
            Ok(metadata) if !metadata.is_file() => return Err(StoreError::WrongKind(ledger, "file")),
            Ok(metadata) => files::refuse_others(&ledger, &metadata)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(StoreError::NotAHome(path)),
            Err(error) => return Err(StoreError::io("read", &ledger, error)),
        }
        Ok(Self { ledger: Ledger::open(&ledger)?, path })
    }

    /// Looks whether a new home could be made here: nothing may be there but an empty directory or one with journals.
    ///
    /// # Errors
    /// When something is there.
    pub fn require_vacant(path: &Path) -> Result<(), StoreError> {
        require_vacant(&named(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The ledger, to read.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The ledger, to write.
    pub fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// Where the private key of an authority lies.
    #[must_use]
    pub fn key_path(&self, id: &AuthorityId) -> PathBuf {
        self.path.join(KEYS).join(format!("{id}.pem"))
    }

    /// Writes the private key of an authority, before its row is committed.
    ///
    /// # Errors
    /// When there is one already, or it cannot be written.
    pub fn write_key(&self, id: &AuthorityId, pem: &str) -> Result<PathBuf, StoreError> {
        let path = self.key_path(id);
        files::write_private(&path, pem.as_bytes(), Existing::Keep)?;
        Ok(path)
    }

    /// Where the private half of a key for JWT-SVIDs lies. Its identifier is a thumbprint, and nothing else becomes part of a path.
    #[must_use]
    pub fn jwt_key_path(&self, key_id: &str) -> PathBuf {
        let name: String = key_id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
        self.path.join(KEYS).join(format!("{JWT}{name}.pem"))
    }

    /// Writes the private half of a key for JWT-SVIDs, before its row is committed.
    ///
    /// # Errors
    /// When there is one already, or it cannot be written.
    pub fn write_jwt_key(&self, key_id: &str, pem: &str) -> Result<(), StoreError> {
        files::write_private(&self.jwt_key_path(key_id), pem.as_bytes(), Existing::Keep)
    }

    /// Reads the private half of a key for JWT-SVIDs.
    ///
    /// # Errors
    /// When it is missing or open to others.
    pub fn read_jwt_key(&self, key_id: &str) -> Result<Zeroizing<String>, StoreError> {
        files::read_private(&self.jwt_key_path(key_id))
    }

    /// Removes a key that never signed, because another process was first, or that nothing depends on any more.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove_jwt_key(&self, key_id: &str) -> Result<(), StoreError> {
        let path = self.jwt_key_path(key_id);
        fs::remove_file(&path).map_err(|error| StoreError::io("remove", &path, error))
    }

    /// The authority's certificate joined with its private key.
    ///
    /// # Errors
    /// When the key is missing, open to others, encrypted under another passphrase, or not the certificate's.
    pub fn load_signer(&self, authority: &Authority, passphrase: Option<&str>) -> Result<Signer, StoreError> {
        let (path, text) = (self.key_path(&authority.id), self.read_key(authority)?);
        let name = || authority.name.to_string();
        let key = PrivateKey::from_pem(&text, passphrase).and_then(|key| Signer::new(authority.certificate.clone(), key));
        match key {
            Ok(signer) => Ok(signer),
            Err(PkiError::PassphraseMissing) => Err(StoreError::PassphraseMissing(name())),
            Err(PkiError::PassphraseWrong) => Err(StoreError::PassphraseWrong(name())),
            Err(PkiError::KeyMismatch(_)) => Err(StoreError::KeyMismatch { name: name(), path }),
            Err(source) => Err(StoreError::Key { path, source }),
        }
    }

    /// The key of an authority as it is written.
    pub(in crate::store) fn read_key(&self, authority: &Authority) -> Result<Zeroizing<String>, StoreError> {
        let path = self.key_path(&authority.id);
        match files::read_private(&path) {
            Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Err(StoreError::KeyMissing { name: authority.name.to_string(), path })
            }
            read => read,
        }
    }

    /// Removes keys that no row names and that are older than an hour: what is left of runs that died between the two.
    ///
    /// # Errors
    /// When the keys cannot be listed or the ledger not be read.
    pub fn sweep(&self) -> Result<Vec<PathBuf>, StoreError> {
        let folder = self.path.join(KEYS);
        let unreadable = |error| StoreError::io("read", &folder, error);
        let mut removed = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let modified = entry.metadata().and_then(|metadata| metadata.modified()).map_err(unreadable)?;
            // A time in the future says that a clock was wrong; leave it to a later sweep.
            let age = SystemTime::now().duration_since(modified).unwrap_or(Duration::ZERO);
            if age < ORPHAN_AGE || !self.is_orphan(&entry.file_name().to_string_lossy())? {
                continue;
            }
            fs::remove_file(entry.path()).map_err(|error| StoreError::io("remove", &entry.path(), error))?;
            removed.push(entry.path());
        }
        removed.sort();
        Ok(removed)
    }

    /// Only names that this program gives are ever orphans; what else a user keeps there is theirs.
    fn is_orphan(&self, name: &str) -> Result<bool, StoreError> {
        let is_half_written = name.strip_prefix('.').is_some_and(|name| name.strip_suffix(".tmp").is_some());
        match name.strip_suffix(".pem").and_then(|id| id.parse::<AuthorityId>().ok()) {
            Some(id) => Ok(self.ledger.authority_by_id(&id)?.is_none()),
            None => Ok(is_half_written),
        }
    }
}

impl NewHome {
    /// Makes the directory beside its place; `fill` puts a ledger into it.
    pub(in crate::store) fn begin(
        path: &Path,
        fill: impl FnOnce(&Path) -> Result<Ledger, StoreError>,
    ) -> Result<Self, StoreError> {
        let target = named(path);
        require_vacant(&target)?;
        files::create_parents(&target)?;
        let beside = TemporaryDirectory::beside(&target, "new")?;
        let path = beside.path().to_owned();
        files::create_private_directory(&path.join(KEYS))?;
        Ok(Self { home: Home { ledger: fill(&path)?, path }, beside, target })
    }

    /// The home, to fill.
    pub fn home_mut(&mut self) -> &mut Home {
        &mut self.home
    }

    /// Puts the finished home in its place, in one step: the directory, or beside journals the ledger, which comes last.
    ///
    /// # Errors
    /// When something has come to stand there in the meantime, or the place is a mount point.
    pub fn commit(self) -> Result<Home, StoreError> {
        let Self { home, beside, target } = self;
        home.ledger.close()?;
        files::sync_directory(&beside.path().join(KEYS))?;
        files::sync_directory(beside.path())?;
        if holds_journals_alone(&target)? {
            move_in(beside.path(), &target)?;
        } else if let Err(error) = fs::rename(beside.path(), &target) {
            const TAKEN: [ErrorKind; 3] = [ErrorKind::DirectoryNotEmpty, ErrorKind::AlreadyExists, ErrorKind::NotADirectory];
            const MOUNTED: [ErrorKind; 2] = [ErrorKind::ResourceBusy, ErrorKind::CrossesDevices];
            return Err(if TAKEN.contains(&error.kind()) {
                StoreError::Exists(target)
            } else if MOUNTED.contains(&error.kind()) {
                StoreError::MountPoint(target)
            } else {
                StoreError::io("make", &target, error)
            });
        }
        files::sync_directory(files::parent(&target))?;
        Home::open(&target)
    }
}

fn require_vacant(path: &Path) -> Result<(), StoreError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StoreError::io("read", path, error)),
    };
    if metadata.is_symlink() {
        return Err(StoreError::Symlink(path.to_owned()));
    }
    if !metadata.is_dir() {
        return Err(StoreError::WrongKind(path.to_owned(), "directory"));
    }
    let is_vacant = names_in(path)?.iter().all(|name| name == JOURNALS);
    if is_vacant { Ok(()) } else { Err(StoreError::Exists(path.to_owned())) }
}

fn names_in(path: &Path) -> Result<Vec<OsString>, StoreError> {
    let failed = |error| StoreError::io("read", path, error);
    fs::read_dir(path).map_err(failed)?.map(|entry| entry.map(|entry| entry.file_name()).map_err(failed)).collect()
}

fn holds_journals_alone(path: &Path) -> Result<bool, StoreError> {
    Ok(path.is_dir() && names_in(path)?.iter().eq([JOURNALS]))
}

/// Moves what is in one directory into another; the ledger, which makes a home of it, comes last.
fn move_in(from: &Path, into: &Path) -> Result<(), StoreError> {
    fs::set_permissions(into, fs::Permissions::from_mode(0o700)).map_err(|error| StoreError::io("make", into, error))?;
    let mut names = names_in(from)?;
    names.sort_by_key(|name| name == LEDGER);
    for name in names {
        let target = into.join(&name);
        fs::rename(from.join(&name), &target).map_err(|error| StoreError::io("make", &target, error))?;
    }
    files::sync_directory(into)
}

/// The path with a last name of its own: `link/` follows a link and `.` has none.
fn named(path: &Path) -> PathBuf {
    let path: PathBuf = path.components().collect();
    match path.file_name() {
        Some(_) => path,
        None => fs::canonicalize(&path).unwrap_or(path),
    }
}
