//! What was found or done, and the exit code.

use std::io;

use jiff::Timestamp;

use crate::cli;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::svid::renew::Format;
use crate::cli::svid::renew::Missed;
use crate::cli::svid::renew::RenewArgs;
use crate::cli::svid::renew::act::Change;
use crate::cli::svid::renew::act::Done;
use crate::cli::svid::renew::hook;
use crate::cli::svid::renew::plan::Examined;
use crate::cli::svid::renew::plan::Facts;
use crate::render;
use crate::render::RenewalOutcome;
use crate::render::RenewalView;

/// What is shown of a directory after something was tried.
pub(super) fn view<'v>(
    arguments: &RenewArgs,
    facts: &'v Facts,
    result: Result<&'v Change, &'v Error>,
    now: Timestamp,
) -> RenewalView<'v> {
    let outcome = match result {
        Ok(Change::Nothing) => RenewalOutcome::Nothing,
        Ok(Change::Roots) => RenewalOutcome::Roots,
        Ok(Change::Renewed(certificate)) => RenewalOutcome::Renewed { certificate, due_at: arguments.due_at(certificate, now) },
        Err(error) => RenewalOutcome::Failed(error.in_one_line()),
    };
    with_outcome(facts, outcome)
}

fn with_outcome<'v>(facts: &'v Facts, outcome: RenewalOutcome<'v>) -> RenewalView<'v> {
    RenewalView {
        directory: &facts.directory,
        spiffe_id: facts.spiffe_id.as_ref(),
        serial: &facts.record.serial,
        not_after: facts.record.not_after,
        due_at: facts.due_at,
        reasons: &facts.reasons,
        has_other_roots: facts.has_other_roots,
        outcome,
    }
}

/// Answers `--check`: yes when something needs renewal or other roots.
pub(super) fn check(
    arguments: &RenewArgs,
    examined: &[Examined],
    missed: &[Missed],
    env: &mut Env<'_>,
) -> Result<Outcome, Error> {
    let mut views = Vec::new();
    for Examined { facts, obstacle, .. } in examined {
        let is_told = !arguments.all || !facts.reasons.is_empty();
        let obstacle = obstacle.as_ref().filter(|_| is_told).map(Error::in_one_line);
        views.push(with_outcome(facts, RenewalOutcome::Checked(obstacle)));
    }
    let missed =
        missed.iter().map(|missed| with_outcome(&missed.facts, RenewalOutcome::Checked(Some(missed.error.in_one_line()))));
    views.extend(missed);
    write(arguments, &views, env)?;
    let is_needed = views.iter().any(|view| !view.reasons.is_empty() || view.has_other_roots);
    Ok(if is_needed { Outcome::Yes } else { Outcome::No })
}

/// Tells what was done, runs the commands, and ends with the most serious failure.
pub(super) fn done(arguments: &RenewArgs, done: Vec<Done>, missed: Vec<Missed>, env: &mut Env<'_>) -> Result<Outcome, Error> {
    let mut changed: Vec<(Facts, Change)> = Vec::new();
    let mut failures: Vec<(Facts, Error)> = Vec::new();
    for Done { facts, result } in done {
        match result {
            Ok(change) => changed.push((facts, change)),
            Err(error) => failures.push((facts, error)),
        }
    }
    failures.extend(missed.into_iter().map(|Missed { facts, error }| (facts, error)));
    failures.sort_by_key(|(_, error)| error.code());
    // A directory in which nothing could be done is told as a failure, not as fine.
    let is_failure = |facts: &Facts| failures.iter().any(|(failed, _)| failed.directory == facts.directory);
    let shown = changed.iter().filter(|(facts, change)| !matches!(change, Change::Nothing) || !is_failure(facts));
    let mut views: Vec<_> = shown.map(|(facts, change)| view(arguments, facts, Ok(change), env.now)).collect();
    if arguments.output == Format::Json {
        views.extend(failures.iter().map(|(facts, error)| view(arguments, facts, Err(error), env.now)));
    }
    write(arguments, &views, env)?;
    env.stdout.flush()?;
    let are_commands_fine = run_commands(arguments, &changed, env);
    let is_partial = |error: &Error| arguments.all && error.code() != 3;
    let last = failures.pop_if(|(_, error)| !is_partial(error));
    for (facts, error) in &failures {
        writeln!(env.stderr, "{} `{}` was left out", env.style.error("error:"), facts.directory.display())?;
        writeln!(env.stderr, "  {} {}", env.style.note("cause:"), error.in_one_line())?;
    }
    match last {
        Some((_, error)) => Err(error),
        None if failures.is_empty() && are_commands_fine => Ok(Outcome::Yes),
        None => Ok(Outcome::No),
    }
}

/// Whether all of them ended well.
fn run_commands(arguments: &RenewArgs, changed: &[(Facts, Change)], env: &mut Env<'_>) -> bool {
    let Some(command) = &arguments.exec else { return true };
    let mut are_fine = true;
    for (facts, _) in changed.iter().filter(|(_, change)| !matches!(change, Change::Nothing)) {
        if let Err(error) = hook::run(command, facts, &|| false) {
            cli::describe(&error, env);
            are_fine = false;
        }
    }
    are_fine
}

fn write(arguments: &RenewArgs, views: &[RenewalView<'_>], env: &mut Env<'_>) -> Result<(), Error> {
    match arguments.output {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *env.stdout, &render::renewals_json(views)).map_err(io::Error::from)?;
            writeln!(env.stdout)?;
        }
        Format::Text if env.quiet => {}
        Format::Text => {
            for view in views {
                writeln!(env.stdout, "{}", render::renewal_line(view))?;
            }
            if views.is_empty() && arguments.all {
                env.stdout.flush()?;
                writeln!(env.stderr, "{}", env.style.faint("the ledger knows no directory with a certificate that is due"))?;
            }
        }
    }
    Ok(())
}
