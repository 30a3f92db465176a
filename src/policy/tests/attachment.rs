use crate::diag::Span;
use crate::diag::Spanned;
use crate::mesh::Attachment;
use crate::mesh::PolicyTarget;
use crate::mesh::Proxy;
use crate::mesh::ServiceKind;
use crate::mesh::Workload;
use crate::policy::tests::notation::mesh;
use crate::policy::tests::notation::service;
use crate::policy::tests::notation::workload;
use crate::policy::tests::notation::yaml;

fn sidecar() -> Workload {
    workload(Proxy::Sidecar, None)
}

fn gateway() -> Workload {
    workload(Proxy::Gateway, Some("gw"))
}

fn waypoint() -> Workload {
    workload(Proxy::Waypoint, Some("wp"))
}

const GATEWAY: &str = "group: gateway.networking.k8s.io";

/// Attachment of the first policy, on a waypoint in the chain of service `foo/web`.
fn attach(policy: &str, workload: &Workload, change: impl FnOnce(&mut crate::mesh::Mesh)) -> Attachment {
    let mut mesh = mesh(&yaml(&format!("[{policy}]")), &[]);
    change(&mut mesh);
    let object = &mesh.authorization_policies[0];
    let target = PolicyTarget {
        object: &object.id,
        labels: &object.header.labels,
        selector: object.spec.selector.as_ref(),
        target_ref: object.spec.target_ref.as_ref(),
        target_refs: &object.spec.target_refs,
    };
    let web = service(ServiceKind::Kubernetes, "foo", "web");
    mesh.attachment_for_service(workload, Some(&web), &target)
}

#[test]
fn selection_by_namespace_selector_and_reference() {
    let class = format!("{{kind: GatewayClass, {GATEWAY}, name: istio-waypoint}}");
    let cases: Vec<(String, Workload, bool, &str)> = vec![
        ("{ns: other}".into(), sidecar(), false, "other namespace `other`"),
        ("{}".into(), sidecar(), true, "whole namespace"),
        ("{ns: istio-system}".into(), sidecar(), true, "root namespace"),
        ("{sel: {app: web}}".into(), sidecar(), true, "selector app=web"),
        ("{sel: {app: web, v: '1'}}".into(), sidecar(), false, "selector wants app=web,v=1, the workload has no label v"),
        ("{sel: {app: Web}}".into(), sidecar(), false, "selector wants app=Web, the workload has app=web"),
        ("{ns: istio-system, sel: {app: web}}".into(), sidecar(), true, "root namespace, selector app=web"),
        ("{sel: {}}".into(), sidecar(), true, "selector without labels"),
        ("{refs: [{kind: Service, name: web}]}".into(), sidecar(), false, "targetRefs have no effect on a sidecar"),
        (
            "{refs: [{kind: Service, name: web}]}".into(),
            workload(Proxy::Ambient, None),
            false,
            "targetRefs have no effect on ztunnel",
        ),
        ("{}".into(), waypoint(), false, "a waypoint follows only policies with targetRefs"),
        ("{ns: istio-system}".into(), waypoint(), false, "a waypoint follows only policies with targetRefs"),
        ("{refs: [{kind: Service, name: web}]}".into(), waypoint(), true, "targetRef Service web"),
        ("{refs: [{kind: Service, group: core, name: web}]}".into(), waypoint(), true, "targetRef Service web"),
        ("{refs: [{kind: Service, name: api}]}".into(), waypoint(), false, "targetRef Service api is not foo/web"),
        (
            "{refs: [{kind: ServiceEntry, group: networking.istio.io, name: web}]}".into(),
            waypoint(),
            false,
            "targetRef ServiceEntry web is not foo/web",
        ),
        (
            "{ns: istio-system, refs: [{kind: Service, name: web}]}".into(),
            waypoint(),
            false,
            "targetRef Service web is not foo/web",
        ),
        (format!("{{refs: [{{kind: Gateway, {GATEWAY}, name: wp}}]}}"), waypoint(), true, "targetRef Gateway wp"),
        (
            "{refs: [{kind: Gateway, name: wp}]}".into(),
            waypoint(),
            false,
            "a targetRef of kind Gateway in group `core` never attaches",
        ),
        (format!("{{ns: istio-system, refs: [{class}]}}"), waypoint(), true, "targetRef GatewayClass istio-waypoint"),
        (format!("{{refs: [{class}]}}"), waypoint(), false, "a GatewayClass reference counts only in the root namespace"),
        (format!("{{refs: [{{kind: Gateway, {GATEWAY}, name: gw}}]}}"), gateway(), true, "targetRef Gateway gw"),
        (
            format!("{{refs: [{{kind: Gateway, {GATEWAY}, name: other}}, {{kind: Gateway, {GATEWAY}, name: gw}}]}}"),
            gateway(),
            true,
            "targetRef Gateway gw",
        ),
        (
            format!("{{refs: [{{kind: Gateway, {GATEWAY}, name: gw, namespace: x}}]}}"),
            gateway(),
            false,
            "targetRef names namespace `x`",
        ),
        (
            format!("{{ns: istio-system, refs: [{{kind: Gateway, {GATEWAY}, name: gw}}]}}"),
            gateway(),
            false,
            "a Gateway reference reaches only gateways of its own namespace `istio-system`",
        ),
        ("{}".into(), gateway(), true, "whole namespace"),
        ("{sel: {app: other}}".into(), gateway(), false, "selector wants app=other, the workload has app=web"),
        ("{refs: [{kind: Service, name: web}]}".into(), gateway(), false, "a Service reference has no effect on a gateway"),
        // A selector beside targetRefs counts nowhere.
        (
            format!("{{sel: {{app: other}}, refs: [{{kind: Gateway, {GATEWAY}, name: gw}}]}}"),
            gateway(),
            true,
            "targetRef Gateway gw",
        ),
    ];
    for (policy, workload, applies, why) in cases {
        let found = attach(&policy, &workload, |_| {});
        assert_eq!((found.applies(), found.why()), (applies, why), "{policy} on {:?}", workload.proxy);
    }
}

