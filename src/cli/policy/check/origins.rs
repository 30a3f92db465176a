//! Which flags were written, and which the environment gave.

use std::collections::BTreeMap;

use clap::ArgMatches;
use clap::Args;
use clap::Command;
use clap::FromArgMatches;
use clap::parser::ValueSource;

/// Flags that a configuration file or the environment may say too: identifier, flag, variable.
const FLAGS: &[(&str, &str, Option<&str>)] = &[
    ("config", "--config", Some("MESHSEC_CONFIG")),
    ("preset", "--preset", Some("MESHSEC_PRESET")),
    ("select", "--select", Some("MESHSEC_SELECT")),
    ("ignore", "--ignore", Some("MESHSEC_IGNORE")),
    ("fail_on", "--fail-on", Some("MESHSEC_FAIL_ON")),
    ("baseline", "--baseline", None),
    ("honor_peers", "--honor-peers", None),
    ("known_namespaces", "--known-namespace", None),
    ("mesh_config", "--mesh-config", None),
    ("features", "--feature", None),
];

/// Where the values of flags come from. Not a flag itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Origins(BTreeMap<&'static str, String>);

impl Origins {
    /// `--preset`, or `environment, MESHSEC_PRESET`; `None` when neither says anything.
    pub(super) fn of(&self, identifier: &str) -> Option<&str> {
        self.0.get(identifier).map(String::as_str)
    }
}

impl FromArgMatches for Origins {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let origin = |(identifier, flag, variable): &(&'static str, &str, Option<&str>)| {
            let origin = match (matches.value_source(identifier)?, variable) {
                (ValueSource::CommandLine, _) => (*flag).to_owned(),
                (ValueSource::EnvVariable, Some(variable)) => format!("environment, {variable}"),
                _ => return None,
            };
            Some((*identifier, origin))
        };
        Ok(Self(FLAGS.iter().filter_map(origin).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Origins {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}
