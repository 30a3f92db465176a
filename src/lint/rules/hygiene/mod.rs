//! MS9xx: order in the files.

rules! {
    duplicate_resource,
    suppression_without_reason,
    unused_suppression,
}
