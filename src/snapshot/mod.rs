//! A mesh in one file: what was read of it, small enough to keep and safe to hand on.
//!
//! ```text
//! objects, as JSON --reduce--> what an answer can depend on     reduce, workload, mask
//!                  --order---> by kind, namespace and name      snapshot
//! head, objects    --text----> several YAML documents           text
//! first document   --head----> where it is from, what is missing
//! ```
//!
//! In: objects as the API server or manifests have them, facts about where they are from. Out: the text of a [`Snapshot`], which is read like
//! any manifests, and the [`Head`] of one that was saved.
//!
//! Invariants: the same objects give the same bytes, in whatever order they come; nothing of a Secret, no token and no private key is kept, and
//! what was taken out is counted; what could not be read stays named, so that answers from the file are as undetermined as those from
//! the cluster. Where a field cannot change an answer it is left out, which is also what makes the file small.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod convert;
mod head;
mod mask;
mod reduce;
#[expect(clippy::module_inception, reason = "the room is named after what it makes")]
mod snapshot;
#[cfg(test)]
mod tests;
mod text;
mod workload;

pub use convert::value_of;
pub use head::API_VERSION;
pub use head::Head;
pub use head::KIND;
pub use head::NotSnapshot;
pub use head::Origin;
pub use reduce::Reduced;
pub use reduce::reduce;
pub use snapshot::ObjectName;
pub use snapshot::Snapshot;
pub use snapshot::is_whole;
pub use text::yaml;
