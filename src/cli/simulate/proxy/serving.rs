//! The loop around a proxy: what it tells is written, what changed is read, and signals end it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::task::LocalSet;
use tokio::time::MissedTickBehavior;
use tokio::time::interval;

use crate::cli::describe;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::cli::simulate::proxy::RulesMaker;
use crate::cli::simulate::proxy::audit::AuditLog;
use crate::cli::simulate::proxy::ext_authz;
use crate::cli::simulate::proxy::follow::Followed;
use crate::cli::simulate::proxy::follow::manifest_files;
use crate::cli::simulate::proxy::identity::Source;
use crate::cli::simulate::proxy::jwks::Clock;
use crate::cli::simulate::proxy::jwks::LiveKeys;
use crate::cli::simulate::proxy::jwks::Round;
use crate::proxy::Credentials;
use crate::proxy::Event;
use crate::proxy::Options;
use crate::proxy::Rules;
use crate::proxy::Server;
use crate::render;
use crate::simulate::KeySets;
use crate::simulate::Verdict;

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Decisions that may wait to be written.
const EVENTS: usize = 1024;

/// Everything that a proxy needs while it runs.
pub(super) struct Serving {
    pub(super) manifests: ManifestArgs,
    pub(super) keys: LiveKeys,
    pub(super) clock: Clock,
    pub(super) maker: RulesMaker,
    pub(super) source: Source,
    pub(super) audit: Option<AuditLog>,
    pub(super) drain_timeout: Duration,
    /// The ledger's lists could not be read the last time.
    pub(super) is_ledger_lost: bool,
}

/// What was counted.
#[derive(Default)]
struct Tally(BTreeMap<Verdict, u64>);

/// Manifests that are being read on another thread.
type Reading = JoinHandle<Result<(Loaded, KeySets, Vec<String>), Error>>;

struct Signals {
    reload: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Error> {
        let listen = |kind| signal(kind).map_err(Error::Signals);
        Ok(Self {
            reload: listen(SignalKind::hangup())?,
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }
}

impl Serving {
    /// Serves until a signal ends it.
    pub(super) fn run(
        self,
        options: Options,
        rules: Rules,
        credentials: Credentials,
        env: &mut Env<'_>,
    ) -> Result<Outcome, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Signals)?;
        let outcome = LocalSet::new().block_on(&runtime, self.serve(options, rules, credentials, env));
        runtime.shutdown_timeout(Duration::from_millis(100));
        outcome
    }

    async fn serve(
        mut self,
        options: Options,
        rules: Rules,
        credentials: Credentials,
        env: &mut Env<'_>,
    ) -> Result<Outcome, Error> {
        let mut signals = Signals::listen()?;
        let (told, mut events) = mpsc::channel(EVENTS);
        let enforcer = std::rc::Rc::clone(&rules.enforcer);
        for text in ext_authz::unreachable(&enforcer, &options.providers) {
            say(env, &text)?;
        }
        let is_heard = !env.quiet || self.audit.is_some();
        let server = Server::start(options, rules, credentials, is_heard.then_some(told))
            .await
            .map_err(|(address, source)| Error::Listen { address: address.to_string(), source })?;
        if !env.quiet {
            self.introduce(&server, &enforcer, env)?;
        }
        drop(enforcer);
        let mut manifests = Followed::new(manifest_files(&self.manifests));
        let mut identity = Followed::new(self.source.files());
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut tally = Tally::default();
        let mut reading: Option<Reading> = None;
        let mut fetching: Option<JoinHandle<Round>> = None;
        loop {
            tokio::select! {
                Some(event) = events.recv() => {
                    self.show(event, &mut tally, env).await?;
                    if events.is_empty() {
                        env.stdout.flush()?;
                    }
                }
                _ = looks.tick() => {
                    if manifests.have_changed(manifest_files(&self.manifests)) && reading.is_none() {
                        reading = Some(self.read());
                    }
                    if identity.have_changed(self.source.files()) || self.source.is_due(&server.credentials(), Timestamp::now()) {
                        self.renew(&server, env)?;
                    }
                    self.follow_lists(&server, env)?;
                    self.tell_losses(env)?;
                    if fetching.is_none() && let Some(fetch) = self.clock.due(&self.keys) {
                        fetching = Some(tokio::task::spawn_blocking(fetch));
                    }
                }
                read = finished(&mut reading) => {
                    reading = None;
                    self.replace(read, &server, env)?;
                }
                round = fetched(&mut fetching) => {
                    fetching = None;
                    self.clock.done(&round);
                    round.told.iter().try_for_each(|text| say(env, text))?;
                    if round.has_changed && reading.is_none() {
                        reading = Some(self.read());
                    }
                }
                _ = signals.reload.recv() => {
                    if reading.is_none() {
                        reading = Some(self.read());
                    }
                    self.renew(&server, env)?;
                }
                _ = signals.terminate.recv() => break,
                _ = signals.interrupt.recv() => break,
            }
        }
        self.end(server, events, tally, env).await
    }

