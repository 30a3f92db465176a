use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;
use crate::lint::tree;
use crate::manifest::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code("MS709"),
    name: "removed-mesh-settings",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A mesh or installation setting that no current control plane reads, and that once decided about security.",
    why: "Its reader believes that mutual TLS or checks are on.",
    example: r"apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: istio, namespace: istio-system}
spec: {values: {global: {mtls: {enabled: true}}}}
",
    instead: r"apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: istio, namespace: istio-system}
spec: {meshConfig: {enableAutoMtls: true}}
",
    specification: "Istio upgrade notes, 1.5 to 1.8",
    check: Check::Document(check),
};

/// Where they stand in an installation, and what does their work now.
const SETTINGS: &[(&[&str], &str)] = &[
    (&["values", "global", "mtls", "enabled"], "write a PeerAuthentication with mode STRICT into the root namespace"),
    (&["values", "global", "controlPlaneSecurityEnabled"], "remove it: the control plane always speaks TLS"),
    (&["values", "global", "jwtPolicy"], "remove it: workloads always use tokens bound to the mesh"),
    (&["values", "global", "disablePolicyChecks"], "write AuthorizationPolicies"),
    (&["values", "global", "policyCheckFailOpen"], "write AuthorizationPolicies"),
    (&["values", "security"], "remove it: istiod issues the certificates"),
    (&["values", "citadel"], "remove it: istiod issues the certificates"),
    (&["values", "nodeagent"], "remove it: the proxy's own agent asks for certificates"),
    (&["values", "mixer"], "write AuthorizationPolicies, or ask an external provider"),
];

/// The same in the mesh configuration.
const MESH_SETTINGS: &[(&str, &str)] = &[
    ("authPolicy", "write a PeerAuthentication with mode STRICT into the root namespace"),
    ("controlPlaneAuthPolicy", "remove it: the control plane always speaks TLS"),
    ("enableRbac", "write AuthorizationPolicies"),
    ("disablePolicyChecks", "write AuthorizationPolicies"),
    ("policyCheckFailOpen", "write AuthorizationPolicies"),
    ("mixerCheckServer", "write AuthorizationPolicies, or ask an external provider"),
    ("disableMixerHttpReports", "remove it"),
];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    if let Some(spec) = view.raw("install.istio.io", "IstioOperator").and_then(|operator| operator.get("spec")) {
        for (path, help) in SETTINGS {
            let Some((name, above)) = path.split_last() else { continue };
            if let Some((key, _)) = tree::at(spec, above).and_then(|mapping| tree::entry(mapping, name)) {
                let is_first_party = tree::at(spec, path).is_some_and(|value| value.as_str() == Some("first-party-jwt"));
                let is_current = *name == "jwtPolicy" && !is_first_party;
                if !is_current {
                    found.push(unread(&path.join("."), key.span, help));
                }
            }
        }
        if let Some(config) = spec.get("meshConfig") {
            for (name, help) in MESH_SETTINGS {
                found.extend(tree::entry(config, name).map(|(key, _)| unread(name, key.span, help)));
            }
        }
    }
    if let Some(mesh) = view.raw("", "ConfigMap").filter(|_| view.header.name.value.starts_with("istio"))
        && let Some(text) = tree::at(mesh, &["data", "mesh"])
    {
        of_text(text, view.text, found);
    }
}

/// Top-level keys of a mesh configuration that stands in a block of text.
fn of_text(config: &Node, text: &str, found: &mut Vec<Finding>) {
    // The block begins behind the indentation of its first line.
    let start = Span { offset: config.span.offset.saturating_sub(config.span.column.saturating_sub(1)), ..config.span };
    let length = config.span.length + (config.span.offset - start.offset);
    let Some(block) = edits::slice(text, Span { length, ..start }) else { return };
    let mut least = usize::MAX;
    let (mut offset, mut line) = (start.offset, start.line);
    for written in block.split_inclusive('\n') {
        let blanks = written.len() - written.trim_start_matches(' ').len();
        let key = written.trim().split(':').next().unwrap_or_default();
        if !key.is_empty() && !key.starts_with(['|', '>', '#']) {
            least = least.min(blanks);
            if let Some((name, help)) = MESH_SETTINGS.iter().find(|(name, _)| *name == key && blanks == least) {
                let (Ok(blanks), Ok(length)) = (u32::try_from(blanks), u32::try_from(name.len())) else { continue };
                let span = Span { line, column: blanks + 1, offset: offset + blanks, length, ..config.span };
                found.push(unread(name, span, help));
            }
        }
        offset += u32::try_from(written.len()).unwrap_or_default();
        line += 1;
    }
}

fn unread(name: &str, span: Span, help: &str) -> Finding {
    RULE.at(span, format!("`{name}` is no longer read")).with_label("without effect").with_help(help)
}
