//! From changes to their end: plan, gates, agreement, journal, steps.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::analysis::Diff;
use crate::apply::Action;
use crate::apply::Change;
use crate::apply::Done;
use crate::apply::Item;
use crate::apply::Journal;
use crate::apply::Kept;
use crate::apply::Key;
use crate::apply::Plan;
use crate::apply::plan;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::home::HomeArgs;
use crate::cli::manifests::ManifestArgs;
use crate::cli::policy::apply::DryRun;
use crate::cli::policy::apply::Format;
use crate::cli::policy::apply::execute;
use crate::cli::policy::apply::journal_file;
use crate::cli::policy::apply::journal_file::JournalFile;
use crate::cli::policy::apply::live;
use crate::cli::policy::apply::live::Live;
use crate::cli::policy::apply::output::Teller;
use crate::cli::policy::apply::time_span;
use crate::cli::policy::apply::undo;
use crate::cli::policy::apply::verdicts;
use crate::cli::policy::apply::verdicts::Expectations;
use crate::cli::policy::apply::wait;
use crate::cli::policy::check::gate::GateArgs;
use crate::cli::policy::check::gate::Question;
use crate::cluster::Cluster;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::manifest::Document;
use crate::mesh;
use crate::mesh::BuildOptions;
use crate::mesh::Mesh;
use crate::render;
use crate::simulate::Decision;

/// Flags of applying and of removing.
#[derive(Debug, Args)]
pub(in crate::cli::policy) struct Common {
    #[command(flatten)]
    pub(super) manifests: ManifestArgs,
    /// Print what would be done, in order and with reasons, and do nothing
    #[arg(long, help_heading = "Applying")]
    plan_only: bool,
    /// Do everything but the writing, asking the server or not
    #[arg(long, value_enum, value_name = "HOW", default_value = "none", num_args = 0..=1, default_missing_value = "server", require_equals = true, help_heading = "Applying")]
    pub(super) dry_run: DryRun,
    /// Scenarios that have to hold with the change, and on the cluster afterwards: a YAML list or JSON lines, each with `expect`
    #[arg(long, value_name = "FILE", help_heading = "Applying")]
    expect: Option<String>,
    /// Agree to every verdict that changes
    #[arg(short, long, help_heading = "Applying")]
    yes: bool,
    /// Wait until the change is served, and in proxies as far as istiod tells
    #[arg(long, help_heading = "Applying")]
    wait: bool,
    /// How long to wait at most
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = time_span, help_heading = "Applying")]
    timeout: Duration,
    #[command(flatten)]
    gate: GateArgs,
    #[command(flatten)]
    pub(super) home: HomeArgs,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    pub(super) output: Format,
}

impl Common {
    pub(in crate::cli::policy) fn require_files(&self) -> Result<(), Error> {
        if self.manifests.names_files() {
            return Ok(());
        }
        Err(Error::question(
            "no manifests were given",
            "name files or directories with `-f`, or a kustomization with `-k`".to_owned(),
        ))
    }

    /// Where objects go that name no namespace.
    pub(super) fn namespace(&self, cluster: &Cluster) -> String {
        self.manifests.namespace.clone().unwrap_or_else(|| cluster.default_namespace().to_owned())
    }

    /// The mesh as it is.
    pub(super) fn live_mesh(&self, found: &Live, sources: &SourceMap, namespace: &str, env: &mut Env<'_>) -> Result<Mesh, Error> {
        let documents = found.items.values().filter_map(|item| item.document.as_ref());
        self.mesh(documents, found, &mut sources.clone(), namespace, env)
    }

