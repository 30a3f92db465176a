//! Random AuthorizationPolicies from YAML to compiled engines: what they say, what their trace says, and what a naive reading of the
//! lowered rules says must agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use meshsec::diag::SourceMap;
use meshsec::manifest;
use meshsec::mesh::BuildOptions;
use meshsec::mesh::build;
use meshsec::policy::ChainKind;
use meshsec::policy::Engine;
use meshsec::policy::Scratch;
use meshsec::policy::lower;
use meshsec_fuzz::choices::Choices;
use meshsec_fuzz::engines;
use meshsec_fuzz::mesh;
use meshsec_fuzz::request::Request;
use meshsec_fuzz::spans;

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices::new(data);
    let requests = [Request::of(&mut choices), Request::of(&mut choices)];
    let text = mesh::policies(&mut choices);
    let mut sources = SourceMap::default();
    let id = sources.add("fuzz.yaml", text.as_str());
    let manifests = manifest::read(&sources, &[id]);
    spans::check_findings(&manifests.findings, &sources);
    let (mesh, findings) = build(&manifests, &BuildOptions::default());
    spans::check_findings(&findings, &sources);
    let mut scratch = Scratch::default();
    for workload in &mesh.workloads {
        for chain in [ChainKind::Http, ChainKind::Tcp] {
            let lowered = lower(&mesh, workload, chain);
            assert_eq!(lowered.selection.len(), mesh.authorization_policies.len());
            for note in &lowered.notes {
                spans::check(note.span, &sources, note);
                assert!(note.policy < mesh.authorization_policies.len());
            }
            let all = &lowered.engines;
            let custom = all.custom.iter().flat_map(|custom| [&custom.engine, &custom.dry_run]);
            let single = [&all.audit, &all.deny, &all.allow, &all.dry_run_audit, &all.dry_run_deny, &all.dry_run_allow];
            let engines: Vec<&Engine> = custom.chain(single.into_iter().flatten()).collect();
            for engine in engines {
                assert!(engine.rules.is_sorted_by(|one, next| one.name < next.name), "rules out of order: {engine:#?}");
                engines::check(engine, &requests, &mut scratch);
            }
        }
    }
});
