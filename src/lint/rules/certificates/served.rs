//! The Secrets that gateways serve from.

use std::collections::BTreeMap;

use crate::diag::Spanned;
use crate::lint::MeshView;
use crate::lint::rules::destination::gateways;
use crate::lint::rules::destination::gateways::Pods;
use crate::lint::rules::destination::gateways::Secrets;
use crate::lint::secrets;
use crate::lint::secrets::SecretData;
use crate::manifest::kinds::Server;

/// A server of a Gateway with a Secret it names.
pub(super) struct Served<'a> {
    pub(super) server: &'a Server,
    /// The name of the Secret, in the Gateway.
    pub(super) credential: &'a Spanned<String>,
    pub(super) data: &'a SecretData<'a>,
    /// It asks for certificates of clients, and takes the authority from the same Secret.
    pub(super) verifies_clients: bool,
    /// The Secret that its authority for clients may come from instead was given.
    pub(super) has_authority_beside: bool,
    /// The pods of the gateway are known, and so is the namespace of the Secret.
    pub(super) is_certain: bool,
}

/// Shows every server that ends TLS with every Secret it names and that was given.
pub(super) fn each(view: &MeshView<'_>, show: &mut dyn FnMut(&Served<'_>)) {
    if view.mesh.gateways.is_empty() {
        return;
    }
    let (given, pods) = (Secrets::new(view), Pods::new(view));
    let mut read: BTreeMap<(&str, &str), Option<SecretData<'_>>> = BTreeMap::new();
    for gateway in &view.mesh.gateways {
        let workloads = pods.of(gateway);
        let workload = workloads.first().map(|(_, workload)| workload.namespace.as_str());
        let namespace = workload.unwrap_or(&gateway.id.namespace);
        for server in &gateway.spec.servers {
            let Some(tls) = &server.tls else { continue };
            let mode = gateways::mode(tls);
            if !matches!(mode, "SIMPLE" | "MUTUAL" | "OPTIONAL_MUTUAL") {
                continue;
            }
            for credential in gateways::credentials(tls) {
                let Some(raw) = given.get(namespace, &credential.value) else { continue };
                let data = read
                    .entry((raw.namespace.as_str(), raw.header.name.value.as_str()))
                    .or_insert_with(|| secrets::read(&raw.node, &raw.header));
                let Some(data) = data else { continue };
                show(&Served {
                    server,
                    credential,
                    data,
                    verifies_clients: mode != "SIMPLE" && tls.ca_cert_credential_name.is_none(),
                    has_authority_beside: given.get(namespace, &format!("{}-cacert", credential.value)).is_some(),
                    is_certain: workload.is_some(),
                });
            }
        }
    }
}
