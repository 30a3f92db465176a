use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::peer::levels;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::MutualTlsMode;

pub(super) const RULE: Rule = Rule {
    code: Code("MS208"),
    name: "strict-without-client-rule",
    severity: Severity::Info,
    peers: &["KIA0401", "KIA0501"],
    needs: Needs::MeshConfiguration,
    finds: "Mode STRICT for a mesh or a namespace while automatic mutual TLS is off and no DestinationRule asks its clients for ISTIO_MUTUAL.",
    why: "Without automatic mutual TLS clients send plaintext unless a DestinationRule says otherwise, and a STRICT server refuses them.",
    example: r"apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh}
spec: {meshConfig: {enableAutoMtls: false}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
",
    instead: r"apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
metadata: {name: mesh}
spec: {meshConfig: {enableAutoMtls: true}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
",
    specification: "Istio documentation, automatic mutual TLS; DestinationRule reference, ClientTLSSettings",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let settings = &view.mesh.settings;
    if !view.has_mesh_configuration || settings.enable_auto_mtls {
        return;
    }
    let hosts: BTreeSet<&str> = view
        .mesh
        .destination_rules
        .iter()
        .filter(|rule| {
            let tls = rule.spec.traffic_policy.as_ref().and_then(|policy| policy.tls.as_ref());
            tls.is_some_and(|tls| tls.mode.value == ClientTlsMode::IstioMutual)
        })
        .map(|rule| rule.spec.host.as_str())
        .collect();
    let domain = &settings.cluster_domain;
    let whole_mesh = ["*".to_owned(), "*.local".to_owned(), format!("*.{domain}"), format!("*.svc.{domain}")];
    let is_whole_mesh_covered = whole_mesh.iter().any(|host| hosts.contains(host.as_str()));
    for policy in &view.mesh.peer_authentications {
        let Some(mode) = policy.spec.mode.filter(|mode| mode.value == MutualTlsMode::Strict) else { continue };
        let namespace = &policy.id.namespace;
        let of_namespace = format!("*.{namespace}.svc.{domain}");
        if levels::is_selective(&policy.spec) || is_whole_mesh_covered || hosts.contains(of_namespace.as_str()) {
            continue;
        }
        let is_mesh = *namespace == settings.root_namespace;
        let host = if is_mesh { format!("*.svc.{domain}") } else { of_namespace };
        found.push(
            RULE.at(mode.span, "clients keep sending plaintext: automatic mutual TLS is off and no DestinationRule asks for mutual TLS")
                .with_label(format!("{} refuses them", levels::scope_of(view.mesh, namespace)))
                .with_help(format!("turn `enableAutoMtls` on, or write a DestinationRule for `{host}` with mode ISTIO_MUTUAL"))
                .likely(),
        );
    }
}
