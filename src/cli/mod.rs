//! Flags, environment, dispatch and exit codes.
//!
//! One folder per noun, one file per verb. A command turns what was typed into domain values, calls one pure function, lets
//! `render` write the answer, and returns an [`Outcome`]. Only this room and `render` write.

mod bundle;
#[cfg(feature = "store")]
mod ca;
#[cfg(feature = "cluster")]
mod cluster;
mod completion;
mod duration;
pub mod entropy;
pub mod env;
pub mod error;
mod gzip;
#[cfg(feature = "store")]
mod home;
#[cfg(feature = "store")]
mod jwk;
mod jwt;
mod kubernetes;
mod man;
mod manifests;
mod passphrase;
mod plugin;
mod policy;
mod simulate;
mod snapshot;
#[cfg(feature = "store")]
mod stop;
#[cfg(feature = "store")]
mod store_error;
mod svid;
mod text_file;
mod version;

use std::ffi::OsString;
use std::io;
use std::io::IsTerminal;

use clap::CommandFactory;
use clap::FromArgMatches;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;
use jiff::Timestamp;

use crate::cli::env::AskSecret;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::render;
use crate::render::Style;

/// Proof of what your service mesh's security really does
///
/// Answers, offline, what istiod and Envoy would do with a request: allowed, denied, rejected for its token, or refused for lacking
/// mutual TLS, and which line of which policy decided.
#[derive(Debug, Parser)]
#[command(name = "meshsec", version, propagate_version = true, max_term_width = 110, after_help = EXIT_CODES)]
struct Cli {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN", help_heading = "Output")]
    color: ColorChoice,
    /// Say nothing on success but the exit code
    #[arg(short, long, global = true, help_heading = "Output")]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 yes, clean, done; 1 no; 2 the question was wrong; 3 the world failed; 4 undetermined";

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ColorChoice {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    Simulate(simulate::SimulateCommand),
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    #[command(subcommand)]
    Jwt(jwt::JwtCommand),
    #[command(subcommand)]
    Bundle(bundle::BundleCommand),
    #[cfg(feature = "store")]
    #[command(subcommand)]
    Ca(Box<ca::CaCommand>),
    #[command(subcommand)]
    Svid(Box<svid::SvidCommand>),
    #[cfg(feature = "store")]
    #[command(subcommand)]
    Jwk(Box<jwk::JwkCommand>),
    #[command(subcommand)]
    Snapshot(Box<snapshot::SnapshotCommand>),
    Completion(completion::CompletionArgs),
    Man(man::ManArgs),
    Version(version::VersionArgs),
}

impl Command {
    fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        match self {
            Self::Simulate(command) => command.run(env),
            Self::Policy(command) => command.run(env),
            Self::Jwt(command) => command.run(env),
            Self::Bundle(command) => command.run(env),
            #[cfg(feature = "store")]
            Self::Ca(command) => command.run(env),
            Self::Svid(command) => command.run(env),
            #[cfg(feature = "store")]
            Self::Jwk(command) => command.run(env),
            Self::Snapshot(command) => command.run(env),
            Self::Completion(arguments) => arguments.run(env),
            Self::Man(arguments) => arguments.run(env),
            Self::Version(arguments) => arguments.run(env),
        }
    }
}

/// The command's definition, for man pages and completions.
#[must_use]
pub fn definition() -> clap::Command {
    Cli::command()
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = definition();
    if arguments.first().is_some_and(|program| plugin::is_called_as_plugin(program)) {
        command = plugin::as_plugin(command);
    }
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Answers kubectl, which asks how a word may go on.
fn offer(words: &[OsString], out: &mut dyn io::Write) -> u8 {
    let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let text = plugin::complete(definition(), &words);
    // Nobody is told when nobody listens.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    0
}

/// Runs one command line and returns the process's exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let mut stdin = io::BufReader::with_capacity(1 << 18, io::stdin());
    let mut stdout = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut stderr = io::stderr().lock();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let [_, first, words @ ..] = arguments.as_slice()
        && first == plugin::COMPLETE
    {
        return offer(words, &mut stdout);
    }
    let cli = match parse(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // clap writes help and version to stdout and everything else to stderr; a closed pipe is no failure.
            let _ = error.print();
            return if error.use_stderr() { 2 } else { 0 };
        }
    };
    let is_dumb = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let color = match cli.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => !is_dumb && io::stdout().is_terminal(),
    };
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100);
    let mut env = Env {
        stdin: &mut stdin,
        stdout: &mut stdout,
        stderr: &mut stderr,
        variable: &|name| std::env::var_os(name),
        ask_secret: if io::stdin().is_terminal() || io::stderr().is_terminal() { ASK_SECRET } else { None },
        now: Timestamp::now(),
        style: Style::new(color, width),
        stderr_is_terminal: io::stderr().is_terminal(),
        is_interactive: io::stdin().is_terminal() && io::stdout().is_terminal(),
        quiet: cli.quiet,
    };
    let result = cli.command.run(&mut env).and_then(|outcome| {
        env.stdout.flush()?;
        Ok(outcome)
    });
    match result {
        Ok(outcome) => outcome.code(),
        Err(error) => report(&error, &mut env),
    }
}

#[cfg(feature = "store")]
const ASK_SECRET: Option<AskSecret<'static>> = Some(&|prompt| rpassword::prompt_password(prompt));
#[cfg(not(feature = "store"))]
const ASK_SECRET: Option<AskSecret<'static>> = None;

/// The one place that prints why a command could not do its job.
fn report(error: &Error, env: &mut Env<'_>) -> u8 {
    if error.is_broken_pipe() {
        return 0;
    }
    let _ = env.stdout.flush();
    if let Error::Manifests { manifests, sources, .. } = error {
        let _ = render::findings(env.stderr, &manifests.findings, sources, env.style);
    }
    describe(error, env);
    error.code()
}

/// Writes why, with its cause and what to do, and leaves it at that.
pub(in crate::cli) fn describe(error: &Error, env: &mut Env<'_>) {
    let mut lines = vec![format!("{} {error}", env.style.error("error:"))];
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        lines.push(format!("  {} {inner}", env.style.note("cause:")));
        cause = inner.source();
    }
    if let Some(help) = error.help() {
        lines.push(format!("  {} {help}", env.style.note("help:")));
    }
    // Nothing is left to tell the user with when standard error is closed too.
    let _ = writeln!(env.stderr, "{}", lines.join("\n"));
}
