//! A question about the mesh, answered.
//!
//! ```text
//! Scenario --resolve--> caller, destinations --route--> connection + what the destination enforces   (remembered)
//!     --decide--> connection, HTTP layer, CUSTOM, token, DENY, ALLOW --> Decision
//! ```
//!
//! The stages run in the order of the data plane and share facts through plain values. A stage that cannot be settled from the
//! facts given makes the answer undetermined and says which fact is missing; nothing unknown is ever read as permission.
//!
//! Invariants: pure (no clock, no files: [`Files`] brings them in); the same scenario and mesh always give the same decision; one
//! [`Simulator`] answers single requests and batches alike.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod connection;
mod decide;
mod decision;
mod explain;
pub mod http;
mod live;
pub mod message;
mod outgoing;
mod prepared;
mod provider;
pub mod replay;
pub mod request_authentication;
mod resolve;
mod route;
pub mod scenario;
mod simulator;
pub mod token_check;

pub use decision::AuthenticationReport;
pub use decision::AuthenticationStatus;
pub use decision::Branch;
pub use decision::ConnectionReport;
pub use decision::DecidedBy;
pub use decision::Decision;
pub use decision::Detail;
pub use decision::MissReport;
pub use decision::Passed;
pub use decision::Step;
pub use decision::TraceCondition;
pub use decision::TraceEntry;
pub use decision::TraceRule;
pub use decision::Verdict;
pub use live::Desk;
pub use live::Enforcer;
pub use live::Guard;
pub use live::Head;
pub use live::LiveRoute;
pub use live::Observed;
pub use live::Refusal;
pub use outgoing::Called;
pub use outgoing::NotCalled;
pub use outgoing::Outgoing;
pub use prepared::KeySets;
pub use provider::Asking;
pub use provider::Edit;
pub use provider::HeaderEdits;
pub use provider::ProviderAnswer;
pub use request_authentication::KeySource;
pub use request_authentication::SignatureMemory;
pub use resolve::Names;
pub use resolve::QuestionError;
pub use simulator::Files;
pub use simulator::Seen;
pub use simulator::Setting;
pub use simulator::Simulator;
