//! Files that appear whole or not at all.
//!
//! A file is written beside its place under a name that starts with a dot, brought to the disk, and renamed; then the directory is brought to
//! the disk too. What a run that died left behind under such a name is removed by the next one that writes the same file.

use std::ffi::OsStr;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::store::StoreError;

/// What becomes of a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced in one step.
    Replace,
    /// It stays, and writing fails.
    Keep,
}

/// Permissions of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Audience {
    Owner,
    Everybody,
}

/// How long a leftover is left alone, in case whoever makes it has only just begun.
const GRACE: Duration = Duration::from_secs(60);

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// Writes a file that its owner alone can read (0600), whole or not at all.
///
/// # Errors
/// When the file exists and is to be kept, the directory is missing, or the disk is full or read-only.
pub fn write_private(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), StoreError> {
    write_with(path, existing, Audience::Owner, |file| put(file, path, bytes))
}

/// Writes a file that everybody can read (0644), whole or not at all.
///
/// # Errors
/// As [`write_private`].
pub fn write_public(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), StoreError> {
    write_with(path, existing, Audience::Everybody, |file| put(file, path, bytes))
}

/// Reads a text that its owner alone can read; it is wiped when dropped.
///
/// # Errors
/// When it is a symbolic link, open to others, no file, or no text.
pub fn read_private(path: &Path) -> Result<Zeroizing<String>, StoreError> {
    let metadata = fs::symlink_metadata(path).map_err(|error| StoreError::io("read", path, error))?;
    if metadata.is_symlink() {
        return Err(StoreError::Symlink(path.to_owned()));
    }
    if !metadata.is_file() {
        return Err(StoreError::WrongKind(path.to_owned(), "file"));
    }
    refuse_others(path, &metadata)?;
    let file = File::open(path).map_err(|error| StoreError::io("read", path, error))?;
    // One allocation of the right size: a buffer that grows leaves copies behind that nobody wipes.
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX).min(1 << 20);
    let mut text = Zeroizing::new(String::with_capacity(size + 1));
    file.take(1 << 20).read_to_string(&mut text).map_err(|error| StoreError::io("read", path, error))?;
    Ok(text)
}

fn put(file: &mut File, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    file.write_all(bytes).map_err(|error| StoreError::io("write", path, error))
}

/// Writes a file with what `write` puts into it, whole or not at all.
pub(in crate::store) fn write_with(
    path: &Path,
    existing: Existing,
    audience: Audience,
    write: impl FnOnce(&mut File) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    remove_leftovers(path, "tmp");
    if existing == Existing::Keep && fs::symlink_metadata(path).is_ok() {
        return Err(StoreError::FileExists(path.to_owned()));
    }
    if is_channel(path) {
        return match audience {
            Audience::Owner => Err(StoreError::WrongKind(path.to_owned(), "file")),
            Audience::Everybody => {
                let file = OpenOptions::new().write(true).open(path);
                write(&mut file.map_err(|error| StoreError::io("write", path, error))?)
            }
        };
    }
    let (mut file, beside) = create_beside(path, audience)?;
    write(&mut file)?;
    let result = file.sync_all().and_then(|()| match existing {
        Existing::Replace => fs::rename(&beside.0, path),
        Existing::Keep => place_new(&beside.0, path),
    });
    result.map_err(|error| {
        let is_taken = error.kind() == io::ErrorKind::AlreadyExists;
        if is_taken { StoreError::FileExists(path.to_owned()) } else { StoreError::io("write", path, error) }
    })?;
    sync_directory(parent(path))
}

/// Whether this leads to a device, a pipe or a socket, such as `/dev/null` or `/dev/stdout`: what a file in its place would take away from
/// everybody else.
fn is_channel(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// Gives the file its name unless the name is taken. A hard link decides that in one step; where the file system has none, looking first is
/// the best there is.
fn place_new(beside: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(beside, path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if fs::symlink_metadata(path).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(beside, path),
    }
}

fn create_beside(path: &Path, audience: Audience) -> Result<(File, Temporary), StoreError> {
    loop {
        let beside = beside(path, "tmp");
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        mode::set(&mut options, audience);
        match options.open(&beside) {
            Ok(file) => {
                mode::exactly(&file, audience).map_err(|error| StoreError::io("write", path, error))?;
                // The lock says that somebody is alive who writes this; a file system without locks loses only that.
                let _ = file.try_lock();
                return Ok((file, Temporary(beside)));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(StoreError::io("write", path, error)),
        }
    }
}

/// A file that is removed when this is dropped, if it still has the name.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // It was renamed, or cannot be removed: neither is news.
        let _ = fs::remove_file(&self.0);
    }
}

/// A directory for its owner alone that is removed when this is dropped, if it still has the name. It is locked as long as its maker lives.
#[derive(Debug)]
pub(in crate::store) struct TemporaryDirectory {
    path: PathBuf,
    _lock: File,
}

