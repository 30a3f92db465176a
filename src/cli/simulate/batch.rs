use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;

use clap::Args;
use clap::ValueEnum;
use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use memchr::memchr_iter;
use memchr::memrchr;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::cli::simulate::audited;
use crate::cli::simulate::broken_expectation;
use crate::cli::simulate::files::FileCache;
use crate::cli::simulate::keys::KeyArgs;
use crate::cli::simulate::sentence;
use crate::diag::SourceMap;
use crate::render;
use crate::render::DecisionLines;
use crate::simulate::Detail;
use crate::simulate::Setting;
use crate::simulate::SignatureMemory;
use crate::simulate::Simulator;
use crate::simulate::Verdict;
use crate::simulate::scenario::Scenario;

/// Put one request per line to the mesh, in order, on every core
///
/// Input is JSON Lines, one scenario each; output is one decision per line. A line that cannot be used yields an error object with
/// its line number and loses no other line. Memory does not grow with the input.
/// Exit code 0: every line was answered and every `expect` holds; 1: an `expect` does not hold; 2: a line was unusable.
/// With `--from-audit` 0: no decision changes; 1: one does; 4: none does, but some hang on what the log did not keep.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct BatchArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// File of scenarios, one JSON object per line, or `-`
    #[arg(value_name = "FILE", default_value = "-")]
    requests: String,
    /// Instead of scenarios, put the decisions of an audit log of `simulate proxy` to these manifests, and write those that would be
    /// others; several files in their order
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["requests", "explain", "jobs"])]
    from_audit: Vec<String>,
    #[command(flatten)]
    keys: KeyArgs,
    /// Also write the trace of each decision
    #[arg(long, help_heading = "Output")]
    explain: bool,
    /// Threads; one per core when absent
    #[arg(short, long, value_name = "N", help_heading = "Output")]
    jobs: Option<NonZero<usize>>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = r#"Examples:
  meshsec simulate batch -f manifests/ requests.jsonl -o jsonl
  meshsec simulate batch -f new-manifests/ --from-audit decisions.jsonl
  echo '{"from":"default/frontend","to":"cartservice.default:7070"}' | meshsec simulate batch -f examples/online-boutique -"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One short line each
    Text,
    /// One array
    Json,
    /// One compact object per line
    Jsonl,
}

impl Format {
    fn form(self) -> audited::Form {
        match self {
            Self::Text => audited::Form::Text,
            Self::Json => audited::Form::Array,
            Self::Jsonl => audited::Form::Lines,
        }
    }
}

/// Bytes of input a worker gets at once.
const CHUNK: usize = 256 * 1024;
/// Longest line that is read.
const LINE_LIMIT: usize = 16 * 1024 * 1024;

/// Memory for lines and answers that is used again by whoever needs some next.
#[derive(Default)]
struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    fn take(&self) -> Vec<u8> {
        self.0.lock().ok().and_then(|mut spare| spare.pop()).unwrap_or_default()
    }

    fn give(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        if let Ok(mut spare) = self.0.lock() {
            spare.push(buffer);
        }
    }
}

/// What one thread answers with.
struct Worker<'m> {
    simulator: Simulator<'m>,
    files: FileCache,
    lines: DecisionLines<'m>,
    format: Format,
    sources: &'m SourceMap,
}

/// Whole lines, and the number of the first.
struct Job {
    lines: Vec<u8>,
    first: u64,
    done: mpsc::SyncSender<Answers>,
}

/// What became of the lines of one job.
#[derive(Default)]
struct Answers {
    output: Vec<u8>,
    broken: Vec<String>,
    tally: Tally,
}

/// Counts over a run.
#[derive(Default)]
struct Tally {
    verdicts: BTreeMap<Verdict, u64>,
    broken: u64,
    unusable: u64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        for (verdict, count) in &other.verdicts {
            *self.verdicts.entry(*verdict).or_default() += count;
        }
        self.broken += other.broken;
        self.unusable += other.unusable;
    }

    fn answered(&self) -> u64 {
        self.verdicts.values().sum()
    }
}

