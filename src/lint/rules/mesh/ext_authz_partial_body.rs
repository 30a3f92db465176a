use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::mesh::providers::common;
use crate::lint::value_lists;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::ExtensionProviderKind;

pub(super) const RULE: Rule = Rule {
    code: Code("MS522"),
    name: "ext-authz-partial-body",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "External authorization that is asked with the beginning of a body only, or without a header that the policy which asks it looks at.",
    why: "It decides on what it was shown; what matters may stand behind the cut.",
    example: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.auth.svc.cluster.local, port: 9191, timeout: 1s, includeRequestBodyInCheck: {maxRequestBytes: 1024, allowPartialMessage: true}}
",
    instead: "apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    extensionProviders:
    - name: opa
      envoyExtAuthzGrpc: {service: opa.auth.svc.cluster.local, port: 9191, timeout: 1s, includeRequestBodyInCheck: {maxRequestBytes: 1024}}
",
    specification: "MeshConfig reference, EnvoyExternalAuthorizationRequestBody.allowPartialMessage",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    without_header(view, found);
    for provider in &view.mesh.settings.extension_providers {
        let Some((bytes, true, _)) = common(&provider.kind).and_then(|common| common.body) else { continue };
        found.push(
            RULE.at(provider.name.span, format!("`{}` decides on the first {bytes} bytes of a body", provider.name.value))
                .with_label("`allowPartialMessage: true`")
                .with_help("remove `allowPartialMessage`: longer bodies are then refused with 413"),
        );
    }
}

/// Headers that are always sent.
const SENT: &[&str] = &[":authority", ":method", ":path", ":scheme", "authorization", "content-length", "host"];

/// Policies that ask a provider over HTTP about requests with some header, which the provider is not shown.
fn without_header(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for policy in view.mesh.authorization_policies.iter().filter(|policy| policy.spec.action.value == Action::Custom) {
        let Some(provider) = policy.spec.provider.as_ref().and_then(|name| view.mesh.provider(&name.value)) else { continue };
        let ExtensionProviderKind::HttpExtAuthz(http) = &provider.kind else { continue };
        let shown = &http.include_request_headers_in_check;
        for list in value_lists(&policy.spec) {
            let (Attribute::Header(header), Some(key)) = (&list.attribute, list.key) else { continue };
            let header = header.to_ascii_lowercase();
            if SENT.contains(&header.as_str()) || shown.iter().any(|pattern| covers(&pattern.value, &header)) {
                continue;
            }
            found.push(
                RULE.at(key.span, format!("`{}` is asked about header `{header}` and is not shown it", provider.name.value))
                    .with_secondary(provider.name.span, "sends only the headers it names")
                    .with_help(format!("add `{header}` to `includeRequestHeadersInCheck`"))
                    .likely(),
            );
        }
    }
}

/// Whether a name of the provider, or one with `*` at an end, is good for a header.
fn covers(pattern: &str, header: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => header.ends_with(end),
        (None, Some(start)) => header.starts_with(start),
        (None, None) => header == pattern,
    }
}
