use crate::manifest::Labels;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::RequestAuthentication;
use crate::manifest::kinds::Selector;
use crate::manifest::kinds::TargetRef;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::ObjectRef;
use crate::mesh::Proxy;
use crate::mesh::Service;
use crate::mesh::ServiceKind;
use crate::mesh::Workload;
use crate::mesh::selector_labels_match;

/// Whether a policy object concerns a workload, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attachment {
    /// It does: `selector app=web`, `whole namespace`, `root namespace`, `targetRef Gateway edge`.
    Applies(String),
    /// It does not: ``other namespace `x` ``, `selector wants app=web, the workload has app=cart`.
    Ignored(String),
}

impl Attachment {
    /// Whether the policy concerns the workload.
    #[must_use]
    pub fn applies(&self) -> bool {
        matches!(self, Self::Applies(_))
    }

    /// The reason, either way.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Applies(why) | Self::Ignored(why) => why,
        }
    }
}

/// What a policy object says about the workloads it is meant for.
#[derive(Debug, Clone, Copy)]
pub struct PolicyTarget<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// Its own labels: `istio.io/rev` hides it from control planes of another revision.
    pub labels: &'a Labels,
    /// `selector`.
    pub selector: Option<&'a Selector>,
    /// `targetRef`, the legacy single form.
    pub target_ref: Option<&'a TargetRef>,
    /// `targetRefs`.
    pub target_refs: &'a [TargetRef],
}

impl Object<AuthorizationPolicy> {
    /// What it says about the workloads it is meant for.
    #[must_use]
    pub fn target(&self) -> PolicyTarget<'_> {
        PolicyTarget {
            object: &self.id,
            labels: &self.header.labels,
            selector: self.spec.selector.as_ref(),
            target_ref: self.spec.target_ref.as_ref(),
            target_refs: &self.spec.target_refs,
        }
    }
}

impl Object<RequestAuthentication> {
    /// What it says about the workloads it is meant for.
    #[must_use]
    pub fn target(&self) -> PolicyTarget<'_> {
        PolicyTarget {
            object: &self.id,
            labels: &self.header.labels,
            selector: self.spec.selector.as_ref(),
            target_ref: self.spec.target_ref.as_ref(),
            target_refs: &self.spec.target_refs,
        }
    }
}

/// The label by which a control plane's revision claims an object.
const REVISION_LABEL: &str = "istio.io/rev";
/// The only class a `GatewayClass` reference can name.
const WAYPOINT_CLASS: &str = "istio-waypoint";
const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

impl Mesh {
    /// Whether a policy (`AuthorizationPolicy` or `RequestAuthentication`) concerns a workload's proxy.
    ///
    /// On a waypoint this is the chain for traffic addressed to a pod: references to services need [`Mesh::attachment_for_service`].
    #[must_use]
    pub fn attachment(
        &self,
        workload: &Workload,
        policy: &ObjectRef,
        labels: &Labels,
        selector: Option<&Selector>,
        target_ref: Option<&TargetRef>,
        target_refs: &[TargetRef],
    ) -> Attachment {
        let target = PolicyTarget { object: policy, labels, selector, target_ref, target_refs };
        self.attachment_for_service(workload, None, &target)
    }

    /// The same as yes or no: most selectors are of other workloads, which is quick to see.
    #[must_use]
    pub fn attaches(&self, workload: &Workload, policy: &PolicyTarget<'_>) -> bool {
        let is_by_selector = policy.target_ref.is_none() && policy.target_refs.is_empty();
        let is_selected = policy.selector.is_none_or(|selector| selector_labels_match(&selector.match_labels, &workload.labels));
        (is_selected || !is_by_selector) && self.attachment_for_service(workload, None, policy).applies()
    }

    /// The same for the chain a waypoint has for one service.
    #[must_use]
    pub fn attachment_for_service(
        &self,
        workload: &Workload,
        service: Option<&Service>,
        policy: &PolicyTarget<'_>,
    ) -> Attachment {
        let PolicyTarget { object, labels, selector, target_ref, target_refs } = *policy;
        if let Some(revision) = labels.get(REVISION_LABEL)
            && !self.settings.revision.is_empty()
            && revision.as_str() != self.settings.revision
        {
            return Attachment::Ignored(format!(
                "label {REVISION_LABEL}={} belongs to another control plane, this one is `{}`",
                revision.as_str(),
                self.settings.revision
            ));
        }
        let root = &self.settings.root_namespace;
        let service = service.filter(|_| workload.proxy == Proxy::Waypoint);
        let is_candidate = object.namespace == *root
            || object.namespace == workload.namespace
            || service.is_some_and(|service| object.namespace == service.id.namespace);
        if !is_candidate {
            return Attachment::Ignored(format!("other namespace `{}`", object.namespace));
        }
        // `targetRefs` wins over the single form, which counts only when the list is empty.
        let legacy: &[TargetRef] = target_ref.map_or(&[], std::slice::from_ref);
        let references = if target_refs.is_empty() { legacy } else { target_refs };
        let Some(gateway) = workload.gateway_name() else {
            if !references.is_empty() {
                return Attachment::Ignored(format!("targetRefs have no effect on {}", describe(workload.proxy)));
            }
            return self.by_selector(workload, object, selector);
        };
        if references.is_empty() {
            if workload.proxy == Proxy::Waypoint {
                return Attachment::Ignored("a waypoint follows only policies with targetRefs".to_owned());
            }
            if !self.settings.feature("ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY", true) {
                return Attachment::Ignored(
                    "ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY is off: a Gateway API gateway follows only policies with targetRefs".to_owned(),
                );
            }
            return self.by_selector(workload, object, selector);
        }
        let mut reasons = Vec::new();
        for reference in references {
            match self.by_reference(workload, gateway, service, object, reference) {
                Ok(why) => return Attachment::Applies(why),
                Err(why) if reasons.contains(&why) => {}
                Err(why) => reasons.push(why),
            }
        }
        Attachment::Ignored(reasons.join("; "))
    }

