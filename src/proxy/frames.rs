//! HTTP/2 frames as they pass: those that cost their reader more than their sender are counted, as Envoy counts them.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;
use std::task::Poll;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::time::Instant;

use crate::proxy::inspect::PREFACE;
use crate::proxy::write_through::write_through;

/// Frames without payload that may follow each other.
const MOST_EMPTY: u32 = 1;
/// PRIORITY frames for each stream that was opened, and as many for the connection.
const MOST_PRIORITY: u64 = 100;
const HEADER: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const PADDED: u8 = 8;

/// What is told of a connection while it is read.
#[derive(Debug, Clone)]
pub(super) struct Watch(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    flood: Cell<Option<&'static str>>,
    last_read: Cell<Instant>,
}

impl Watch {
    pub(super) fn new(now: Instant) -> Self {
        Self(Rc::new(Inner { flood: Cell::new(None), last_read: Cell::new(now) }))
    }

    /// Of which frames there were too many.
    pub(super) fn flood(&self) -> Option<&'static str> {
        self.0.flood.get()
    }

    /// When something arrived last.
    pub(super) fn last_read(&self) -> Instant {
        self.0.last_read.get()
    }
}

/// Counts frames by their headers.
#[derive(Debug, Default)]
struct Counter {
    /// Bytes of the preface that were seen.
    preface: usize,
    header: [u8; HEADER],
    /// Bytes of the frame's header that were seen.
    seen: usize,
    /// Bytes of its payload that are left.
    left: u32,
    empty: u32,
    priority: u64,
    opened: u64,
    highest: u32,
}

impl Counter {
    /// Counts what arrived, up to the first frame too many.
    fn read(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        let preface = (PREFACE.len() - self.preface).min(bytes.len());
        self.preface += preface;
        bytes = bytes.get(preface..).unwrap_or_default();
        while let Some((first, rest)) = bytes.split_first() {
            if self.seen < HEADER {
                if let Some(slot) = self.header.get_mut(self.seen) {
                    *slot = *first;
                }
                self.seen += 1;
                bytes = rest;
                let [high, middle, low, ..] = self.header;
                self.left = u32::from_be_bytes([0, high, middle, low]);
                if self.seen == HEADER {
                    // How much of it is padding tells its first byte.
                    if !(self.is_padded_data() && self.left > 0) {
                        self.count(self.left)?;
                    }
                    self.next();
                }
                continue;
            }
            if self.is_padded_data() {
                let length = self.length();
                if self.left == length {
                    self.count(length.saturating_sub(1).saturating_sub(u32::from(*first)))?;
                }
            }
            let skipped = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            bytes = bytes.get(skipped..).unwrap_or_default();
            self.left -= u32::try_from(skipped).unwrap_or(self.left);
            self.next();
        }
        Ok(())
    }

    /// Goes on to the next frame where this one is over.
    fn next(&mut self) {
        if self.seen == HEADER && self.left == 0 {
            self.seen = 0;
        }
    }

    fn length(&self) -> u32 {
        let [high, middle, low, ..] = self.header;
        u32::from_be_bytes([0, high, middle, low])
    }

    fn is_padded_data(&self) -> bool {
        let [.., kind, flags, _, _, _, _] = self.header;
        kind == DATA && flags & PADDED != 0
    }

    /// Counts one frame with so many bytes that are no padding.
    fn count(&mut self, payload: u32) -> Result<(), &'static str> {
        let [_, _, _, kind, flags, a, b, c, d] = self.header;
        let stream = u32::from_be_bytes([a, b, c, d]) & 0x7fff_ffff;
        if kind == HEADERS && stream > self.highest {
            self.highest = stream;
            self.opened += 1;
        }
        match kind {
            DATA | HEADERS | CONTINUATION if payload == 0 && flags & END_STREAM == 0 => {
                self.empty += 1;
                if self.empty > MOST_EMPTY {
                    return Err("frames without payload");
                }
            }
            DATA | HEADERS | CONTINUATION => self.empty = 0,
            PRIORITY => {
                self.priority += 1;
                if self.priority > MOST_PRIORITY * (1 + self.opened) {
                    return Err("PRIORITY frames");
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// A stream of frames that ends with a flood.
#[derive(Debug)]
pub(super) struct Frames<S> {
    stream: S,
    counter: Counter,
    watch: Watch,
}

impl<S> Frames<S> {
    pub(super) fn new(stream: S, watch: Watch) -> Self {
        Self { stream, counter: Counter::default(), watch }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Frames<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = out.filled().len();
        match Pin::new(&mut this.stream).poll_read(context, out) {
            Poll::Ready(Ok(())) => {
                this.watch.0.last_read.set(Instant::now());
                if let Err(flood) = this.counter.read(out.filled().get(before..).unwrap_or_default()) {
                    this.watch.0.flood.set(Some(flood));
                    return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
                }
                Poll::Ready(Ok(()))
            }
            other @ (Poll::Ready(Err(_)) | Poll::Pending) => other,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Frames<S> {
    write_through!();

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
        [&[0, 0, u8::try_from(payload.len()).unwrap(), kind, flags, 0, 0, 0, stream][..], payload].concat()
    }

    #[test]
    fn floods_are_found_and_nothing_else() {
        let open = frame(HEADERS, 4, 1, b"head");
        let empty = frame(DATA, 0, 1, b"");
        let data = frame(DATA, 0, 1, b"data");
        let padding = frame(DATA, PADDED, 1, &[2, 0, 0]);
        let padded = frame(DATA, PADDED, 1, &[2, 7, 0, 0]);
        let last = frame(DATA, END_STREAM, 1, b"");
        let priority = frame(PRIORITY, 0, 1, &[0; 5]);
        let window = frame(8, 0, 0, &[0; 4]);
        for (name, frames, expected) in [
            ("one empty frame", vec![&open, &empty, &data, &empty, &last], Ok(())),
            ("two empty frames", vec![&open, &empty, &empty], Err("frames without payload")),
            ("padding alone", vec![&open, &padding, &window, &padding], Err("frames without payload")),
            ("padded data", vec![&open, &padding, &padded, &padding], Ok(())),
            ("priorities of one stream", [vec![&open], vec![&priority; 200]].concat(), Ok(())),
            ("priorities of none", vec![&priority; 101], Err("PRIORITY frames")),
            ("window updates", vec![&window; 500], Ok(())),
        ] {
            let bytes = [PREFACE.to_vec(), frames.into_iter().flatten().copied().collect()].concat();
            for step in [bytes.len(), 1, 10] {
                let mut counter = Counter::default();
                let got = bytes.chunks(step).try_for_each(|part| counter.read(part));
                assert_eq!(got, expected, "{name} by {step}");
            }
        }
    }
}
