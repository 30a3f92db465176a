//! Combinators that turn a [`Node`](crate::manifest::yaml::Node) into typed values and collect findings on the way.
