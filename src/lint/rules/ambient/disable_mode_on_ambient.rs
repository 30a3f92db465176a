use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS827"),
    name: "disable-mode-on-ambient",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A PeerAuthentication with DISABLE for pods of the ambient mesh.",
    why: "ztunnel accepts mutual TLS whatever the mode is: DISABLE reads as PERMISSIVE there.",
    example: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: DISABLE}}
"
    ),
    instead: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
"
    ),
    specification: "PeerAuthentication reference, MutualTLS.Mode",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for policy in &view.mesh.peer_authentications {
        let Some(mode) = policy.spec.mode.filter(|mode| mode.value == MutualTlsMode::Disable) else { continue };
        let workloads = view.workloads_of_peer(policy);
        let Some(pod) = workloads.iter().find(|workload| workload.proxy == Proxy::Ambient) else { continue };
        found.push(
            RULE.at(
                mode.span,
                format!("mutual TLS stays possible in front of `{}`: ztunnel reads DISABLE as PERMISSIVE", pod.display_name()),
            )
            .with_help("write what is meant: PERMISSIVE, or STRICT"),
        );
    }
}
