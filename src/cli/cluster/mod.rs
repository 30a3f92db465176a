//! `--cluster`, `--context`, `--as`: the flags that name a live cluster.

pub(super) mod live;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::ValueHint;

use crate::cli::duration;
use crate::cli::error::Error;
use crate::cluster::Cluster;
use crate::cluster::ConnectOptions;

/// Which cluster, and as whom.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Cluster")]
pub(super) struct ClusterArgs {
    /// Kubeconfig; otherwise `KUBECONFIG`, `~/.kube/config` or the pod this runs in
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// User to act as
    #[arg(long = "as", value_name = "USER")]
    impersonate: Option<String>,
    /// Group to act in; repeatable
    #[arg(long = "as-group", value_name = "GROUP", requires = "impersonate")]
    impersonate_groups: Vec<String>,
    /// How long one request may take, otherwise a minute; `0` for as long as it wants
    #[arg(long, value_name = "DURATION", value_parser = request_timeout)]
    request_timeout: Option<Duration>,
}

impl ClusterArgs {
    /// The first flag that was given, if any.
    pub(super) fn first_flag(&self) -> Option<&'static str> {
        let given = [
            ("--kubeconfig", self.kubeconfig.is_some()),
            ("--context", self.context.is_some()),
            ("--as", self.impersonate.is_some()),
            ("--request-timeout", self.request_timeout.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
    }

    /// Connects; no request is sent yet.
    pub(super) fn connect(&self) -> Result<Cluster, Error> {
        let options = ConnectOptions {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            impersonate: self.impersonate.clone(),
            impersonate_groups: self.impersonate_groups.clone(),
            request_timeout: self.request_timeout,
        };
        Ok(Cluster::connect(&options)?)
    }
}

/// `30s`, or seconds without a unit as kubectl takes them.
fn request_timeout(text: &str) -> Result<Duration, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(seconds) = text.parse()
    {
        return Ok(Duration::from_secs(seconds));
    }
    duration::parse_ttl(text).and_then(|span| Duration::try_from(span).map_err(|error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_a_time_span_or_a_number_of_seconds() {
        let cases =
            [("30s", Some(30)), ("1m30s", Some(90)), ("45", Some(45)), ("0", Some(0)), ("", None), ("-1", None), ("1x", None)];
        for (text, expected) in cases {
            assert_eq!(request_timeout(text).ok().map(|timeout| timeout.as_secs()), expected, "`{text}`");
        }
    }
}
