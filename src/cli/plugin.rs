//! As a plugin of kubectl: `kubectl meshsec`, its name in usage and help, and its completion.
//!
//! kubectl runs `kubectl-meshsec` for `kubectl meshsec`. To complete words it runs `kubectl_complete-meshsec` with them, the last being what is
//! typed so far, and reads candidates, a line each with a description behind a tab, and a last line with what else the shell may offer.

use std::ffi::OsStr;
use std::path::Path;

use clap::Arg;
use clap::Command;

/// The argument that asks for completion.
pub(super) const COMPLETE: &str = "__complete";

/// The shell offers nothing of its own.
const NO_FILES: &str = ":4";

/// The shell offers files.
const FILES: &str = ":0";

/// Whether the program is called by the name under which kubectl looks for a plugin.
pub(super) fn is_called_as_plugin(program: &OsStr) -> bool {
    let name = Path::new(program).file_stem().unwrap_or_default();
    name == "kubectl-meshsec" || name == "kubectl_meshsec"
}

/// The same command under the name that a user of the plugin types.
pub(super) fn as_plugin(command: Command) -> Command {
    renamed(command.bin_name("kubectl meshsec"))
}

fn renamed(command: Command) -> Command {
    let examples = command.get_after_help().map(|text| {
        let text = text.to_string();
        text.replace("  meshsec ", "  kubectl meshsec ").replace("| meshsec ", "| kubectl meshsec ")
    });
    let command = match examples {
        Some(examples) => command.after_help(examples),
        None => command,
    };
    command.mut_subcommands(renamed)
}

/// What may stand in place of the last of these words, as kubectl reads it.
pub(super) fn complete(mut command: Command, words: &[String]) -> String {
    command.build();
    let Some((typed, before)) = words.split_last() else { return format!("{NO_FILES}\n") };
    let mut current = &command;
    let mut waiting: Option<&Arg> = None;
    for word in before {
        if waiting.take().is_some() {
            continue;
        }
        if word.starts_with('-') {
            waiting = flag(current, word).filter(|flag| takes_value(flag) && !word.contains('='));
        } else if let Some(next) = current.find_subcommand(word) {
            current = next;
        }
    }
    if let Some(flag) = waiting {
        return values(flag, "", typed);
    }
    if let Some((name, typed)) = typed.split_once('=').filter(|_| typed.starts_with("--")) {
        return flag(current, name).map_or_else(|| format!("{NO_FILES}\n"), |flag| values(flag, &format!("{name}="), typed));
    }
    if typed.starts_with('-') {
        let flags = current.get_arguments().filter(|flag| !flag.is_hide_set());
        let flags = flags.filter_map(|flag| Some((format!("--{}", flag.get_long()?), flag.get_help().map(ToString::to_string))));
        return offer(flags, typed, NO_FILES);
    }
    let commands = current.get_subcommands().filter(|command| !command.is_hide_set());
    let commands: Vec<_> =
        commands.map(|command| (command.get_name().to_owned(), command.get_about().map(ToString::to_string))).collect();
    if !commands.is_empty() {
        return offer(commands.into_iter(), typed, NO_FILES);
    }
    match current.get_positionals().next() {
        Some(positional) => values(positional, "", typed),
        None => format!("{NO_FILES}\n"),
    }
}

fn flag<'c>(command: &'c Command, word: &str) -> Option<&'c Arg> {
    let word = word.split('=').next().unwrap_or(word);
    command.get_arguments().find(|flag| match word.strip_prefix("--") {
        Some(long) => flag.get_long() == Some(long),
        None => flag.get_short().is_some_and(|short| word == format!("-{short}")),
    })
}

fn takes_value(flag: &Arg) -> bool {
    flag.get_action().takes_values()
}

/// The values an argument is limited to; files when it is not limited.
fn values(argument: &Arg, prefix: &str, typed: &str) -> String {
    let known = argument.get_possible_values();
    let shown = known.iter().filter(|value| !value.is_hide_set());
    let values: Vec<_> =
        shown.map(|value| (format!("{prefix}{}", value.get_name()), value.get_help().map(ToString::to_string))).collect();
    let rest = if values.is_empty() { FILES } else { NO_FILES };
    offer(values.into_iter(), &format!("{prefix}{typed}"), rest)
}

fn offer(candidates: impl Iterator<Item = (String, Option<String>)>, typed: &str, rest: &str) -> String {
    let mut text = String::new();
    for (candidate, description) in candidates.filter(|(candidate, _)| candidate.starts_with(typed)) {
        text.push_str(&candidate);
        if let Some(line) = description.as_deref().and_then(|description| description.lines().next()) {
            text.push('\t');
            text.push_str(line);
        }
        text.push('\n');
    }
    text.push_str(rest);
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::definition;

    fn offered(words: &[&str]) -> (Vec<String>, String) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let text = complete(definition(), &words);
        let mut lines: Vec<String> = text.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect();
        let rest = lines.pop().unwrap();
        (lines, rest)
    }

    #[test]
    fn words_are_completed_where_they_stand() {
        let cases: &[(&[&str], &[&str], &str)] = &[
            (&["pol"], &["policy"], NO_FILES),
            (&["policy", "che"], &["check"], NO_FILES),
            (&["policy", "check", "--fail-o"], &["--fail-on"], NO_FILES),
            (&["policy", "check", "--fail-on", "w"], &["warning"], NO_FILES),
            (&["policy", "check", "--fail-on=w"], &["--fail-on=warning"], NO_FILES),
            (&["policy", "check", "--color", "al"], &["always"], NO_FILES),
            (&["--color", "never", "policy", "transl"], &["translate"], NO_FILES),
            (&["policy", "effective", "-o", "j"], &["json"], NO_FILES),
            (&["policy", "check", "-f", "dep"], &[], FILES),
            (&["policy", "check", "dep"], &[], FILES),
            (&["completion", "k"], &["kubectl"], NO_FILES),
            (&["nonsense", "--nonsense"], &[], NO_FILES),
            (&[], &[], NO_FILES),
        ];
        for (words, expected, rest) in cases {
            let (found, found_rest) = offered(words);
            assert_eq!(found, *expected, "{words:?}");
            assert_eq!(found_rest, *rest, "{words:?}");
        }
    }

    #[test]
    fn a_plugin_is_known_by_its_name_and_speaks_of_itself_as_typed() {
        for (program, expected) in [
            ("/usr/local/bin/kubectl-meshsec", true),
            ("kubectl-meshsec.exe", true),
            ("kubectl_meshsec", true),
            ("meshsec", false),
            ("/opt/kubectl-meshsec/meshsec", false),
        ] {
            assert_eq!(is_called_as_plugin(OsStr::new(program)), expected, "{program}");
        }
        let mut command = as_plugin(definition());
        let error = command.try_get_matches_from_mut(["kubectl-meshsec", "policy", "check", "--help"]).unwrap_err();
        let help = error.to_string();
        assert!(help.contains("Usage: kubectl meshsec policy check"), "{help}");
        assert!(help.contains("  kubectl meshsec policy check ") && !help.contains("  meshsec policy"), "{help}");
    }
}
