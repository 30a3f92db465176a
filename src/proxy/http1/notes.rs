use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;

use crate::simulate::http::BadRequest;

/// What the library cannot say of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::proxy) enum Note {
    /// The target as it was written, where the library takes none such.
    Target(String),
    /// It is no request: what was handed on stands for it.
    Refused(BadRequest),
}

/// What the reader of a connection tells those who answer. Requests are counted from 0 on both sides.
#[derive(Debug, Clone, Default)]
pub(in crate::proxy) struct Notes(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    on_heads: VecDeque<(u64, Note)>,
    taken: u64,
    body: Option<BadRequest>,
    is_tunnel: bool,
}

impl Notes {
    pub(super) fn add(&self, request: u64, note: Note) {
        self.with(|inner| inner.on_heads.push_back((request, note)));
    }

    pub(super) fn refuse_body(&self, error: BadRequest) {
        self.with(|inner| inner.body = Some(error));
    }

    pub(super) fn is_tunnel(&self) -> bool {
        self.with(|inner| inner.is_tunnel).unwrap_or_default()
    }

    /// Goes on to the next request, and says what there is to say of it.
    pub(in crate::proxy) fn next(&self) -> Option<Note> {
        self.with(|inner| {
            let number = inner.taken;
            inner.taken += 1;
            let is_noted = inner.on_heads.front().is_some_and(|(request, _)| *request == number);
            is_noted.then(|| inner.on_heads.pop_front()).flatten().map(|(_, note)| note)
        })
        .flatten()
    }

    /// Why the body of the request under way cannot be read to its end.
    pub(in crate::proxy) fn body(&self) -> Option<BadRequest> {
        self.with(|inner| inner.body.take()).flatten()
    }

    /// From now on bytes go through as they are.
    pub(in crate::proxy) fn open_tunnel(&self) {
        self.with(|inner| inner.is_tunnel = true);
    }

    /// Nobody panics while holding the lock.
    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> Option<T> {
        self.0.lock().ok().map(|mut inner| act(&mut inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_gets_its_own_note() {
        let notes = Notes::default();
        let note = |text: &str| Note::Target(text.to_owned());
        notes.add(1, note("*"));
        notes.add(2, note("/<"));
        assert_eq!([notes.next(), notes.next(), notes.next(), notes.next()], [None, Some(note("*")), Some(note("/<")), None]);
    }
}
