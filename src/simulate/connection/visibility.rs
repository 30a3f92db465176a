use crate::mesh::Mesh;
use crate::mesh::Service;
use crate::simulate::connection::Caller;
use crate::simulate::connection::CallerProxy;

/// Whether the caller's proxy knows a service: it is exported to the caller's namespace, and the caller's Sidecar imports it.
pub(in crate::simulate) fn is_visible(mesh: &Mesh, caller: &Caller, service: &Service, port: u16) -> bool {
    let namespace = caller.namespace.as_deref().unwrap_or_default();
    is_exported(service, namespace) && is_imported(mesh, caller, namespace, service, port)
}

/// `*` shows a service to everyone and `~` to no one, whatever else is listed.
fn is_exported(service: &Service, namespace: &str) -> bool {
    let to = |wanted: &str| service.export_to.iter().any(|one| one == wanted);
    if service.export_to.is_empty() || to("*") {
        return true;
    }
    !to("~") && ((to(".") && service.id.namespace == namespace) || to(namespace))
}

fn is_imported(mesh: &Mesh, caller: &Caller, namespace: &str, service: &Service, port: u16) -> bool {
    if caller.proxy != CallerProxy::Sidecar {
        return true;
    }
    let Some(sidecar) = mesh.sidecar_for(namespace, &caller.labels) else { return true };
    if sidecar.spec.egress.is_empty() {
        return true;
    }
    let listeners = sidecar.spec.egress.iter().filter(|listener| listener.port.as_ref().is_none_or(|own| own.value == port));
    listeners.flat_map(|listener| &listener.hosts).any(|host| imports(&host.value, namespace, service))
}

/// Whether an egress host, `namespace/name`, covers a service.
fn imports(host: &str, own_namespace: &str, service: &Service) -> bool {
    let Some((from, name)) = host.split_once('/') else { return false };
    let from_there = match from {
        "*" => true,
        "." => service.id.namespace == own_namespace,
        "~" => false,
        _ => service.id.namespace == from,
    };
    from_there && overlaps(name, &service.hostname)
}

/// Whether two host names, either of which may be a wildcard, have a host in common.
pub(crate) fn overlaps(a: &str, b: &str) -> bool {
    match (a.strip_prefix('*'), b.strip_prefix('*')) {
        (Some(a), Some(b)) => a.ends_with(b) || b.ends_with(a),
        (Some(end), None) => b.ends_with(end),
        (None, Some(end)) => a.ends_with(end),
        (None, None) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn host_names_overlap() {
        for (a, b, expected) in [
            ("foo.com", "foo.com", true),
            ("foo.com", "bar.com", false),
            ("*.com", "foo.com", true),
            ("bar.com", "*.com", true),
            ("*.foo.com", "foo.com", false),
            ("*", "foo.com", true),
            ("*", "*.com", true),
            ("*.com", "*.foo.com", true),
            ("*.bar.com", "*.foo.com", false),
        ] {
            assert_eq!(overlaps(a, b), expected, "{a} and {b}");
        }
    }

    proptest! {
        #[test]
        fn overlap_has_no_direction(a: String, b: String) {
            prop_assert_eq!(overlaps(&a, &b), overlaps(&b, &a));
        }
    }
}
