//! `--audit`: every decision as a line in a file, through a bounded queue.

mod rotation;
mod sample;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;

use clap::Args;
use clap::ValueEnum;
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::cli::error::Error;
use crate::proxy::Kept;
use crate::proxy::Record;
use crate::render;
use rotation::Failure;
use rotation::LogFile;
use rotation::Rotation;
use sample::Sample;

/// Where decisions are kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "Audit")]
pub(super) struct AuditArgs {
    /// Append every decision to this file, one JSON object per line, with the facts it was made on; never a query or a token, and no header
    /// that `--audit-header` does not name. `simulate batch --from-audit` puts it to other manifests
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    /// Begin a new file before this one gets larger: bytes, or with `k`, `M`, `G`. The full one becomes FILE.1, an older one FILE.2 and so on
    #[arg(long, value_name = "SIZE", value_parser = parse_size, requires = "audit")]
    audit_max_size: Option<u64>,
    /// Full files that are kept; the oldest one goes
    #[arg(long, value_name = "N", default_value_t = 5, requires = "audit_max_size")]
    audit_keep: u32,
    /// Percentage of decisions that are kept, chosen by their request id: the same id is kept by every proxy or by none. Each line says so.
    /// A caller that makes up its own request ids chooses with them
    #[arg(long, value_name = "PERCENT", default_value = "100", requires = "audit")]
    audit_sample: Sample,
    /// Also keep this header of each request, as rules see it, so that rules on it can be replayed; repeatable. Never one that holds
    /// credentials
    #[arg(long, value_name = "NAME", requires = "audit")]
    audit_header: Vec<String>,
    /// Also keep the claims of verified tokens, so that rules on them can be replayed
    #[arg(long, requires = "audit")]
    audit_claims: bool,
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
    sample: Sample,
    writer: JoinHandle<()>,
    state: Arc<State>,
    left_out: u64,
    dropping: Episode,
    failing: Episode,
}

#[derive(Default)]
struct State {
    written: AtomicU64,
    /// Not written for lack of room in the queue.
    dropped: AtomicU64,
    /// Not written because the file took no more.
    failed: AtomicU64,
    problem: Mutex<String>,
}

/// Losses that follow each other, told when they begin and when they are over.
#[derive(Default)]
struct Episode {
    since: u64,
    last: u64,
    is_on: bool,
}

impl Episode {
    /// What to tell when so many are lost by now; `is_over` once none is added.
    fn look(&mut self, lost: u64, begins: impl FnOnce() -> String, ends: impl FnOnce(u64) -> String) -> Option<String> {
        let is_more = lost > self.last;
        self.last = lost;
        match (self.is_on, is_more) {
            (false, true) => {
                self.is_on = true;
                Some(begins())
            }
            (true, false) => {
                let count = lost - self.since;
                (self.is_on, self.since) = (false, lost);
                Some(ends(count))
            }
            (true, true) | (false, false) => None,
        }
    }
}

/// Headers that are credentials.
const SECRET: [&str; 5] = ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"];

impl AuditArgs {
    /// What is kept of requests beside what always is.
    pub(super) fn kept(&self) -> Result<Kept, Error> {
        let headers: Vec<String> = self.audit_header.iter().map(|name| name.to_ascii_lowercase()).collect();
        if let Some(secret) = headers.iter().find(|name| SECRET.contains(&name.as_str())) {
            return Err(Error::question(
                format!("`--audit-header {secret}` holds credentials, which are never kept"),
                "name headers that hold no secret".to_owned(),
            ));
        }
        Ok(Kept { headers, claims: self.audit_claims })
    }

