//! What is counted of connections and requests, for whoever asks. Nothing is counted unless somebody may ask.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::proxy::record::ConnectionFacts;
use crate::proxy::record::Record;
use crate::simulate::AuthenticationStatus;
use crate::simulate::DecidedBy;
use crate::simulate::Verdict;

/// Series of requests that are told apart by their caller; callers beyond these are counted as unknown.
const MOST_SERIES: usize = 2000;

/// A port of a workload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `namespace/name`.
    pub workload: Rc<str>,
    /// The workload's port.
    pub port: u16,
}

/// Who is on the other side, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    /// Its identity, when its certificate vouches for one.
    pub identity: Option<Rc<str>>,
    /// Mutual TLS ended here.
    pub is_mutual: bool,
}

/// Requests that were answered alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answered {
    /// Where they arrived.
    pub place: Place,
    /// Who sent them.
    pub caller: Caller,
    /// They are gRPC.
    pub is_grpc: bool,
    /// Status of the answer.
    pub status: u16,
    /// `grpc-status`, where the answer's head has it.
    pub grpc_status: Option<u16>,
    /// Envoy's response flag, such as `UF`; empty when there is none.
    pub flag: &'static str,
}

/// Decisions that came out alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decided {
    /// Where it was decided.
    pub place: Place,
    /// On a request, not on a connection.
    pub is_request: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// The object that settled it: kind, namespace, name.
    pub by: Option<(&'static str, Arc<str>, Arc<str>)>,
    /// A token was looked for, and what was found goes on or not.
    pub token: Option<bool>,
}

/// Connections of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opened {
    /// Since the start.
    pub total: u64,
    /// Not closed yet.
    pub open: u64,
}

/// What was counted since the start.
#[derive(Debug, Default)]
pub struct Counters {
    connections: RefCell<BTreeMap<Place, Opened>>,
    http: RefCell<BTreeMap<Place, Opened>>,
    bytes: RefCell<BTreeMap<(Place, Caller), Opened>>,
    answered: RefCell<BTreeMap<Answered, u64>>,
    decided: RefCell<BTreeMap<Decided, u64>>,
    /// Records that were not shown to somebody who was too slow.
    missed: Cell<u64>,
}

/// Counts something open as long as it lives.
#[derive(Debug)]
pub(super) struct Open<'c, K: Ord>(&'c RefCell<BTreeMap<K, Opened>>, K);

impl<'c, K: Ord + Clone> Open<'c, K> {
    fn new(counts: &'c RefCell<BTreeMap<K, Opened>>, key: K) -> Self {
        let mut opened = counts.borrow_mut();
        let opened = opened.entry(key.clone()).or_default();
        opened.total += 1;
        opened.open += 1;
        Self(counts, key)
    }
}

impl<K: Ord> Drop for Open<'_, K> {
    fn drop(&mut self) {
        if let Some(opened) = self.0.borrow_mut().get_mut(&self.1) {
            opened.open = opened.open.saturating_sub(1);
        }
    }
}

impl Place {
    pub(super) fn of(facts: &ConnectionFacts) -> Self {
        Self { workload: Rc::clone(&facts.workload), port: facts.port }
    }
}

impl Caller {
    pub(super) fn of(facts: &ConnectionFacts) -> Self {
        Self { identity: facts.peer.first().map(|name| name.as_str().into()), is_mutual: facts.peer_fingerprint.is_some() }
    }
}

impl Counters {
    pub(super) fn connection(&self, place: Place) -> Open<'_, Place> {
        Open::new(&self.connections, place)
    }

    pub(super) fn http(&self, facts: &ConnectionFacts) -> Open<'_, Place> {
        Open::new(&self.http, Place::of(facts))
    }

    pub(super) fn bytes(&self, facts: &ConnectionFacts) -> Open<'_, (Place, Caller)> {
        let mut key = (Place::of(facts), Caller::of(facts));
        let counts = self.bytes.borrow();
        if counts.len() >= MOST_SERIES && !counts.contains_key(&key) {
            key.1.identity = None;
        }
        drop(counts);
        Open::new(&self.bytes, key)
    }

    pub(super) fn answered(&self, mut answered: Answered) {
        let mut counts = self.answered.borrow_mut();
        if counts.len() >= MOST_SERIES && !counts.contains_key(&answered) {
            answered.caller.identity = None;
        }
        *counts.entry(answered).or_default() += 1;
    }

    /// Counts a decision.
    pub fn decided(&self, record: &Record) {
        let decision = &record.decision;
        let by = |by: &DecidedBy| (by.kind, Arc::clone(&by.namespace), Arc::clone(&by.name));
        let token = match decision.request_authentication.status {
            AuthenticationStatus::Valid | AuthenticationStatus::Missing => Some(true),
            AuthenticationStatus::Invalid => Some(false),
            AuthenticationStatus::Undetermined | AuthenticationStatus::NotRequired => None,
        };
        let decided = Decided {
            place: Place::of(&record.connection),
            is_request: record.request.is_some(),
            verdict: decision.verdict,
            by: decision.decided_by.as_ref().map(by),
            token,
        };
        *self.decided.borrow_mut().entry(decided).or_default() += 1;
    }

    /// Counts records that somebody did not get to see.
    pub fn missed(&self, count: u64) {
        self.missed.set(self.missed.get() + count);
    }

    /// Everything that was counted, as it stands now.
    #[must_use]
    pub fn counted(&self) -> Counted {
        fn list<K: Clone, V: Copy>(counts: &RefCell<BTreeMap<K, V>>) -> Vec<(K, V)> {
            counts.borrow().iter().map(|(key, value)| (key.clone(), *value)).collect()
        }
        Counted {
            connections: list(&self.connections),
            http: list(&self.http),
            bytes: list(&self.bytes),
            answered: list(&self.answered),
            decided: list(&self.decided),
            missed: self.missed.get(),
        }
    }
}

/// What was counted until one moment, each in order.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// Connections that were taken.
    pub connections: Vec<(Place, Opened)>,
    /// Those that are read as HTTP.
    pub http: Vec<(Place, Opened)>,
    /// Those that are bytes.
    pub bytes: Vec<((Place, Caller), Opened)>,
    /// Requests.
    pub answered: Vec<(Answered, u64)>,
    /// Decisions.
    pub decided: Vec<(Decided, u64)>,
    /// Records that were not shown to somebody who was too slow.
    pub missed: u64,
}
