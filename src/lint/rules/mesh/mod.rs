//! MS5xx: how the mesh is set up, and how objects of several kinds work on each other.

rules! {
}
