//! A workload's outbound proxy on a real socket.
//!
//! ```text
//! accept -> SOCKS5 | CONNECT ------> bytes, or HTTP after all ---+
//!        -> HTTP (URL or Host) ----------------------------------+-> service (simulate) -> workload, in turn
//!                     -> what goes on the wire (simulate) -> connection, server checked -> answer, Call
//! ```
//!
//! In: an [`Outgoing`](crate::simulate::Outgoing), the caller's [`Credentials`](crate::proxy::Credentials), and where workloads really are.
//! Out: answers on the wire, and one [`Call`] per call. What a name means and what is sent are settled by `simulate` alone.
//!
//! Invariants: nothing leaves this machine unless it was said where a workload is, or that unknown names may be called; a server that is not
//! whom the caller expects gets no byte of a request; rules and credentials are replaced between calls, never within one.

mod call;
mod failure;
mod http;
mod server;
mod server_check;
mod shared;
mod socks;
mod tunnel;
mod upstream;

pub use call::Call;
pub use call::CallOutcome;
pub use server::Outbound;
pub use server::OutboundOptions;
pub use shared::Endpoints;
