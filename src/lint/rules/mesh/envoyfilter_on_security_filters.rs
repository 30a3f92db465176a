use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;
use crate::manifest::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code("MS523"),
    name: "envoyfilter-on-security-filters",
    severity: Severity::Error,
    peers: &["IST0151"],
    needs: Needs::Document,
    finds: "An EnvoyFilter that removes, replaces or alters the filters behind AuthorizationPolicy, RequestAuthentication or mutual TLS.",
    why: "The policies stay in the cluster and look like protection; the proxy no longer does what they say, and nothing reports it.",
    example: r#"apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: example, namespace: shop}
spec:
  workloadSelector: {labels: {app: cart}}
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND, proxy: {proxyVersion: "^1\\.29.*"}, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.rbac}}}}}
    patch: {operation: REMOVE}
"#,
    instead: r#"apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: example, namespace: shop}
spec:
  workloadSelector: {labels: {app: cart}}
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND, proxy: {proxyVersion: "^1\\.29.*"}, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}}
    patch: {operation: INSERT_BEFORE, value: {name: envoy.filters.http.buffer}}
"#,
    specification: "EnvoyFilter reference, EnvoyFilter.Patch.operation",
    check: Check::Document(check),
};

/// Filters that carry out security policies.
const SECURITY: [&str; 7] = [
    "envoy.filters.http.rbac",
    "envoy.filters.http.jwt_authn",
    "envoy.filters.http.ext_authz",
    "istio_authn",
    "envoy.filters.network.rbac",
    "envoy.filters.network.ext_authz",
    "istio.alpn",
];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(spec) = view.raw("networking.istio.io", "EnvoyFilter").and_then(|node| node.get("spec")) else { return };
    for patch in tree::items(spec, "configPatches") {
        let operation = tree::at(patch, &["patch", "operation"]);
        let word = operation.and_then(Node::as_str).unwrap_or_default();
        let target = filter(patch).filter(|name| name.as_str().is_some_and(|name| SECURITY.contains(&name)));
        let does = match word {
            "REMOVE" => "is removed",
            "REPLACE" => "is replaced",
            "MERGE" => "is altered",
            _ => "",
        };
        if let (Some(target), Some(operation)) = (target, operation)
            && !does.is_empty()
        {
            let name = target.as_str().unwrap_or_default();
            found.push(
                RULE.at(operation.span, format!("`{name}` {does}: policies no longer do what they say"))
                    .with_secondary(target.span, "carries out security policies")
                    .with_help("leave this filter to istiod; say what is wanted with a policy"),
            );
        }
        found.extend(transport_socket(patch, word));
    }
}

/// The filter that a patch is about.
fn filter(patch: &Node) -> Option<&Node> {
    let filter = tree::at(patch, &["match", "listener", "filterChain", "filter"])?;
    filter.get("subFilter").and_then(|filter| filter.get("name")).or_else(|| filter.get("name"))
}

/// TLS of a listener, or of a client, that is set by hand.
fn transport_socket(patch: &Node, operation: &str) -> Option<Finding> {
    let value = tree::at(patch, &["patch", "value"]).filter(|_| matches!(operation, "MERGE" | "REPLACE"))?;
    let names = ["transport_socket", "transportSocket", "transport_socket_matches", "transportSocketMatches"];
    let span = names.iter().find_map(|name| tree::key(value, name))?;
    let (severity, whose) = match tree::text(patch, "applyTo")? {
        "FILTER_CHAIN" | "LISTENER" if tree::at(patch, &["match", "context"]).and_then(Node::as_str) != Some("GATEWAY") => {
            (Severity::Error, "callers are authenticated by what stands here, not by PeerAuthentication")
        }
        "CLUSTER" => (Severity::Warning, "calls use what stands here, not mutual TLS of the mesh"),
        _ => return None,
    };
    let mut finding = RULE.at(span, whose).with_help("use PeerAuthentication and DestinationRule");
    finding.severity = severity;
    Some(finding)
}
