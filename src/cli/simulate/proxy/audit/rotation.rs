//! A log file that gives way to a new one when it is full. Lines are whole in every file.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;

/// When a file is full, and how many full ones are kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rotation {
    pub(super) max_size: u64,
    pub(super) keep: u32,
}

/// The file that is written, `audit.jsonl`; older ones are `audit.jsonl.1`, `audit.jsonl.2` and so on.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    rotation: Option<Rotation>,
    /// The last line has no end: a write, or the program that wrote it, was cut short.
    is_torn: bool,
}

/// What became of some lines.
pub(super) struct Failure {
    /// The lines that are not in the file.
    pub(super) lost: usize,
    pub(super) error: io::Error,
}

impl LogFile {
    /// Opens the file for lines to come after those that are there.
    pub(super) fn open(path: &Path, rotation: Option<Rotation>) -> io::Result<Self> {
        let file = create(path)?;
        let facts = file.metadata()?;
        let size = if facts.is_file() { facts.len() } else { 0 };
        let is_torn = size > 0 && !ends_with_line_end(path)?;
        // Only a file can make room for another one.
        Ok(Self { path: path.to_owned(), file, size, rotation: rotation.filter(|_| facts.is_file()), is_torn })
    }

    /// Appends whole lines. What cannot be written is told with the number of lines that are not there.
    pub(super) fn append(&mut self, lines: &[Vec<u8>]) -> Result<(), Failure> {
        let mut rest = lines;
        while !rest.is_empty() {
            let fitting = self.fitting(rest);
            if fitting == 0 {
                self.rotate().map_err(|error| Failure { lost: rest.len(), error })?;
                continue;
            }
            let (now, later) = rest.split_at_checked(fitting).unwrap_or((rest, &[]));
            self.write(now).map_err(|Failure { lost, error }| Failure { lost: lost + later.len(), error })?;
            rest = later;
        }
        Ok(())
    }

    /// How many of these lines the file takes. A line that fits into no file has one of its own.
    fn fitting(&self, lines: &[Vec<u8>]) -> usize {
        let Some(Rotation { max_size, .. }) = self.rotation else { return lines.len() };
        let mut size = self.size + u64::from(self.is_torn);
        let mut count = 0;
        for line in lines {
            let length = line.len() as u64;
            if size > 0 && size + length > max_size {
                break;
            }
            size += length;
            count += 1;
        }
        count
    }

    fn write(&mut self, lines: &[Vec<u8>]) -> Result<(), Failure> {
        let mut bytes = Vec::with_capacity(lines.iter().map(Vec::len).sum::<usize>() + 1);
        if self.is_torn {
            bytes.push(b'\n');
        }
        let mut ends = Vec::with_capacity(lines.len());
        for line in lines {
            bytes.extend_from_slice(line);
            ends.push(bytes.len());
        }
        let (written, result) = write_all(&mut self.file, &bytes);
        self.size += written as u64;
        match result {
            Ok(()) => {
                self.is_torn = false;
                Ok(())
            }
            Err(error) => {
                let whole = ends.iter().filter(|end| **end <= written).count();
                self.is_torn = if written == 0 { self.is_torn } else { bytes.get(written - 1) != Some(&b'\n') };
                Err(Failure { lost: lines.len() - whole, error })
            }
        }
    }

    /// Every older file moves on by one, and a new one begins.
    fn rotate(&mut self) -> io::Result<()> {
        let Some(Rotation { keep, .. }) = self.rotation else { return Ok(()) };
        for number in (1..keep).rev() {
            move_if_there(&self.numbered(number), &self.numbered(number + 1))?;
        }
        if keep == 0 {
            fs::remove_file(&self.path)?;
        } else {
            fs::rename(&self.path, self.numbered(1))?;
        }
        self.file = create(&self.path)?;
        self.size = 0;
        self.is_torn = false;
        Ok(())
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }

    /// Brings what was written to the disk, where it is one.
    pub(super) fn sync(&self) -> io::Result<()> {
        if self.file.metadata()?.is_file() { self.file.sync_all() } else { Ok(()) }
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

fn ends_with_line_end(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == [b'\n'])
}

fn move_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Writes as much as can be, and says how much that was.
fn write_all(file: &mut File, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match file.write(rest) {
            Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
            Ok(length) => written += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (written, Err(error)),
        }
    }
    (written, Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(numbers: std::ops::Range<u32>) -> Vec<Vec<u8>> {
        numbers.map(|number| format!("{number:03}\n").into_bytes()).collect()
    }

    #[test]
    fn files_give_way_at_line_ends_and_the_oldest_goes() {
        for (keep, expected) in [
            (0, vec!["008\n009\n"]),
            (1, vec!["008\n009\n", "004\n005\n006\n007\n"]),
            (3, vec!["008\n009\n", "004\n005\n006\n007\n", "000\n001\n002\n003\n"]),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("log");
            let mut log = LogFile::open(&path, Some(Rotation { max_size: 17, keep })).unwrap();
            log.append(&lines(0..3)).ok().unwrap();
            log.append(&lines(3..10)).ok().unwrap();
            let found: Vec<String> = [path.clone()]
                .into_iter()
                .chain((1..9).map(|number| log.numbered(number)))
                .filter_map(|path| fs::read_to_string(path).ok())
                .collect();
            assert_eq!(found, expected, "keep {keep}");
        }
    }

    #[test]
    fn a_line_that_fits_nowhere_has_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = LogFile::open(&path, Some(Rotation { max_size: 5, keep: 9 })).unwrap();
        log.append(&[b"a\n".to_vec(), b"much longer\n".to_vec(), b"b\n".to_vec()]).ok().unwrap();
        let found: Vec<String> =
            [path.clone(), log.numbered(1), log.numbered(2)].map(|path| fs::read_to_string(path).unwrap()).to_vec();
        assert_eq!(found, ["b\n", "much longer\n", "a\n"]);
    }

    #[test]
    fn lines_do_not_grow_together_with_one_that_was_cut_short() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "whole\ncut sho").unwrap();
        LogFile::open(&path, None).unwrap().append(&lines(0..1)).ok().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole\ncut sho\n000\n");
    }

    #[test]
    fn what_is_not_written_is_counted() {
        let mut log = LogFile::open(Path::new("/dev/full"), Some(Rotation { max_size: 1, keep: 1 })).unwrap();
        let failure = log.append(&lines(0..3)).unwrap_err();
        assert_eq!((failure.lost, failure.error.kind()), (3, io::ErrorKind::StorageFull));
    }
}
