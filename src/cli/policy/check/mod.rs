//! `policy check`: the linter.

mod config;
mod fixing;
#[cfg(all(feature = "cluster", feature = "store"))]
pub(super) mod gate;
mod ignoring;
mod origins;
mod output;
mod show_config;
mod watch;

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use clap::Args;
use clap::ValueEnum;
use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::ManifestArgs;
use crate::cli::manifests::Sources;
use crate::cli::policy::check::config::Settings;
use crate::cli::policy::check::origins::Origins;
use crate::cli::policy::check::output::Output;
use crate::cli::text_file;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint;
use crate::lint::Report;
use crate::lint::baseline::Baseline;
use crate::manifest::codes;
use crate::manifest::kinds::MeshConfig;
use crate::mesh::BuildOptions;

/// Find what is wrong in manifests, and what will surprise, before they are applied
///
/// Says for every policy whether `kubectl apply` would go through (the API server's schema and istiod's webhook), and what it then does that
/// its author did not mean. Exit code 0: nothing at or above --fail-on; 1: something; 2: a file or document could not be read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct CheckArgs {
    #[command(flatten)]
    origins: Origins,
    /// Files, directories (read to the bottom), globs, or `-` for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    #[command(flatten)]
    manifests: ManifestArgs,
    /// Format, optionally with a file (`sarif=out.sarif`): text, short, json, sarif, junit, github, gitlab, checkstyle; repeatable
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]", default_value = "text", help_heading = "Output")]
    outputs: Vec<Output>,
    /// Show findings of level info too
    #[arg(long, help_heading = "Output")]
    info: bool,
    /// End with a table of rules and how often each was found
    #[arg(long, help_heading = "Output")]
    statistics: bool,
    /// Print the settings and levels that hold, and where each comes from; with --info every rule, with `-o json` as JSON
    #[arg(long, help_heading = "Output")]
    show_config: bool,
    /// Print the JSON schema of `-o json` and do nothing else
    #[arg(long, help_heading = "Output")]
    schema: bool,
    /// Lowest level that makes the exit code 1
    #[arg(long, value_enum, value_name = "LEVEL", env = "MESHSEC_FAIL_ON", help_heading = "Levels")]
    fail_on: Option<FailOn>,
    /// Exit with 1 when there are more warnings than this
    #[arg(long, value_name = "N", help_heading = "Levels")]
    max_warnings: Option<usize>,
    /// Exit with 0 whatever is found
    #[arg(long, help_heading = "Levels")]
    exit_zero: bool,
    /// Exit with 4 when something could not be told for want of input
    #[arg(long, help_heading = "Levels")]
    require_facts: bool,
    /// Where levels start from
    #[arg(long, value_enum, env = "MESHSEC_PRESET", help_heading = "Levels")]
    preset: Option<PresetFlag>,
    /// Only these rules: codes, starts of codes or names, separated by commas; repeatable
    #[arg(long, value_name = "RULES", value_delimiter = ',', env = "MESHSEC_SELECT", help_heading = "Levels")]
    select: Vec<String>,
    /// Not these rules
    #[arg(long, value_name = "RULES", value_delimiter = ',', env = "MESHSEC_IGNORE", help_heading = "Levels")]
    ignore: Vec<String>,
    /// Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward
    #[arg(long, value_name = "FILE", env = "MESHSEC_CONFIG", help_heading = "Levels")]
    config: Option<String>,
    /// Namespace that is complete in what is given; repeatable
    #[arg(long = "known-namespace", value_name = "NAMESPACE", help_heading = "Levels")]
    known_namespaces: Vec<String>,
    /// Findings that are known and do not count
    #[arg(long, value_name = "FILE", help_heading = "Adoption")]
    baseline: Option<String>,
    /// Write what is found to the baseline (`meshsec-baseline.json` unless --baseline names another)
    #[arg(long, help_heading = "Adoption")]
    write_baseline: bool,
    /// Take out of the baseline what is found no more
    #[arg(long, requires = "baseline", help_heading = "Adoption")]
    prune_baseline: bool,
    /// Suppress, by comments in the files, what these rules find today; needs --reason
    #[arg(long, value_name = "RULES", value_delimiter = ',', requires = "reason", conflicts_with_all = ["fix", "watch"], help_heading = "Adoption")]
    add_ignore: Vec<String>,
    /// Why these suppressions are right; may end in `until 2027-01-31`
    #[arg(long, value_name = "TEXT", requires = "add_ignore", help_heading = "Adoption")]
    reason: Option<String>,
    /// Honour the annotations that silence `istioctl analyze` and Kiali, for the rules that stand for their codes
    #[arg(long, help_heading = "Adoption")]
    honor_peers: bool,
    /// Repair what is mechanical, in the files; comments and layout stay
    #[arg(long, help_heading = "Repair")]
    fix: bool,
    /// Show the repairs as a diff and write nothing
    #[arg(long, requires = "fix", help_heading = "Repair")]
    diff: bool,
    /// Also repairs that guess or change which requests pass
    #[arg(long, requires = "fix", help_heading = "Repair")]
    unsafe_fixes: bool,
    /// Check again whenever a file changes
    #[arg(long, conflicts_with = "fix", help_heading = "Repair")]
    watch: bool,
}

