//! What the fuzz targets share: reading choices from bytes, random meshes and requests, and a slow second reading of policies.

pub mod choices;
pub mod engines;
pub mod keys;
pub mod mesh;
pub mod naive;
pub mod request;
pub mod request_der;
pub mod spans;
pub mod words;
