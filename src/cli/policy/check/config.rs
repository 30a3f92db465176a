//! `meshsec.toml`: looked for upward from the first path, overridden by flags and environment.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::error::Error;
use crate::cli::policy::check::CheckArgs;
use crate::cli::policy::check::FailOn;
use crate::cli::policy::check::PresetFlag;
use crate::cli::policy::check::set;
use crate::lint::config::ConfigError;
use crate::lint::config::File;
use crate::lint::config::rule_meant;
use crate::lint::levels::Levels;
use crate::lint::levels::Preset;
use crate::lint::names_a_rule;

/// What flags, environment and file come to.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) levels: Levels,
    pub(super) known_namespaces: BTreeSet<String>,
    pub(super) features: Vec<(String, String)>,
    pub(super) fail_on: FailOn,
    pub(super) baseline: Option<String>,
    /// `[mesh]` as a mesh configuration.
    pub(super) mesh_config: Option<String>,
    /// The file's name.
    pub(super) name: Option<String>,
    /// What it says.
    pub(super) file: File,
}

const NAMES: [&str; 2] = ["meshsec.toml", ".meshsec.toml"];

impl Settings {
    /// Reads the file, when there is one, and lays the flags over it.
    pub(super) fn load(arguments: &CheckArgs) -> Result<Self, Error> {
        let path = match &arguments.config {
            Some(path) => Some(PathBuf::from(path)),
            None => find(arguments.paths.first().map(String::as_str).or_else(|| arguments.manifests.first_path())),
        };
        let name = path.as_ref().map(|path| path.display().to_string());
        let file = match (&path, &name) {
            (Some(path), Some(name)) => {
                let text = fs::read_to_string(path).map_err(|source| Error::Read { path: name.clone(), source })?;
                File::parse(&text).map_err(|error| refusal(name, &error))?
            }
            _ => File::default(),
        };
        let place = name.as_deref().unwrap_or_default();
        let mut levels = file.levels().map_err(|error| refusal(place, &error))?;
        if let Some(preset) = arguments.preset {
            levels.preset = match preset {
                PresetFlag::Admission => Preset::Admission,
                PresetFlag::Default => Preset::Default,
                PresetFlag::Strict => Preset::Strict,
                PresetFlag::All => Preset::All,
            };
        }
        for (flag, given, list) in
            [("--select", &arguments.select, &mut levels.select), ("--ignore", &arguments.ignore, &mut levels.ignore)]
        {
            if let Some(unknown) = given.iter().find(|name| !names_a_rule(name)) {
                return Err(Error::question(format!("`{flag} {unknown}` names no rule"), rule_meant(unknown)));
            }
            if !given.is_empty() {
                list.clone_from(given);
            }
        }
        levels.honor_peers |= arguments.honor_peers;
        let fail_on = match file.lint.fail_on.as_deref() {
            Some("warning") => FailOn::Warning,
            Some("info") => FailOn::Info,
            Some("never") => FailOn::Never,
            Some(_) | None => FailOn::Error,
        };
        let mut known_namespaces = set(&arguments.known_namespaces);
        known_namespaces.extend(file.mesh.known_namespaces.iter().cloned());
        let baseline = file.lint.baseline.as_ref().map(|baseline| match path.as_deref().and_then(Path::parent) {
            Some(directory) => directory.join(baseline).display().to_string(),
            None => baseline.clone(),
        });
        Ok(Self {
            levels,
            known_namespaces,
            features: file.mesh.features.clone().into_iter().collect(),
            fail_on,
            baseline,
            mesh_config: file.mesh.as_mesh_config(),
            name,
            file,
        })
    }
}

/// The nearest configuration at or above a path.
fn find(path: Option<&str>) -> Option<PathBuf> {
    let start = path.filter(|path| *path != "-").unwrap_or(".");
    let start = fs::canonicalize(start).or_else(|_| fs::canonicalize(".")).ok()?;
    start.ancestors().flat_map(|directory| NAMES.map(|name| directory.join(name))).find(|path| path.is_file())
}

fn refusal(name: &str, error: &ConfigError) -> Error {
    let place = error.line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"));
    Error::question(format!("`{place}` cannot be used: {}", error.message), error.help.clone())
}
