//! The loop around a proxy: what it tells is written, what changed is read, and signals end it.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;
use tokio::task::LocalSet;
use tokio::time::MissedTickBehavior;
use tokio::time::interval;

use crate::cli::describe;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::manifests::Loaded;
use crate::cli::manifests::ManifestArgs;
use crate::cli::simulate::proxy::Calls;
use crate::cli::simulate::proxy::Inbound;
use crate::cli::simulate::proxy::audit::AuditLog;
use crate::cli::simulate::proxy::ext_authz;
use crate::cli::simulate::proxy::follow::Followed;
use crate::cli::simulate::proxy::follow::manifest_files;
use crate::cli::simulate::proxy::identity::Source;
use crate::cli::simulate::proxy::jwks::Clock;
use crate::cli::simulate::proxy::jwks::LiveKeys;
use crate::cli::simulate::proxy::jwks::Round;
use crate::cli::simulate::proxy::served::Made;
use crate::cli::simulate::proxy::served::RulesMaker;
use crate::cli::simulate::proxy::terminal::Screen;
use crate::cli::simulate::proxy::terminal::View;
use crate::cli::simulate::proxy::terminal::Wish;
use crate::cli::simulate::proxy::ui::Ui;
use crate::mesh::Workload;
use crate::proxy::Credentials;
use crate::proxy::Endpoints;
use crate::proxy::Event;
use crate::proxy::Outbound;
use crate::proxy::ProviderAddress;
use crate::proxy::Server;
use crate::render;
use crate::simulate::Enforcer;
use crate::simulate::KeySets;
use crate::simulate::Verdict;

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Decisions that may wait to be written.
const EVENTS: usize = 1024;

/// Everything that proxies need while they run.
pub(super) struct Serving {
    pub(super) manifests: ManifestArgs,
    pub(super) followed_manifests: Followed,
    pub(super) followed_identity: Followed,
    pub(super) keys: LiveKeys,
    pub(super) clock: Clock,
    pub(super) providers: BTreeMap<String, ProviderAddress>,
    pub(super) maker: RulesMaker,
    pub(super) audit: Option<AuditLog>,
    /// The audit log has traces.
    pub(super) explains: bool,
    pub(super) ui: Option<Rc<Ui>>,
    pub(super) drain_timeout: Duration,
    /// The ledger's lists could not be read the last time.
    pub(super) is_ledger_lost: bool,
}

/// The proxies that run.
struct Proxies {
    inbound: Vec<(Server, Source)>,
    outbound: Option<(Outbound, Source)>,
}

/// What was counted.
#[derive(Default)]
struct Tally(BTreeMap<Verdict, u64>);

/// Manifests that are being read on another thread.
type Reading = JoinHandle<Result<Read, Error>>;