impl BatchArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let loaded = self.manifests.load(env)?;
        let keys = self.keys.load(&loaded.mesh)?;
        if !self.from_audit.is_empty() {
            return audited::run(&self.from_audit, loaded, keys, self.output.form(), env);
        }
        let Loaded { mesh, sources, default_namespace, .. } = loaded;
        let detail = if self.explain { Detail::Trace } else { Detail::Verdict };
        let setting = Setting {
            mesh: &mesh,
            default_namespace: default_namespace.as_deref(),
            now: env.now,
            keys,
            certificate_defect: None,
            detail,
        };
        let threads = self.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get);
        let mut file;
        let Env { stdin, stdout, stderr, .. } = env;
        let input: &mut (dyn BufRead + Send) = if self.requests == "-" {
            &mut **stdin
        } else {
            let opened = File::open(&self.requests).map_err(|source| Error::Read { path: self.requests.clone(), source })?;
            file = BufReader::with_capacity(CHUNK, opened);
            &mut file
        };
        let progress = progress_bar(env.stderr_is_terminal && !env.quiet);
        let base = (self.requests != "-").then_some(self.requests.as_str());
        let mut total = Tally::default();
        let mut separator: &[u8] = if self.output == Format::Json { b"[\n" } else { b"" };
        let (jobs, queue) = mpsc::sync_channel::<Job>(threads * 2);
        let (order, ordered) = mpsc::sync_channel::<mpsc::Receiver<Answers>>(threads * 4);
        let queue = Mutex::new(queue);
        let buffers = Buffers::default();
        let signatures = Arc::new(SignatureMemory::default());
        let read_result = thread::scope(|scope| -> Result<(), Error> {
            for _ in 0..threads {
                scope.spawn(|| {
                    let files = base.map_or_else(FileCache::default, FileCache::beside);
                    let lines = DecisionLines::new(&sources);
                    let simulator = Simulator::new(setting.clone()).sharing(Arc::clone(&signatures));
                    Worker { simulator, files, lines, format: self.output, sources: &sources }.work(&queue, &buffers);
                });
            }
            let reader = scope.spawn({
                let buffers = &buffers;
                move || read_jobs(input, &jobs, &order, buffers)
            });
            for receiver in &ordered {
                let Ok(answers) = receiver.recv() else { continue };
                if !env.quiet && !answers.output.is_empty() {
                    stdout.write_all(separator)?;
                    stdout.write_all(&answers.output)?;
                    stdout.flush()?;
                    separator = if self.output == Format::Json { b",\n" } else { b"" };
                }
                for line in &answers.broken {
                    progress.suspend(|| writeln!(stderr, "{line}"))?;
                }
                total.add(&answers.tally);
                buffers.give(answers.output);
                progress.set_position(total.answered());
            }
            // The reader only panics if a lock is poisoned, which no code here can cause.
            reader.join().unwrap_or(Ok(())).map_err(|source| Error::Read { path: self.requests.clone(), source })
        });
        progress.finish_and_clear();
        read_result?;
        if self.output == Format::Json && !env.quiet {
            env.stdout.write_all(if separator == b"[\n" { b"[]\n" } else { b"\n]\n" })?;
        }
        if !env.quiet {
            writeln!(env.stderr, "{}", summary(&total))?;
        }
        Ok(match (total.unusable, total.broken) {
            (0, 0) => Outcome::Yes,
            (0, _) => Outcome::No,
            _ => Outcome::Invalid,
        })
    }
}

fn progress_bar(is_shown: bool) -> ProgressBar {
    let bar =
        ProgressBar::with_draw_target(None, if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} decisions, {per_sec}, {elapsed}") {
        bar.set_style(style);
    }
    bar
}

fn summary(total: &Tally) -> String {
    let verdicts: Vec<String> = total.verdicts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    let mut text = format!("{} answered", total.answered());
    if !verdicts.is_empty() {
        text = format!("{text}: {}", verdicts.join(", "));
    }
    if total.broken > 0 {
        text = format!("{text}; {} expectations do not hold", total.broken);
    }
    if total.unusable > 0 {
        text = format!("{text}; {} lines were unusable", total.unusable);
    }
    text
}