    pub(super) fn open(&self) -> Result<Option<AuditLog>, Error> {
        let Some(path) = &self.audit else { return Ok(None) };
        let failed = |source| Error::WriteFile { path: path.display().to_string(), source };
        let rotation = self.audit_max_size.map(|max_size| Rotation { max_size, keep: self.audit_keep });
        let file = LogFile::open(path, rotation).map_err(failed)?;
        let size = usize::try_from(self.audit_queue).unwrap_or(usize::MAX);
        let (lines, queue) = mpsc::channel(size);
        let state = Arc::new(State::default());
        let writer = Writer { file, queue, state: Arc::clone(&state), told: (0, 0) };
        let writer = thread::Builder::new().name("audit".to_owned()).spawn(move || writer.run()).map_err(failed)?;
        Ok(Some(AuditLog {
            lines,
            when_full: self.audit_full,
            sample: self.audit_sample,
            writer,
            state,
            left_out: 0,
            dropping: Episode::default(),
            failing: Episode::default(),
        }))
    }
}

impl AuditLog {
    /// Keeps a decision, unless it is none of those that are kept.
    pub(super) async fn keep(&mut self, record: &Record) {
        if self.sample.takes(record) {
            self.push(render::audit_line(record, self.sample.percent())).await;
        } else {
            self.left_out += 1;
        }
    }

    /// Hands over one line, and waits for room where none may be lost.
    async fn push(&self, line: Vec<u8>) {
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

    /// What is new about decisions that are lost, since the last look.
    pub(super) fn news(&mut self) -> Vec<String> {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let dropping = self.dropping.look(
            count(&self.state.dropped),
            || "the audit log's queue is full: decisions are dropped, and counted".to_owned(),
            |dropped| format!("the audit log's queue has room again: {dropped} decisions were dropped"),
        );
        let failing = self.failing.look(
            count(&self.state.failed),
            || {
                let problem = self.state.problem.lock().map(|problem| problem.clone()).unwrap_or_default();
                format!("the audit log cannot be written: {problem}; decisions are lost until it can")
            },
            |lost| format!("{lost} decisions are not in the audit log; none was lost since"),
        );
        dropping.into_iter().chain(failing).collect()
    }

    /// Whether something is lost that was not told of.
    pub(super) fn has_news(&self) -> bool {
        !self.dropping.is_on && self.state.dropped.load(Ordering::Relaxed) > self.dropping.last
    }

    /// Writes what is left, and says what was written and what was not.
    pub(super) fn close(self) -> String {
        drop(self.lines);
        // The writer has nothing that could panic; what it counted is told in any case.
        let _ = self.writer.join();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut text = format!("audit: {} written", count(&self.state.written));
        for (count, what) in [
            (self.left_out, "not in the sample"),
            (count(&self.state.dropped), "dropped, the queue was full"),
            (count(&self.state.failed), "lost, the file took no more"),
        ] {
            if count > 0 {
                text = format!("{text}; {count} {what}");
            }
        }
        text
    }
}

/// Lines that are written at once, at most.
const BATCH: usize = 64;

/// The thread that writes.
struct Writer {
    file: LogFile,
    queue: mpsc::Receiver<Vec<u8>>,
    state: Arc<State>,
    /// What the log itself tells of decisions that are not in it: dropped, lost.
    told: (u64, u64),
}

impl Writer {
    fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(line) = self.queue.blocking_recv() {
            batch.clear();
            batch.push(line);
            while batch.len() < BATCH
                && let Ok(line) = self.queue.try_recv()
            {
                batch.push(line);
            }
            let failure = self.tell_gap().and_then(|()| self.file.append(&batch)).err();
            // What tells the gap is no decision.
            let lost = failure.as_ref().map_or(0, |failure| failure.lost.min(batch.len()));
            self.state.written.fetch_add((batch.len() - lost) as u64, Ordering::Relaxed);
            self.fail(failure, lost);
        }
        let failure = self.tell_gap().err();
        self.fail(failure, 0);
        let failure = self.file.sync().err().map(|error| Failure { lost: 0, error });
        self.fail(failure, 0);
    }

    /// Where decisions are missing, a line says how many.
    fn tell_gap(&mut self) -> Result<(), Failure> {
        let now = (self.state.dropped.load(Ordering::Relaxed), self.state.failed.load(Ordering::Relaxed));
        if now == self.told {
            return Ok(());
        }
        let line = render::audit_gap(Timestamp::now(), now.0 - self.told.0, now.1 - self.told.1);
        self.file.append(&[line]).map_err(|failure| Failure { lost: usize::MAX, ..failure })?;
        self.told = now;
        Ok(())
    }

