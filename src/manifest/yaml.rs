//! YAML (and JSON, its subset) as a tree in which every value knows its place.
