//! `meshsec ca install`: the plug-in authority into a live cluster, checked before, compared with what is there, read back after.

mod installed;
mod obstacle;

use clap::Args;
use clap::ValueEnum;
use jiff::Timestamp;
use serde_json::json;

use crate::cli::ca::install::installed::Existing;
use crate::cli::ca::install::installed::Files;
use crate::cli::ca::install::installed::Installed;
use crate::cli::ca::install::obstacle::Facts;
use crate::cli::ca::plug_in::PlugIn;
use crate::cli::ca::plug_in::PlugInArgs;
use crate::cli::ca::show::Format;
use crate::cli::cluster::ClusterArgs;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cluster;
use crate::cluster::Apply;
use crate::cluster::Cluster;
use crate::pki::istiod;
use crate::pki::istiod::FileName;
use crate::pki::istiod::Present;
use crate::pki::istiod::Reload;
use crate::pki::istiod::Transition;
use crate::render;
use crate::render::InstallationView;
use crate::render::Written;

/// Whose fields the Secret's are.
const FIELD_MANAGER: &str = "meshsec";

/// Put an intermediate into a cluster, for istiod to sign with
///
/// Writes the Secret `cacerts` that `ca export --for istio -o k8s` prints. Before that the files are loaded as istiod would load them, and
/// compared with what the mesh has: its Secret, and the roots in every `istio-ca-root-cert`. What would break connections is refused,
/// with the steps that do not. A Secret that holds all of it already is left alone. Afterwards it is read back and loaded once more.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct InstallArgs {
    #[command(flatten)]
    plug_in: PlugInArgs,
    #[command(flatten)]
    cluster: ClusterArgs,
    /// Write nothing: `client` compares with what is there, `server` also asks the API server whether it would take the Secret
    #[arg(long, value_enum, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    dry_run: Option<DryRun>,
    /// Restart istiod when the Secret was written, as `kubectl rollout restart` does
    #[arg(long)]
    restart: bool,
    /// Write it although connections will break, and remove keys from the Secret that istiod would take instead
    #[arg(long)]
    force: bool,
    /// Take over fields of the Secret that somebody else manages
    #[arg(long)]
    force_conflicts: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    output: Format,
}

const EXAMPLES: &str = "Examples:
  meshsec ca install --name cluster-east --dry-run=server
  meshsec ca install --name cluster-east --restart
  meshsec ca install --name cluster-east --context east -o json

Exit codes: 0 installed, or there already; 2 refused, and nothing was written; 3 the cluster failed";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DryRun {
    /// Compare, and send nothing
    Client,
    /// Let the API server check it, and keep nothing
    Server,
}

