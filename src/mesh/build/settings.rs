use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::manifest::Body;
use crate::manifest::Header;
use crate::manifest::Labels;
use crate::manifest::kinds::MeshConfig;
use crate::mesh::Settings;
use crate::mesh::build::BuildOptions;
use crate::mesh::build::documents::Placed;
use crate::mesh::codes;

/// The revision name of an istiod that was installed without one.
const DEFAULT_REVISION: &str = "default";

/// What the manifests and the user say about istiod.
pub(super) struct ControlPlane {
    /// Mesh configuration and feature flags.
    pub(super) settings: Settings,
    /// Revisions of the istiod Deployments that were read; empty when none was.
    pub(super) revisions: BTreeSet<String>,
    /// Label sets, any of which a namespace must carry to be watched; empty means all are.
    pub(super) discovery: Vec<Labels>,
}

/// Mesh configuration, feature flags and revision.
pub(super) fn resolve(placed: &[Placed<'_>], options: &BuildOptions<'_>, findings: &mut Vec<Finding>) -> ControlPlane {
    let mut revisions = BTreeSet::new();
    let mut istio_version = None;
    let mut features: BTreeMap<String, String> = BTreeMap::new();
    let configurations: Vec<(&Header, &MeshConfig)> = placed
        .iter()
        .filter_map(|placed| {
            let Body::MeshConfig(config) = &placed.document.body else { return None };
            Some((placed.document.header.as_ref(), config.as_ref()))
        })
        .collect();
    for (_, config) in &configurations {
        features.extend(config.features.iter().map(|(name, value)| (name.clone(), value.value.clone())));
    }
    for placed in placed {
        if let Body::Istiod(template) = &placed.document.body {
            istio_version = istio_version.or_else(|| tag(template.discovery_image.as_ref()?));
            for variable in &template.environment {
                if variable.name == "REVISION" {
                    revisions.insert(normal_revision(&variable.value.value));
                }
                features.insert(variable.name.clone(), variable.value.value.clone());
            }
        }
    }
    features.extend(options.features.iter().cloned());
    let revision = match (revisions.len(), revisions.first()) {
        (1, Some(revision)) if revision != DEFAULT_REVISION => revision.clone(),
        _ => String::new(),
    };
    let mut settings = Settings { features, istio_version, revision, ..Settings::default() };
    let mut discovery = Vec::new();
    let chosen = options.mesh_config.or_else(|| choose(&configurations, &settings.revision, findings));
    if let Some(config) = chosen {
        discovery.clone_from(&config.discovery_selectors);
        apply(&mut settings, config);
    }
    ControlPlane { settings, revisions, discovery }
}

/// What stands behind the colon of an image.
fn tag(image: &Spanned<String>) -> Option<Spanned<String>> {
    let (_, tag) = image.value.split('@').next()?.rsplit_once(':')?;
    (!tag.contains('/')).then(|| Spanned::new(tag.to_owned(), image.span))
}

fn normal_revision(revision: &str) -> String {
    if revision.is_empty() { DEFAULT_REVISION.to_owned() } else { revision.to_owned() }
}

/// Of several mesh configurations the one of istiod's revision, else the one without a revision; among those the `ConfigMap`, which is
/// what istiod reads; among those the last.
fn choose<'a>(
    configurations: &[(&'a Header, &'a MeshConfig)],
    wanted: &str,
    findings: &mut Vec<Finding>,
) -> Option<&'a MeshConfig> {
    let written: Vec<_> = configurations.iter().filter(|(_, config)| config.is_written).collect();
    let (header, chosen) = written.iter().max_by_key(|(header, _)| {
        let revision = revision_of(header);
        (revision == wanted, revision.is_empty(), header.kind.value == "ConfigMap")
    })?;
    if written.len() > 1 {
        let mut finding = Finding::new(
            codes::SEVERAL_CONFIGURATIONS,
            Severity::Warning,
            format!("{} mesh configurations were read; this one is used", written.len()),
            header.kind.span,
        )
        .with_help("name the one to use with `--mesh-config`");
        for (other, config) in &written {
            if !std::ptr::eq(*config, *chosen) {
                finding = finding.with_secondary(other.kind.span, "not used");
            }
        }
        findings.push(finding);
    }
    Some(*chosen)
}

/// The revision a mesh configuration belongs to; empty for the default one.
fn revision_of(header: &Header) -> &str {
    let labelled = header.labels.get("istio.io/rev").map(Spanned::as_str);
    let named = (header.kind.value == "ConfigMap").then(|| header.name.value.strip_prefix("istio-")).flatten();
    labelled.or(named).filter(|revision| *revision != DEFAULT_REVISION).unwrap_or("")
}

fn apply(settings: &mut Settings, config: &MeshConfig) {
    let texts = |values: &[Spanned<String>]| values.iter().map(|value| value.value.clone()).collect::<Vec<_>>();
    // Destructured by name so that a new field stops the build here.
    let MeshConfig {
        trust_domain,
        trust_domain_aliases,
        root_namespace,
        enable_auto_mtls,
        path_normalization,
        extension_providers,
        num_trusted_proxies,
        default_destination_rule_export_to,
        default_service_export_to,
        ca_trust_domains,
        mesh_mtls_min_protocol_version,
        mesh_mtls_cipher_suites,
        discovery_selectors: _,
        outbound_mode: _,
        features: _,
        is_written: _,
        place: _,
    } = config;
    if let Some(domain) = trust_domain
        && !domain.value.is_empty()
    {
        settings.trust_domain.clone_from(&domain.value);
    }
    settings.written = Some(Box::new(config.clone()));
    settings.trust_domain_aliases = texts(trust_domain_aliases);
    // istiod keeps them as a sorted set.
    settings.trust_domain_aliases.sort();
    settings.trust_domain_aliases.dedup();
    settings.ca_trust_domains = texts(ca_trust_domains);
    if let Some(namespace) = root_namespace
        && !namespace.value.is_empty()
    {
        settings.root_namespace.clone_from(&namespace.value);
    }
    if let Some(enabled) = enable_auto_mtls {
        settings.enable_auto_mtls = enabled.value;
    }
    if let Some(normalization) = path_normalization {
        settings.path_normalization = normalization.value;
    }
    settings.extension_providers.clone_from(extension_providers);
    if let Some(count) = num_trusted_proxies {
        settings.num_trusted_proxies = count.value;
    }
    if !default_destination_rule_export_to.is_empty() {
        settings.default_destination_rule_export_to = texts(default_destination_rule_export_to);
    }
    if !default_service_export_to.is_empty() {
        settings.default_service_export_to = texts(default_service_export_to);
    }
    settings.mesh_mtls_min_tls_1_3 = mesh_mtls_min_protocol_version.as_ref().is_some_and(|version| version.value == "TLSV1_3");
    settings.mesh_mtls_cipher_suites = texts(mesh_mtls_cipher_suites);
}