    fn mesh<'d>(
        &self,
        documents: impl Iterator<Item = &'d Document>,
        found: &Live,
        sources: &mut SourceMap,
        namespace: &str,
        _env: &mut Env<'_>,
    ) -> Result<Mesh, Error> {
        let (config, findings) = self.manifests.read_mesh_config(sources)?;
        if let Some(error) = findings.iter().find(|finding| finding.is_error()) {
            let message = format!("the mesh configuration cannot be used: {}", error.headline);
            return Err(Error::question(message, error.help.clone()));
        }
        let options = BuildOptions {
            default_namespace: Some(namespace.to_owned()),
            features: self.manifests.parse_features()?,
            mesh_config: config.as_ref(),
            unread: found.unread.clone(),
        };
        let documents: Vec<&Document> = documents.collect();
        Ok(mesh::build_of(documents, &options).0)
    }

    /// Waits, when asked to; how far it was seen.
    pub(super) fn wait(&self, cluster: &Cluster, file: &JournalFile, env: &mut Env<'_>) -> Result<Option<&'static str>, Error> {
        if !self.wait {
            return Ok(None);
        }
        Ok(Some(wait::run(cluster, &file.journal, self.timeout, env)?.as_str()))
    }
}

/// Changes, and what is needed to judge and to make them.
pub(in crate::cli::policy) struct Task {
    pub(super) cluster: Cluster,
    pub(super) namespace: String,
    /// The mesh as it is.
    pub(super) before: Mesh,
    pub(super) sources: SourceMap,
    /// The sources that are files.
    pub(super) files: Vec<SourceId>,
    pub(super) found: Live,
    pub(super) changes: Vec<Change>,
    /// Objects the server was not asked about.
    pub(super) unasked: Vec<Key>,
    /// What is sent.
    pub(super) manifests: BTreeMap<Key, Value>,
    pub(super) kept: Vec<Kept>,
    pub(super) force: bool,
    pub(super) rolls_back: bool,
    pub(super) is_removal: bool,
}

/// What the gates found.
struct Judged {
    diff: Diff,
    unexpected: usize,
    broken: usize,
    findings: usize,
}

impl Task {
    pub(in crate::cli::policy) fn run(mut self, common: &Common, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let unchanged: Vec<Key> =
            self.changes.iter().filter(|change| change.action == Action::Unchanged).map(|change| change.key.clone()).collect();
        let expectations = common.expect.as_deref().map(Expectations::read).transpose()?;
        let after = self.mesh_after(common, env)?;
        let changes = std::mem::take(&mut self.changes);
        let staying: Vec<Item> = {
            let touched: BTreeSet<&Key> = changes.iter().map(|change| &change.key).collect();
            self.found.items.values().filter(|item| !touched.contains(&item.key)).cloned().collect()
        };
        let plan = plan(changes, &staying, &self.before.settings.root_namespace);
        if common.plan_only {
            match common.output {
                Format::Json => {
                    let mut json = render::plan_json(&plan, &self.kept);
                    if let Some(json) = json.as_object_mut() {
                        json.insert("unchanged".to_owned(), json!(unchanged.iter().map(ToString::to_string).collect::<Vec<_>>()));
                    }
                    serde_json::to_writer_pretty(&mut *env.stdout, &json).map_err(std::io::Error::from)?;
                    writeln!(env.stdout)?;
                }
                Format::Name => {
                    for step in &plan.steps {
                        writeln!(env.stdout, "{}", step.change.key.resource())?;
                    }
                }
                Format::Text => {
                    render::plan_text(env.stdout, &plan, env.style)?;
                    if !unchanged.is_empty() {
                        writeln!(env.stdout, "{} unchanged", unchanged.len())?;
                    }
                }
            }
            return Ok(Outcome::Yes);
        }
        let judged = self.judge(common, expectations.as_ref(), &after, &plan, env)?;
        if judged.findings > 0 || judged.broken > 0 {
            let what = if judged.broken > 0 { "what is expected would not hold" } else { "`policy check` says no" };
            writeln!(env.stderr, "{} nothing was done: {what}", env.style.error("error:"))?;
            return Ok(Outcome::No);
        }
        if common.dry_run != DryRun::None {
            return self.dry(common, &plan, &unchanged, &judged, env);
        }
        if judged.unexpected > 0 && !common.yes && !confirmed(env)? {
            writeln!(
                env.stderr,
                "{} nothing was done: verdicts would change that no scenario of --expect speaks of\n  {} look at them above, and agree with `--yes`",
                env.style.error("error:"),
                env.style.note("help:")
            )?;
            return Ok(Outcome::No);
        }
        self.act(common, expectations.as_ref(), &plan, &unchanged, &judged, env)
    }