/// Manifests, the key sets of their rules, and what is to be told of these.
type Read = (Loaded, KeySets, Vec<String>);

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
        inbound: Vec<Inbound>,
        calls: Option<Calls>,
        made: Made,
        env: &mut Env<'_>,
    ) -> Result<Outcome, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Signals)?;
        let outcome = LocalSet::new().block_on(&runtime, self.show_and_serve(inbound, calls, made, env));
        runtime.shutdown_timeout(Duration::from_millis(100));
        outcome
    }

    /// On a terminal, with rates below the lines.
    async fn show_and_serve(
        self,
        inbound: Vec<Inbound>,
        calls: Option<Calls>,
        made: Made,
        env: &mut Env<'_>,
    ) -> Result<Outcome, Error> {
        if !env.is_interactive || env.quiet {
            return self.serve(inbound, calls, made, None, env).await;
        }
        let screen = Screen::new(env.stdout, env.stderr);
        let (mut stdout, mut stderr) = Screen::streams(&screen);
        let view = View::open(&screen, env.style)?;
        let mut above = Env {
            stdin: env.stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            variable: env.variable,
            ask_secret: env.ask_secret,
            now: env.now,
            style: env.style,
            stderr_is_terminal: env.stderr_is_terminal,
            is_interactive: env.is_interactive,
            quiet: env.quiet,
        };
        self.serve(inbound, calls, made, view, &mut above).await
    }

    async fn serve(
        mut self,
        inbound: Vec<Inbound>,
        calls: Option<Calls>,
        made: Made,
        mut view: Option<View<'_, '_>>,
        env: &mut Env<'_>,
    ) -> Result<Outcome, Error> {
        let mut signals = Signals::listen()?;
        let (told, mut events) = mpsc::channel(EVENTS);
        let is_heard = !env.quiet || self.audit.is_some() || self.ui.is_some();
        let enforcers: Vec<_> = made.rules.iter().map(|rules| Rc::clone(&rules.enforcer)).collect();
        for enforcer in &enforcers {
            for text in ext_authz::unreachable(enforcer, &self.providers) {
                say(env, &text)?;
            }
        }
        let mut proxies = Proxies::start(inbound, calls, made, is_heard.then_some(&told)).await?;
        if !env.quiet {
            introduce(&proxies, &enforcers, env)?;
        }
        if let Some(ui) = &self.ui {
            let address = ui.start(proxies.inbound.iter().map(|(server, _)| server.glance()).collect()).await?;
            if !env.quiet {
                writeln!(env.stderr, "look on at http://{address}/")?;
                env.stderr.flush()?;
            }
        }
        drop(enforcers);
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut tally = Tally::default();
        let mut reading: Option<Reading> = None;
        let mut fetching: Option<JoinHandle<Round>> = None;
        loop {
            tokio::select! {
                Some(event) = events.recv() => {
                    self.show(event, &mut tally, view.as_mut(), env).await?;
                    if events.is_empty() {
                        env.stdout.flush()?;
                        draw(view.as_mut(), &proxies)?;
                    }
                }
                _ = looks.tick() => {
                    if reading.is_none() && self.followed_manifests.have_changed(manifest_files(&self.manifests)) {
                        reading = Some(self.read());
                    }
                    let have_changed = self.followed_identity.have_changed(proxies.identity_files());
                    proxies.renew(have_changed, env)?;
                    self.follow_lists(&proxies, env)?;
                    self.tell_losses(env)?;
                    if fetching.is_none() && let Some(fetch) = self.clock.due(&self.keys) {
                        fetching = Some(tokio::task::spawn_blocking(fetch));
                    }
                    draw(view.as_mut(), &proxies)?;
                }
                read = finished(&mut reading) => {
                    reading = None;
                    self.replace(read, &proxies, env)?;
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
                    proxies.renew(true, env)?;
                }
                wish = wish(view.as_mut()) => match wish {
                    Wish::Quit => break,
                    Wish::Draw => draw(view.as_mut(), &proxies)?,
                },
                _ = signals.terminate.recv() => break,
                _ = signals.interrupt.recv() => break,
            }
        }
        drop(view);
        self.end(proxies, events, tally, env).await
    }

    /// Lets requests under way end, writes what is left to write, and says what was done.
    async fn end(
        mut self,
        proxies: Proxies,
        mut events: mpsc::Receiver<Event>,
        mut tally: Tally,
        env: &mut Env<'_>,
    ) -> Result<Outcome, Error> {
        if let Some(ui) = &self.ui {
            ui.drain();
        }
        let open = proxies.connections();
        if open > 0 && !env.quiet {
            say_quietly(env, &format!("ending: {open} connections have {:?} left", self.drain_timeout))?;
        }
        let mut drained = std::pin::pin!(proxies.drain(self.drain_timeout));
        let left = loop {
            tokio::select! {
                left = drained.as_mut() => break left,
                Some(event) = events.recv() => self.show(event, &mut tally, None, env).await?,
            }
        };
        while let Ok(event) = events.try_recv() {
            self.show(event, &mut tally, None, env).await?;
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

    async fn show(
        &mut self,
        event: Event,
        tally: &mut Tally,
        view: Option<&mut View<'_, '_>>,
        env: &mut Env<'_>,
    ) -> Result<(), Error> {
        match event {
            Event::Notice(text) => say(env, &text),
            Event::Called(call) => {
                if !env.quiet && view.is_none_or(|view| view.shows(|out, style| render::call_line(out, &call, style))) {
                    render::call_line(env.stdout, &call, env.style)?;
                }
                Ok(())
            }
            Event::Decided(mut record) => {
                *tally.0.entry(record.decision.verdict).or_default() += 1;
                // Whoever looks on is shown the trace also when the log is not to have it.
                let trace = record.decision.trace.take_if(|_| !self.explains);
                if let Some(audit) = &mut self.audit {
                    audit.keep(&record).await;
                    if audit.has_news() {
                        self.tell_losses(env)?;
                    }
                }
                let is_shown = view.is_none_or(|view| {
                    view.count(&record);
                    view.shows(|out, style| render::proxy_line(out, &record, style))
                });
                if !env.quiet && is_shown {
                    render::proxy_line(env.stdout, &record, env.style)?;
                }
                if let Some(ui) = &self.ui {
                    record.decision.trace = trace.or(record.decision.trace.take());
                    ui.keep(*record);
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
                stdin: &mut io::empty(),
                stdout: &mut io::sink(),
                stderr: &mut io::sink(),
                variable: &|name| std::env::var_os(name),
                ask_secret: None,
                now: Timestamp::now(),
                style: render::Style::plain(),
                stderr_is_terminal: false,
                is_interactive: false,
                quiet: true,
            };
            let loaded = manifests.load(&mut env)?;
            let (keys, told) = keys.load(&loaded.mesh)?;
            Ok((loaded, keys, told))
        })
    }

    /// New rules take effect; broken ones are told, and the old ones hold.
    fn replace(&mut self, read: Result<Read, Error>, proxies: &Proxies, env: &mut Env<'_>) -> Result<(), Error> {
        let mut told = Vec::new();
        let made = read.and_then(|(loaded, keys, news)| {
            told = news;
            self.maker.make(loaded, &keys)
        });
        told.iter().try_for_each(|text| say(env, text))?;
        self.clock.hurry(&self.keys);
        match made {
            Ok(made) => proxies.replace(made, env),
            Err(error) => {
                if let Error::Manifests { manifests, sources, .. } = &error {
                    render::findings(env.stderr, &manifests.findings, sources, env.style)?;
                }
                describe(&error, env);
                say(env, "the rules of before hold")
            }
        }
    }
}

impl Serving {
    /// Revocation lists that were made since take effect.
    fn follow_lists(&mut self, proxies: &Proxies, env: &mut Env<'_>) -> Result<(), Error> {
        for (server, source) in &proxies.inbound {
            let credentials = server.credentials();
            let lists = match source.newer_lists(&credentials, Timestamp::now()) {
                Ok(None) => continue,
                Ok(Some(lists)) => lists,
                // The next look tries again, and is not told.
                Err(_) if self.is_ledger_lost => return Ok(()),
                Err(error) => {
                    self.is_ledger_lost = true;
                    describe(&error, env);
                    return say(env, "the revocation lists of before hold");
                }
            };
            self.is_ledger_lost = false;
            let revoked: usize = lists.iter().map(|list| list.entries().len()).sum();
            let text = format!("{} revocation lists were read again: {revoked} certificates are revoked", lists.len());
            server.replace_credentials(credentials.with_lists(lists));
            if !env.quiet {
                say_quietly(env, &text)?;
            }
        }
        Ok(())
    }
}

impl Proxies {
    /// Starts those of the workloads, and then that of the caller, which has to know where they are.
    async fn start(
        inbound: Vec<Inbound>,
        calls: Option<Calls>,
        made: Made,
        told: Option<&mpsc::Sender<Event>>,
    ) -> Result<Self, Error> {
        let refused = |(address, source): (SocketAddr, io::Error)| Error::Listen { address: address.to_string(), source };
        let mut served = Vec::with_capacity(inbound.len());
        let mut here = Endpoints::new();
        for (Inbound { options, source, credentials }, rules) in inbound.into_iter().zip(made.rules) {
            let name = options.workload.clone();
            let started = Server::start(options, rules, credentials, told.cloned()).await.map_err(refused)?;
            here.extend(started.addresses().iter().map(|(port, address)| ((name.clone(), *port), *address)));
            served.push((started, source));
        }
        let mut outbound = None;
        if let Some((Calls { mut options, source, credentials }, outgoing)) = calls.zip(made.outgoing) {
            // Another process that was named comes before what is served here.
            here.append(&mut options.endpoints);
            options.endpoints = here;
            let started = Outbound::start(options, outgoing, credentials, told.cloned()).await.map_err(refused)?;
            outbound = Some((started, source));
        }
        Ok(Self { inbound: served, outbound })
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        self.inbound.iter().map(|(_, source)| source).chain(self.outbound.iter().map(|(_, source)| source))
    }

    /// Files that all identities are read from again when they change.
    fn identity_files(&self) -> Vec<PathBuf> {
        self.sources().next().map(Source::files).unwrap_or_default()
    }

    fn connections(&self) -> usize {
        let outbound = self.outbound.as_ref().map_or(0, |(outbound, _)| outbound.connections());
        self.inbound.iter().map(|(server, _)| server.connections()).sum::<usize>() + outbound
    }

    /// Ends all of them at the same time. Returns how many connections were cut.
    async fn drain(self, patience: Duration) -> usize {
        let mut tasks = JoinSet::new();
        for (server, _) in self.inbound {
            tasks.spawn_local(server.drain(patience));
        }
        if let Some((outbound, _)) = self.outbound {
            tasks.spawn_local(outbound.drain(patience));
        }
        tasks.join_all().await.into_iter().sum()
    }

    fn replace(&self, made: Made, env: &mut Env<'_>) -> Result<(), Error> {
        let mut policies = 0;
        let mut news = Vec::new();
        for ((server, _), rules) in self.inbound.iter().zip(made.rules) {
            let known: Vec<u16> = server.addresses().iter().map(|(port, _)| *port).collect();
            policies += rules.enforcer.policy_count();
            let declared = rules.enforcer.mesh().inbound_ports(rules.enforcer.workload());
            let name = rules.enforcer.mesh().workload(rules.enforcer.workload()).map(Workload::display_name).unwrap_or_default();
            let new = declared.iter().map(|port| port.port).filter(|port| !known.contains(port));
            news.extend(new.map(|port| format!("port {port} of {name} is new: it is served when the proxy is started again")));
            server.replace_rules(rules);
        }
        if let Some(((outbound, _), outgoing)) = self.outbound.as_ref().zip(made.outgoing) {
            outbound.replace_outgoing(outgoing);
        }
        if env.quiet {
            return Ok(());
        }
        say_quietly(env, &format!("the manifests were read again: {policies} policies hold"))?;
        news.iter().try_for_each(|text| say(env, text))
    }

    /// New credentials take effect, those of everyone or those that are due; those that cannot be used are told, and the old ones hold.
    fn renew(&mut self, everyone: bool, env: &mut Env<'_>) -> Result<(), Error> {
        let now = Timestamp::now();
        for (server, source) in &mut self.inbound {
            let old = server.credentials();
            if everyone || source.is_due(&old, now) {
                renew(source, &old, |credentials| server.replace_credentials(credentials), env)?;
            }
            if let Some(until) = source.expired(&server.credentials(), now) {
                say(env, &format!("the identity expired at {until}: callers refuse it; renew it with `meshsec svid renew`"))?;
            }
        }
        if let Some((outbound, source)) = &mut self.outbound {
            let old = outbound.credentials();
            if everyone || source.is_due(&old, now) {
                renew(source, &old, |credentials| outbound.replace_credentials(credentials), env)?;
            }
        }
        Ok(())
    }
}

fn renew(source: &mut Source, old: &Credentials, replace: impl FnOnce(Credentials), env: &mut Env<'_>) -> Result<(), Error> {
    match source.load(Timestamp::now()) {
        Ok(credentials) => {
            let until = credentials.lifetime().1;
            replace(credentials);
            if env.quiet { Ok(()) } else { say_quietly(env, &format!("the identity was replaced: good until {until}")) }
        }
        Err(error) => {
            describe(&error, env);
            say(env, &format!("the identity of before holds, good until {}", old.lifetime().1))
        }
    }
}

/// A table of what is served where, and where calls are taken.
fn introduce(proxies: &Proxies, enforcers: &[Rc<Enforcer>], env: &mut Env<'_>) -> Result<(), Error> {
    let names: Vec<String> = enforcers
        .iter()
        .map(|enforcer| enforcer.mesh().workload(enforcer.workload()).map(Workload::display_name).unwrap_or_default())
        .collect();
    let width = names.iter().map(String::len).max().unwrap_or_default();
    for (((server, source), enforcer), name) in proxies.inbound.iter().zip(enforcers).zip(&names) {
        let policies = enforcer.policy_count();
        for (port, address) in server.addresses() {
            let guard = enforcer.guard(*port);
            let mode = format!("{}{}", guard.mode.as_str(), if guard.mode_from.is_some() { "" } else { " (default)" });
            let plural = if policies == 1 { "policy  " } else { "policies" };
            let padding = width - name.len() + 6 - port.to_string().len();
            writeln!(
                env.stderr,
                "{name} :{port}{:padding$} -> listening {address}   {mode:<20}   {policies} {plural}   identity {} {}",
                "",
                server.credentials().identity(),
                source.describe()
            )?;
        }
    }
    if let Some((outbound, source)) = &proxies.outbound {
        writeln!(
            env.stderr,
            "calls of {} -> taken at {}   as HTTP proxy, SOCKS5 and by Host   identity {} {}",
            outbound.caller(),
            outbound.address(),
            outbound.credentials().identity(),
            source.describe()
        )?;
        if !outbound.reaches_anything() {
            say(env, "no workload is served here that could be called: add `--all`, `--workload` or `--endpoint`")?;
        }
    }
    env.stderr.flush()?;
    Ok(())
}

/// What the user of a terminal asks for; nothing ever where there is none.
async fn wish(view: Option<&mut View<'_, '_>>) -> Wish {
    match view {
        Some(view) => view.wish().await,
        None => std::future::pending().await,
    }
}

fn draw(view: Option<&mut View<'_, '_>>, proxies: &Proxies) -> Result<(), Error> {
    view.map_or(Ok(()), |view| view.draw(proxies.connections())).map_err(Error::from)
}

/// The manifests, when they were being read and are; never otherwise.
async fn finished(reading: &mut Option<Reading>) -> Result<Read, Error> {
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
