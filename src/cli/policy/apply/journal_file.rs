//! Journals on the disk: `<home>/apply/<id>.json` and, beside it, the lines of what was done.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::apply::Done;
use crate::apply::Journal;
use crate::apply::Progress;
use crate::cli::entropy::SystemEntropy;
use crate::cli::error::Error;
use crate::pki::Entropy;
use crate::store;
use crate::store::Existing;

/// A journal with its file of lines, held by this process alone.
pub(super) struct JournalFile {
    pub(super) journal: Arc<Journal>,
    pub(super) progress: Progress,
    lines: File,
    path: PathBuf,
}

/// A name for a run: when it began, to the millisecond, so that the names of runs are in their order, and a few digits that no other run has.
pub(super) fn new_id(now: Timestamp) -> Result<String, Error> {
    let mut bytes = [0; 3];
    SystemEntropy::new().fill(&mut bytes)?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let time: String = now.strftime("%Y%m%dt%H%M%S%3fz").to_string();
    Ok(format!("{time}-{digits}"))
}

impl JournalFile {
    /// Writes a new journal, before anything is done.
    pub(super) fn create(home: &Path, journal: Journal) -> Result<Self, Error> {
        let folder = home.join("apply");
        let made = fs::DirBuilder::new().mode(0o700).recursive(true).create(&folder);
        made.map_err(|source| Error::WriteFile { path: folder.display().to_string(), source })?;
        let path = folder.join(format!("{}.json", journal.id));
        store::write_private(&path, journal.to_text().as_bytes(), Existing::Keep)?;
        Self::with(path, journal, Progress::default())
    }

    /// Opens the journal of a run; the latest one that has not come to its end when none is named.
    pub(super) fn open(home: &Path, id: Option<&str>, is_undo: bool) -> Result<Self, Error> {
        let folder = home.join("apply");
        let path = match id {
            Some(id) if id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => folder.join(format!("{id}.json")),
            Some(id) => return Err(Error::question(format!("`{id}` names no run"), Some(known(&folder)))),
            None => latest(&folder, is_undo)?,
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::question(format!("there is no run `{}`", id.unwrap_or_default()), Some(known(&folder))));
            }
            Err(source) => return Err(Error::Read { path: path.display().to_string(), source }),
        };
        let journal = Journal::parse(&text)
            .map_err(|error| Error::question(format!("`{}` cannot be used: {error}", path.display()), None))?;
        let progress = read_progress(&path);
        Self::with(path, journal, progress)
    }

    fn with(path: PathBuf, journal: Journal, progress: Progress) -> Result<Self, Error> {
        let lines_path = lines_path(&path);
        let failed = |source| Error::WriteFile { path: lines_path.display().to_string(), source };
        let mut lines = OpenOptions::new().create(true).append(true).mode(0o600).open(&lines_path).map_err(failed)?;
        if lines.try_lock().is_err() {
            return Err(Error::question(
                format!("run `{}` is being worked on by another process", journal.id),
                "wait until it is done".to_owned(),
            ));
        }
        // A line that a killed run did not finish stays alone.
        if fs::read(&lines_path).is_ok_and(|text| text.last().is_some_and(|byte| *byte != b'\n')) {
            lines.write_all(b"\n").map_err(failed)?;
        }
        Ok(Self { journal: Arc::new(journal), progress, lines, path })
    }

    /// Notes what was done.
    pub(super) fn note(&mut self, done: &Done) -> Result<(), Error> {
        let failed = |source| Error::WriteFile { path: lines_path(&self.path).display().to_string(), source };
        self.lines.write_all(done.to_line().as_bytes()).map_err(failed)?;
        if !matches!(done, Done::Step { .. } | Done::Undone { .. }) {
            // What a step did can be seen of its object, so only ends are brought to the disk.
            self.lines.sync_all().map_err(failed)?;
        }
        Ok(())
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn lines_path(journal: &Path) -> PathBuf {
    journal.with_extension("progress")
}

fn read_progress(journal: &Path) -> Progress {
    // Without lines nothing is known to be done, and the cluster is asked.
    Progress::parse(&fs::read_to_string(lines_path(journal)).unwrap_or_default())
}

/// The journals of a folder, the oldest first.
fn journals(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    paths.sort();
    paths
}

/// The latest run that has not come to its end; to take one back, the latest that was not taken back.
fn latest(folder: &Path, is_undo: bool) -> Result<PathBuf, Error> {
    let is_open = |path: &PathBuf| {
        let ended = read_progress(path).ended;
        ended.is_none() || is_undo && ended == Some(crate::apply::State::Finished)
    };
    journals(folder).into_iter().rfind(is_open).ok_or_else(|| {
        let what = if is_undo { "there is no run to take back" } else { "every run has come to its end" };
        Error::question(format!("{what} in `{}`", folder.display()), "name another `--home`".to_owned())
    })
}

fn known(folder: &Path) -> String {
    let names: Vec<String> = journals(folder)
        .iter()
        .rev()
        .take(5)
        .filter_map(|path| path.file_stem().map(|stem| format!("`{}`", stem.to_string_lossy())))
        .collect();
    if names.is_empty() { format!("`{}` holds none", folder.display()) } else { format!("the latest are {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runs_are_in_the_order_of_the_runs() {
        let id = |time: &str| new_id(time.parse().unwrap()).unwrap();
        let ids = [
            id("2026-11-26T12:00:00.001Z"),
            id("2026-11-26T12:00:00.010Z"),
            id("2026-11-26T12:00:00.9Z"),
            id("2026-11-26T12:00:01Z"),
        ];
        assert!(ids.is_sorted(), "{ids:?}");
        assert_ne!(id("2026-11-26T12:00:00Z"), id("2026-11-26T12:00:00Z"));
    }
}
