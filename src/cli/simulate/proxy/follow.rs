//! Files that are read again when they change, once they stopped changing.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::cli::manifests::ManifestArgs;

/// What was seen of a file. A file that is not there is also something to see.
type Seen = (PathBuf, Option<(SystemTime, u64)>);

/// Files with what was last seen of them.
pub(super) struct Followed {
    used: Vec<Seen>,
    last: Vec<Seen>,
}

impl Followed {
    /// These files are in use now.
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        let used = look(files);
        Self { last: used.clone(), used }
    }

    /// Whether they differ from those in use, and no longer change. They are in use from now on, then.
    pub(super) fn have_changed(&mut self, files: Vec<PathBuf>) -> bool {
        let now = look(files);
        let is_settled = now == self.last;
        self.last = now;
        if !is_settled || self.last == self.used {
            return false;
        }
        self.used.clone_from(&self.last);
        true
    }
}

fn look(files: Vec<PathBuf>) -> Vec<Seen> {
    let seen = |path: &PathBuf| fs::metadata(path).ok().and_then(|facts| Some((facts.modified().ok()?, facts.len())));
    files
        .into_iter()
        .map(|path| {
            let facts = seen(&path);
            (path, facts)
        })
        .collect()
}

/// The files behind manifests, as far as they are files.
pub(super) fn manifest_files(manifests: &ManifestArgs) -> Vec<PathBuf> {
    let names = manifests.read_names(&[]).unwrap_or_default();
    names.into_iter().map(PathBuf::from).chain(manifests.mesh_config_path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        let files = || vec![file.clone()];
        fs::write(&file, "one").unwrap();
        let mut followed = Followed::new(files());
        assert!(!followed.have_changed(files()));
        fs::write(&file, "one and").unwrap();
        assert!(!followed.have_changed(files()), "it may go on");
        fs::write(&file, "one and two").unwrap();
        assert!(!followed.have_changed(files()), "it did go on");
        assert!(followed.have_changed(files()));
        assert!(!followed.have_changed(files()));
        fs::remove_file(&file).unwrap();
        assert!(!followed.have_changed(files()));
        assert!(followed.have_changed(files()));
    }
}
