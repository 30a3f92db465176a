use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;
use crate::mesh::ServiceKind;

pub(super) const RULE: Rule = Rule {
    code: Code("MS441"),
    name: "rule-for-foreign-host",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A VirtualService or ServiceEntry for a service of another namespace that counts for every namespace.",
    why: "It changes where the calls of others go, or with which settings, and the owner of the service does not see it.",
    example: "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: example, namespace: other}
spec: {hosts: [cart.shop.svc.cluster.local], http: [{route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}
",
    instead: r#"apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: example, namespace: other}
spec: {hosts: [cart.shop.svc.cluster.local], exportTo: ["."], http: [{route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}
"#,
    specification: "VirtualService reference, exportTo",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let settings = &view.mesh.settings;
    let domain = format!(".svc.{}", settings.cluster_domain);
    let owner = |host: &str| host.strip_suffix(&domain).and_then(|name| name.rsplit('.').next().map(str::to_owned));
    let mut report = |kind: &str, own: &str, host: &str, span: Span| {
        let Some(foreign) = owner(host).filter(|foreign| foreign != own && foreign != "*" && own != settings.root_namespace)
        else {
            return;
        };
        found.push(
            RULE.at(span, format!("this {kind} changes how every namespace reaches `{host}`"))
                .with_label(format!("a service of namespace `{foreign}`"))
                .with_help(
                    "write `exportTo: [\".\"]` to change it for this namespace only, or move it to the service's namespace",
                ),
        );
    };
    for service in view.raw_of("networking.istio.io", "VirtualService") {
        let Some(spec) = service.node.get("spec") else { continue };
        let gateways = tree::items(spec, "gateways");
        let is_for_sidecars = gateways.is_empty() || gateways.iter().any(|gateway| gateway.as_str() == Some("mesh"));
        let export = tree::items(spec, "exportTo");
        let is_public = export.is_empty() || export.iter().any(|to| to.as_str() == Some("*"));
        if is_for_sidecars && is_public {
            for (host, span) in tree::texts(spec, "hosts") {
                report("VirtualService", &service.namespace, host, span);
            }
        }
    }
    for service in view.mesh.services.iter().filter(|service| service.kind == ServiceKind::ServiceEntry) {
        if service.export_to.iter().any(|to| to == "*") {
            report("ServiceEntry", &service.id.namespace, &service.hostname, service.span);
        }
    }
}
