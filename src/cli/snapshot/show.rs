use std::collections::BTreeMap;

use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::ManifestArgs;
use crate::cli::snapshot::saved;
use crate::manifest;
use crate::render;
use crate::render::SnapshotView;
use crate::snapshot::Head;

/// Say what a snapshot holds, where it is from, and what it lacks
///
/// Objects are counted by kind and namespace. What could not be read when it was saved is named: answers that depend on it are undetermined.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ShowArgs {
    /// The snapshot, compressed or not; `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec snapshot show mesh.yaml
  meshsec snapshot show mesh.yaml.gz -o json";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

impl ShowArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let read = ManifestArgs::of_files(vec![self.file.clone()], None, true).read_sources(&[], env, false)?;
        let (head, id) = match read.ids.as_slice() {
            [id] => (saved::head(&read.map, *id)?, Some(*id)),
            _ => (None, None),
        };
        let (Some(head), Some(source)) = (head, id.and_then(|id| read.map.get(id))) else {
            return Err(Error::question(
                format!("`{}` is no snapshot: it does not begin with a document of `kind: Snapshot`", self.file),
                "save one with `meshsec snapshot save`; `-f` reads manifests of every kind".to_owned(),
            ));
        };
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        manifest::objects(id.unwrap_or_default(), &source.text, &mut |object| {
            if object.node.is_some_and(|node| !Head::is_head(node)) {
                let namespace = object.header.namespace.as_ref().map(|namespace| namespace.value.clone()).unwrap_or_default();
                *counts.entry((object.header.kind.value.clone(), namespace)).or_default() += 1;
            }
        });
        let view = SnapshotView { file: &self.file, head: &head, counts: &counts, bytes: source.text.len(), now: env.now };
        match self.output {
            Format::Text if env.quiet => {}
            Format::Text => render::snapshot_text(env.stdout, &view, env.style)?,
            Format::Json => render::snapshot_json(env.stdout, &view)?,
        }
        Ok(Outcome::Yes)
    }
}
