//! What a proxy stands in for, and the mesh around it, for the page in a browser.

use std::io;
use std::io::Write;

use serde_json::Value;
use serde_json::json;

use crate::diag::SourceMap;
use crate::diag::Span;
use crate::mesh::Mesh;
use crate::mesh::ModeOrigin;
use crate::mesh::PortClass;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::proxy::Glance;

/// Writes it. `issues` says whether callers can be given identities.
///
/// # Errors
/// When the writer fails.
pub fn proxy_mesh(out: &mut dyn Write, glances: &[Glance], issues: bool) -> io::Result<()> {
    let workloads = glances.first().map(|glance| {
        let rules = glance.rules();
        let (mesh, sources) = (rules.enforcer.mesh(), &rules.sources);
        mesh.workloads.iter().enumerate().map(|(index, own)| workload(mesh, sources, WorkloadId(index), own)).collect::<Vec<_>>()
    });
    let value = json!({
        "schemaVersion": "meshsec.dev/proxy-mesh/v1",
        "issuesIdentities": issues,
        "served": glances.iter().map(served).collect::<Vec<_>>(),
        "workloads": workloads,
    });
    serde_json::to_writer(out, &value).map_err(io::Error::from)
}

fn served(glance: &Glance) -> Value {
    let rules = glance.rules();
    let enforcer = &rules.enforcer;
    let mesh = enforcer.mesh();
    let declared = mesh.inbound_ports(enforcer.workload());
    let ports = glance.addresses().iter().map(|(port, address)| {
        let guard = enforcer.guard(*port);
        let service = declared.iter().find(|own| own.port == *port).and_then(|own| mesh.services.get(own.service?));
        json!({
            "port": port,
            "address": address.to_string(),
            "mode": guard.mode.as_str(),
            "modeFrom": guard.mode_from.map(|from| origin(mesh, &rules.sources, from)),
            "protocol": class(guard.class),
            "host": service.map(|service| &service.hostname),
        })
    });
    json!({
        "workload": glance.workload(),
        "identity": glance.credentials().identity().as_str(),
        "policies": enforcer.policy_count(),
        "ports": ports.collect::<Vec<_>>(),
    })
}

fn workload(mesh: &Mesh, sources: &SourceMap, id: WorkloadId, own: &Workload) -> Value {
    let ports = mesh.inbound_ports(id).into_iter().map(|port| {
        let demanded = mesh.server_mode(own, port.port);
        json!({
            "port": port.port,
            "mode": demanded.mode.as_str(),
            "modeFrom": demanded.from.map(|from| origin(mesh, sources, from)),
            "protocol": class(port.class),
        })
    });
    json!({
        "name": own.display_name(),
        "kind": own.kind,
        "proxy": proxy(own.proxy),
        "principal": own.principal(&mesh.settings.trust_domain),
        "place": place(sources, own.span),
        "ports": if own.proxy == Proxy::None { Vec::new() } else { ports.collect::<Vec<_>>() },
    })
}

fn origin(mesh: &Mesh, sources: &SourceMap, from: ModeOrigin) -> Value {
    let name = mesh.peer_authentications.get(from.policy).map(|object| object.id.to_string());
    json!({"object": name, "place": place(sources, from.span)})
}

fn place(sources: &SourceMap, span: Span) -> String {
    sources.position(span).to_string()
}

fn class(class: PortClass) -> &'static str {
    match class {
        PortClass::Http => "http",
        PortClass::Tcp => "tcp",
        PortClass::Auto => "sniffed",
    }
}

fn proxy(proxy: Proxy) -> &'static str {
    match proxy {
        Proxy::Sidecar => "sidecar",
        Proxy::None => "none",
        Proxy::Gateway => "gateway",
        Proxy::Waypoint => "waypoint",
        Proxy::Ambient => "ztunnel",
    }
}