const EXAMPLES: &str = "Examples:
  meshsec policy check examples/online-boutique
  helm template . | meshsec policy check -
  meshsec policy check deploy/ -o text -o sarif=meshsec.sarif -o junit=report.xml
  meshsec policy check deploy/ --fail-on warning --select MS1,MS3 --ignore MS329 --statistics
  meshsec policy check deploy/ --fix --diff
  meshsec policy check deploy/ --add-ignore MS140 --reason 'probes until 2027-01-31'
  meshsec policy check deploy/ --show-config

Exit codes: 0 nothing at or above --fail-on; 1 something; 2 a file or document could not be read; 4 --require-facts and facts are missing";

/// Where a baseline is kept unless the user names a file.
const BASELINE_FILE: &str = "meshsec-baseline.json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

impl FailOn {
    fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Never => "never",
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PresetFlag {
    /// Only what the API server and istiod refuse or warn about
    Admission,
    /// Every rule at its own level
    Default,
    /// Every rule above info as an error
    Strict,
    /// Every rule at its own level, also those that are off unless they are asked for
    All,
}

impl CheckArgs {
    pub(in crate::cli) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        if self.schema {
            return output::schema(env);
        }
        if self.show_config {
            let settings = Settings::load(&self)?;
            return show_config::run(&self, &settings, env);
        }
        if self.paths.is_empty() && !self.manifests.is_given() {
            return Err(Error::question(
                "no manifests were given",
                "name files or directories, `-` for standard input, a kustomization with `-k`, or take the live mesh with `--cluster`".to_owned(),
            ));
        }
        if self.watch && self.manifests.is_live() {
            return Err(Error::question("`--watch` looks at files, and a cluster is none", "leave out `--cluster`".to_owned()));
        }
        output::check_targets(&self.outputs)?;
        let settings = Settings::load(&self)?;
        if self.watch {
            return watch::run(&self, &settings, env);
        }
        let mut input = self.read(&settings, env)?;
        let started = Instant::now();
        let mut report = self.check(&input, &settings, env, started);
        if self.fix {
            report = fixing::run(&self, &settings, &mut input, report, env)?;
        }
        if !self.add_ignore.is_empty() {
            report = ignoring::run(&self, &settings, &mut input, &report, env)?;
        }
        self.settle(&mut report, &settings, env)?;
        for target in &self.outputs {
            target.write(&report, &input.read.map, &self, self.threshold(&settings), env)?;
        }
        Ok(self.outcome(&report, &input, &settings, env))
    }

    /// Reads the files and the mesh configuration.
    fn read(&self, settings: &Settings, env: &mut Env<'_>) -> Result<Input, Error> {
        let mut read = self.manifests.read_sources(&self.paths, env, true)?;
        read.warn(env)?;
        let (mut mesh_config, mut findings) = self.manifests.read_mesh_config(&mut read.map)?;
        if mesh_config.is_none()
            && findings.is_empty()
            && let Some(text) = &settings.mesh_config
        {
            let id = read.map.add(settings.name.clone().unwrap_or_default(), text.as_str());
            (mesh_config, findings) = crate::manifest::read_mesh_config(id, text);
        }
        if let Some(error) = findings.iter().find(|finding| finding.is_error()) {
            return Err(Error::question(
                format!("the mesh configuration cannot be used: {}", error.headline),
                error.help.clone(),
            ));
        }
        let mut features = settings.features.clone();
        features.extend(self.manifests.parse_features()?);
        Ok(Input { read, mesh_config, features })
    }

    fn options<'a>(&'a self, input: &'a Input, settings: &'a Settings, env: &Env<'_>) -> lint::Options<'a> {
        lint::Options {
            mesh: BuildOptions {
                default_namespace: input.read.default_namespace(&self.manifests),
                features: input.features.clone(),
                mesh_config: input.mesh_config.as_ref(),
                unread: input.read.unread.clone(),
            },
            levels: &settings.levels,
            known_namespaces: &settings.known_namespaces,
            assume_admitted: self.manifests.assume_admitted,
            now: env.now,
            threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            progress: &|| (),
        }
    }

