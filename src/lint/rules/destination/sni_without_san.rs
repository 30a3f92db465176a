use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::Setting;
use crate::lint::rules::destination::client::settings;
use crate::lint::rules::destination::client::written;
use crate::lint::rules::destination::reach::Hosts;
use crate::mesh::ServiceKind;
use crate::simulate::connection::full_host;

pub(super) const RULE: Rule = Rule {
    code: Code("MS437"),
    name: "sni-without-san",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Manifests,
    finds: "TLS with `sni` and without `subjectAltNames`.",
    why: "The server's name is verified automatically only when neither is given. As it stands, any certificate of the authority passes, whoever it was made for.",
    example: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem, sni: api.example.com}}}
",
    instead: "apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem, sni: api.example.com, subjectAltNames: [api.example.com]}}}
",
    specification: "DestinationRule reference, ClientTLSSettings.subjectAltNames",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let hosts = Hosts::new(view.mesh);
    for rule in &view.mesh.destination_rules {
        for setting in settings(&rule.spec).into_iter().filter(Setting::is_origination) {
            let tls = setting.tls;
            let Some(sni) = written(tls.sni.as_ref()).filter(|_| tls.subject_alt_names.is_empty() && !tls.insecure_skip_verify)
            else {
                continue;
            };
            if names_itself(&hosts, &full_host(view.mesh, rule)) {
                continue;
            }
            let inserted = format!("subjectAltNames: [\"{}\"]", sni.value);
            found.push(
                RULE.at(sni.span, "with `sni` alone any certificate of the authority passes")
                    .with_label("turns off the automatic check of the server's name")
                    .with_help(format!("add `{inserted}`, or remove `sni`: the proxy sends the request's host by itself")),
            );
        }
    }
}

/// A ServiceEntry names who may answer for its host.
fn names_itself(hosts: &Hosts<'_>, host: &str) -> bool {
    hosts.services(host).iter().any(|(_, service)| {
        let has_names =
            !service.extra_identities.is_empty() || service.endpoints.iter().any(|endpoint| endpoint.identity.is_some());
        service.kind == ServiceKind::ServiceEntry && (has_names || service.hostname.starts_with('*'))
    })
}