#[test]
fn revision_and_feature_flag() {
    let revision = |value: &str| {
        let value = value.to_owned();
        move |mesh: &mut crate::mesh::Mesh| mesh.settings.revision = value
    };
    let policy = "{labels: {istio.io/rev: blue}}";
    assert!(attach(policy, &sidecar(), revision("")).applies());
    assert!(attach(policy, &sidecar(), revision("blue")).applies());
    let found = attach(policy, &sidecar(), revision("green"));
    assert_eq!(found.why(), "label istio.io/rev=blue belongs to another control plane, this one is `green`");
    assert!(!found.applies());

    let off = |mesh: &mut crate::mesh::Mesh| {
        mesh.settings.features.insert("ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY".to_owned(), "false".to_owned());
    };
    assert!(!attach("{}", &gateway(), off).applies());
    assert!(attach("{}", &sidecar(), off).applies());
}

#[test]
fn the_single_reference_counts_only_without_the_list() {
    let mesh = mesh(&yaml("[{}]"), &[]);
    let object = &mesh.authorization_policies[0];
    let reference = |name: &str| crate::manifest::kinds::TargetRef {
        group: Some(Spanned::new("gateway.networking.k8s.io".to_owned(), Span::default())),
        kind: Spanned::new("Gateway".to_owned(), Span::default()),
        name: Spanned::new(name.to_owned(), Span::default()),
        ..crate::manifest::kinds::TargetRef::default()
    };
    let attach = |single: &str, list: &[crate::manifest::kinds::TargetRef]| {
        mesh.attachment(&gateway(), &object.id, &object.header.labels, None, Some(&reference(single)), list).applies()
    };
    assert!(attach("gw", &[]));
    assert!(!attach("gw", &[reference("other")]));
    assert!(attach("other", &[reference("gw")]));
}