    /// The mesh as it will be.
    fn mesh_after(&mut self, common: &Common, env: &mut Env<'_>) -> Result<Mesh, Error> {
        let mut sources = self.sources.clone();
        let changed: BTreeSet<&Key> = self.changes.iter().map(|change| &change.key).collect();
        let staying = self.found.items.values().filter(|item| !changed.contains(&item.key));
        let then = staying.chain(self.changes.iter().filter_map(|change| change.after.as_ref()));
        let documents = then.filter_map(|item| item.document.as_ref());
        let after = common.mesh(documents, &self.found, &mut sources, &self.namespace, env)?;
        self.sources = sources;
        Ok(after)
    }

    /// Asks every gate, and shows what they say.
    fn judge(
        &self,
        common: &Common,
        expectations: Option<&Expectations>,
        after: &Mesh,
        plan: &Plan,
        env: &mut Env<'_>,
    ) -> Result<Judged, Error> {
        let before = &self.before;
        let warning = env.style.warning("warning:");
        let mut judged = Judged { diff: Diff::default(), unexpected: 0, broken: 0, findings: 0 };
        if self.is_removal {
            // What is removed is in no file that could be checked.
        } else if common.gate.skip_check {
            writeln!(env.stderr, "{warning} `policy check` was skipped: mistakes in the files are not looked for")?;
        } else {
            judged.findings = self.check(common, env)?;
        }
        for gap in plan.gaps.iter().filter(|gap| gap.is_hole) {
            let name = |step: usize| plan.steps.get(step).map_or_else(String::new, |step| step.change.key.to_string());
            writeln!(
                env.stderr,
                "{warning} between {} and {}, {}: no order of these steps was found that avoids it",
                name(gap.from),
                name(gap.to),
                gap.what
            )?;
        }
        let mut answers: (Vec<Decision>, Vec<Decision>) = (Vec::new(), Vec::new());
        if let Some(expectations) = expectations {
            answers.0 = expectations.ask(before, &self.sources, &self.namespace, env.now).unwrap_or_default();
            answers.1 = expectations.ask(after, &self.sources, &self.namespace, env.now)?;
            let broken = expectations.broken(&answers.1);
            judged.broken = broken.len();
            for broken in &broken {
                writeln!(env.stderr, "{} {}: with the change, {}", env.style.error("error:"), broken.scenario, broken.why)?;
            }
        }
        if !plan.steps.is_empty() {
            judged.diff = verdicts::difference(before, after, env.now);
        }
        let expected = verdicts::are_expected(&judged.diff, [before, after], &answers.0, &answers.1);
        judged.unexpected = expected.iter().filter(|is_expected| !**is_expected).count();
        for (change, is_expected) in judged.diff.changes.iter().zip(expected) {
            if env.quiet && is_expected {
                continue;
            }
            let ports: Vec<String> = change.ports.iter().map(ToString::to_string).collect();
            writeln!(
                env.stderr,
                "{} {}: {} to {}: {}, was {}{}",
                env.style.note(change.direction().as_str()),
                change.callers,
                change.requests.text,
                ports.join(", "),
                change.after.verdict,
                change.before.verdict,
                if is_expected { " (expected)" } else { "" }
            )?;
        }
        for inexact in &judged.diff.inexact {
            writeln!(env.stderr, "{warning} {}: {}", inexact.place, inexact.why)?;
        }
        Ok(judged)
    }

