use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use clap::Args;
use clap::ValueEnum;

use crate::analysis;
use crate::analysis::Direction;
use crate::analysis::ObjectChange;
use crate::analysis::ObjectName;
use crate::analysis::Objects;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::manifest;
use crate::render;
use crate::render::PolicyDiffView;

/// Show which requests get another verdict between two sets of manifests, and which fields differ
///
/// Every request is compared, not a sample: identities, paths, headers, addresses and tokens are cut into the classes that the policies of both
/// sides can tell apart. Each change names who sends what to which port, the verdicts before and after, the rule and line behind it, and one request that
/// `simulate request --request -` answers that way on both sides. Where the answer cannot be complete, that is said.
/// Exit code 0: compared; 1: a change that `--fail-on` names; 4: some differences could not be told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct DiffArgs {
    #[command(flatten)]
    manifests: ManifestArgs,
    /// What was before: file, directory, glob or `-`; repeatable. Without it the live mesh of `--cluster` is, and with both they go over it too
    #[arg(long, value_name = "PATH", help_heading = "Manifests")]
    against: Vec<String>,
    /// Fail when something changes in this direction
    #[arg(long, value_enum, value_name = "DIRECTION")]
    fail_on: Option<FailOn>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec policy diff -f deploy/ --against deploy.before/
  meshsec policy diff -f examples/online-boutique -f examples/online-boutique/policies --against examples/online-boutique
  meshsec policy diff -f after.yaml --against before.yaml --fail-on opened
  meshsec policy diff -f deploy/ --cluster
  meshsec policy diff -f after/ --against before/ -o markdown > comment.md";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text
    Text,
    /// JSON
    Json,
    /// Markdown, for a comment on a pull request
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Something that was refused is allowed
    Opened,
    /// Something that was allowed is refused
    Closed,
    /// Any request gets another verdict
    Any,
}

impl DiffArgs {
    pub(in crate::cli) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let is_live = self.manifests.is_live();
        if self.against.is_empty() && !is_live {
            return Err(Error::question(
                "nothing was given to compare with",
                "name what was before with `--against`, or take the live mesh with `--cluster`".to_owned(),
            ));
        }
        let other = self.manifests.of_other_files(self.against);
        if self.manifests.reads_stdin() && other.reads_stdin() {
            return Err(Error::question(
                "only one of `-f -` and `--against -` can read standard input",
                "give the other as a file".to_owned(),
            ));
        }
        let [before, after] = self.manifests.load_beside(&other, env)?;
        let diff = analysis::diff(&before.mesh, &after.mesh, env.now);
        let objects = changed_objects(&before, &after);
        let view = PolicyDiffView { objects: &objects, diff: &diff, sources: [&before.sources, &after.sources] };
        if !env.quiet {
            match self.output {
                Format::Text => {
                    render::policy_diff_text(env.stdout, &view, env.style)?;
                    env.stdout.flush()?;
                    let summary = format!(
                        "compared {} ports of {} workloads: {} policies in {}, {} in {}",
                        diff.compared.ports,
                        diff.compared.workloads,
                        policies(&before),
                        before.looked_in,
                        policies(&after),
                        after.looked_in,
                    );
                    writeln!(env.stderr, "{}", env.style.faint(&summary))?;
                }
                Format::Json => render::policy_diff_json(env.stdout, &view)?,
                Format::Markdown => render::policy_diff_markdown(env.stdout, &view)?,
            }
        }
        let fails = match self.fail_on {
            None => false,
            Some(FailOn::Opened) => diff.count(Direction::Opened) > 0,
            Some(FailOn::Closed) => diff.count(Direction::Closed) > 0,
            Some(FailOn::Any) => !diff.changes.is_empty(),
        };
        Ok(match (fails, diff.inexact.is_empty()) {
            (true, _) => Outcome::No,
            (false, true) => Outcome::Yes,
            (false, false) => Outcome::Undetermined,
        })
    }
}

fn policies(loaded: &Loaded) -> usize {
    let mesh = &loaded.mesh;
    mesh.authorization_policies.len() + mesh.request_authentications.len() + mesh.peer_authentications.len()
}

/// Every object that differs. What the API server filled in is no change when the object of a file leaves it out.
fn changed_objects(before: &Loaded, after: &Loaded) -> Vec<ObjectChange> {
    let [(before, live_before), (mut after, live_after)] =
        [(before, after), (after, before)].map(|(own, other)| objects(own, &live_texts(other)));
    for (name, live) in before.iter().filter(|(name, _)| live_before.contains(*name) && !live_after.contains(*name)) {
        if let Some(wanted) = after.get_mut(name) {
            analysis::keep_defaults(name, live, wanted);
        }
    }
    analysis::compare_objects(&before, &after)
}

/// The texts of live objects, by name.
fn live_texts(loaded: &Loaded) -> BTreeMap<&str, &Arc<str>> {
    let sources = loaded.sources.ids().filter_map(|id| loaded.sources.get(id));
    sources.filter(|source| source.is_live).map(|source| (&*source.name, &source.text)).collect()
}

/// Every object of the texts, by name, and the names of those that are live; of two with one name the later counts. Live objects that were
/// read once for both sides differ in nothing, and are left out.
fn objects(loaded: &Loaded, other: &BTreeMap<&str, &Arc<str>>) -> (Objects, BTreeSet<ObjectName>) {
    let default_namespace = loaded.default_namespace.as_deref().unwrap_or("default");
    let (mut objects, mut live) = (BTreeMap::new(), BTreeSet::new());
    for id in loaded.sources.ids() {
        let Some(source) = loaded.sources.get(id) else { continue };
        if other.get(&*source.name).is_some_and(|text| Arc::ptr_eq(text, &source.text)) {
            continue;
        }
        manifest::objects(id, &source.text, &mut |read| {
            let Some((name, value)) = read.node.and_then(|node| analysis::object(node, default_namespace)) else { return };
            if loaded.sources.is_live(id) {
                live.insert(name.clone());
            } else {
                live.remove(&name);
            }
            objects.insert(name, value);
        });
    }
    (objects, live)
}
