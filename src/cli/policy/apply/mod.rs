//! `policy apply`, and what `policy delete` has in common with it.

mod execute;
mod journal_file;
mod live;
mod output;
mod prepare;
mod task;
mod undo;
mod verdicts;
mod wait;
mod wanted;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use clap::ValueEnum;
use jiff::SignedDuration;

pub(super) use output::Format;
pub(super) use task::Common;
pub(super) use task::Task;

use crate::apply::Action;
use crate::apply::ApplySet;
use crate::apply::Change;
use crate::apply::Item;
use crate::apply::Kept;
use crate::apply::Key;
use crate::apply::Selector;
use crate::apply::prunable;
use crate::cli::duration;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::policy::apply::journal_file::JournalFile;
use crate::cli::policy::apply::live::Live;
use crate::cli::policy::apply::output::Teller;
use crate::cli::policy::apply::wanted::Wanted;
use crate::cluster::Cluster;
use crate::cluster::kinds;
use crate::diag::SourceMap;

/// Apply manifests to a cluster, in an order that opens no hole on the way, with proof of what changes
///
/// Server-side apply (field manager `meshsec`). Before anything is written: `policy check`, the server's and istiod's own verdict on every
/// object, the scenarios of --expect, and every request whose verdict changes. What is done is kept in a journal in --home, so that a run
/// that stopped half way can be brought to its end, or taken back.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ApplyArgs {
    #[command(flatten)]
    common: Common,
    /// Take over fields that other managers have
    #[arg(long, help_heading = "Applying")]
    force_conflicts: bool,
    /// Take everything back when something fails
    #[arg(long, help_heading = "Applying")]
    rollback_on_failure: bool,
    /// Bring a run to its end: the latest, or the one named
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["undo", "plan_only", "prune"], help_heading = "Applying")]
    resume: Option<String>,
    /// Take a run back: the latest, or the one named
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["plan_only", "prune"], help_heading = "Applying")]
    undo: Option<String>,
    /// Remove objects of the set (--applyset) or with the labels (-l) that are in no file any more
    #[arg(long, help_heading = "Pruning")]
    prune: bool,
    /// Name of the set that these objects belong to; a `ConfigMap` of this name in the namespace of -n is its parent
    #[arg(long, value_name = "NAME", help_heading = "Pruning")]
    applyset: Option<String>,
    /// Labels of objects that may be pruned
    #[arg(short = 'l', long, value_name = "LABELS", conflicts_with = "applyset", requires = "prune", help_heading = "Pruning")]
    selector: Option<String>,
    /// Also prune this object, `KIND/NAME` or `KIND/NAMESPACE/NAME`, though it concerns the whole mesh; repeatable
    #[arg(long, value_name = "OBJECT", requires = "prune", help_heading = "Pruning")]
    prune_also: Vec<String>,
}

const EXAMPLES: &str = "Examples:
  meshsec policy apply -f deploy/ --plan-only
  meshsec policy apply -f deploy/ --dry-run=server
  meshsec policy apply -f deploy/ --expect flows.yaml --wait --rollback-on-failure
  meshsec policy apply -f deploy/ --prune --applyset shop
  meshsec policy apply --resume

Exit codes: 0 applied; 1 `policy check` or --expect says no, or a verdict would change and nobody agreed; 2 the question was wrong, or an object
is refused; 3 the cluster failed: the journal says where it stands";

/// What is only asked, not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum DryRun {
    /// Everything is done
    #[default]
    None,
    /// The server is asked nothing but what is there
    Client,
    /// The server does everything but keep it
    Server,
}

/// A time span as it is typed.
pub(super) fn time_span(text: &str) -> Result<Duration, String> {
    duration::parse_ttl(text).and_then(|span: SignedDuration| Duration::try_from(span).map_err(|error| error.to_string()))
}