    fn fail(&self, failure: Option<Failure>, lost: usize) {
        let Some(Failure { error, .. }) = failure else { return };
        if let Ok(mut problem) = self.state.problem.lock() {
            *problem = error.to_string();
        }
        self.state.failed.fetch_add(lost as u64, Ordering::Relaxed);
    }
}

/// Bytes, thousands, millions or milliards of them.
fn parse_size(text: &str) -> Result<u64, String> {
    let factors = [("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)];
    let (number, factor) = factors
        .iter()
        .find_map(|(suffix, factor)| text.strip_suffix(suffix).map(|number| (number, *factor)))
        .unwrap_or((text, 1_u64));
    let size = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).filter(|size| *size > 0);
    size.ok_or_else(|| "write bytes above 0, or thousands, millions or milliards of them: `4096`, `64k`, `100M`, `1G`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(path: &std::path::Path, when_full: WhenFull) -> AuditArgs {
        AuditArgs {
            audit: Some(path.to_owned()),
            audit_max_size: None,
            audit_keep: 5,
            audit_sample: "100".parse().unwrap(),
            audit_header: Vec::new(),
            audit_claims: false,
            audit_full: when_full,
            audit_queue: 4,
        }
    }

    fn run(future: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
    }

    #[test]
    fn every_line_is_there_when_the_log_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let log = arguments(&path, WhenFull::Block).open().unwrap().unwrap();
        run(async {
            for number in 0..1000 {
                log.push(format!("{number}\n").into_bytes()).await;
            }
        });
        assert_eq!(log.close(), "audit: 1000 written");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, (0..1000).map(|number| format!("{number}\n")).collect::<String>());
    }

    #[test]
    fn a_full_disk_is_told_once_and_counted() {
        let mut log = arguments(std::path::Path::new("/dev/full"), WhenFull::Block).open().unwrap().unwrap();
        run(log.push(b"x\n".to_vec()));
        let mut told = Vec::new();
        while told.is_empty() {
            told = log.news();
        }
        assert!(told[0].starts_with("the audit log cannot be written: No space left"), "{told:?}");
        run(log.push(b"y\n".to_vec()));
        assert_eq!(log.close(), "audit: 0 written; 2 lost, the file took no more");
    }

    /// A pipe that nobody reads takes only so much.
    #[test]
    fn what_is_dropped_is_told_at_once_and_in_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let reader = std::fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
        let mut log = arguments(&path, WhenFull::Drop).open().unwrap().unwrap();
        let line = || [vec![b'x'; 50_000], b"\n".to_vec()].concat();
        let mut pushed = 0;
        while !log.has_news() {
            run(log.push(line()));
            pushed += 1;
        }
        assert_eq!(log.news(), ["the audit log's queue is full: decisions are dropped, and counted"]);
        assert_eq!(log.news(), ["the audit log's queue has room again: 1 decisions were dropped"]);
        let reading = thread::spawn(move || {
            let mut lines = std::io::BufRead::lines(std::io::BufReader::new(reader));
            let mut gaps = Vec::new();
            let mut seen = 0;
            while seen < pushed {
                let line = lines.next().unwrap().unwrap();
                seen += 1;
                if !line.starts_with('x') {
                    gaps.push(line);
                }
            }
            gaps
        });
        let summary = log.close();
        assert_eq!(summary, format!("audit: {} written; 1 dropped, the queue was full", pushed - 1));
        let gaps = reading.join().unwrap();
        assert!(gaps.len() == 1 && gaps[0].contains(r#""notWritten":{"dropped":1,"lost":0}"#), "{gaps:?}");
    }

    #[test]
    fn sizes() {
        for (text, size) in [
            ("1", Some(1)),
            ("64k", Some(64_000)),
            ("2M", Some(2_000_000)),
            ("0", None),
            ("k", None),
            ("1Mi", None),
            ("-1", None),
        ] {
            assert_eq!(parse_size(text).ok(), size, "{text}");
        }
    }
}
