//! MS7xx: what no current control plane reads, or reads only for old files.

rules! {
}
