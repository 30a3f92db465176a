//! What a proxy counted, in Prometheus' text format, under the names and labels that Istio's telemetry and Envoy (with the tags of
//! Istio's bootstrap) have for it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::mesh::Mesh;
use crate::mesh::Workload;
use crate::proxy::Answered;
use crate::proxy::Caller;
use crate::proxy::Counted;
use crate::proxy::Glance;
use crate::proxy::Opened;
use crate::proxy::Place;
use crate::simulate::Verdict;

/// What Istio's telemetry writes where nothing is known.
const UNKNOWN: &str = "unknown";

/// Families of samples, one after the other.
#[derive(Default)]
struct Exposition(String);

type Labels<'a> = Vec<(&'static str, &'a str)>;

impl Exposition {
    fn family(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Vec<(&'static str, String)>, u64)>,
    ) {
        self.0.push_str(&format!("# HELP {name} {}\n# TYPE {name} {kind}\n", escaped(help)));
        for (labels, value) in samples {
            self.0.push_str(name);
            for (index, (label, text)) in labels.iter().enumerate() {
                let before = if index == 0 { '{' } else { ',' };
                self.0.push_str(&format!("{before}{label}=\"{}\"", escaped(text).replace('"', "\\\"")));
            }
            self.0.push_str(if labels.is_empty() { "" } else { "}" });
            self.0.push_str(&format!(" {value}\n"));
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

/// Everything that was counted, of the workloads that are served.
#[must_use]
pub fn proxy_metrics(counted: &Counted, glances: &[Glance], uptime: Duration, is_draining: bool) -> String {
    let mut out = Exposition::default();
    istio(&mut out, counted, glances);
    http(&mut out, counted);
    decisions(&mut out, counted);
    let connections: usize = glances.iter().map(Glance::connections).sum();
    for (name, help, value) in [
        ("envoy_server_live", "1 while connections are taken, 0 while the proxy drains", u64::from(!is_draining)),
        ("envoy_server_state", "0 while connections are taken, 1 while the proxy drains", u64::from(is_draining)),
        ("envoy_server_uptime", "seconds since the start", uptime.as_secs()),
        ("envoy_server_total_connections", "connections at the moment", connections as u64),
    ] {
        out.family(name, "gauge", help, [(Vec::new(), value)]);
    }
    out.0
}

fn istio(out: &mut Exposition, counted: &Counted, glances: &[Glance]) {
    let requests = counted.answered.iter().map(|(answered, count)| {
        let Answered { place, caller, is_grpc, status, grpc_status, flag } = answered;
        let mut labels = standard(place, caller, glances, if *is_grpc { "grpc" } else { "http" });
        labels.push(("response_code", status.to_string()));
        labels.push(("grpc_response_status", grpc_status.map(|status| status.to_string()).unwrap_or_default()));
        labels.push(("response_flags", if flag.is_empty() { "-" } else { *flag }.to_owned()));
        (labels, *count)
    });
    out.family("istio_requests_total", "counter", "requests by what they were answered with", merged(requests));
    let bytes = |pick: fn(&Opened) -> u64| {
        let of_one = move |((place, caller), opened): &((Place, Caller), Opened)| {
            let mut labels = standard(place, caller, glances, "tcp");
            labels.push(("response_flags", "-".to_owned()));
            (labels, pick(opened))
        };
        merged(counted.bytes.iter().map(of_one))
    };
    out.family("istio_tcp_connections_opened_total", "counter", "connections of bytes", bytes(|opened| opened.total));
    let closed = bytes(|opened| opened.total - opened.open);
    out.family("istio_tcp_connections_closed_total", "counter", "connections of bytes that have ended", closed);
}

/// Istio's standard labels, as the destination's proxy reports them. No metadata is exchanged, so of a caller no more than its identity is known.
fn standard(place: &Place, caller: &Caller, glances: &[Glance], protocol: &str) -> Vec<(&'static str, String)> {
    let mut labels: Vec<(&'static str, String)> = vec![("reporter", "destination".to_owned())];
    let mut add = |name: &'static str, value: &str| labels.push((name, value.to_owned()));
    for name in [
        "source_workload",
        "source_canonical_service",
        "source_workload_namespace",
        "source_app",
        "source_version",
        "source_cluster",
    ] {
        add(name, UNKNOWN);
    }
    add("source_canonical_revision", "latest");
    add("source_principal", caller.identity.as_deref().unwrap_or(UNKNOWN));
    let glance = glances.iter().find(|glance| glance.workload() == &*place.workload);
    let rules = glance.map(Glance::rules);
    let mesh = rules.as_ref().map(|rules| rules.enforcer.mesh());
    let workload = rules.as_ref().and_then(|rules| rules.enforcer.mesh().workload(rules.enforcer.workload()));
    for (name, value) in destination(workload) {
        add(name, value);
    }
    let identity = glance.filter(|_| caller.is_mutual).map(|glance| glance.credentials().identity().to_string());
    add("destination_principal", identity.as_deref().unwrap_or(UNKNOWN));
    let service = mesh.and_then(|mesh| service_of(mesh, place));
    for (name, value) in service.unwrap_or_else(|| {
        ["destination_service", "destination_service_name", "destination_service_namespace"]
            .map(|name| (name, UNKNOWN.to_owned()))
    }) {
        add(name, &value);
    }
    add("destination_cluster", "Kubernetes");
    add("request_protocol", protocol);
    add("connection_security_policy", if caller.is_mutual { "mutual_tls" } else { "none" });
    labels
}

fn destination(workload: Option<&Workload>) -> Labels<'_> {
    let label = |names: &[&str]| names.iter().find_map(|name| workload?.labels.get(*name)).map(String::as_str);
    let name = workload.map_or(UNKNOWN, |workload| workload.name.as_str());
    vec![
        ("destination_workload", name),
        ("destination_workload_namespace", workload.map_or(UNKNOWN, |workload| workload.namespace.as_str())),
        ("destination_app", label(&["app"]).unwrap_or(UNKNOWN)),
        ("destination_version", label(&["version"]).unwrap_or(UNKNOWN)),
        (
            "destination_canonical_service",
            label(&["service.istio.io/canonical-name", "app.kubernetes.io/name", "app"]).unwrap_or(name),
        ),
        (
            "destination_canonical_revision",
            label(&["service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"]).unwrap_or("latest"),
        ),
    ]
}

fn service_of(mesh: &Mesh, place: &Place) -> Option<[(&'static str, String); 3]> {
    let id = mesh.workloads.iter().position(|workload| workload.display_name() == *place.workload)?;
    let declared = mesh.inbound_ports(crate::mesh::WorkloadId(id)).into_iter().find(|port| port.port == place.port)?;
    let service = mesh.services.get(declared.service?)?;
    Some([
        ("destination_service", service.hostname.clone()),
        ("destination_service_name", service.id.name.clone()),
        ("destination_service_namespace", service.id.namespace.clone()),
    ])
}

fn http(out: &mut Exposition, counted: &Counted) {
    let requests = merged(counted.answered.iter().map(|(answered, count)| (manager(&answered.place), *count)));
    out.family("envoy_http_downstream_rq_total", "counter", "requests", requests);
    let by_class = merged(counted.answered.iter().map(|(answered, count)| {
        let mut labels = manager(&answered.place);
        labels.insert(0, ("response_code_class", format!("{}xx", answered.status / 100)));
        (labels, *count)
    }));
    out.family("envoy_http_downstream_rq", "counter", "requests by the class of their answer's status", by_class);
    let total = merged(counted.http.iter().map(|(place, opened)| (manager(place), opened.total)));
    out.family("envoy_http_downstream_cx_total", "counter", "connections that were read as HTTP", total);
    let open = merged(counted.http.iter().map(|(place, opened)| (manager(place), opened.open)));
    out.family("envoy_http_downstream_cx_active", "gauge", "connections that are read as HTTP at the moment", open);
    let listener = |place: &Place| vec![("listener_address", format!("0.0.0.0_{}", place.port)), workload_label(place)];
    let total = merged(counted.connections.iter().map(|(place, opened)| (listener(place), opened.total)));
    out.family("envoy_listener_downstream_cx_total", "counter", "connections that were taken", total);
    let open = merged(counted.connections.iter().map(|(place, opened)| (listener(place), opened.open)));
    out.family("envoy_listener_downstream_cx_active", "gauge", "connections at the moment", open);
}

fn decisions(out: &mut Exposition, counted: &Counted) {
    let enforced = |verdict| match verdict {
        Verdict::Allowed => Some("allowed"),
        Verdict::Denied => Some("denied"),
        Verdict::Unauthenticated
        | Verdict::MtlsRequired
        | Verdict::ConnectionFailed
        | Verdict::BadRequest
        | Verdict::Undetermined => None,
    };
    let of_requests = counted.decided.iter().filter(|(decided, _)| decided.is_request);
    let rbac = of_requests.clone().filter_map(|(decided, count)| {
        let mut labels = manager(&decided.place);
        labels.insert(0, ("authz_enforce_result", enforced(decided.verdict)?.to_owned()));
        Some((labels, *count))
    });
    let help = "requests that authorization let in or refused, each counted once";
    out.family("envoy_http_rbac", "counter", help, merged(rbac));
    for (name, is_good, help) in [
        ("envoy_http_jwt_authn_allowed", true, "requests with a good token, or none, where tokens are looked for"),
        ("envoy_http_jwt_authn_denied", false, "requests with a bad token"),
    ] {
        let tokens = of_requests.clone().filter(|(decided, _)| decided.token == Some(is_good));
        out.family(name, "counter", help, merged(tokens.map(|(decided, count)| (manager(&decided.place), *count))));
    }
    let bytes = counted.decided.iter().filter(|(decided, _)| !decided.is_request).filter_map(|(decided, count)| {
        let labels = [("authz_enforce_result", enforced(decided.verdict)?.to_owned()), ("tcp_prefix", "rbac".to_owned())];
        Some(([labels.to_vec(), vec![workload_label(&decided.place)]].concat(), *count))
    });
    out.family("envoy_tcp", "counter", "connections of bytes that authorization let in or refused", merged(bytes));
    let all = counted.decided.iter().map(|(decided, count)| {
        let (kind, policy) = match &decided.by {
            Some((kind, namespace, name)) => ((*kind).to_owned(), format!("{namespace}/{name}")),
            None => (String::new(), String::new()),
        };
        let labels = vec![
            workload_label(&decided.place),
            ("port", decided.place.port.to_string()),
            ("verdict", decided.verdict.as_str().to_owned()),
            ("kind", kind),
            ("policy", policy),
        ];
        (labels, *count)
    });
    out.family("meshsec_decisions_total", "counter", "decisions by the object that settled them", merged(all));
    let help = "decisions that a watcher of `/decisions` was too slow for";
    out.family("meshsec_decisions_missed_total", "counter", help, [(Vec::new(), counted.missed)]);
}

/// Envoy's label of a port's connection manager, and which workload's it is.
fn manager(place: &Place) -> Vec<(&'static str, String)> {
    vec![("http_conn_manager_prefix", format!("inbound_0.0.0.0_{}", place.port)), workload_label(place)]
}

fn workload_label(place: &Place) -> (&'static str, String) {
    ("workload", place.workload.to_string())
}

/// Samples of the same labels are one sample.
fn merged(samples: impl IntoIterator<Item = (Vec<(&'static str, String)>, u64)>) -> BTreeMap<Vec<(&'static str, String)>, u64> {
    let mut sums = BTreeMap::new();
    for (labels, value) in samples {
        *sums.entry(labels).or_default() += value;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn what_a_caller_or_a_manifest_wrote_breaks_no_line() {
        let place = Place { workload: Rc::from("a\"b\\c\nd"), port: 80 };
        let counted = Counted { http: vec![(place, Opened { total: 3, open: 1 })], ..Counted::default() };
        let text = proxy_metrics(&counted, &[], Duration::from_secs(7), false);
        let expected =
            "envoy_http_downstream_cx_total{http_conn_manager_prefix=\"inbound_0.0.0.0_80\",workload=\"a\\\"b\\\\c\\nd\"} 3\n";
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("# TYPE envoy_server_uptime gauge\nenvoy_server_uptime 7\n"), "{text}");
    }
}