    /// `policy check` of the files over what stays of the cluster.
    fn check(&self, common: &Common, env: &mut Env<'_>) -> Result<usize, Error> {
        let changed: BTreeSet<&Key> = self.manifests.keys().collect();
        let live = self.found.ids.iter().filter(|(key, _)| !changed.contains(key)).map(|(_, id)| *id);
        let ids: Vec<SourceId> = self.files.iter().copied().chain(live).collect();
        let mut sources = self.sources.clone();
        let (config, _) = common.manifests.read_mesh_config(&mut sources)?;
        let question = Question {
            sources: &self.sources,
            ids: &ids,
            mesh: BuildOptions {
                default_namespace: Some(self.namespace.clone()),
                features: common.manifests.parse_features()?,
                mesh_config: config.as_ref(),
                unread: self.found.unread.clone(),
            },
            first_path: common.manifests.first_path(),
        };
        common.gate.check(question, env)
    }

    /// What would be done.
    fn dry(&self, common: &Common, plan: &Plan, unchanged: &[Key], judged: &Judged, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let is_server = common.dry_run == DryRun::Server;
        let mut teller = Teller::new(common.output, if is_server { " (server dry run)" } else { " (dry run)" });
        for step in &plan.steps {
            let change = &step.change;
            if is_server && let (Some(before), None) = (&change.before, &change.after) {
                let only_if = crate::cluster::Preconditions {
                    uid: before.uid().map(str::to_owned),
                    resource_version: before.resource_version().map(str::to_owned),
                };
                self.cluster
                    .delete(&live::object_key(&change.key), &only_if, true)
                    .map_err(|error| super::prepare::about(&change.key, error))?;
            }
            teller.done(&change.key, change.action, env)?;
        }
        for key in unchanged {
            teller.done(key, Action::Unchanged, env)?;
        }
        if is_server {
            for key in &self.unasked {
                writeln!(
                    env.stderr,
                    "{} the server was not asked about {key}: its namespace is not there yet",
                    env.style.warning("warning:")
                )?;
            }
        }
        teller.finish(summary(plan, judged), env)?;
        Ok(Outcome::Yes)
    }

    /// Does it.
    fn act(
        &self,
        common: &Common,
        expectations: Option<&Expectations>,
        plan: &Plan,
        unchanged: &[Key],
        judged: &Judged,
        env: &mut Env<'_>,
    ) -> Result<Outcome, Error> {
        let mut teller = Teller::new(common.output, "");
        for key in unchanged {
            teller.done(key, Action::Unchanged, env)?;
        }
        if plan.steps.is_empty() {
            teller.finish(json!({}), env)?;
            return Ok(Outcome::Yes);
        }
        let journal = Journal {
            context: self.cluster.context().to_owned(),
            server: self.cluster.server().to_owned(),
            force: self.force,
            root_namespace: self.before.settings.root_namespace.clone(),
            ..Journal::of(plan, &self.manifests, journal_file::new_id(env.now)?, env.now)
        };
        let mut file = JournalFile::create(&common.home.path(env)?, journal)?;
        execute(&self.cluster, &mut file, &mut teller, self.rolls_back, env)?;
        let mut seen = None;
        let held = common.wait(&self.cluster, &file, env).and_then(|how| {
            seen = how;
            self.still_holds(common, expectations, env)
        });
        match held {
            Ok(true) => {
                let mut more = summary(plan, judged);
                if let Some(more) = more.as_object_mut() {
                    more.insert("id".to_owned(), json!(file.journal.id));
                    more.insert("seen".to_owned(), json!(seen));
                }
                teller.finish(more, env)?;
                Ok(Outcome::Yes)
            }
            other => {
                if self.rolls_back {
                    take_back(&self.cluster, &mut file, &mut teller, env)?;
                } else {
                    let id = &file.journal.id;
                    writeln!(
                        env.stderr,
                        "{} everything was applied; `meshsec policy apply --undo {id}` takes it back",
                        env.style.note("note:")
                    )?;
                }
                teller.finish(json!({ "id": file.journal.id }), env)?;
                other.map(|_| Outcome::No)
            }
        }
    }

