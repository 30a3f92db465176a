use std::fs;
use std::fs::DirBuilder;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::store::StoreError;

/// Link to the directory of the current version, as kubelet names it.
const CURRENT: &str = "..data";
/// A directory that is made and removed again; it looks like a version, so the next one clears it away should it stay.
const PROBE: &str = "..probe";
/// More than any file of an identity has.
const LIMIT: u64 = 1 << 20;
/// How often files are read again because another version took their place.
const ATTEMPTS: u32 = 100;

/// One file of a published directory.
#[derive(Debug)]
pub struct PublishedFile<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
    /// Whether only the owner may read it.
    pub is_private: bool,
}

/// Writes files that belong together, so that a reader finds all of the old version or all of the new one, never a mixture.
///
/// The layout is that of a volume mounted by kubelet, which Envoy (`watched_directory`) and Istio's agent watch:
///
/// ```text
/// certs/..<version>/key.pem ..    the files
/// certs/..data -> ..<version>     replaced by one rename
/// certs/key.pem -> ..data/key.pem
/// ```
///
/// `version` names the new directory and must not have been used before. Foreign files of the same names are replaced only with
/// `overwrite`. The old version is removed after the switch.
///
/// # Errors
/// When foreign files are in the way, or the file system refuses; the old version is then still in place.
pub fn publish(directory: &Path, version: &str, files: &[PublishedFile<'_>], overwrite: bool) -> Result<(), StoreError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| StoreError::io("write", &path, source)
    };
    let is_new = fs::symlink_metadata(directory).is_err();
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed(directory))?;
    let handle = File::open(directory).map_err(failed(directory))?;
    // Held until the end: two writers take turns.
    handle.lock().map_err(failed(directory))?;
    if !overwrite {
        require_own(directory, &files.iter().map(|file| file.name).collect::<Vec<_>>())?;
    }
    let name = format!("..{version}");
    let folder = directory.join(&name);
    let made = DirBuilder::new().mode(0o700).create(&folder).map_err(|error| (folder.clone(), error));
    let result = made.and_then(|()| fill(&folder, files)).and_then(|()| switch(directory, &name));
    if let Err((path, source)) = result {
        // What cannot be removed either is not the news; a directory that was there before stays, as does one that somebody else uses.
        let _ = fs::remove_dir_all(&folder);
        if is_new {
            let _ = fs::remove_dir(directory);
        }
        return Err(StoreError::io("write", &path, source));
    }
    for file in files {
        let path = directory.join(file.name);
        let target = Path::new(CURRENT).join(file.name);
        if fs::read_link(&path).is_ok_and(|found| found == target) {
            continue;
        }
        replace_by_link(&path, &target).map_err(failed(&path))?;
    }
    remove_other_links(directory, files);
    handle.sync_all().map_err(failed(directory))?;
    remove_others(directory, &name);
    Ok(())
}

/// Reads files of a directory, all from one version, also while another one takes its place; none for a file that is not there.
///
/// Files that stand there without versions are read as they are.
///
/// # Errors
/// When a file cannot be read, or versions follow each other faster than they can be read.
pub fn read_published<const N: usize>(directory: &Path, names: [&str; N]) -> Result<[Option<Zeroizing<Vec<u8>>>; N], StoreError> {
    let current = || fs::read_link(directory.join(CURRENT)).ok();
    for _ in 0..ATTEMPTS {
        let version = current();
        let folder = version.as_ref().map_or_else(|| directory.to_owned(), |version| directory.join(version));
        let read = names.map(|name| read_file(&folder.join(name)));
        // A version is removed only after the next one took its place: while it is the current one, all of it is there.
        if current() == version {
            let mut files = [const { None }; N];
            for (file, read) in files.iter_mut().zip(read) {
                *file = read?;
            }
            return Ok(files);
        }
    }
    Err(StoreError::io("read", directory, io::ErrorKind::ResourceBusy.into()))
}

fn read_file(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io("read", path, error)),
    };
    // One allocation: a buffer that grows leaves copies of a key behind that nobody wipes.
    let size = file.metadata().map_or(0, |metadata| metadata.len()).min(LIMIT);
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
    file.take(LIMIT).read_to_end(&mut bytes).map_err(|error| StoreError::io("read", path, error))?;
    Ok(Some(bytes))
}

/// Refuses a directory in which no new version could be made, before anything is signed for it. One that is not there is made by
/// [`publish`], so what counts then is the nearest one above it.
///
/// # Errors
/// [`StoreError::WrongKind`] when it is no directory, or when the file system refuses.
pub fn require_writable(directory: &Path) -> Result<(), StoreError> {
    let existing = directory.ancestors().find(|above| fs::symlink_metadata(above).is_ok());
    let existing = existing.unwrap_or(Path::new("."));
    if !existing.is_dir() {
        return Err(StoreError::WrongKind(existing.to_owned(), "directory"));
    }
    let probe = existing.join(PROBE);
    match DirBuilder::new().mode(0o700).create(&probe) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(StoreError::io("write", existing, error)),
        _ => {
            // Whoever publishes there at the same time may have removed it first.
            let _ = fs::remove_dir(&probe);
            Ok(())
        }
    }
}

