//! Two meshes compared.
//!
//! `cargo bench --bench diff`: 1,000 workloads in 50 namespaces under 3,000 policies; every line names an edit, the changes that were found and how
//! long the comparison took on one core.
#![allow(clippy::panic, clippy::print_stdout, reason = "a benchmark prints figures and may stop by failing")]

use std::time::Instant;

use meshsec::analysis;
use meshsec::diag::SourceMap;
use meshsec::manifest;
use meshsec::mesh;
use meshsec::mesh::Mesh;

const NAMESPACES: usize = 50;
const WORKLOADS: usize = 20;
const POLICIES: usize = 60;

/// The manifests; `edit` may change the text of each policy, by its namespace and number.
fn manifests(edit: &dyn Fn(usize, usize, String) -> String) -> String {
    let mut text = String::new();
    text.push_str(
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: istio-system}\nspec: {mtls: {mode: STRICT}}\n",
    );
    for namespace in 0..NAMESPACES {
        for workload in 0..WORKLOADS {
            text.push_str(&format!(
                "---\napiVersion: v1\nkind: Service\nmetadata: {{name: app-{workload}, namespace: team-{namespace}}}\nspec: {{selector: {{app: app-{workload}}}, ports: [{{name: http, port: 80, targetPort: 8080}}]}}\n\
                 ---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app-{workload}, namespace: team-{namespace}}}\nspec:\n  selector: {{matchLabels: {{app: app-{workload}}}}}\n  template:\n    metadata: {{labels: {{app: app-{workload}, sidecar.istio.io/inject: 'true'}}}}\n    spec: {{serviceAccountName: app-{workload}, containers: [{{name: c, image: x}}]}}\n"
            ));
        }
        for policy in 0..POLICIES {
            text.push_str(&edit(namespace, policy, written(namespace, policy)));
        }
    }
    text
}

/// About what people write: callers by account or namespace, methods, paths, a header or an address block now and then.
fn written(namespace: usize, policy: usize) -> String {
    let action = if policy % 6 == 5 { "DENY" } else { "ALLOW" };
    let app = policy % WORKLOADS;
    let caller = (namespace + policy) % NAMESPACES;
    let from = match policy % 4 {
        0 | 1 => format!(
            "principals: [cluster.local/ns/team-{caller}/sa/app-{app}, cluster.local/ns/team-{namespace}/sa/app-{}]",
            (app + 1) % WORKLOADS
        ),
        2 => format!("namespaces: [team-{caller}, team-{namespace}]"),
        _ => format!("ipBlocks: [10.{caller}.0.0/16]"),
    };
    let to = match policy % 3 {
        0 => format!("methods: [GET, HEAD], paths: ['/api/v{policy}/*', /healthz]"),
        1 => format!("methods: [POST], paths: [/orders/{policy}, '/orders/{policy}/*']"),
        _ => format!("paths: ['/admin/{policy}*']"),
    };
    let when = if policy % 10 == 9 { ", when: [{key: 'request.headers[x-team]', values: [red, blue]}]" } else { "" };
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: p{policy}, namespace: team-{namespace}}}\nspec: {{selector: {{matchLabels: {{app: app-{app}}}}}, action: {action}, rules: [{{from: [{{source: {{{from}}}}}], to: [{{operation: {{{to}}}}}]{when}}}]}}\n"
    )
}

fn mesh_of(text: &str) -> Mesh {
    let mut sources = SourceMap::default();
    let id = sources.add("mesh.yaml", text);
    let manifests = manifest::read(&sources, &[id]);
    if let Some(finding) = manifests.findings.iter().find(|finding| finding.is_error()) {
        panic!("{finding:?}");
    }
    mesh::build(&manifests, &mesh::BuildOptions::default()).0
}

fn main() {
    type Edit = dyn Fn(usize, usize, String) -> String;
    let unedited = |_: usize, _: usize, text: String| text;
    let one = |namespace: usize, policy: usize, text: String| {
        if (namespace, policy) == (7, 0) { text.replace("[GET, HEAD]", "[GET, HEAD, POST]") } else { text }
    };
    let every_namespace = |_: usize, policy: usize, text: String| {
        if policy == 0 { text.replace("[GET, HEAD]", "[GET, HEAD, POST]") } else { text }
    };
    let every_workload =
        |_: usize, policy: usize, text: String| if policy % 20 == policy { text.replace("/*'", "*'") } else { text };
    let edits: [(&str, &Edit); 4] = [
        ("nothing", &unedited),
        ("a method in one policy", &one),
        ("a method in one policy of each of 50 namespaces", &every_namespace),
        ("a path in a policy of most of the 1,000 workloads", &every_workload),
    ];
    let now = jiff::Timestamp::UNIX_EPOCH;
    let before = mesh_of(&manifests(&unedited));
    println!("{} workloads, {} policies", before.workloads.len(), before.authorization_policies.len());
    for (name, edit) in edits {
        let after = mesh_of(&manifests(edit));
        let start = Instant::now();
        let diff = analysis::diff(&before, &after, now);
        let took = start.elapsed();
        println!(
            "{name:<50} {:>6} changes {:>3} inexact {:>8.0} ms",
            diff.changes.len(),
            diff.inexact.len(),
            took.as_secs_f64() * 1e3
        );
    }
}
