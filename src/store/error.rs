use std::io;
use std::path::Path;
use std::path::PathBuf;

use rusqlite::ErrorCode;
use thiserror::Error;

use crate::pki::AuthorityState;
use crate::pki::PkiError;
use crate::pki::SerialNumber;
use crate::store::AuthorityId;
use crate::store::files;

/// Why the home or its ledger could not be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no home.
    #[error("`{0}` does not exist: no authority lives there")]
    Missing(PathBuf),
    /// A directory that is not empty stands where a new home is to be made.
    #[error("`{0}` exists and is not empty: nothing in it was touched")]
    Exists(PathBuf),
    /// A file that is not to be replaced has the name.
    #[error("`{0}` exists already, and stays as it is")]
    FileExists(PathBuf),
    /// Somebody else's file has a name that is to be written.
    #[error("`{0}` exists and was not written by this program")]
    Foreign(PathBuf),
    /// The directory holds no ledger.
    #[error("`{0}` is no authority's home: it has no `ledger.db`")]
    NotAHome(PathBuf),
    /// The home, its ledger or a key is a symbolic link.
    #[error("`{0}` is a symbolic link, and what it points to could be exchanged between two looks")]
    Symlink(PathBuf),
    /// The home is no directory, or a key no file.
    #[error("`{0}` is not a {1}")]
    WrongKind(PathBuf, &'static str),
    /// Group or others have rights on it.
    #[error("`{path}` is open to others than its owner (mode {mode:04o})")]
    OpenToOthers {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The home cannot be written.
    #[error("`{0}` cannot be written: it, or what it lies on, is read-only")]
    ReadOnly(PathBuf),
    /// A mount point cannot be replaced by a finished home.
    #[error("`{0}` is a mount point, and a new home takes its place only when it is whole")]
    MountPoint(PathBuf),
    /// The bytes are no ledger, or a damaged one.
    #[error("the ledger `{path}` is damaged: {what}")]
    Corrupt {
        /// Which.
        path: PathBuf,
        /// What was noticed.
        what: String,
    },
    /// A later version of the program wrote the ledger.
    #[error("the ledger `{path}` has schema {found}, written by meshsec {program}; this program knows schemas up to {known}")]
    Newer {
        /// Which.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The latest schema this program reads.
        known: u32,
        /// The version of the program that brought it there.
        program: String,
    },
    /// Others held the write lock all the time.
    #[error("other processes kept the ledger `{path}` busy for {seconds} s")]
    Busy {
        /// Which.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// No space is left.
    #[error("no space left for `{0}`")]
    DiskFull(PathBuf),
    /// SQLite could not do what it was asked to.
    #[error("the ledger `{path}` cannot be used")]
    Ledger {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The operating system refused.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The key's file is gone.
    #[error("the private key of `{name}` is missing: there is no `{path}`")]
    KeyMissing {
        /// Whose.
        name: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// The key is encrypted and no passphrase was given.
    #[error("the private key of `{0}` is encrypted and no passphrase was given")]
    PassphraseMissing(String),
    /// The passphrase opens nothing.
    #[error("wrong passphrase for the private key of `{0}`")]
    PassphraseWrong(String),
    /// The key in the file is another one.
    #[error("the private key in `{path}` does not belong to the certificate of `{name}`")]
    KeyMismatch {
        /// Whose.
        name: String,
        /// Where.
        path: PathBuf,
    },
    /// The key's file cannot be read as a key.
    #[error("the private key in `{path}` cannot be used")]
    Key {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: PkiError,
    },
    /// Signing, or making random numbers, failed.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// No authority has the name.
    #[error("there is no authority `{0}`")]
    NoAuthority(String),
    /// No root is active, or it has no intermediate of the name.
    #[error("there is no issuing authority `{0}` under the active root")]
    NoSigner(String),
    /// The name is taken.
    #[error("there is an authority `{0}` already")]
    NameTaken(String),
    /// A name that cannot be given to an authority.
    #[error(
        "`{0}` cannot name an authority: 1 to 63 of a-z, 0-9, `.`, `-` and `_`, a letter or digit first, and no identifier in hex"
    )]
    Name(String),
    /// The authority's certificate cannot be kept.
    #[error("the certificate `{subject}` cannot be an authority's here: {reason}")]
    NotAnAuthority {
        /// Its subject.
        subject: String,
        /// Why not.
        reason: &'static str,
    },
    /// The authority no longer signs.
    #[error("the authority `{name}` is {state} and signs nothing any more")]
    Retired {
        /// Which.
        name: String,
        /// Its state.
        state: AuthorityState,
    },
    /// The authority is not where the step begins.
    #[error("the authority `{name}` is {state} and cannot become {wanted}: another process may have changed it meanwhile")]
    Moved {
        /// Which.
        name: String,
        /// Its state.
        state: AuthorityState,
        /// The state it was to get.
        wanted: AuthorityState,
    },
    /// The issuer has used the serial number.
    #[error("the issuer {issuer} has used the serial number {serial} already")]
    SerialTaken {
        /// Who.
        issuer: AuthorityId,
        /// Which.
        serial: SerialNumber,
    },
    /// The certificate that is renewed is not in the ledger.
    #[error("the certificate to be renewed is not in the ledger")]
    NotRecorded,
    /// The backup cannot be opened or read.
    #[error("cannot read `{path}`")]
    BackupUnreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is something else than a backup.
    #[error("`{path}` is no backup of an authority: {what}")]
    NotABackup {
        /// Which.
        path: PathBuf,
        /// What it is, or lacks.
        what: &'static str,
    },
    /// The backup is not whole, or was changed.
    #[error("the backup `{path}` is damaged: {what}")]
    BackupDamaged {
        /// Which.
        path: PathBuf,
        /// What was noticed.
        what: String,
    },
    /// The passphrase does not open the backup.
    #[error("wrong passphrase for the backup `{0}`")]
    BackupPassphrase(PathBuf),
    /// Random serial numbers kept colliding.
    #[error("no unused serial number was found in {0} attempts: the random numbers of this machine repeat")]
    NoSerial(u32),
}

impl StoreError {
    pub(in crate::store) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        let kind = source.kind();
        if kind == io::ErrorKind::ReadOnlyFilesystem || (kind == io::ErrorKind::PermissionDenied && action == "write") {
            return Self::ReadOnly(path);
        }
        if [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge].contains(&kind) {
            return Self::DiskFull(path);
        }
        Self::Io { action, path, source }
    }

    pub(in crate::store) fn sql(path: &Path, source: rusqlite::Error) -> Self {
        let code = source.sqlite_error_code();
        let path = path.to_owned();
        match code {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { path, what: source.to_string() },
            Some(ErrorCode::DiskFull) => Self::DiskFull(path),
            Some(ErrorCode::ReadOnly) => Self::ReadOnly(path),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { path, seconds: crate::store::ledger::PATIENCE.as_secs() }
            }
            // SQLite keeps the reason to itself when one of the files beside the ledger cannot be made or grow.
            Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => match files::try_writing_beside(&path) {
                Err(error @ (Self::DiskFull(_) | Self::ReadOnly(_))) => error,
                _ => Self::Ledger { path, source },
            },
            _ => Self::Ledger { path, source },
        }
    }
}
