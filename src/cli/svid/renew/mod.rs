//! `meshsec svid renew`: another certificate for the same identity, in time.
//!
//! ```text
//! directory -> Held -> Examined (why, and what to do) -> Done        held, plan, act
//! ```

pub(in crate::cli::svid) mod act;
mod backoff;
pub(in crate::cli::svid) mod held;
mod hook;
pub(in crate::cli::svid) mod plan;
mod report;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;
use indicatif::ProgressBar;
use indicatif::ProgressStyle;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::duration::parse_ttl;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::svid::renew::act::Issuers;
use crate::cli::svid::renew::act::Manner;
use crate::cli::svid::renew::plan::Examined;
use crate::cli::svid::renew::plan::Facts;
use crate::cli::svid::renew::plan::Present;
use crate::cli::svid::renew::plan::Step;
use crate::cli::svid::renew::plan::WishArgs;
use crate::pki::Certificate;
use crate::pki::RenewalRule;
use crate::store::CertificateRecord;
use crate::store::Home;

/// Renew certificates that this authority issued: those in directories, or all of the ledger
///
/// A certificate needs renewal when less than `--ratio` of its life is left, it was revoked, its signer is no longer the one that signs,
/// other names are wanted, or its key is gone. The new one has a new key, the names of the old one and its life; chain, key and roots
/// are replaced together. Where only the roots are out of date, only they are replaced. What was revoked because the identity is to end
/// (such as cessation-of-operation) is not renewed. The passphrase is asked for when something is to be signed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct RenewArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    /// Directories as `svid issue --out` writes them
    #[arg(value_name = "DIR", required_unless_present = "all", conflicts_with = "all")]
    directory: Vec<PathBuf>,
    /// Every directory that the ledger knows
    #[arg(long)]
    all: bool,
    /// Change nothing and say what needs renewal: exit code 0 when something does, 1 when nothing does
    #[arg(long, conflicts_with_all = ["watch", "force", "exec"])]
    check: bool,
    /// Keep running and renew in time, until a signal comes
    #[arg(long, conflicts_with_all = ["force", "output"])]
    watch: bool,
    /// With `--watch`: look for new certificates, rotations and a clock that was set at least this often
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_ttl, requires = "watch")]
    poll: SignedDuration,
    /// Command for the shell after each replacement; `$MESHSEC_CERT_DIR` and `$MESHSEC_SPIFFE_ID` tell it which
    #[arg(long, value_name = "COMMAND")]
    exec: Option<String>,
    #[command(flatten)]
    wishes: WishArgs,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec svid renew certs/
  meshsec svid renew certs/ --check && echo due
  meshsec svid renew certs/ --dns db.example.org --exec 'systemctl reload envoy'
  meshsec svid renew --all --watch

Exit codes: 0 done, or with --check: something needs renewal; 1 something that is due was left out (its directory is gone, say) or a
command failed, or with --check: nothing needs renewal; 2 a directory holds no certificate of this authority; 3 the world failed";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line for each directory
    Text,
    /// For programs
    Json,
}

/// A directory that was left out although its certificate is due.
struct Missed {
    facts: Facts,
    error: Error,
}

