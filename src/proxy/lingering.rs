use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::time::Sleep;
use tokio::time::sleep;

use crate::proxy::write_through::write_through;

/// How long the other side has to notice the end, as Envoy gives it.
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes thrown away at once.
const CHUNK: usize = 4096;

/// A stream that ends gently: once nothing more is written, what still arrives is read and thrown away until the other side ends too. Closed at once, the
/// system would answer those bytes with a reset, and the other side might lose the answer it had not read yet.
#[derive(Debug)]
pub(super) struct Lingering<S> {
    stream: S,
    /// Set when nothing more is written.
    until: Option<Pin<Box<Sleep>>>,
}

impl<S> Lingering<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, until: None }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, out)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    write_through!();

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.until.is_none() {
            match Pin::new(&mut this.stream).poll_shutdown(context) {
                Poll::Ready(Ok(())) => this.until = Some(Box::pin(sleep(PATIENCE))),
                unfinished @ (Poll::Ready(Err(_)) | Poll::Pending) => return unfinished,
            }
        }
        let mut chunk = [0; CHUNK];
        loop {
            let mut thrown_away = ReadBuf::new(&mut chunk);
            match Pin::new(&mut this.stream).poll_read(context, &mut thrown_away) {
                Poll::Ready(Ok(())) if !thrown_away.filled().is_empty() => {
                    // Whoever sends without end is not waited for any longer either.
                    if this.until.as_mut().is_some_and(|until| until.as_mut().poll(context).is_ready()) {
                        return Poll::Ready(Ok(()));
                    }
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => break,
            }
        }
        match this.until.as_mut() {
            Some(until) => until.as_mut().poll(context).map(Ok),
            None => Poll::Ready(Ok(())),
        }
    }
}