impl TemporaryDirectory {
    /// A directory in the same directory as the path. What dead runs left there for this path and ending is removed.
    pub(in crate::store) fn beside(path: &Path, ending: &str) -> Result<Self, StoreError> {
        remove_leftovers(path, ending);
        let path = beside(path, ending);
        create_private_directory(&path)?;
        let lock = File::open(&path).map_err(|error| StoreError::io("read", &path, error))?;
        // A file system without locks only loses the early removal of what is left behind.
        let _ = lock.try_lock();
        Ok(Self { path, _lock: lock })
    }

    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // It was renamed, or cannot be removed: neither is news.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// A name in the same directory that nobody else uses.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or(OsStr::new("file")).to_string_lossy();
    let nanoseconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    parent(path).join(format!(".{name}.{}-{count}-{nanoseconds:x}.{ending}", process::id()))
}

/// Names that [`beside`] gave in earlier runs for this path.
fn leftovers(path: &Path, ending: &str) -> Vec<PathBuf> {
    let name = path.file_name().unwrap_or(OsStr::new("file")).to_string_lossy();
    let (start, end) = (format!(".{name}."), format!(".{ending}"));
    let is_count = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let entries = fs::read_dir(parent(path)).into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let found = entry.file_name();
            let middle = found.to_str().and_then(|found| found.strip_prefix(&start)).and_then(|rest| rest.strip_suffix(&end));
            middle.is_some_and(is_count)
        })
        .map(|entry| entry.path())
        .filter(|found| is_abandoned(found))
        .collect()
}

/// Whether nobody holds it any more: it is not locked, and not made within the last minute.
fn is_abandoned(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let is_young = file
        .metadata()
        .and_then(|metadata| metadata.modified())
        .is_ok_and(|modified| modified.elapsed().unwrap_or(Duration::ZERO) < GRACE);
    !is_young && file.try_lock().is_ok()
}

fn remove_leftovers(path: &Path, ending: &str) {
    for leftover in leftovers(path, ending) {
        // Another process may have removed it first.
        let _ = fs::remove_file(&leftover).or_else(|_| fs::remove_dir_all(&leftover));
    }
}

/// Whether a page of a file can be written in the same directory; nothing stays.
pub(in crate::store) fn try_writing_beside(path: &Path) -> Result<(), StoreError> {
    let (mut file, _removed) = create_beside(path, Audience::Owner)?;
    put(&mut file, path, &[0; 4096])?;
    file.sync_all().map_err(|error| StoreError::io("write", path, error))
}

/// The directory a path lies in.
pub(in crate::store) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Brings the names in a directory to the disk.
pub(in crate::store) fn sync_directory(path: &Path) -> Result<(), StoreError> {
    let synced = File::open(path).and_then(|directory| directory.sync_all());
    synced.map_err(|error| StoreError::io("write", path, error))
}

/// A new empty file for its owner alone.
pub(in crate::store) fn new_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    mode::set(&mut options, Audience::Owner);
    options.open(path)
}

/// A directory for its owner alone.
pub(in crate::store) fn create_private_directory(path: &Path) -> Result<(), StoreError> {
    mode::create_directory(path, false).map_err(|error| StoreError::io("make", path, error))
}

/// The directories above a path, for their owner alone where they have to be made.
pub(in crate::store) fn create_parents(path: &Path) -> Result<(), StoreError> {
    let parent = parent(path);
    mode::create_directory(parent, true).map_err(|error| StoreError::io("make", parent, error))
}

/// Refuses what group or others may read, write or enter.
pub(in crate::store) fn refuse_others(path: &Path, metadata: &fs::Metadata) -> Result<(), StoreError> {
    match mode::of(metadata) {
        mode if mode & 0o077 != 0 => Err(StoreError::OpenToOthers { path: path.to_owned(), mode }),
        _ => Ok(()),
    }
}

mod mode {
    use std::fs;
    use std::fs::DirBuilder;
    use std::fs::File;
    use std::fs::Metadata;
    use std::fs::OpenOptions;
    use std::io;
    use std::os::unix::fs::DirBuilderExt;
    use std::os::unix::fs::OpenOptionsExt;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::Audience;

    pub(super) fn set(options: &mut OpenOptions, audience: Audience) {
        options.mode(match audience {
            Audience::Owner => 0o600,
            Audience::Everybody => 0o644,
        });
    }

    /// A public file is public whatever the umask; a private one was never anything else.
    pub(super) fn exactly(file: &File, audience: Audience) -> io::Result<()> {
        match audience {
            Audience::Owner => Ok(()),
            Audience::Everybody => file.set_permissions(fs::Permissions::from_mode(0o644)),
        }
    }

    pub(super) fn create_directory(path: &Path, recursive: bool) -> io::Result<()> {
        DirBuilder::new().mode(0o700).recursive(recursive).create(path)
    }

    pub(super) fn of(metadata: &Metadata) -> u32 {
        metadata.permissions().mode() & 0o7777
    }
}
