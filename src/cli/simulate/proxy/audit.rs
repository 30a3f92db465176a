//! `--audit`: every decision as a line in a file, through a bounded queue.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;

use clap::Args;
use clap::ValueEnum;
use tokio::sync::mpsc;

use crate::cli::error::Error;

/// Where decisions are kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "Audit")]
pub(super) struct AuditArgs {
    /// Append every decision to this file, one JSON object per line, with the facts it was made on; never a header or a query
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    /// What happens when decisions come faster than they are written
    #[arg(long, value_enum, default_value_t = WhenFull::Block, value_name = "WHAT", requires = "audit")]
    audit_full: WhenFull,
    /// Decisions that may wait to be written
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000), requires = "audit")]
    audit_queue: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WhenFull {
    /// Requests wait: no decision goes unwritten
    Block,
    /// Decisions are not written, and counted
    Drop,
}

/// A log that is written by a thread of its own.
pub(super) struct AuditLog {
    lines: mpsc::Sender<Vec<u8>>,
    when_full: WhenFull,
    writer: JoinHandle<()>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    written: AtomicU64,
    /// Not written for lack of room in the queue.
    dropped: AtomicU64,
    /// Not written because the file took no more.
    failed: AtomicU64,
    problem: Mutex<Option<String>>,
}

impl AuditArgs {
    pub(super) fn open(&self) -> Result<Option<AuditLog>, Error> {
        let Some(path) = &self.audit else { return Ok(None) };
        let name = path.display().to_string();
        let failed = |source| Error::WriteFile { path: name.clone(), source };
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(failed)?;
        let size = usize::try_from(self.audit_queue).unwrap_or(usize::MAX);
        let (lines, queue) = mpsc::channel(size);
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let writer = thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || write_all(file, queue, &shared))
            .map_err(|source| Error::WriteFile { path: path.display().to_string(), source })?;
        Ok(Some(AuditLog { lines, when_full: self.audit_full, writer, state }))
    }
}

impl AuditLog {
    /// Hands over one line, and waits for room where none may be lost.
    pub(super) async fn push(&self, line: Vec<u8>) {
        match self.when_full {
            // The writer ends only when this log does.
            WhenFull::Block => drop(self.lines.send(line).await),
            WhenFull::Drop => {
                if self.lines.try_send(line).is_err() {
                    self.state.dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// What went wrong since the last look.
    pub(super) fn problem(&self) -> Option<String> {
        self.state.problem.lock().ok().and_then(|mut problem| problem.take())
    }

    /// Writes what is left, and says what was written and what was not.
    pub(super) fn close(self) -> String {
        drop(self.lines);
        // The writer has nothing that could panic; what it counted is told in any case.
        let _ = self.writer.join();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut text = format!("audit: {} written", count(&self.state.written));
        for (counter, what) in
            [(&self.state.dropped, "dropped, the queue was full"), (&self.state.failed, "lost, the file took no more")]
        {
            if count(counter) > 0 {
                text = format!("{text}; {} {what}", count(counter));
            }
        }
        text
    }
}

/// Bytes that are written at once, about.
const BATCH: usize = 64 * 1024;

fn write_all(mut file: File, mut queue: mpsc::Receiver<Vec<u8>>, state: &State) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut is_torn = false;
    while let Some(line) = queue.blocking_recv() {
        batch.clear();
        if is_torn {
            batch.push(b'\n');
        }
        batch.extend_from_slice(&line);
        let mut lines = 1;
        while batch.len() < BATCH
            && let Ok(line) = queue.try_recv()
        {
            batch.extend_from_slice(&line);
            lines += 1;
        }
        match write_batch(&mut file, &batch) {
            Ok(()) => {
                is_torn = false;
                state.written.fetch_add(lines, Ordering::Relaxed);
            }
            Err((error, written)) => {
                is_torn |= written > 0;
                state.failed.fetch_add(lines, Ordering::Relaxed);
                if let Ok(mut problem) = state.problem.lock() {
                    *problem = Some(error.to_string());
                }
            }
        }
    }
}

/// Writes everything, or says how much of it was.
fn write_batch(file: &mut File, batch: &[u8]) -> Result<(), (io::Error, usize)> {
    let mut written = 0;
    while let Some(rest) = batch.get(written..).filter(|rest| !rest.is_empty()) {
        match file.write(rest) {
            Ok(0) => return Err((io::ErrorKind::WriteZero.into(), written)),
            Ok(length) => written += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((error, written)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &std::path::Path, when_full: WhenFull) -> AuditLog {
        AuditArgs { audit: Some(path.to_owned()), audit_full: when_full, audit_queue: 4 }.open().unwrap().unwrap()
    }

    #[test]
    fn every_line_is_there_when_the_log_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let log = open(&path, WhenFull::Block);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for number in 0..1000 {
                log.push(format!("{number}\n").into_bytes()).await;
            }
        });
        assert_eq!(log.close(), "audit: 1000 written");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, (0..1000).map(|number| format!("{number}\n")).collect::<String>());
    }

    #[test]
    fn a_full_disk_is_told_and_counted() {
        let log = open(std::path::Path::new("/dev/full"), WhenFull::Block);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(log.push(b"x\n".to_vec()));
        let state = Arc::clone(&log.state);
        assert_eq!(log.close(), "audit: 0 written; 1 lost, the file took no more");
        assert!(state.problem.lock().unwrap().as_ref().unwrap().contains("No space left"));
    }
}
