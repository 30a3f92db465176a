//! `--ui`: a page for a browser, and Envoy's admin endpoints beside it.

mod pages;
mod sending;

use std::cell::Cell;
use std::cell::OnceCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use clap::Args;

use crate::cli::error::Error;
use crate::pki::Signer;
use crate::proxy::Counters;
use crate::proxy::Glance;
use crate::proxy::Record;
use crate::proxy::admin;
use crate::proxy::admin::History;
use crate::simulate::Detail;

/// Where to look on.
#[derive(Debug, Args)]
#[command(next_help_heading = "Looking on")]
pub(super) struct UiArgs {
    /// Serve a page here, such as `127.0.0.1:15000`: it shows the mesh, each decision as it happens and why, and sends requests as any
    /// workload. Beside it, as Envoy names them: `/ready`, `/stats/prometheus` and `/config_dump`, and `/decisions?since=N` with what was decided of
    /// late, as JSON
    #[arg(long, value_name = "ADDRESS:PORT")]
    ui: Option<SocketAddr>,
    /// Let other machines open that page: they see every decision, and send requests as any workload
    #[arg(long, requires = "ui")]
    ui_expose: bool,
}

/// What is shown while a proxy runs.
pub(super) struct Ui {
    address: SocketAddr,
    detail: Detail,
    /// Issues identities for callers, where that leaves no trace.
    signer: Option<Rc<Signer>>,
    history: Rc<History>,
    counters: Rc<Counters>,
    glances: OnceCell<Vec<Glance>>,
    watchers: Cell<usize>,
    is_draining: Cell<bool>,
    started: Instant,
}

/// Somebody looks, as long as this lives: everything that is looked at is told of, then.
struct Looking(Rc<Ui>);

impl UiArgs {
    /// What is shown, if anything is to be. `detail` is told when nobody looks.
    pub(super) fn prepare(&self, detail: Detail, signer: Option<Rc<Signer>>) -> Result<Option<Rc<Ui>>, Error> {
        let Some(address) = self.ui else { return Ok(None) };
        if !address.ip().is_loopback() && !self.ui_expose {
            return Err(Error::question(
                format!("`--ui {address}` is reached from other machines"),
                "add `--ui-expose` if they are to see every decision, and to send requests as any workload".to_owned(),
            ));
        }
        Ok(Some(Rc::new(Ui {
            address,
            detail,
            signer,
            history: Rc::default(),
            counters: Rc::default(),
            glances: OnceCell::new(),
            watchers: Cell::new(0),
            is_draining: Cell::new(false),
            started: Instant::now(),
        })))
    }
}

impl Ui {
    /// Where servers count.
    pub(super) fn counters(&self) -> Rc<Counters> {
        Rc::clone(&self.counters)
    }

    /// Listens, and shows these workloads. Returns where.
    pub(super) async fn start(self: &Rc<Self>, glances: Vec<Glance>) -> Result<SocketAddr, Error> {
        // It is started once.
        let _ = self.glances.set(glances);
        let ui = Rc::clone(self);
        let listening = admin::listen(self.address, move |asked| pages::answer(Rc::clone(&ui), asked)).await;
        listening.map_err(|source| Error::Listen { address: self.address.to_string(), source })
    }

    /// Keeps a decision to be shown.
    pub(super) fn keep(&self, record: Record) {
        self.counters.decided(&record);
        self.history.push(record);
    }

    /// No more connections are taken from now on.
    pub(super) fn drain(&self) {
        self.is_draining.set(true);
    }

    fn glances(&self) -> &[Glance] {
        self.glances.get().map(Vec::as_slice).unwrap_or_default()
    }

    fn look(self: &Rc<Self>) -> Looking {
        self.watchers.set(self.watchers.get() + 1);
        self.glances().iter().for_each(|glance| glance.tell_in(Detail::Trace));
        Looking(Rc::clone(self))
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        let ui = &self.0;
        ui.watchers.set(ui.watchers.get().saturating_sub(1));
        if ui.watchers.get() == 0 {
            ui.glances().iter().for_each(|glance| glance.tell_in(ui.detail));
        }
    }
}