impl InstallArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let mut opened = self.plug_in.open(env)?;
        // Everything that can be refused is refused before a revocation list gets its number.
        let mut plug_in = PlugIn::of(&opened.issuer, None, env.now)?;
        let cluster = self.cluster.connect()?;
        let installed = Installed::read(&cluster, &self.plug_in.namespace)?;
        self.warn(&installed, env)?;
        let trust_domain = opened.issuer.authority.trust_domain.clone();
        let mesh_trust_domain = installed.trust_domain.clone().unwrap_or_else(|| trust_domain.to_string());
        let present = Present { authority: installed.authority(), trusted: &installed.trusted };
        let transition = istiod::transition(present, &plug_in.material(), &mesh_trust_domain, env.now);
        let facts = Facts {
            intermediate: &self.plug_in.name,
            namespace: &self.plug_in.namespace,
            context: cluster.context(),
            trust_domain: &trust_domain,
            mesh_trust_domain: &mesh_trust_domain,
            is_forced: self.force,
        };
        obstacle::require_safe(&transition, &facts, env)?;
        let mut step = Step { written: Written::Unchanged, transition, reload: None, restarted: Vec::new() };
        if self.plug_in.crl || !installed.holds(&plug_in) {
            if self.dry_run.is_none() {
                let lists = self.plug_in.lists(&mut opened, env.now)?;
                plug_in = PlugIn::of(&opened.issuer, lists.as_deref(), env.now)?;
            }
            let new = plug_in.material();
            let reload = |before: &Existing| istiod::reload(&before.material, &new, installed.is_multi_root(), env.now);
            step.reload = installed.secret.as_ref().map(reload);
            step.written = self.write(&cluster, &installed, &plug_in, env)?;
            if self.restart && self.dry_run.is_none() {
                step.restarted = restart(&cluster, &installed, env.now)?;
            }
        }
        self.finish(&cluster, &plug_in, &step, &mesh_trust_domain, env)
    }

    fn warn(&self, installed: &Installed, env: &mut Env<'_>) -> Result<(), Error> {
        if let Some(error) = &installed.unread_roots {
            let text = "the roots of other namespaces could not be compared";
            writeln!(env.stderr, "{} {text}: {error}", env.style.warning("warning:"))?;
        }
        if let (Some(error), true) = (&installed.unread_deployments, self.restart) {
            return Err(Error::question(format!("istiod cannot be restarted: {error}"), error.help()));
        }
        if self.restart && installed.deployments.is_empty() && !env.quiet {
            let text = format!("no istiod runs in namespace `{}`: nothing is restarted", self.plug_in.namespace);
            writeln!(env.stderr, "{} {text}", env.style.note("note:"))?;
        }
        Ok(())
    }

    /// Writes the Secret, after the API server has said what would become of it.
    fn write(&self, cluster: &Cluster, installed: &Installed, plug_in: &PlugIn, env: &mut Env<'_>) -> Result<Written, Error> {
        let done = if installed.secret.is_some() { Written::Configured } else { Written::Created };
        if self.dry_run == Some(DryRun::Client) {
            return Ok(done);
        }
        let secret = plug_in.secret(&self.plug_in.namespace).value();
        let how = |dry_run| Apply { dry_run, force: self.force_conflicts, field_manager: FIELD_MANAGER.to_owned() };
        let would_be = cluster.apply(&secret, &how(true))?;
        let would_be_files = installed::files_of(&would_be.object.value);
        let mut disturbing = disturbing_keys(&would_be_files, plug_in);
        disturbing.retain(|name| !self.plug_in.crl || *name != FileName::CaCrl.name());
        if !disturbing.is_empty() && !self.force {
            return Err(Error::question(
                format!(
                    "Secret `{}/cacerts` also holds `{}`, which istiod would heed",
                    self.plug_in.namespace,
                    disturbing.join("`, `")
                ),
                "remove the keys, or replace the whole Secret with `--force`".to_owned(),
            ));
        }
        for warning in &would_be.warnings {
            writeln!(env.stderr, "{} {warning}", env.style.warning("warning:"))?;
        }
        if self.dry_run == Some(DryRun::Server) {
            return Ok(done);
        }
        match (&installed.secret, disturbing.is_empty()) {
            (Some(before), false) => cluster.replace(&before.replaced_by(&secret), &how(false))?,
            _ => cluster.apply(&secret, &how(false))?,
        };
        Ok(done)
    }

    /// Reads back what was written, loads it as istiod would, and tells.
    fn finish(
        &self,
        cluster: &Cluster,
        plug_in: &PlugIn,
        step: &Step,
        trust_domain: &str,
        env: &mut Env<'_>,
    ) -> Result<Outcome, Error> {
        let is_there = self.dry_run.is_none() || step.written == Written::Unchanged;
        let wanted = plug_in.material();
        let found = if is_there { installed::read_back(cluster, &self.plug_in.namespace)? } else { wanted.clone() };
        let verdict = istiod::verify(&found, trust_domain, env.now);
        if FileName::ALL.into_iter().any(|file| found.content(file) != wanted.content(file)) {
            return Err(cluster::Error::Changed { object: installed::secret_key(&self.plug_in.namespace) }.into());
        }
        let view = InstallationView {
            context: cluster.context(),
            namespace: &self.plug_in.namespace,
            written: step.written,
            dry_run: self.dry_run.map(|place| if place == DryRun::Client { "client" } else { "server" }),
            is_read_back: is_there,
            verdict: &verdict,
            transition: &step.transition,
            reload: step.reload.as_ref(),
            restarted: &step.restarted,
            now: env.now,
        };
        match self.output {
            Format::Text if env.quiet => {}
            Format::Text => render::installation_text(env.stdout, &view, env.style)?,
            Format::Json => render::installation_json(env.stdout, &view)?,
        }
        Ok(if verdict.usable || self.force { Outcome::Yes } else { Outcome::No })
    }
}

/// What was done.
struct Step {
    written: Written,
    transition: Transition,
    reload: Option<Reload>,
    restarted: Vec<String>,
}

/// Keys that istiod looks at and that do not belong to what is installed.
fn disturbing_keys<'f>(files: &'f Files, plug_in: &PlugIn) -> Vec<&'f str> {
    let own: Vec<&str> = plug_in.files().iter().map(|file| file.name).collect();
    files.keys().map(String::as_str).filter(|name| FileName::from_name(name).is_some() && !own.contains(name)).collect()
}

/// Changes the annotation that `kubectl rollout restart` changes. Says which were restarted.
fn restart(cluster: &Cluster, installed: &Installed, now: Timestamp) -> Result<Vec<String>, Error> {
    let restarted_at = Timestamp::from_second(now.as_second()).unwrap_or(now).to_string();
    let how = Apply { dry_run: false, force: true, field_manager: FIELD_MANAGER.to_owned() };
    let mut restarted = Vec::new();
    for deployment in &installed.deployments {
        let key = &deployment.key;
        let change = json!({
            "apiVersion": key.api_version, "kind": key.kind, "metadata": {"name": key.name, "namespace": key.namespace},
            "spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": restarted_at}}}},
        });
        cluster.apply(&change, &how)?;
        restarted.push(key.name.clone());
    }
    Ok(restarted)
}