    /// Checks, with a bar on a terminal once it takes longer than half a second.
    fn check(&self, input: &Input, settings: &Settings, env: &Env<'_>, started: Instant) -> Report {
        let Sources { map: sources, ids, .. } = &input.read;
        let is_shown = env.stderr_is_terminal && !env.quiet;
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_length(ids.len() as u64);
        let done = AtomicUsize::new(0);
        let progress = || {
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if is_shown && started.elapsed() > Duration::from_millis(500) {
                bar.set_position(done as u64);
            }
        };
        let report = thread::scope(|scope| {
            let (finish, finished) = std::sync::mpsc::channel::<()>();
            let bar = &bar;
            scope.spawn(move || {
                if is_shown
                    && finished
                        .recv_timeout(Duration::from_millis(500))
                        .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
                {
                    bar.set_draw_target(target);
                }
            });
            let options = lint::Options { progress: &progress, ..self.options(input, settings, env) };
            let report = lint::check(sources, ids, &options);
            drop(finish);
            report
        });
        bar.finish_and_clear();
        report
    }

    /// Applies the baseline, and writes it when asked to.
    fn settle(&self, report: &mut Report, settings: &Settings, env: &mut Env<'_>) -> Result<(), Error> {
        let path = self.baseline.as_deref().or(settings.baseline.as_deref());
        if self.write_baseline {
            let path = path.unwrap_or(BASELINE_FILE);
            let baseline = Baseline::of(report);
            write_baseline(path, &baseline)?;
            if !env.quiet {
                let count: usize = baseline.findings.values().map(|entry| entry.count).sum();
                writeln!(env.stderr, "{count} findings written to `{path}`")?;
            }
            baseline.apply(report);
            return Ok(());
        }
        let Some(path) = path else { return Ok(()) };
        let text = fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        let mut baseline: Baseline = serde_json::from_str(&text).map_err(|error| {
            Error::question(format!("`{path}` is no baseline: {error}"), "write a new one with --write-baseline".to_owned())
        })?;
        if baseline.schema_version != lint::baseline::SCHEMA_VERSION {
            return Err(Error::question(
                format!("`{path}` is of another version: `{}`", baseline.schema_version),
                "write a new one with --write-baseline".to_owned(),
            ));
        }
        let gone = baseline.apply(report);
        if !gone.is_empty() && self.prune_baseline {
            for entry in &gone {
                let known = baseline.findings.values_mut().find(|known| {
                    (&known.code, &known.object, &known.path) == (&entry.code, &entry.object, &entry.path)
                        && known.count >= entry.count
                });
                if let Some(known) = known {
                    known.count -= entry.count;
                }
            }
            baseline.findings.retain(|_, entry| entry.count > 0);
            write_baseline(path, &baseline)?;
        }
        if !env.quiet {
            for entry in &gone {
                let what =
                    if self.prune_baseline { "taken out of" } else { "is found no more; --prune-baseline takes it out of" };
                writeln!(env.stderr, "{} {} ({}): {what} `{path}`", entry.code, entry.object, entry.path)?;
            }
        }
        Ok(())
    }

    /// The least level that fails; `None` lets nothing fail.
    fn threshold(&self, settings: &Settings) -> Option<Severity> {
        match self.fail_on.unwrap_or(settings.fail_on) {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Info => Some(Severity::Info),
            FailOn::Never => None,
        }
    }

    fn outcome(&self, report: &Report, input: &Input, settings: &Settings, env: &mut Env<'_>) -> Outcome {
        for problem in &input.read.problems {
            super::super::describe(problem, env);
        }
        let is_unread =
            |finding: &Finding| [codes::YAML_SYNTAX, codes::LIMIT_EXCEEDED].contains(&finding.code) && finding.is_error();
        if !input.read.problems.is_empty() || report.active().any(|reported| is_unread(&reported.finding)) {
            return Outcome::Invalid;
        }
        let threshold = self.threshold(settings);
        let is_over = threshold.is_some_and(|threshold| report.worst().is_some_and(|worst| worst >= threshold));
        let are_many = self.max_warnings.is_some_and(|most| report.count(Severity::Warning) > most);
        if self.exit_zero {
            return Outcome::Yes;
        }
        if self.require_facts && (!report.missing.is_empty() || !input.read.unread.is_empty()) {
            return Outcome::Undetermined;
        }
        if is_over || are_many { Outcome::No } else { Outcome::Yes }
    }
}

/// What is checked.
#[derive(Debug)]
struct Input {
    read: Sources,
    mesh_config: Option<MeshConfig>,
    features: Vec<(String, String)>,
}

fn write_baseline(path: &str, baseline: &Baseline) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(baseline).map_err(std::io::Error::from)?;
    text.push('\n');
    text_file::replace(Path::new(path), text.as_bytes())
}

/// Names as given, each once.
fn set(names: &[String]) -> BTreeSet<String> {
    names.iter().cloned().collect()
}
