use std::collections::BTreeSet;

use clap::Args;
use clap::ValueEnum;
use serde_json::Value;

use crate::cli::cluster::live;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::ManifestArgs;
use crate::cli::manifests::Sources;
use crate::cluster::Selection;
use crate::manifest;
use crate::render;
use crate::snapshot;

/// List the policies of a cluster, or of files: what each does, to whom, and with how many rules
///
/// AuthorizationPolicies, RequestAuthentications, PeerAuthentications and DestinationRules. Without files they are those of the cluster, in the
/// namespace of the context unless -n or -A says otherwise.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct GetArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// All namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec policy get -A
  meshsec policy get -n shop -o wide
  meshsec policy get -f deploy/ -R -o name";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line each
    Table,
    /// A line each, with what it is about
    Wide,
    /// YAML
    Yaml,
    /// JSON
    Json,
    /// Names that kubectl takes
    Name,
}

const KINDS: &[(&str, &str)] = &[
    ("security.istio.io", "AuthorizationPolicy"),
    ("security.istio.io", "RequestAuthentication"),
    ("security.istio.io", "PeerAuthentication"),
    ("networking.istio.io", "DestinationRule"),
];

impl GetArgs {
    pub(in crate::cli) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        if self.manifests.names_files() {
            let policies = self.of_files(env)?;
            return self.print(&policies, "in these files", env);
        }
        let cluster = self.manifests.access.connect()?;
        let namespace = self.manifests.namespace.as_deref().unwrap_or(cluster.default_namespace()).to_owned();
        let mut selection = Selection::of_kinds(KINDS);
        selection.known_namespaces.insert(namespace.clone());
        if !self.all_namespaces {
            selection.namespaces = Some(BTreeSet::from([namespace.clone()]));
        }
        let reading = live::read_selection(&cluster, &selection, env)?;
        let policies: Vec<Value> = reading.objects.into_iter().map(|object| object.value).collect();
        let place = if self.all_namespaces { "in the cluster".to_owned() } else { format!("in namespace `{namespace}`") };
        let outcome = self.print(&policies, &place, env)?;
        // A list that lacks something is no answer, whatever it shows.
        match reading.unread.into_iter().find(|unread| !unread.is_absent()) {
            Some(unread) => Err(unread.why.into()),
            None => Ok(outcome),
        }
    }

    fn of_files(&self, env: &mut Env<'_>) -> Result<Vec<Value>, Error> {
        let Sources { map, ids, .. } = self.manifests.read_sources(&[], env, false)?;
        let mut policies = Vec::new();
        for id in ids {
            let Some(source) = map.get(id) else { continue };
            manifest::objects(id, &source.text, &mut |object| {
                let is_policy = KINDS.contains(&(object.header.group(), object.header.kind.as_str()));
                if let Some(node) = object.node.filter(|_| is_policy) {
                    policies.push(snapshot::value_of(node));
                }
            });
        }
        if let Some(wanted) = &self.manifests.namespace {
            let namespace = |policy: &Value| policy.pointer("/metadata/namespace").and_then(Value::as_str).map(str::to_owned);
            policies.retain(|policy| self.all_namespaces || namespace(policy).is_none_or(|namespace| namespace == *wanted));
        }
        Ok(policies)
    }

    fn print(&self, policies: &[Value], place: &str, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let is_for_people = matches!(self.output, Format::Table | Format::Wide);
        if policies.is_empty() && is_for_people {
            if !env.quiet {
                writeln!(env.stderr, "no policies {place}")?;
            }
            return Ok(Outcome::Yes);
        }
        match self.output {
            Format::Table | Format::Wide => {
                render::policies_table(env.stdout, policies, self.output == Format::Wide, env.now)?;
            }
            Format::Name => render::policies_names(env.stdout, policies)?,
            Format::Yaml => env.stdout.write_all(snapshot::yaml(&render::policies_object(policies)).as_bytes())?,
            Format::Json => {
                serde_json::to_writer_pretty(&mut *env.stdout, &render::policies_object(policies))
                    .map_err(std::io::Error::from)?;
                writeln!(env.stdout)?;
            }
        }
        env.stdout.flush()?;
        Ok(Outcome::Yes)
    }
}
