//! Any bytes as manifests: read or refused without a panic, every place that is told lies in the text, and plain text is read as all YAML is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::diag::SourceMap;
use meshsec::manifest;
use meshsec::mesh;
use meshsec_fuzz::spans;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = manifest::text_of(data) else { return };
    assert!(manifest::yaml::reads_alike(text), "the plain reader and the parser differ");
    let mut sources = SourceMap::default();
    let id = sources.add("fuzz.yaml", text);
    let manifests = manifest::read(&sources, &[id]);
    spans::check_findings(&manifests.findings, &sources);
    for document in &manifests.documents {
        spans::check_all(document, &sources);
    }
    let (config, findings) = manifest::read_mesh_config(id, text);
    spans::check_findings(&findings, &sources);
    spans::check_all(&config, &sources);
    assert!(config.is_some() || findings.iter().any(meshsec::diag::Finding::is_error), "a refusal without a reason");
    let options = mesh::BuildOptions { mesh_config: config.as_ref(), ..mesh::BuildOptions::default() };
    let (mesh, findings) = mesh::build(&manifests, &options);
    spans::check_findings(&findings, &sources);
    for policy in &mesh.authorization_policies {
        spans::check(policy.span, &sources, &policy.id);
    }
});
