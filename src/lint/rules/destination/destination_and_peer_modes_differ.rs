use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::settings;
use crate::lint::rules::destination::reach;
use crate::lint::rules::destination::reach::Told;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS411"),
    name: "destination-and-peer-modes-differ",
    severity: Severity::Error,
    peers: &["KIA0205", "KIA0206", "KIA0207", "KIA0208"],
    needs: Needs::Manifests,
    finds: "A DestinationRule whose mode contradicts what PeerAuthentication demands of the same services.",
    why: "The two sides do not understand each other: every call fails.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: "web:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: "*.shop.svc.cluster.local", trafficPolicy: {tls: {mode: DISABLE}}}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: "web:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: "*.shop.svc.cluster.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
"#,
    specification: "PeerAuthentication reference, MutualTLS.Mode",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    for rule in &mesh.destination_rules {
        let Some(setting) = settings(&rule.spec).into_iter().find(|setting| setting.subset.is_none() && setting.port.is_none())
        else {
            continue;
        };
        let Some((namespace, whose)) = scope(view, &rule.spec.host.value) else { continue };
        let demanded = mesh.service_level_mode(&namespace);
        let mut finding = match (setting.mode(), demanded.mode) {
            (ClientTlsMode::Disable, MutualTlsMode::Strict) => RULE
                .at(setting.span(), format!("clients of {whose} speak plaintext, which its servers refuse"))
                .with_help("remove `tls`: automatic mutual TLS does what the servers demand"),
            (ClientTlsMode::IstioMutual, MutualTlsMode::Disable) => RULE
                .at(setting.span(), format!("clients of {whose} speak mutual TLS, which its servers do not"))
                .with_help("remove `tls`, or mode DISABLE from the PeerAuthentication"),
            (ClientTlsMode::IstioMutual, _) if demanded.from.is_none() => {
                let mut finding = RULE
                    .at(setting.span(), format!("clients of {whose} speak mutual TLS, its servers take plaintext too"))
                    .with_help("demand it with a PeerAuthentication of mode STRICT")
                    .likely();
                finding.severity = Severity::Info;
                finding
            }
            _ => continue,
        };
        if let Some(from) = demanded.from {
            finding = finding.with_secondary(from.span, "what the servers do");
        }
        found.push(finding);
    }
    for_one_host(view, found);
}

/// The namespace that a wildcard host stands for, and its name in words. Of all namespaces the root namespace has the mode.
fn scope(view: &MeshView<'_>, host: &str) -> Option<(String, String)> {
    let settings = &view.mesh.settings;
    let rest = host.strip_prefix('*')?;
    if matches!(rest, "" | ".local" | ".cluster.local" | ".svc.cluster.local") {
        return Some((settings.root_namespace.clone(), "all services".to_owned()));
    }
    let namespace = rest.strip_suffix(&format!(".svc.{}", settings.cluster_domain))?.strip_prefix('.')?;
    Some((namespace.to_owned(), format!("namespace `{namespace}`")))
}

/// One host, or one port of it, at which the server has mutual TLS off.
fn for_one_host(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut told = Told::default();
    let off: BTreeSet<&str> = (view.mesh.peer_authentications.iter())
        .filter(|policy| {
            let modes = policy.spec.port_level.values().map(|mode| mode.value);
            let own = policy.spec.mode.as_ref().map(|mode| mode.value);
            own.into_iter().chain(modes).any(|mode| mode == MutualTlsMode::Disable)
        })
        .map(|policy| policy.id.namespace.as_str())
        .collect();
    let may_be_off = |workload: &Workload| {
        let namespaces = [workload.namespace.as_str(), view.mesh.settings.root_namespace.as_str()];
        workload.proxy == Proxy::Sidecar && namespaces.iter().any(|namespace| off.contains(namespace))
    };
    reach::each(view, |setting| setting.mode() == ClientTlsMode::IstioMutual, &may_be_off, &mut |reach| {
        let is_off = reach.connection.server_mode == Some(MutualTlsMode::Disable);
        let is_wide = reach.rule.spec.host.value.starts_with('*');
        if !is_off || is_wide || !reach.has_failed() || !told.is_first(reach.setting.span()) {
            return false;
        }
        let mut finding = RULE
            .at(reach.setting.span(), format!("mutual TLS to {}, whose server has it off", reach.destination()))
            .with_help("remove `tls`, or mode DISABLE from the PeerAuthentication");
        if let Some(from) = reach.connection.server_mode_from {
            finding = finding.with_secondary(from.span, "turns it off");
        }
        found.push(match reach.witness() {
            Some(witness) => finding.with_witness(witness),
            None => finding,
        });
        true
    });
}