    /// Whether what is expected holds on the cluster as it is now.
    fn still_holds(&self, common: &Common, expectations: Option<&Expectations>, env: &mut Env<'_>) -> Result<bool, Error> {
        let Some(expectations) = expectations else { return Ok(true) };
        let mut sources = SourceMap::default();
        let found = live::read(&self.cluster, &BTreeSet::new(), &mut sources, env)?;
        let documents = found.items.values().filter_map(|item| item.document.as_ref());
        let mut of_config = sources.clone();
        let mesh = common.mesh(documents, &found, &mut of_config, &self.namespace, env)?;
        let decisions = expectations.ask(&mesh, &of_config, &self.namespace, env.now)?;
        let broken = expectations.broken(&decisions);
        for broken in &broken {
            writeln!(env.stderr, "{} {}: on the cluster, {}", env.style.error("error:"), broken.scenario, broken.why)?;
        }
        if broken.is_empty() && !env.quiet {
            writeln!(env.stderr, "{} of {} scenarios hold on the cluster", expectations.len(), expectations.len())?;
        }
        Ok(broken.is_empty())
    }
}

/// Does the steps of a journal; when one fails, says where it stands, or takes everything back.
pub(super) fn execute(
    cluster: &Cluster,
    file: &mut JournalFile,
    teller: &mut Teller,
    rolls_back: bool,
    env: &mut Env<'_>,
) -> Result<(), Error> {
    let result = execute::run(cluster, file, env, &mut |step, env| teller.done(&step.key, step.action, env));
    let Err(error) = result else { return Ok(()) };
    let (done, all) = (file.progress.done.len(), file.journal.steps.len());
    writeln!(env.stderr, "{} {done} of {all} steps were done", env.style.note("note:"))?;
    if rolls_back && let Err(second) = take_back(cluster, file, teller, env) {
        crate::cli::describe(&second, env);
    }
    if file.progress.done.is_empty() && rolls_back {
        return Err(error);
    }
    let id = &file.journal.id;
    writeln!(
        env.stderr,
        "{} `meshsec policy apply --resume {id}` does the rest, `--undo {id}` takes it back; the journal is `{}`",
        env.style.note("note:"),
        file.path().display()
    )?;
    Err(error)
}

/// Takes a run back at once.
fn take_back(cluster: &Cluster, file: &mut JournalFile, teller: &mut Teller, env: &mut Env<'_>) -> Result<(), Error> {
    let message = "it failed, and is taken back".to_owned();
    file.note(&Done::Stopped { message })?;
    undo::run(cluster, file, false, env, &mut |key, restored, env| teller.restored(key, restored, env))
}

/// Asks on a terminal; anything but a yes is a no.
fn confirmed(env: &mut Env<'_>) -> Result<bool, Error> {
    if !env.stderr_is_terminal || env.ask_secret.is_none() {
        return Ok(false);
    }
    write!(env.stderr, "apply this? [y/N] ")?;
    env.stderr.flush()?;
    let mut line = String::new();
    env.stdin.read_line(&mut line).map_err(|source| Error::Read { path: "<stdin>".to_owned(), source })?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

fn summary(plan: &Plan, judged: &Judged) -> Value {
    let changes: Vec<Value> = judged
        .diff
        .changes
        .iter()
        .map(|change| {
            json!({
                "direction": change.direction().as_str(),
                "callers": change.callers.to_string(),
                "ports": change.ports.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "requests": change.requests.text,
                "before": change.before.verdict.as_str(),
                "after": change.after.verdict.as_str(),
                "witness": change.witness.scenario,
            })
        })
        .collect();
    let plan = render::plan_json(plan, &[]);
    json!({ "verdicts": changes, "unexpected": judged.unexpected, "gaps": plan.get("gaps") })
}
