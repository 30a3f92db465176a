//! SIGTERM and SIGINT as a wish to end.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use signal_hook::consts::SIGINT;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;

use crate::cli::error::Error;

/// Whether the program is to end.
#[derive(Debug)]
pub(in crate::cli) struct Stop {
    is_set: Arc<AtomicBool>,
    woken: mpsc::Receiver<()>,
}

impl Stop {
    /// From now on these signals do not end the program at once.
    pub(in crate::cli) fn listen() -> Result<Self, Error> {
        let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(Error::Signals)?;
        let is_set = Arc::new(AtomicBool::new(false));
        let (wake, woken) = mpsc::channel();
        let flag = Arc::clone(&is_set);
        thread::spawn(move || {
            for _ in signals.forever() {
                flag.store(true, Ordering::Relaxed);
                // Nobody listens any more only when the program ends already.
                let _ = wake.send(());
            }
        });
        Ok(Self { is_set, woken })
    }

    /// Whether a signal came.
    pub(in crate::cli) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Relaxed)
    }

    /// Waits this long, or until a signal comes.
    pub(in crate::cli) fn wait(&self, time: Duration) {
        if !self.is_set() {
            // Both outcomes are looked at by `is_set`.
            let _ = self.woken.recv_timeout(time);
        }
    }
}