/// Cuts the input into jobs of whole lines, as much as is there at once, so that a slow writer gets its answers at once.
fn read_jobs(
    input: &mut (dyn BufRead + Send),
    jobs: &mpsc::SyncSender<Job>,
    order: &mpsc::SyncSender<mpsc::Receiver<Answers>>,
    buffers: &Buffers,
) -> io::Result<()> {
    let mut first = 1;
    let mut pending: Vec<u8> = Vec::new();
    loop {
        let available = input.fill_buf()?;
        let is_end = available.is_empty();
        let length = available.len();
        let cut = if is_end { pending.len() } else { memrchr(b'\n', available).map_or(0, |at| pending.len() + at + 1) };
        pending.extend_from_slice(available);
        input.consume(length);
        if cut == 0 && !is_end {
            if pending.len() > LINE_LIMIT {
                return Err(io::Error::other(format!("line {first} is longer than {} MiB", LINE_LIMIT >> 20)));
            }
            continue;
        }
        let mut rest = buffers.take();
        rest.extend(pending.drain(cut..));
        let lines = std::mem::replace(&mut pending, rest);
        let count = memchr_iter(b'\n', &lines).count() as u64;
        if !lines.is_empty() {
            let (done, answers) = mpsc::sync_channel(1);
            // Sending fails only when the writer gave up, and then nobody wants the rest.
            if order.send(answers).is_err() || jobs.send(Job { lines, first, done }).is_err() {
                return Ok(());
            }
        }
        first += count;
        if is_end {
            return Ok(());
        }
    }
}

impl Worker<'_> {
    fn work(mut self, queue: &Mutex<mpsc::Receiver<Job>>, buffers: &Buffers) {
        loop {
            let Ok(job) = queue.lock().map_or(Err(mpsc::RecvError), |queue| queue.recv()) else { return };
            let mut answers = Answers { output: buffers.take(), ..Answers::default() };
            let mut start = 0;
            for (number, end) in (job.first..).zip(memchr_iter(b'\n', &job.lines).chain([job.lines.len()])) {
                // What follows the last line end is a line only when there is something.
                if end == job.lines.len() && start == end {
                    break;
                }
                self.answer(job.lines.get(start..end).unwrap_or_default(), number, &mut answers);
                start = end + 1;
            }
            buffers.give(job.lines);
            if self.format == Format::Json {
                while answers.output.last().is_some_and(|byte| matches!(byte, b'\n' | b',')) {
                    answers.output.pop();
                }
            }
            if job.done.send(answers).is_err() {
                return;
            }
        }
    }

    fn answer(&mut self, line: &[u8], number: u64, answers: &mut Answers) {
        let Self { simulator, files, lines, format, sources } = self;
        let parsed = std::str::from_utf8(line).map_err(|_| "the line is no UTF-8 text".to_owned()).and_then(|text| {
            Scenario::from_json(text).map_err(|error| match error.suggestion {
                Some(name) => format!("{}; did you mean `{name}`?", error.message),
                None => error.message,
            })
        });
        let result = parsed.and_then(|scenario| {
            let mut decision = simulator.answer(&scenario, files).map_err(|error| match error.help() {
                Some(help) => format!("{}; {help}", sentence(&error, sources)),
                None => sentence(&error, sources),
            })?;
            decision.expectation_failed = scenario.expect.as_ref().and_then(|expect| broken_expectation(expect, &decision));
            Ok(decision)
        });
        let out = &mut answers.output;
        // Writing into memory cannot fail, so its results carry nothing.
        let _ = match result {
            Ok(decision) => {
                *answers.tally.verdicts.entry(decision.verdict).or_default() += 1;
                if let Some(broken) = &decision.expectation_failed {
                    answers.tally.broken += 1;
                    let name = decision.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
                    answers.broken.push(format!("line {number}{name}: {broken}"));
                }
                match format {
                    Format::Text => render::decision_line(out, number, &decision),
                    Format::Json | Format::Jsonl => {
                        lines.write(out, &decision);
                        Ok(())
                    }
                }
            }
            Err(message) => {
                answers.tally.unusable += 1;
                match format {
                    Format::Text => render::error_line(out, number, &message),
                    Format::Json | Format::Jsonl => render::error_json(out, number, &message),
                }
            }
        };
        out.extend_from_slice(if *format == Format::Json { b",\n" } else { b"\n" });
    }
}
