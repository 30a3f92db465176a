use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS546"),
    name: "host-taken",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A service entry for a host that another service of the namespace already has.",
    why: "Only the endpoints of the later one count; its ports and settings do not.",
    example: r#"apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: idp, namespace: shop}
spec: {hosts: [idp.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: idp-too, namespace: shop}
spec: {hosts: [idp.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]}
"#,
    instead: r#"apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: idp, namespace: shop}
spec: {hosts: [idp.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]}
"#,
    specification: "ServiceEntry reference, hosts",
    check: Check::Told,
};
