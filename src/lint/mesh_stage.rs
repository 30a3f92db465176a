//! What only shows when all objects are together.

use std::collections::BTreeMap;

use crate::diag::Finding;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Options;
use crate::lint::RULES;
use crate::lint::Raw;
use crate::lint::SourceReport;
use crate::lint::check::in_parallel;
use crate::lint::memo::Memo;
use crate::manifest::Body;
use crate::mesh;
use crate::mesh::Workload;

/// The findings, and how many workloads the mesh has.
pub(super) fn run(read: &[&SourceReport], options: &Options<'_>) -> (Vec<Finding>, usize) {
    let documents = || read.iter().flat_map(|source| &source.documents);
    let (mesh, mut findings) = mesh::build_of(documents(), &options.mesh);
    let raw: Vec<&Raw> = read.iter().flat_map(|source| &source.raw).collect();
    let mut by_namespace: BTreeMap<&str, Vec<&Workload>> = BTreeMap::new();
    for workload in &mesh.workloads {
        by_namespace.entry(&workload.namespace).or_default().push(workload);
    }
    let view = MeshView {
        mesh: &mesh,
        raw: &raw,
        has_mesh_configuration: options.mesh.mesh_config.is_some()
            || documents().any(|document| matches!(document.body, Body::MeshConfig(_))),
        known_namespaces: options.known_namespaces,
        default_namespace: options.mesh.default_namespace.as_deref().unwrap_or("default"),
        now: options.now,
        options: &options.levels.options,
        by_namespace,
        memo: Memo::new(&mesh),
    };
    let rules: Vec<fn(&MeshView<'_>, &mut Vec<Finding>)> = RULES
        .iter()
        .filter_map(|rule| match rule.check {
            Check::Mesh(check) => Some(check),
            Check::Admission(_) | Check::Told | Check::Document(_) => None,
        })
        .collect();
    let found = in_parallel(&rules, options.threads, &|check| {
        let mut found = Vec::new();
        check(&view, &mut found);
        found
    });
    findings.extend(found.into_iter().flatten());
    (findings, mesh.workloads.len())
}