    fn by_selector(&self, workload: &Workload, object: &ObjectRef, selector: Option<&Selector>) -> Attachment {
        let is_root = object.namespace == self.settings.root_namespace;
        let Some(selector) = selector else {
            return Attachment::Applies(if is_root { "root namespace" } else { "whole namespace" }.to_owned());
        };
        let prefix = if is_root && object.namespace != workload.namespace { "root namespace, " } else { "" };
        if selector.match_labels.is_empty() {
            return Attachment::Applies(format!("{prefix}selector without labels"));
        }
        let mut wanted = Vec::new();
        let mut found = Vec::new();
        for (key, value) in &selector.match_labels {
            match workload.labels.get(key) {
                Some(label) if label == value.as_str() => {}
                Some(label) => found.push(format!("{key}={label}")),
                None => found.push(format!("no label {key}")),
            }
            wanted.push(format!("{key}={}", value.as_str()));
        }
        let wanted = wanted.join(",");
        if found.is_empty() {
            Attachment::Applies(format!("{prefix}selector {wanted}"))
        } else {
            Attachment::Ignored(format!("selector wants {wanted}, the workload has {}", found.join(", ")))
        }
    }

    /// One entry of `targetRefs` on a Gateway API gateway or waypoint: why it attaches, or why not.
    fn by_reference(
        &self,
        workload: &Workload,
        gateway: &str,
        service: Option<&Service>,
        object: &ObjectRef,
        reference: &TargetRef,
    ) -> Result<String, String> {
        let TargetRef { group, kind, name, namespace, place: _ } = reference;
        let group = match group.as_ref().map_or("", |group| group.as_str()) {
            "" => "core",
            group => group,
        };
        let (kind, name) = (kind.as_str(), name.as_str());
        let is_waypoint = workload.proxy == Proxy::Waypoint;
        match (group, kind) {
            ("core", "Service") | ("networking.istio.io", "ServiceEntry") => {
                if !is_waypoint {
                    return Err(format!("a {kind} reference has no effect on a gateway"));
                }
                let Some(service) = service else {
                    return Err(format!("a {kind} reference concerns only traffic addressed to that service"));
                };
                // The reference's own namespace is not looked at here.
                let is_entry = service.kind == ServiceKind::ServiceEntry;
                if is_entry == (kind == "ServiceEntry") && service.id.name == name && service.id.namespace == object.namespace {
                    Ok(format!("targetRef {kind} {name}"))
                } else {
                    Err(format!("targetRef {kind} {name} is not {}/{}", service.id.namespace, service.id.name))
                }
            }
            (GATEWAY_GROUP, "GatewayClass") => {
                if !is_waypoint {
                    Err("a GatewayClass reference concerns only waypoints".to_owned())
                } else if object.namespace != self.settings.root_namespace {
                    Err("a GatewayClass reference counts only in the root namespace".to_owned())
                } else if name != WAYPOINT_CLASS {
                    Err(format!("GatewayClass {name} is not {WAYPOINT_CLASS}"))
                } else {
                    Ok(format!("targetRef GatewayClass {name}"))
                }
            }
            (GATEWAY_GROUP, "Gateway") => {
                if object.namespace != workload.namespace {
                    return Err(format!("a Gateway reference reaches only gateways of its own namespace `{}`", object.namespace));
                }
                if let Some(namespace) = namespace
                    && !namespace.value.is_empty()
                    && namespace.as_str() != workload.namespace
                {
                    return Err(format!("targetRef names namespace `{}`", namespace.as_str()));
                }
                if name == gateway {
                    Ok(format!("targetRef Gateway {name}"))
                } else {
                    Err(format!("targetRef Gateway {name} is not {gateway}"))
                }
            }
            _ => Err(format!("a targetRef of kind {kind} in group `{group}` never attaches")),
        }
    }
}

fn describe(proxy: Proxy) -> &'static str {
    match proxy {
        Proxy::Sidecar => "a sidecar",
        Proxy::None => "a workload without a proxy",
        Proxy::Gateway => "a gateway without the label gateway.networking.k8s.io/gateway-name",
        Proxy::Waypoint => "a waypoint without the label gateway.networking.k8s.io/gateway-name",
        Proxy::Ambient => "ztunnel",
    }
}
