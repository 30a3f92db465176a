//! Identities as policies write them, taken apart.

use crate::lint::MeshView;

/// Trust domain, namespace and service account of an exact principal; `None` for patterns and other shapes.
pub(super) fn parts(principal: &str) -> Option<(&str, &str, &str)> {
    let (trust_domain, rest) = principal.split_once("/ns/")?;
    let (namespace, account) = rest.split_once("/sa/")?;
    let is_exact = !principal.contains('*') && !account.contains('/') && !namespace.contains('/') && !trust_domain.contains('/');
    (is_exact && !trust_domain.is_empty() && !namespace.is_empty() && !account.is_empty()).then_some((
        trust_domain,
        namespace,
        account,
    ))
}

/// Whether a trust domain is the mesh's own.
pub(super) fn is_own(view: &MeshView<'_>, trust_domain: &str) -> bool {
    let settings = &view.mesh.settings;
    trust_domain == "cluster.local"
        || trust_domain == settings.trust_domain
        || settings.trust_domain_aliases.iter().any(|alias| alias == trust_domain)
}

/// Whether a service account exists: it is written, a workload runs as it, or the platform makes it.
pub(super) fn has_account(view: &MeshView<'_>, namespace: &str, account: &str) -> bool {
    let of_gateway =
        || {
            view.mesh.kubernetes_gateways.iter().filter(|gateway| gateway.id.namespace == namespace).any(|gateway| {
                account == gateway.id.name || account == format!("{}-{}", gateway.id.name, gateway.spec.class.value)
            })
        };
    account == "default" || view.mesh.service_accounts.contains(&(namespace.to_owned(), account.to_owned())) || of_gateway()
}
