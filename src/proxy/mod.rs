//! A workload's proxy on real sockets: what arrives for it, and in `outbound` what it calls.
//!
//! ```text
//! accept -> sniff -> reception (simulate) -> mutual TLS -> HTTP or bytes -> decide (simulate) -> application | answer
//!                                                                              -> Record
//! ```
//!
//! In: an [`Enforcer`](crate::simulate::Enforcer) with its sources, the workload's [`Credentials`], where to listen and where the application is. Out: answers on the
//! wire, and one [`Record`] per decision for whoever listens. What is let in is decided by `simulate` alone; this room finds the facts and
//! carries the answer out.
//!
//! Invariants: one thread, nothing shared with others; a request whose decision is not `allowed` never reaches the application; what is
//! answered is what is recorded; a policy, an identity or a bundle is replaced between requests, never within one.

mod acceptor;
pub mod admin;
mod application;
mod body;
mod connection;
mod counted;
mod counters;
mod credentials;
mod echo;
mod ext_authz;
mod forward;
mod frames;
mod http;
mod http1;
mod inspect;
mod limits;
mod lingering;
mod mutual_tls;
mod outbound;
mod prefixed;
mod proxy_header;
mod record;
mod reply;
mod request_id;
mod server;
mod tcp;
mod upgrade;
mod write_through;

pub use application::Application;
pub use counters::Answered;
pub use counters::Caller;
pub use counters::Counted;
pub use counters::Counters;
pub use counters::Decided;
pub use counters::Opened;
pub use counters::Place;
pub use credentials::Credentials;
pub use credentials::CredentialsError;
pub use ext_authz::ProviderAddress;
pub use ext_authz::Speech;
pub use limits::Limits;
pub use outbound::Call;
pub use outbound::CallOutcome;
pub use outbound::Endpoints;
pub use outbound::Outbound;
pub use outbound::OutboundOptions;
pub use record::ConnectionFacts;
pub use record::Record;
pub use record::RequestFacts;
pub use server::Event;
pub use server::Glance;
pub use server::Kept;
pub use server::Options;
pub use server::PortOptions;
pub use server::Rules;
pub use server::Server;