impl ApplyArgs {
    pub(in crate::cli) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        if let Some(id) = self.resume.as_deref() {
            return self.resume(Some(id).filter(|id| !id.is_empty()), env);
        }
        if let Some(id) = self.undo.as_deref() {
            return self.undo(Some(id).filter(|id| !id.is_empty()), env);
        }
        if self.prune && self.applyset.is_none() && self.selector.is_none() {
            return Err(Error::question(
                "`--prune` does not say which objects belong together",
                "add `--applyset NAME`, or labels with `-l`".to_owned(),
            ));
        }
        self.common.require_files()?;
        let cluster = self.common.manifests.connect()?;
        let namespace = self.common.namespace(&cluster);
        let mut wanted = wanted::read(&self.common.manifests, &cluster, &namespace, env)?;
        warn_of_secrets(&wanted, env)?;
        let mut sources = std::mem::take(&mut wanted.sources);
        let files = wanted.files.clone();
        let set = self.applyset.as_ref().map(|name| ApplySet { name: name.clone(), namespace: namespace.clone() });
        let mut asked: BTreeSet<Key> = wanted.items.keys().cloned().collect();
        asked.extend(set.as_ref().map(ApplySet::parent_key));
        let mut found = live::read(&cluster, &asked, &mut sources, env)?;
        if let Some(set) = &set {
            claim(set, &mut wanted, &found)?;
        }
        let mut before = self.common.live_mesh(&found, &sources, &namespace, env)?;
        let root_namespace = before.settings.root_namespace.clone();
        let count = found.items.len();
        let (pruned, kept) = match (self.prune, &set, &self.selector) {
            (true, Some(set), _) => self.prune_set(set, &cluster, &wanted, &mut found, &mut sources, &root_namespace)?,
            (true, None, Some(selector)) => self.prune_labelled(selector, &wanted, &found, &namespace, &root_namespace)?,
            (true, None, None) | (false, _, _) => (BTreeSet::new(), Vec::new()),
        };
        if found.items.len() > count {
            before = self.common.live_mesh(&found, &sources, &namespace, env)?;
        }
        for kept in &kept {
            writeln!(env.stderr, "{} {} is not pruned: {}", env.style.warning("warning:"), kept.key, kept.why)?;
        }
        let manifests: BTreeMap<Key, serde_json::Value> =
            wanted.items.iter().map(|(key, item)| (key.clone(), item.value.clone())).collect();
        let how = prepare::How { cluster: &cluster, force: self.force_conflicts, asks: self.common.dry_run != DryRun::Client };
        let mut prepared = prepare::prepare(wanted.items, &found, &how, &mut sources, env)?;
        for key in pruned {
            let before = found.items.get(&key).cloned();
            prepared.changes.extend(Change::of(before, None, Action::Prune));
        }
        let task = Task {
            cluster,
            namespace,
            before,
            sources,
            files,
            found,
            changes: prepared.changes,
            unasked: prepared.unasked,
            manifests,
            kept,
            force: self.force_conflicts,
            rolls_back: self.rollback_on_failure,
            is_removal: false,
        };
        task.run(&self.common, env)
    }

    fn resume(&self, id: Option<&str>, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let (cluster, mut file) = self.open(id, false, env)?;
        if file.progress.ended == Some(crate::apply::State::Undone) {
            let help = "apply the files again".to_owned();
            return Err(Error::question(format!("run `{}` was taken back", file.journal.id), help));
        }
        let mut teller = Teller::new(self.common.output, "");
        task::execute(&cluster, &mut file, &mut teller, self.rollback_on_failure, env)?;
        let seen = self.common.wait(&cluster, &file, env)?;
        teller.finish(serde_json::json!({ "id": file.journal.id, "seen": seen }), env)?;
        Ok(Outcome::Yes)
    }

    fn undo(&self, id: Option<&str>, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let (cluster, mut file) = self.open(id, true, env)?;
        let mut teller = Teller::new(self.common.output, "");
        undo::run(&cluster, &mut file, self.force_conflicts, env, &mut |key, restored, env| teller.restored(key, restored, env))?;
        teller.finish(serde_json::json!({ "id": file.journal.id, "undone": true }), env)?;
        Ok(Outcome::Yes)
    }

    /// The journal of a run, and the cluster it is about.
    fn open(&self, id: Option<&str>, is_undo: bool, env: &mut Env<'_>) -> Result<(Cluster, JournalFile), Error> {
        let file = JournalFile::open(&self.common.home.path(env)?, id, is_undo)?;
        let cluster = self.common.manifests.connect()?;
        let journal = &file.journal;
        if journal.server != cluster.server() && journal.context != cluster.context() {
            return Err(Error::question(
                format!(
                    "run `{}` was on cluster `{}`, and context `{}` is another one",
                    journal.id,
                    journal.server,
                    cluster.context()
                ),
                format!("name it with `--context {}`", journal.context),
            ));
        }
        Ok((cluster, file))
    }

    /// Members of a set that are wanted no more.
    fn prune_set(
        &self,
        set: &ApplySet,
        cluster: &Cluster,
        wanted: &Wanted,
        found: &mut Live,
        sources: &mut SourceMap,
        root_namespace: &str,
    ) -> Result<(BTreeSet<Key>, Vec<Kept>), Error> {
        if let Some(parent) = found.items.get(&set.parent_key()) {
            let (group_kinds, namespaces) = set.reach(parent);
            let label = format!("applyset.kubernetes.io/part-of={}", set.id());
            for group_kind in group_kinds {
                let (kind, group) = group_kind.split_once('.').unwrap_or((&group_kind, ""));
                let known = kinds::find(group, kind);
                // Kinds of a mesh have been read already.
                if kind == "Secret" || known.is_some_and(|known| known.only == kinds::Only::All) {
                    continue;
                }
                let version = wanted.items.keys().find(|key| key.group_kind() == group_kind).map(|key| key.api_version.clone());
                let default = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
                let api_version = version.unwrap_or(default);
                for namespace in &namespaces {
                    for object in cluster.list(&api_version, kind, Some(namespace), Some(&label))? {
                        found.add(cluster, object, sources);
                    }
                }
            }
        }
        let candidates: Vec<Item> =
            found.items.values().filter(|item| set.has(item) && item.key != set.parent_key()).cloned().collect();
        Ok(self.prunable(&candidates, wanted, root_namespace))
    }

    /// Objects with labels that are wanted no more, of the kinds that say who may do what, in the namespaces of the files.
    fn prune_labelled(
        &self,
        selector: &str,
        wanted: &Wanted,
        found: &Live,
        namespace: &str,
        root_namespace: &str,
    ) -> Result<(BTreeSet<Key>, Vec<Kept>), Error> {
        const KINDS: &[&str] =
            &["AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication", "DestinationRule", "Sidecar"];
        let selector = Selector::parse(selector)
            .map_err(|error| Error::question(format!("`-l {selector}`: {error}"), "write it as `-l name=value`".to_owned()))?;
        if let Some(key) = wanted.items.values().find(|item| KINDS.contains(&item.key.kind.as_str()) && !selector.matches(item)) {
            return Err(Error::question(
                format!("{} lacks the labels of `-l`: the next run would not know that it belongs here", key.key),
                "give every object the labels, or leave `-l` out".to_owned(),
            ));
        }
        let mut namespaces: BTreeSet<&str> = wanted.items.keys().filter_map(|key| key.namespace.as_deref()).collect();
        namespaces.insert(namespace);
        let candidates: Vec<Item> = found
            .items
            .values()
            .filter(|item| KINDS.contains(&item.key.kind.as_str()) && item.key.group().ends_with("istio.io"))
            .filter(|item| item.key.namespace.as_deref().is_some_and(|namespace| namespaces.contains(namespace)))
            .filter(|item| selector.matches(item))
            .cloned()
            .collect();
        Ok(self.prunable(&candidates, wanted, root_namespace))
    }

    fn prunable(&self, candidates: &[Item], wanted: &Wanted, root_namespace: &str) -> (BTreeSet<Key>, Vec<Kept>) {
        let mut keys: BTreeSet<Key> = wanted.items.keys().cloned().collect();
        keys.extend(wanted.secrets.iter().cloned());
        let named: BTreeSet<String> = self
            .prune_also
            .iter()
            .map(|name| match name.split_once('/') {
                Some((kind, rest)) => format!("{}/{rest}", kind.to_ascii_lowercase()),
                None => name.clone(),
            })
            .collect();
        prunable(candidates, &keys, &named, root_namespace)
    }
}