impl RenewArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        self.require_sense()?;
        if self.watch {
            return watch::run(&self, env);
        }
        let mut home = self.authority.open_without_keys(env)?;
        let present = Present::of(home.ledger(), env.now)?;
        let (examined, mut missed) = self.examine(&home, &present, env)?;
        drop(present);
        if self.check {
            return report::check(&self, &examined, &missed, env);
        }
        let mut steps = Vec::with_capacity(examined.len());
        for Examined { facts, step, obstacle } in examined {
            if let Some(error) = obstacle.filter(|_| !self.all || !facts.reasons.is_empty()) {
                missed.push(Missed { facts: facts.clone(), error });
            }
            steps.push((facts, step));
        }
        let issuers = self.open_issuers(&home, &steps, env)?;
        let progress = progress(&steps, env);
        let done = act::take(&mut home, &issuers, steps, self.manner(env.now), &|| progress.inc(1))?;
        progress.finish_and_clear();
        report::done(&self, done, missed, env)
    }

    /// Flags that contradict each other in ways that a parser does not see.
    fn require_sense(&self) -> Result<(), Error> {
        if self.wishes.has_names() && (self.all || self.directory.len() > 1) {
            return Err(Error::question(
                "`--service-account`, `--spiffe-id`, `--dns` and `--ip` are for one directory, and more are named",
                "renew them one by one".to_owned(),
            ));
        }
        if self.watch && self.wishes.ratio + self.wishes.jitter >= 1.0 {
            return Err(Error::question(
                "with `--ratio` and `--jitter` of 1 together, every certificate is due as soon as it is made",
                "make them smaller for `--watch`".to_owned(),
            ));
        }
        Ok(())
    }

    /// Where to look, each directory once; with `--all` also the latest certificate that went there.
    fn directories(&self, home: &Home) -> Result<BTreeMap<PathBuf, Option<CertificateRecord>>, Error> {
        if self.all {
            let known = act::directories(home)?;
            return Ok(known.into_iter().map(|(directory, record)| (directory, Some(record))).collect());
        }
        let absolute = |directory: &PathBuf| std::path::absolute(directory).unwrap_or_else(|_| directory.clone());
        Ok(self.directory.iter().map(|directory| (absolute(directory), None)).collect())
    }

    /// Reads and decides. Directories that were named have to be right, all of them; those of the ledger may be gone.
    fn examine(&self, home: &Home, present: &Present<'_>, env: &mut Env<'_>) -> Result<(Vec<Examined>, Vec<Missed>), Error> {
        let (mut examined, mut missed, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for (directory, record) in self.directories(home)? {
            match present.examine(&directory, &self.wishes) {
                Ok(found) => examined.push(found),
                Err(error) if !self.all => wrong.push(error),
                Err(error) => {
                    if let Some(facts) = self.is_missed(present, &directory, record, &error)? {
                        missed.push(Missed { facts, error });
                    }
                }
            }
        }
        // Most serious last: it is the one that decides the exit code.
        wrong.sort_by_key(Error::code);
        let Some(last) = wrong.pop() else { return Ok((examined, missed)) };
        for error in &wrong {
            crate::cli::describe(error, env);
        }
        Err(last)
    }

    /// What is known of a directory that cannot be used, when that matters: not when the certificate that went there is over and the
    /// directory is gone or another's.
    fn is_missed(
        &self,
        present: &Present<'_>,
        directory: &Path,
        record: Option<CertificateRecord>,
        error: &Error,
    ) -> Result<Option<Facts>, Error> {
        let Some(record) = record else { return Ok(None) };
        let is_gone = matches!(error, Error::Question { .. } | Error::Read { .. });
        let is_over = record.revocation.is_some() || record.not_after < present.now;
        if is_gone && is_over {
            return Ok(None);
        }
        let facts = present.facts_of(directory, record, &self.wishes)?;
        Ok(Some(facts).filter(|facts| !facts.reasons.is_empty()))
    }

    fn manner(&self, now: Timestamp) -> Manner {
        Manner { is_key_reused: self.wishes.reuse_key, overwrite: self.wishes.overwrite, now }
    }

    /// When a certificate that was just made becomes due.
    fn due_at(&self, certificate: &Certificate, now: Timestamp) -> Timestamp {
        self.wishes.rule().due_at(now, certificate.not_after(), RenewalRule::luck_of(&certificate.fingerprint()))
    }

    fn open_issuers(&self, home: &Home, steps: &[(Facts, Step)], env: &Env<'_>) -> Result<Issuers, Error> {
        let mut issuers = Issuers::default();
        let signers: BTreeMap<_, _> = steps
            .iter()
            .filter_map(|(_, step)| match step {
                Step::Renew(renewal) => Some((&renewal.signer.id, &renewal.signer)),
                Step::Roots(_) | Step::Nothing => None,
            })
            .collect();
        if signers.is_empty() {
            return Ok(issuers);
        }
        let passphrase = self.authority.passphrase(home, env)?;
        for signer in signers.into_values() {
            issuers.open(home, signer, passphrase.as_ref().map(|passphrase| passphrase.as_str()))?;
        }
        Ok(issuers)
    }
}

/// A bar on a terminal, for work that takes a while.
fn progress(steps: &[(Facts, Step)], env: &Env<'_>) -> ProgressBar {
    let length = |(_, step): &(Facts, Step)| if matches!(step, Step::Renew(_)) { 2 } else { 1 };
    if !env.stderr_is_terminal || env.quiet || steps.len() < 100 {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(steps.iter().map(length).sum());
    ProgressStyle::with_template("renewing {bar:30} {percent}% {eta}").map_or(bar.clone(), |style| bar.with_style(style))
}
