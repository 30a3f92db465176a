//! The same check on the way to something else, such as applying: what it finds in files decides whether to go on.

use std::num::NonZeroUsize;
use std::thread;

use clap::Args;
use clap::FromArgMatches;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::policy::check::CheckArgs;
use crate::cli::policy::check::FailOn;
use crate::cli::policy::check::config::Settings;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::lint;
use crate::manifest;
use crate::mesh::BuildOptions;
use crate::render;

/// Whether `policy check` goes first, and what stops it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Check")]
pub(in crate::cli::policy) struct GateArgs {
    /// Lowest level of a finding that `policy check` stops at
    #[arg(long, value_enum, value_name = "LEVEL", env = "MESHSEC_FAIL_ON")]
    fail_on: Option<FailOn>,
    /// Configuration file; otherwise `meshsec.toml` or `.meshsec.toml`, looked for upward
    #[arg(long, value_name = "FILE", env = "MESHSEC_CONFIG")]
    config: Option<String>,
    /// Apply without `policy check`
    #[arg(long)]
    pub(in crate::cli::policy) skip_check: bool,
}

/// What is checked, as a whole.
pub(in crate::cli::policy) struct Question<'a> {
    pub(in crate::cli::policy) sources: &'a SourceMap,
    pub(in crate::cli::policy) ids: &'a [SourceId],
    pub(in crate::cli::policy) mesh: BuildOptions<'a>,
    /// Where the configuration is looked for from.
    pub(in crate::cli::policy) first_path: Option<&'a str>,
}

impl GateArgs {
    /// Checks everything together and shows what is found in files. The answer is how many findings stop it.
    pub(in crate::cli::policy) fn check(&self, question: Question<'_>, env: &mut Env<'_>) -> Result<usize, Error> {
        let Question { sources, ids, mut mesh, first_path } = question;
        let mut words = vec!["check".to_owned()];
        words.extend(first_path.map(str::to_owned));
        words.extend(self.config.iter().flat_map(|config| ["--config".to_owned(), config.clone()]));
        let matches = CheckArgs::augment_args(clap::Command::new("check")).try_get_matches_from(words);
        let arguments = matches.and_then(|matches| CheckArgs::from_arg_matches(&matches));
        let arguments = arguments.map_err(|error| Error::question(error.to_string(), None))?;
        let settings = Settings::load(&arguments)?;
        let fail_on = match self.fail_on.unwrap_or(settings.fail_on) {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Info => Severity::Info,
            FailOn::Never => return Ok(0),
        };
        let mut config = None;
        if let (None, Some(text)) = (mesh.mesh_config, &settings.mesh_config) {
            // Its findings are those of `policy check`; here it is as good as it was there.
            config = manifest::read_mesh_config(SourceId::default(), text).0;
        }
        mesh.mesh_config = mesh.mesh_config.or(config.as_ref());
        mesh.features.splice(0..0, settings.features.iter().cloned());
        let options = lint::Options {
            mesh,
            levels: &settings.levels,
            known_namespaces: &settings.known_namespaces,
            assume_admitted: false,
            now: env.now,
            threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            progress: &|| (),
        };
        let mut report = lint::check(sources, ids, &options);
        // What is live was not brought by this change, and is not shown here.
        let is_ours = |reported: &lint::Reported| !sources.is_live(reported.finding.span().source);
        report.findings.retain(|reported| is_ours(reported) && reported.finding.severity >= fail_on);
        let stopping = report.active().count();
        if stopping > 0 {
            let options = render::CheckTextOptions { shows_infos: true, statistics: false };
            render::check_text(env.stderr, &report, sources, env.style, options)?;
        }
        Ok(stopping)
    }
}