impl Task {
    /// The removal of what files name.
    pub(super) fn of_removal(common: &Common, env: &mut Env<'_>) -> Result<Self, Error> {
        common.require_files()?;
        let cluster = common.manifests.connect()?;
        let namespace = common.namespace(&cluster);
        let mut wanted = wanted::read(&common.manifests, &cluster, &namespace, env)?;
        warn_of_secrets(&wanted, env)?;
        let mut sources = std::mem::take(&mut wanted.sources);
        let asked: BTreeSet<Key> = wanted.items.keys().cloned().collect();
        let found = live::read(&cluster, &asked, &mut sources, env)?;
        let before = common.live_mesh(&found, &sources, &namespace, env)?;
        let mut changes = Vec::new();
        for key in wanted.items.keys() {
            match found.items.get(key) {
                Some(before) => changes.extend(Change::of(Some(before.clone()), None, Action::Delete)),
                None if env.quiet => {}
                None => writeln!(env.stderr, "{} {key} is not there", env.style.note("note:"))?,
            }
        }
        Ok(Self {
            cluster,
            namespace,
            before,
            sources,
            files: wanted.files,
            found,
            changes,
            unasked: Vec::new(),
            manifests: BTreeMap::new(),
            kept: Vec::new(),
            force: false,
            rolls_back: false,
            is_removal: true,
        })
    }
}

/// Makes every wanted object a member of a set, and its parent one of the wanted objects.
fn claim(set: &ApplySet, wanted: &mut Wanted, found: &Live) -> Result<(), Error> {
    let parent_key = set.parent_key();
    let parent = found.items.get(&parent_key);
    if let Some(refusal) = parent.and_then(|parent| set.refusal(parent)) {
        return Err(Error::question(refusal, "choose another name with `--applyset`".to_owned()));
    }
    if wanted.items.contains_key(&parent_key) {
        let help = "choose another name with `--applyset`, or leave it out of the files".to_owned();
        return Err(Error::question(format!("{parent_key} is in the files, and would be the parent of the set"), help));
    }
    for item in wanted.items.values_mut() {
        set.claim(&mut item.value);
    }
    // What the set reached before stays in reach until it is pruned.
    let members: Vec<Key> = found.items.values().filter(|item| set.has(item)).map(|item| item.key.clone()).collect();
    let value = set.parent(wanted.items.keys().chain(&members));
    wanted.items.insert(parent_key.clone(), Item { key: parent_key, value, document: None });
    Ok(())
}

fn warn_of_secrets(wanted: &Wanted, env: &mut Env<'_>) -> Result<(), Error> {
    for key in &wanted.secrets {
        writeln!(
            env.stderr,
            "{} {key} is left alone: no Secret goes through a journal; apply it with `kubectl apply`",
            env.style.warning("warning:")
        )?;
    }
    Ok(())
}
