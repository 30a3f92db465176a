//! `MS8xx`: pods of the ambient mesh. What ztunnel makes of a policy, and what only a waypoint does.

mod bits;
mod caller;
mod deny;
mod targets;
mod waypoint;
mod ztunnel;

/// Pods `web` and `cart` of namespace `shop`, with mutual TLS.
macro_rules! pods {
    () => {
        r#"---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
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
"#
    };
}

/// A policy of namespace `shop` that admits nobody.
macro_rules! closed {
    () => {
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
"
    };
}

/// The pods in a namespace of the ambient mesh, without a policy.
macro_rules! open_ambient {
    () => {
        concat!(
            r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
"#,
            pods!()
        )
    };
}

/// The same, closed.
macro_rules! ambient {
    () => {
        concat!(open_ambient!(), closed!())
    };
}

/// The pods behind a waypoint, without a policy.
macro_rules! open_behind_waypoint {
    () => {
        concat!(
            r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: waypoint, namespace: shop}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
"#,
            pods!()
        )
    };
}

/// The same behind a waypoint.
macro_rules! behind_waypoint {
    () => {
        concat!(open_behind_waypoint!(), closed!())
    };
}

rules! {
    ambient_trust_domain_alias,
    cross_namespace_waypoint,
    disable_mode_on_ambient,
    empty_selector_on_ambient,
    gateway_class_target,
    inbound_capture_bypass,
    ingress_skips_waypoint,
    jwt_policy_without_targets,
    l7_policy_without_targets,
    l7_policy_without_waypoint,
    mtls_mistaken_for_authorization,
    namespace_pattern_divergence,
    network_policy_blocks_hbone,
    port_disable_under_strict,
    selector_spans_data_planes,
    service_target_without_waypoint,
    sidecar_and_ambient,
    target_not_found,
    waypoint_bypass_open,
    waypoint_identity_not_allowed,
    waypoint_missing_fails_open,
    waypoint_traffic_type,
    ztunnel_action_unsupported,
    ztunnel_allow_dropped,
    ztunnel_condition_unsupported,
    ztunnel_deny_noop,
    ztunnel_deny_widened,
    ztunnel_dry_run_dropped,
    ztunnel_trust_domains_ignored,
}
