//! Rules that meet on one proxy, whichever objects they stand in.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::lint::MeshView;
use crate::manifest::kinds::JwtRule;
use crate::manifest::kinds::RequestAuthentication;
use crate::mesh::Object;
use crate::mesh::Proxy;

/// One rule and the object it stands in.
#[derive(Clone, Copy)]
pub(super) struct Met<'m> {
    pub(super) policy: &'m Object<RequestAuthentication>,
    pub(super) rule: &'m JwtRule,
}

/// Every set of rules that a proxy has, each once. Objects of which no workload was given stand alone, except that those without
/// selector meet in their namespace.
pub(super) fn meetings<'m>(view: &MeshView<'m>) -> Vec<Vec<Met<'m>>> {
    let mesh = view.mesh;
    if mesh.request_authentications.is_empty() {
        return Vec::new();
    }
    let mut sets: BTreeSet<Vec<usize>> = BTreeSet::new();
    for (workload, policies) in mesh.workloads.iter().zip(view.authentications()) {
        if !policies.is_empty() && matches!(workload.proxy, Proxy::Sidecar | Proxy::Gateway | Proxy::Waypoint) {
            sets.insert(policies.clone());
        }
    }
    let seen: BTreeSet<usize> = sets.iter().flatten().copied().collect();
    let mut wide: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, policy) in mesh.request_authentications.iter().enumerate().filter(|(index, _)| !seen.contains(index)) {
        let spec = &policy.spec;
        if spec.selector.is_none() && spec.target_ref.is_none() && spec.target_refs.is_empty() {
            wide.entry(&policy.id.namespace).or_default().push(index);
        } else {
            sets.insert(vec![index]);
        }
    }
    sets.extend(wide.into_values());
    let rules = |set: Vec<usize>| {
        let policies = set.into_iter().filter_map(|index| mesh.request_authentications.get(index));
        policies.flat_map(|policy| policy.spec.jwt_rules.iter().map(move |rule| Met { policy, rule })).collect()
    };
    sets.into_iter().map(rules).collect()
}

/// Where a rule looks for tokens.
pub(super) fn locations(rule: &JwtRule) -> BTreeSet<String> {
    if rule.from_headers.is_empty() && rule.from_params.is_empty() && rule.from_cookies.is_empty() {
        return ["header `authorization`".to_owned(), "parameter `access_token`".to_owned()].into();
    }
    let headers = rule.from_headers.iter().map(|header| format!("header `{}`", header.name.value.to_ascii_lowercase()));
    let parameters = rule.from_params.iter().map(|name| format!("parameter `{}`", name.value));
    let cookies = rule.from_cookies.iter().map(|name| format!("cookie `{}`", name.value));
    headers.chain(parameters).chain(cookies).collect()
}

/// The headers that a rule writes, in small letters.
pub(super) fn outputs(rule: &JwtRule) -> BTreeSet<String> {
    let claims = rule.output_claim_to_headers.iter().map(|output| &output.header);
    rule.output_payload_to_header.iter().chain(claims).map(|header| header.value.to_ascii_lowercase()).collect()
}
