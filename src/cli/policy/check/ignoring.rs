//! `--add-ignore`: comments in the files for what is found.

use std::path::Path;
use std::time::Instant;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::policy::check::CheckArgs;
use crate::cli::policy::check::Input;
use crate::cli::policy::check::config::Settings;
use crate::cli::text_file;
use crate::lint::Report;
use crate::lint::config::rule_meant;
use crate::lint::ignores;
use crate::lint::names_a_rule;

/// Writes the comments, and returns the report of what is left.
pub(super) fn run(
    arguments: &CheckArgs,
    settings: &Settings,
    input: &mut Input,
    report: &Report,
    env: &mut Env<'_>,
) -> Result<Report, Error> {
    let words = &arguments.add_ignore;
    if let Some(unknown) = words.iter().find(|name| !names_a_rule(name)) {
        return Err(Error::question(format!("`--add-ignore {unknown}` names no rule"), rule_meant(unknown)));
    }
    let reason = arguments.reason.as_deref().unwrap_or_default().trim();
    if reason.is_empty() || reason.contains(['\n', '\r']) {
        return Err(Error::question(
            "a suppression needs a reason of one line",
            "say with `--reason` why this is right, and until when: `--reason \"probes until 2027-01-31\"`".to_owned(),
        ));
    }
    let (mut comments, mut files) = (0, 0);
    for (id, ignored) in ignores::add(report, &input.read.map, words, reason) {
        let Some(source) = input.read.map.get(id).cloned() else { continue };
        let is_file = source.name.as_ref() != "<stdin>" && !source.name.contains("kustomize:");
        for line in ignored.skipped.iter().filter(|_| is_file) {
            writeln!(
                env.stderr,
                "{} `{}:{line}`: no comment can stand here; annotate the object with `meshsec.dev/ignore`",
                env.style.warning("warning:"),
                source.name
            )?;
        }
        if !is_file {
            writeln!(env.stderr, "{} `{}` is left as it is: it is not a file", env.style.warning("warning:"), source.name)?;
        } else if ignored.comments > 0 {
            text_file::replace(Path::new(source.name.as_ref()), ignored.text.as_bytes())?;
            input.read.map.replace(id, ignored.text);
            comments += ignored.comments;
            files += 1;
        }
    }
    if !env.quiet {
        let number = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        writeln!(env.stderr, "{} written in {}", number(comments, "comment"), number(files, "file"))?;
    }
    Ok(arguments.check(input, settings, env, Instant::now()))
}