    /// Lets requests under way end, writes what is left to write, and says what was done.
    async fn end(
        mut self,
        server: Server,
        mut events: mpsc::Receiver<Event>,
        mut tally: Tally,
        env: &mut Env<'_>,
    ) -> Result<Outcome, Error> {
        let open = server.connections();
        if open > 0 && !env.quiet {
            say_quietly(env, &format!("ending: {open} connections have {:?} left", self.drain_timeout))?;
        }
        let mut drained = std::pin::pin!(server.drain(self.drain_timeout));
        let left = loop {
            tokio::select! {
                left = drained.as_mut() => break left,
                Some(event) = events.recv() => self.show(event, &mut tally, env).await?,
            }
        };
        while let Ok(event) = events.try_recv() {
            self.show(event, &mut tally, env).await?;
        }
        env.stdout.flush()?;
        if left > 0 {
            say(env, &format!("{left} connections did not end in time, and were cut"))?;
        }
        if !env.quiet {
            say_quietly(env, &tally.summary())?;
        }
        if let Some(audit) = self.audit.take() {
            let summary = audit.close();
            if !env.quiet {
                say_quietly(env, &summary)?;
            }
        }
        Ok(Outcome::Yes)
    }

    fn introduce(&self, server: &Server, enforcer: &crate::simulate::Enforcer, env: &mut Env<'_>) -> Result<(), Error> {
        let policies = enforcer.policy_count();
        let name = enforcer.mesh().workload(enforcer.workload()).map(crate::mesh::Workload::display_name).unwrap_or_default();
        for (port, address) in server.addresses() {
            let guard = enforcer.guard(*port);
            let origin = if guard.mode_from.is_some() { "" } else { " (default)" };
            let plural = if policies == 1 { "policy" } else { "policies" };
            writeln!(
                env.stderr,
                "{name} :{port} -> listening {address}   {}{origin}   {policies} {plural}   identity {} {}",
                guard.mode.as_str(),
                server.credentials().identity(),
                self.source.describe()
            )?;
        }
        env.stderr.flush()?;
        Ok(())
    }

    async fn show(&mut self, event: Event, tally: &mut Tally, env: &mut Env<'_>) -> Result<(), Error> {
        match event {
            Event::Notice(text) => say(env, &text),
            Event::Decided(record) => {
                *tally.0.entry(record.decision.verdict).or_default() += 1;
                if let Some(audit) = &mut self.audit {
                    audit.keep(&record).await;
                    if audit.has_news() {
                        self.tell_losses(env)?;
                    }
                }
                if !env.quiet {
                    render::proxy_line(env.stdout, &record, env.style)?;
                }
                Ok(())
            }
        }
    }

    /// Says what is lost of the audit log.
    fn tell_losses(&mut self, env: &mut Env<'_>) -> Result<(), Error> {
        let news = self.audit.as_mut().map(AuditLog::news).unwrap_or_default();
        news.iter().try_for_each(|text| say(env, text))
    }

    /// Reads the manifests on another thread: requests go on meanwhile.
    fn read(&self) -> Reading {
        let (manifests, keys) = (self.manifests.clone(), self.keys.clone());
        tokio::task::spawn_blocking(move || {
            let mut env = Env {
                stdin: &mut std::io::empty(),
                stdout: &mut std::io::sink(),
                stderr: &mut std::io::sink(),
                variable: &|name| std::env::var_os(name),
                ask_secret: None,
                now: Timestamp::now(),
                style: render::Style::plain(),
                stderr_is_terminal: false,
                quiet: true,
            };
            let loaded = manifests.load(&mut env)?;
            let (keys, told) = keys.load(&loaded.mesh)?;
            Ok((loaded, keys, told))
        })
    }

