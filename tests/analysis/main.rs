//! Two meshes compared: expected changes by hand, and random meshes against the simulator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stderr,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

mod generate;
mod random;
mod table;

use std::sync::Arc;

use meshsec::diag::SourceMap;
use meshsec::manifest;
use meshsec::mesh;
use meshsec::mesh::Mesh;
use meshsec::simulate::Detail;
use meshsec::simulate::Files;
use meshsec::simulate::KeySets;
use meshsec::simulate::Setting;
use meshsec::simulate::Simulator;
use meshsec::simulate::scenario::MintedToken;

/// The time of every question here.
fn now() -> jiff::Timestamp {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

/// The mesh these manifests describe.
fn mesh_of(text: &str) -> Mesh {
    let mut sources = SourceMap::default();
    let id = sources.add("mesh.yaml", text);
    let manifests = manifest::read(&sources, &[id]);
    let errors: Vec<_> = manifests.findings.iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    mesh::build(&manifests, &mesh::BuildOptions::default()).0
}

/// Every scenario brings along what it needs.
struct NoFiles;

impl Files for NoFiles {
    fn read(&mut self, path: &str) -> Result<Arc<str>, String> {
        Err(format!("there is no file `{path}`"))
    }

    fn mint(&mut self, _token: &MintedToken) -> Result<String, String> {
        Err("there are no keys".to_owned())
    }
}

fn simulator(mesh: &Mesh) -> Simulator<'_> {
    Simulator::new(Setting {
        mesh,
        default_namespace: None,
        now: now(),
        keys: KeySets::new(),
        certificate_defect: None,
        detail: Detail::Verdict,
    })
}
