//! What to do when the authority's home cannot be used, and the exit code.

use std::borrow::Cow;

use crate::store::StoreError;

/// 2 when another home, passphrase or name would help; 3 when the machine has to change.
pub(in crate::cli) fn code(error: &StoreError) -> u8 {
    match error {
        StoreError::Missing(_)
        | StoreError::Exists(_)
        | StoreError::FileExists(_)
        | StoreError::Foreign(_)
        | StoreError::NotAHome(_)
        | StoreError::Symlink(_)
        | StoreError::WrongKind(..)
        | StoreError::OpenToOthers { .. }
        | StoreError::MountPoint(_)
        | StoreError::Corrupt { .. }
        | StoreError::Newer { .. }
        | StoreError::KeyMissing { .. }
        | StoreError::PassphraseMissing(_)
        | StoreError::PassphraseWrong(_)
        | StoreError::KeyMismatch { .. }
        | StoreError::Key { .. }
        | StoreError::NoAuthority(_)
        | StoreError::NoSigner(_)
        | StoreError::NameTaken(_)
        | StoreError::Name(_)
        | StoreError::NotAnAuthority { .. }
        | StoreError::Retired { .. }
        | StoreError::Moved { .. }
        | StoreError::SerialTaken { .. }
        | StoreError::NotRecorded
        | StoreError::BackupUnreadable { .. }
        | StoreError::NotABackup { .. }
        | StoreError::BackupDamaged { .. }
        | StoreError::BackupPassphrase(_)
        | StoreError::Pki(_) => 2,
        StoreError::ReadOnly(_)
        | StoreError::Busy { .. }
        | StoreError::DiskFull(_)
        | StoreError::Ledger { .. }
        | StoreError::Io { .. }
        | StoreError::NoSerial(_) => 3,
    }
}

pub(in crate::cli) fn help(error: &StoreError) -> Option<Cow<'static, str>> {
    Some(match error {
        StoreError::Missing(_) => "make one with `meshsec ca init`, or say where it is with `--home DIR` or MESHSEC_HOME".into(),
        StoreError::Exists(_) => "name a directory that does not exist or is empty".into(),
        StoreError::FileExists(_) => "name another file, or move that one away".into(),
        StoreError::Foreign(_) => "name another directory, or say `--overwrite`".into(),
        StoreError::NotAHome(_) => "say where the authority lives with `--home DIR` or MESHSEC_HOME".into(),
        StoreError::Symlink(_) => "name the directory or file itself".into(),
        StoreError::OpenToOthers { path, mode } => {
            let wanted = mode & 0o700;
            format!("take the rights away: `chmod {wanted:o} {}`", path.display()).into()
        }
        StoreError::ReadOnly(_) => "make it writable: even a look at the ledger needs its lock".into(),
        StoreError::MountPoint(path) => {
            format!("name a directory inside it, such as `{}`", path.join("meshsec").display()).into()
        }
        StoreError::Corrupt { .. } => "restore a backup with `meshsec ca restore`; leave the damaged home as it is".into(),
        StoreError::Newer { .. } => "use the version that wrote it, or a later one".into(),
        StoreError::Busy { .. } => "see which processes use the home, and try again".into(),
        StoreError::DiskFull(_) => "make room and try again".into(),
        StoreError::KeyMissing { .. } | StoreError::KeyMismatch { .. } => "bring the key back from a backup".into(),
        StoreError::PassphraseMissing(_) => "give `--password-file FILE`, set MESHSEC_PASSWORD, or run it on a terminal".into(),
        StoreError::BackupUnreadable { .. } => "check the path and its permissions".into(),
        StoreError::BackupDamaged { .. } => "use another copy of it; nothing was made".into(),
        StoreError::NoAuthority(_) | StoreError::NoSigner(_) | StoreError::Moved { .. } => {
            "`meshsec ca show` lists the authorities".into()
        }
        StoreError::Retired { name, .. } => {
            format!("put another in its place: `meshsec ca intermediate --name {name} --replace`").into()
        }
        StoreError::NameTaken(_) => "give it another name".into(),
        StoreError::WrongKind(..)
        | StoreError::Ledger { .. }
        | StoreError::Io { .. }
        | StoreError::PassphraseWrong(_)
        | StoreError::Key { .. }
        | StoreError::Pki(_)
        | StoreError::NotAnAuthority { .. }
        | StoreError::Name(_)
        | StoreError::SerialTaken { .. }
        | StoreError::NotRecorded
        | StoreError::NotABackup { .. }
        | StoreError::BackupPassphrase(_)
        | StoreError::NoSerial(_) => return None,
    })
}