/// Refuses a directory in which something else wrote a file of one of these names.
///
/// # Errors
/// [`StoreError::Foreign`] with the first such file.
pub fn require_own(directory: &Path, names: &[&str]) -> Result<(), StoreError> {
    for name in names {
        let path = directory.join(name);
        let is_foreign =
            fs::symlink_metadata(&path).is_ok_and(|_| fs::read_link(&path).ok() != Some(Path::new(CURRENT).join(name)));
        if is_foreign {
            return Err(StoreError::Foreign(path));
        }
    }
    Ok(())
}

fn fill(folder: &Path, files: &[PublishedFile<'_>]) -> Result<(), (PathBuf, io::Error)> {
    for file in files {
        let path = folder.join(file.name);
        let mode = if file.is_private { 0o600 } else { 0o644 };
        let written = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path).and_then(|mut open| {
            open.write_all(file.bytes)?;
            open.sync_all()
        });
        written.map_err(|error| (path, error))?;
    }
    File::open(folder).and_then(|open| open.sync_all()).map_err(|error| (folder.to_owned(), error))
}

fn switch(directory: &Path, name: &str) -> Result<(), (PathBuf, io::Error)> {
    let current = directory.join(CURRENT);
    replace_by_link(&current, Path::new(name)).map_err(|error| (current, error))
}

/// Puts a link in the place of whatever is there, by one rename.
fn replace_by_link(path: &Path, target: &Path) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    symlink(target, &temporary)?;
    fs::rename(&temporary, path)
}

/// Removes the links of earlier versions to files that this one does not have.
fn remove_other_links(directory: &Path, files: &[PublishedFile<'_>]) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = fs::read_link(entry.path()).is_ok_and(|target| target == Path::new(CURRENT).join(&name));
        if is_ours && !files.iter().any(|file| name == file.name) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Removes the versions that nothing points at. What cannot be removed is tried again next time.
fn remove_others(directory: &Path, keep: &str) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_version = name.to_str().is_some_and(|name| name.starts_with("..") && name != keep && name != CURRENT);
        if is_version && entry.file_type().is_ok_and(|found| found.is_dir()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering;

    use super::*;

    fn pair(text: &str) -> [PublishedFile<'_>; 2] {
        [
            PublishedFile { name: "cert-chain.pem", bytes: text.as_bytes(), is_private: false },
            PublishedFile { name: "key.pem", bytes: text.as_bytes(), is_private: true },
        ]
    }

    #[test]
    fn files_are_replaced_together_and_the_old_version_goes() {
        let folder = tempfile::tempdir().unwrap();
        let certs = folder.path().join("a/certs");
        for version in ["1", "2", "3"] {
            publish(&certs, version, &pair(version), false).unwrap();
            for name in ["cert-chain.pem", "key.pem"] {
                assert_eq!(fs::read_to_string(certs.join(name)).unwrap(), version);
            }
        }
        assert_eq!(fs::metadata(certs.join("key.pem")).unwrap().permissions().mode() & 0o777, 0o600);
        let mut names: Vec<_> = fs::read_dir(&certs).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["..3", "..data", "cert-chain.pem", "key.pem"]);
    }

    #[test]
    fn foreign_files_stay_unless_told_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("key.pem"), "mine").unwrap();
        assert!(matches!(publish(folder.path(), "1", &pair("new"), false), Err(StoreError::Foreign(_))));
        assert_eq!(fs::read_to_string(folder.path().join("key.pem")).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else was written");
        publish(folder.path(), "1", &pair("new"), true).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("key.pem")).unwrap(), "new");
    }

    #[test]
    fn a_file_that_the_new_version_does_not_have_leaves_no_link_behind() {
        let folder = tempfile::tempdir().unwrap();
        publish(folder.path(), "1", &pair("1"), false).unwrap();
        fs::write(folder.path().join("notes"), "mine").unwrap();
        let [chain, _] = pair("2");
        publish(folder.path(), "2", &[chain], false).unwrap();
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["..2", "..data", "cert-chain.pem", "notes"]);
    }

    #[test]
    fn a_place_where_no_directory_can_be_is_refused_and_the_probe_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        require_writable(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        require_writable(&folder.path().join("absent/below")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        fs::write(folder.path().join("file"), "").unwrap();
        symlink("nowhere", folder.path().join("link")).unwrap();
        for wrong in ["file", "file/below", "link", "link/below"] {
            let refused = require_writable(&folder.path().join(wrong));
            assert!(matches!(refused, Err(StoreError::WrongKind(..))), "{wrong}: {refused:?}");
        }
    }

    #[test]
    fn a_reader_of_the_current_version_never_sees_a_mixture() {
        let folder = tempfile::tempdir().unwrap();
        let certs = folder.path();
        publish(certs, "v0", &pair("0"), false).unwrap();
        let is_done = AtomicBool::new(false);
        let seen = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut seen = 0;
                while !is_done.load(Ordering::Relaxed) {
                    let [chain, key] = read_published(certs, ["cert-chain.pem", "key.pem"]).unwrap();
                    assert_eq!(chain.unwrap(), key.unwrap());
                    seen += 1;
                }
                seen
            });
            for version in 1..200 {
                publish(certs, &format!("v{version}"), &pair(&version.to_string()), false).unwrap();
            }
            is_done.store(true, Ordering::Relaxed);
            reader.join().unwrap()
        });
        assert!(seen > 0, "the reader never saw a whole version");
    }
}
