use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;
use crate::manifest::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code("MS524"),
    name: "envoyfilter-mesh-wide",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "An EnvoyFilter of the root namespace for every proxy, or one that puts a script in front of the security filters.",
    why: "It changes what all proxies do, with the next version of Envoy perhaps something else; a script that edits headers or paths changes what policies compare.",
    example: "apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: example, namespace: istio-system}
spec:
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}}
    patch: {operation: INSERT_BEFORE, value: {name: envoy.filters.http.buffer}}
",
    instead: "apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: example, namespace: istio-system}
spec:
  workloadSelector: {labels: {app: cart}}
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}}
    patch: {operation: INSERT_BEFORE, value: {name: envoy.filters.http.buffer}}
",
    specification: "EnvoyFilter reference, EnvoyFilter.workloadSelector",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for filter in view.raw_of("networking.istio.io", "EnvoyFilter") {
        let Some(spec) = filter.node.get("spec") else { continue };
        let patches = tree::items(spec, "configPatches");
        let is_guarded = patches.iter().all(|patch| tree::at(patch, &["match", "proxy", "proxyVersion"]).is_some());
        let is_for_some = spec.get("workloadSelector").is_some_and(|selector| !tree::entries(selector).is_empty())
            || !tree::items(spec, "targetRefs").is_empty();
        if filter.namespace == view.mesh.settings.root_namespace && !is_for_some && !is_guarded {
            found.push(RULE.at(filter.header.name.span, "this EnvoyFilter changes every proxy of the mesh").with_help(
                "name the workloads with `workloadSelector`, and the versions it was tried with under `match.proxy.proxyVersion`",
            ));
        }
        found.extend(patches.iter().filter_map(script_before_policies));
    }
}

/// A script that runs before the filters of security policies do.
fn script_before_policies(patch: &Node) -> Option<Finding> {
    let operation = tree::at(patch, &["patch", "operation"])?;
    let name = tree::at(patch, &["patch", "value", "name"])?;
    let is_script = name.as_str().is_some_and(|name| name.contains("lua") || name.contains("wasm"));
    let place = ["match", "listener", "filterChain", "filter", "subFilter", "name"];
    let behind = tree::at(patch, &place).and_then(Node::as_str).unwrap_or_default();
    let is_first = match operation.as_str()? {
        "INSERT_FIRST" => true,
        "INSERT_BEFORE" => ["rbac", "jwt_authn", "ext_authz"].iter().any(|filter| behind.ends_with(filter)),
        _ => false,
    };
    let inbound = tree::at(patch, &["match", "context"]).and_then(Node::as_str) != Some("SIDECAR_OUTBOUND");
    (is_script && is_first && inbound).then(|| {
        RULE.at(operation.span, "a script runs before the security filters and can change what they see")
            .with_help("insert it before `envoy.filters.http.router`, or use an extension provider")
    })
}
