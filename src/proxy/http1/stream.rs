use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use bytes::Buf;
use bytes::BytesMut;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::time::Sleep;
use tokio::time::sleep;

use crate::proxy::http1::Notes;
use crate::proxy::http1::gate::Gate;
use crate::proxy::http1::head::Rules;
use crate::proxy::limits::Limits;
use crate::proxy::write_through::write_through;

/// A stream whose readers get only requests that were understood, in one spelling.
#[derive(Debug)]
pub(in crate::proxy) struct Guarded<S> {
    stream: S,
    gate: Gate,
    /// What is to be handed on.
    ready: BytesMut,
    /// How long a body may stand still.
    patience: Duration,
    until: Option<Pin<Box<Sleep>>>,
}

impl<S> Guarded<S> {
    pub(in crate::proxy) fn new(stream: S, notes: Notes, limits: &Limits, http10: bool) -> Self {
        let rules = Rules { headers: limits.headers, http10 };
        let gate = Gate::new(notes, limits.head_bytes, rules);
        Self { stream, gate, ready: BytesMut::new(), patience: limits.idle, until: None }
    }
}

impl<S: AsyncRead + Unpin> Guarded<S> {
    /// Reads into the caller's memory. What was read is behind what was there before.
    fn poll_more(&mut self, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
        let before = out.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, out) {
            Poll::Ready(Ok(())) => {
                self.until = None;
                Poll::Ready(Ok(out.filled().len() - before))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if self.gate.is_in_body() => {
                let patience = self.patience;
                let until = self.until.get_or_insert_with(|| Box::pin(sleep(patience)));
                until.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            this.gate.release(&mut this.ready);
            if !this.ready.is_empty() {
                let length = this.ready.len().min(out.remaining());
                out.put_slice(this.ready.get(..length).unwrap_or_default());
                this.ready.advance(length);
                return Poll::Ready(Ok(()));
            }
            if this.gate.is_broken() {
                return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
            }
            // Whoever answers closes the connection, or opens the tunnel and reads again.
            if this.gate.is_closed() {
                return Poll::Pending;
            }
            let before = out.filled().len();
            let Poll::Ready(length) = this.poll_more(context, out)? else { return Poll::Pending };
            if length == 0 {
                return Poll::Ready(Ok(()));
            }
            let passes = usize::try_from(this.gate.passes()).unwrap_or(usize::MAX).min(length);
            this.gate.passed(passes as u64);
            let rest = out.filled().get(before + passes..).unwrap_or_default();
            this.gate.read(rest, &mut this.ready);
            out.set_filled(before + passes);
            if passes > 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    write_through!();

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