    /// New rules take effect; broken ones are told, and the old ones hold.
    fn replace(
        &mut self,
        read: Result<(Loaded, KeySets, Vec<String>), Error>,
        server: &Server,
        env: &mut Env<'_>,
    ) -> Result<(), Error> {
        let mut told = Vec::new();
        let made = read.and_then(|(loaded, keys, news)| {
            told = news;
            self.maker.make(loaded, &keys)
        });
        told.iter().try_for_each(|text| say(env, text))?;
        self.clock.hurry(&self.keys);
        match made {
            Ok(rules) => {
                let known: Vec<u16> = server.addresses().iter().map(|(port, _)| *port).collect();
                let enforcer = std::rc::Rc::clone(&rules.enforcer);
                server.replace_rules(rules);
                if !env.quiet {
                    let policies = enforcer.policy_count();
                    say_quietly(env, &format!("the manifests were read again: {policies} policies hold"))?;
                    let declared = enforcer.mesh().inbound_ports(enforcer.workload());
                    for port in declared.iter().map(|port| port.port).filter(|port| !known.contains(port)) {
                        say(env, &format!("port {port} is new: it is served when the proxy is started again"))?;
                    }
                }
                Ok(())
            }
            Err(error) => {
                if let Error::Manifests { manifests, sources, .. } = &error {
                    render::findings(env.stderr, &manifests.findings, sources, env.style)?;
                }
                describe(&error, env);
                say(env, "the rules of before hold")
            }
        }
    }

    /// Revocation lists that were made since take effect.
    fn follow_lists(&mut self, server: &Server, env: &mut Env<'_>) -> Result<(), Error> {
        let credentials = server.credentials();
        match self.source.newer_lists(&credentials, Timestamp::now()) {
            Ok(None) => Ok(()),
            Ok(Some(lists)) => {
                self.is_ledger_lost = false;
                let revoked: usize = lists.iter().map(|list| list.entries().len()).sum();
                let text = format!("{} revocation lists were read again: {revoked} certificates are revoked", lists.len());
                server.replace_credentials(credentials.with_lists(lists));
                if env.quiet { Ok(()) } else { say_quietly(env, &text) }
            }
            // The next look tries again, and is not told.
            Err(_) if self.is_ledger_lost => Ok(()),
            Err(error) => {
                self.is_ledger_lost = true;
                describe(&error, env);
                say(env, "the revocation lists of before hold")
            }
        }
    }

    /// New credentials take effect; those that cannot be used are told, and the old ones hold.
    fn renew(&mut self, server: &Server, env: &mut Env<'_>) -> Result<(), Error> {
        match self.source.load(Timestamp::now()) {
            Ok(credentials) => {
                let until = credentials.lifetime().1;
                server.replace_credentials(credentials);
                if env.quiet { Ok(()) } else { say_quietly(env, &format!("the identity was replaced: good until {until}")) }
            }
            Err(error) => {
                describe(&error, env);
                let until = server.credentials().lifetime().1;
                say(env, &format!("the identity of before holds, good until {until}"))
            }
        }
    }
}

/// The manifests, when they were being read and are; never otherwise.
async fn finished(reading: &mut Option<Reading>) -> Result<(Loaded, KeySets, Vec<String>), Error> {
    match reading {
        None => std::future::pending().await,
        Some(reading) => match reading.await {
            Ok(read) => read,
            Err(_) => Err(Error::question("reading the manifests was cut short", None)),
        },
    }
}

/// What was fetched, when something was being; never otherwise.
async fn fetched(fetching: &mut Option<JoinHandle<Round>>) -> Round {
    match fetching {
        None => std::future::pending().await,
        Some(fetching) => fetching.await.unwrap_or_default(),
    }
}

impl Tally {
    fn summary(&self) -> String {
        let total: u64 = self.0.values().sum();
        let parts: Vec<String> = self.0.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        if parts.is_empty() { "0 decisions".to_owned() } else { format!("{total} decisions: {}", parts.join(", ")) }
    }
}

fn say(env: &mut Env<'_>, text: &str) -> Result<(), Error> {
    writeln!(env.stderr, "{} {text}", env.style.warning("warning:"))?;
    Ok(())
}

fn say_quietly(env: &mut Env<'_>, text: &str) -> Result<(), Error> {
    writeln!(env.stderr, "{}", env.style.faint(text))?;
    Ok(())
}
