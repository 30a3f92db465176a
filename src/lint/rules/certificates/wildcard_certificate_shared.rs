use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Raw;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::pem;
use crate::lint::rules::destination::gateways;
use crate::lint::rules::destination::gateways::Pods;
use crate::lint::rules::destination::gateways::Secrets;
use crate::lint::secrets;
use crate::pki::Fingerprint;
use crate::pki::SubjectAltName;

pub(super) const RULE: Rule = Rule {
    code: Code("MS611"),
    name: "wildcard-certificate-shared",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Inventory,
    finds: "One certificate for a wildcard that Gateways of several namespaces serve with.",
    why: "One key opens every name of all of them, and a client that has a connection to one may send requests for the others over it.",
    example: concat!(
        "apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: shop, hostname: shop.example.com, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: wildcard}]}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: bank}
spec: {gatewayClassName: istio, listeners: [{name: bank, hostname: bank.example.com, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: wildcard}]}}]}
---
apiVersion: v1
kind: Secret
metadata: {name: wildcard, namespace: shop}
type: kubernetes.io/tls
stringData:
  tls.key: ENC[AES256_GCM,data:Tr7oZw==,iv:MQ==,tag:kA==,type:str]
  tls.crt: |
",
        pem!(wildcard),
        pem!(authority_of_wildcard),
        "---
apiVersion: v1
kind: Secret
metadata: {name: wildcard, namespace: bank}
type: kubernetes.io/tls
stringData:
  tls.key: ENC[AES256_GCM,data:Tr7oZw==,iv:MQ==,tag:kA==,type:str]
  tls.crt: |
",
        pem!(wildcard),
        pem!(authority_of_wildcard),
    ),
    instead: concat!(
        "apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: shop, hostname: shop.example.com, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: wildcard}]}}]}
---
apiVersion: v1
kind: Secret
metadata: {name: wildcard, namespace: shop}
type: kubernetes.io/tls
stringData:
  tls.key: ENC[AES256_GCM,data:Tr7oZw==,iv:MQ==,tag:kA==,type:str]
  tls.crt: |
",
        pem!(wildcard),
        pem!(authority_of_wildcard),
    ),
    specification: "RFC 9525 section 7.1; RFC 9113 section 9.1.1",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let given = Secrets::new(view);
    // What serves with a wildcard, by certificate: the name, the first Gateway and its namespace.
    let mut known: BTreeMap<String, (String, &str, Span)> = BTreeMap::new();
    let mut told: Vec<(String, &str)> = Vec::new();
    for (namespace, span, secret) in uses(view, &given) {
        let Some((certificate, wildcard)) = wildcard(secret) else { continue };
        let (_, first, place) = known.entry(certificate.to_string()).or_insert((wildcard.clone(), namespace, span));
        let key = (certificate.to_string(), namespace);
        if *first == namespace || told.contains(&key) {
            continue;
        }
        told.push(key);
        found.push(
            RULE.at(span, format!("namespaces `{first}` and `{namespace}` serve with one certificate for `{wildcard}`"))
                .with_secondary(*place, format!("in namespace `{first}`"))
                .with_help("give each team a certificate for its own names"),
        );
    }
}

/// Namespace of the Gateway, place of the name, and the Secret.
fn uses<'a>(view: &MeshView<'a>, given: &Secrets<'a>) -> Vec<(&'a str, Span, &'a Raw)> {
    let mut uses = Vec::new();
    if !view.mesh.gateways.is_empty() {
        let pods = Pods::new(view);
        for gateway in &view.mesh.gateways {
            let own = gateway.id.namespace.as_str();
            let namespace = pods.of(gateway).first().map_or(own, |(_, workload)| workload.namespace.as_str());
            let tls = gateway.spec.servers.iter().filter_map(|server| server.tls.as_ref());
            for name in tls.flat_map(gateways::credentials) {
                uses.extend(given.get(namespace, &name.value).map(|secret| (own, name.span, secret)));
            }
        }
    }
    for gateway in &view.mesh.kubernetes_gateways {
        let own = gateway.id.namespace.as_str();
        for reference in gateway.spec.listeners.iter().flat_map(|listener| &listener.certificate_refs) {
            let namespace = reference.namespace.as_ref().map_or(own, |namespace| namespace.as_str());
            uses.extend(given.get(namespace, &reference.name.value).map(|secret| (own, reference.name.span, secret)));
        }
    }
    uses
}

/// The certificate a Secret serves, when it is for a wildcard.
fn wildcard(secret: &Raw) -> Option<(Fingerprint, String)> {
    let data = secrets::read(&secret.node, &secret.header)?;
    let (part, _) = data.served()?;
    let certificates = part.certificates();
    let leaf = certificates.first()?;
    let name = leaf.subject_alt_names().iter().find_map(|name| match name {
        SubjectAltName::Dns(name) if name.starts_with("*.") => Some(name.clone()),
        SubjectAltName::Dns(_)
        | SubjectAltName::Ip(_)
        | SubjectAltName::Uri(_)
        | SubjectAltName::Email(_)
        | SubjectAltName::Other(_) => None,
    })?;
    Some((leaf.fingerprint(), name))
}
