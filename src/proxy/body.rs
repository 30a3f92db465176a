use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;
use bytes::BytesMut;
use http_body_util::BodyExt;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::body::SizeHint;

/// A body that is passed on as it arrives, or made here.
#[derive(Debug)]
pub(super) enum Carried {
    /// From the other side.
    Incoming(Incoming),
    /// Made here; `None` when it was sent.
    Made(Option<Bytes>),
    /// From the other side, of which this was looked at before.
    Resumed { frames: VecDeque<Frame<Bytes>>, body: Incoming, has_ended: bool },
}

impl Carried {
    pub(super) fn empty() -> Self {
        Self::Made(None)
    }

    /// Whether nothing of it is still to come from the other side.
    pub(super) fn has_arrived(&self) -> bool {
        match self {
            Self::Incoming(body) => body.is_end_stream(),
            Self::Resumed { body, has_ended, .. } => *has_ended || body.is_end_stream(),
            Self::Made(_) => true,
        }
    }

    /// Reads a body until it ends or more bytes than these are there, and leaves it as it was. Returns what is there, and whether that is all.
    pub(super) async fn peek(&mut self, most: usize) -> Result<(Bytes, bool), hyper::Error> {
        if let Self::Incoming(_) = self
            && let Self::Incoming(body) = std::mem::replace(self, Self::empty())
        {
            *self = Self::Resumed { frames: VecDeque::new(), body, has_ended: false };
        }
        let Self::Resumed { frames, body, has_ended } = self else { return Ok((Bytes::new(), true)) };
        let mut bytes = BytesMut::new();
        frames.iter().filter_map(Frame::data_ref).for_each(|data| bytes.extend_from_slice(data));
        while bytes.len() <= most {
            let Some(frame) = body.frame().await.transpose()? else {
                *has_ended = true;
                return Ok((bytes.freeze(), true));
            };
            if let Some(data) = frame.data_ref() {
                bytes.extend_from_slice(data);
            }
            frames.push_back(frame);
        }
        Ok((bytes.freeze(), false))
    }
}

impl Body for Carried {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Incoming(body) => Pin::new(body).poll_frame(context),
            Self::Made(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Resumed { frames, body, .. } => match frames.pop_front() {
                Some(frame) => Poll::Ready(Some(Ok(frame))),
                None => Pin::new(body).poll_frame(context),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Incoming(body) => body.is_end_stream(),
            Self::Made(bytes) => bytes.is_none(),
            Self::Resumed { frames, body, has_ended } => frames.is_empty() && (*has_ended || body.is_end_stream()),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Incoming(body) => body.size_hint(),
            Self::Resumed { .. } => SizeHint::default(),
            Self::Made(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
        }
    }
}
