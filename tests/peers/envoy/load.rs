use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::link::Pair;

/// How long the load runs against each state.
pub(crate) const HOLD: Duration = Duration::from_millis(250);

/// What came of the requests during a change, each over a connection of its own.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) answered: u64,
    pub(crate) failed: Vec<String>,
}

/// Asks without pause from two threads while something happens.
pub(crate) fn under_load(pair: &Pair, happens: impl FnOnce()) -> Load {
    let is_done = AtomicBool::new(false);
    let ask = || {
        let mut load = Load { answered: 0, failed: Vec::new() };
        while !is_done.load(Ordering::Relaxed) {
            let answer = pair.ask(0);
            if answer.is_good() {
                load.answered += 1;
            } else {
                load.failed.push(format!("{answer:?}"));
            }
        }
        load
    };
    thread::scope(|scope| {
        let threads = [scope.spawn(ask), scope.spawn(ask)];
        thread::sleep(HOLD);
        // The threads must end even when what happens fails.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(happens));
        is_done.store(true, Ordering::Relaxed);
        let loads = threads.map(|thread| thread.join().unwrap());
        outcome.unwrap_or_else(|cause| std::panic::resume_unwind(cause));
        Load {
            answered: loads.iter().map(|load| load.answered).sum(),
            failed: loads.into_iter().flat_map(|load| load.failed).collect(),
        }
    })
}
