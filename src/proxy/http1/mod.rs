//! What arrives as HTTP/1.1 is read here first, as Envoy's codec reads it, and handed to the library framed anew.
//!
//! ```text
//! socket -> Gate: head | length | chunks | tunnel -> one spelling of the same request -> the library
//!                  \-> refused: Notes -> the answer
//! ```
//!
//! Two readers that disagree about where a request ends let one request through in another's body. So only this one decides: the library sees
//! `\r\n` and one space, one `Host`, a length or chunks but never both, and chunks without extensions or trailers.
//!
//! Invariants: bytes that belong to no request that was understood are not handed on; after a refusal nothing is; what a tunnel carries waits
//! until the tunnel is open.

mod chunks;
mod gate;
mod head;
mod notes;
mod stream;

pub(super) use notes::Note;
pub(super) use notes::Notes;
pub(super) use stream::Guarded;
