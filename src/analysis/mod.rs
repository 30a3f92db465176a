//! Questions about all requests at once.
//!
//! ```text
//! two meshes --reach--> per workload port and kind of caller: the filters a request meets on each side   (compared once for all alike)
//!     --variables--> every attribute cut into classes by the patterns of both sides
//!     --verdicts--> for each side, requests by verdict, as decision diagrams over those classes
//!     --compare--> requests whose verdicts differ --boxes, describe--> in words --witness--> one request, heard by the simulator
//! ```
//!
//! What is compared: requests of one caller over one connection, with every fact given. Callers are anyone in plaintext, every identity
//! of the mesh over mutual TLS, and the workloads of the manifests as their own proxies are told to call. Requests are HTTP/1.1 (HTTP/2
//! where a policy names a method that HTTP/1.1 does not have) without CONNECT, or bytes; with at most one token, signed by its issuer
//! and not expired; an external provider answers both sides alike, yes or no.
//!
//! Invariants: no verdict is shown that the simulator did not confirm on both sides; where the difference may be larger than what is
//! told, an [`Inexact`] says so; pure and deterministic.
//!
//! `space` knows nothing of meshes: other questions about all requests (who can reach, is it ever possible) stand on the same three
//! steps, variables, verdicts, boxes.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod compare;
mod describe;
mod diff;
mod enforced;
mod objects;
mod outcome;
mod reach;
mod slot;
mod space;
mod token;
mod variables;
mod verdicts;
mod witness;
mod words;

pub use diff::diff;
pub use objects::FieldChange;
pub use objects::ObjectChange;
pub use objects::ObjectFate;
pub use objects::ObjectName;
pub use objects::Objects;
pub use objects::compare_objects;
pub use objects::keep_defaults;
pub use objects::object;
pub use outcome::Answer;
pub use outcome::Callers;
pub use outcome::Change;
pub use outcome::Compared;
pub use outcome::Diff;
pub use outcome::Direction;
pub use outcome::Inexact;
pub use outcome::Requests;
pub use outcome::Side;
pub use outcome::Witness;
pub use outcome::WorkloadChange;
pub use outcome::WorkloadPort;
