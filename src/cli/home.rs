use std::path::PathBuf;

use clap::Args;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::store::Home;

/// Where the authority lives.
#[derive(Debug, Args)]
pub(in crate::cli) struct HomeArgs {
    /// The authority's directory; else `$MESHSEC_HOME`, `$XDG_DATA_HOME/meshsec` or `~/.local/share/meshsec`
    #[arg(long, value_name = "DIR", help_heading = "Authority")]
    home: Option<PathBuf>,
}

impl HomeArgs {
    /// Whether it was named on the command line.
    #[cfg(feature = "proxy")]
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.home.is_some()
    }

    /// Which directory is meant. An empty variable counts as absent, and a data directory has to be absolute, as XDG says.
    pub(in crate::cli) fn path(&self, env: &Env<'_>) -> Result<PathBuf, Error> {
        if let Some(home) = &self.home {
            return Ok(home.clone());
        }
        let variable = |name| (env.variable)(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(home) = variable("MESHSEC_HOME") {
            return Ok(home);
        }
        let data = variable("XDG_DATA_HOME").filter(|path| path.is_absolute());
        let data = data.or_else(|| variable("HOME").map(|home| home.join(".local").join("share")));
        data.map(|data| data.join("meshsec")).ok_or_else(|| {
            let help = "give `--home DIR`, or set MESHSEC_HOME".to_owned();
            Error::question("nothing says where the authority lives: neither MESHSEC_HOME nor HOME is set", help)
        })
    }

    /// Opens the authority's home.
    pub(in crate::cli) fn open(&self, env: &Env<'_>) -> Result<Home, Error> {
        Ok(Home::open(&self.path(env)?)?)
    }
}
