//! The decisions of late. There is never more of them than fits.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use tokio::sync::watch;

use crate::proxy::Record;
use crate::simulate::TraceEntry;

/// Decisions that are kept.
const RECORDS: usize = 1000;
/// Of so many also everything that was looked at, which is much more than the decision.
const TRACES: usize = 100;

/// A decision with its number, counted from 1.
#[derive(Debug, Clone)]
pub struct Numbered {
    /// Its number.
    pub id: u64,
    /// What was decided, without its trace.
    pub record: Rc<Record>,
}

/// The decisions of late.
#[derive(Debug)]
pub struct History {
    records: RefCell<VecDeque<Numbered>>,
    traces: RefCell<VecDeque<(u64, Vec<TraceEntry>)>>,
    last: watch::Sender<u64>,
}

impl Default for History {
    fn default() -> Self {
        Self { records: RefCell::default(), traces: RefCell::default(), last: watch::channel(0).0 }
    }
}

impl History {
    /// Keeps a decision, and its trace for a shorter while.
    pub fn push(&self, mut record: Record) {
        let id = self.last() + 1;
        if let Some(trace) = record.decision.trace.take() {
            let mut traces = self.traces.borrow_mut();
            traces.push_back((id, trace));
            if traces.len() > TRACES {
                traces.pop_front();
            }
        }
        let mut records = self.records.borrow_mut();
        records.push_back(Numbered { id, record: Rc::new(record) });
        if records.len() > RECORDS {
            records.pop_front();
        }
        drop(records);
        self.last.send_replace(id);
    }

    /// The number of the last decision; 0 before the first.
    #[must_use]
    pub fn last(&self) -> u64 {
        *self.last.borrow()
    }

    /// Tells when there are more.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// What is kept of the decisions after this one, but no more than the newest `limit`.
    #[must_use]
    pub fn since(&self, id: u64, limit: usize) -> Vec<Numbered> {
        let records = self.records.borrow();
        let newer = records.iter().rev().take_while(|kept| kept.id > id).take(limit).count();
        records.range(records.len() - newer..).cloned().collect()
    }

    /// The newest decision of which this holds.
    #[must_use]
    pub fn find(&self, matches: impl Fn(&Record) -> bool) -> Option<Numbered> {
        self.records.borrow().iter().rev().find(|kept| matches(&kept.record)).cloned()
    }

    /// One decision with all that is kept of it, while it is kept.
    #[must_use]
    pub fn whole(&self, id: u64) -> Option<Record> {
        let mut record = Record::clone(&self.find_id(id)?.record);
        record.decision.trace = self.traces.borrow().iter().find(|(traced, _)| *traced == id).map(|(_, trace)| trace.clone());
        Some(record)
    }

    fn find_id(&self, id: u64) -> Option<Numbered> {
        let records = self.records.borrow();
        let oldest = records.front()?.id;
        records.get(usize::try_from(id.checked_sub(oldest)?).ok()?).cloned()
    }
}
