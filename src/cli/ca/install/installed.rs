//! What a cluster has of all this: the Secrets of istiod, what workloads trust, istiod itself.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::cli::ca::install::disturbing_keys;
use crate::cli::ca::material::SECRET_NAME;
use crate::cli::ca::plug_in::PlugIn;
use crate::cli::error::Error;
use crate::cluster;
use crate::cluster::Cluster;
use crate::cluster::Object;
use crate::cluster::ObjectKey;
use crate::diag::SourceMap;
use crate::manifest;
use crate::pki::istiod::FileName;
use crate::pki::istiod::Material;
use crate::pki::istiod::TrustedThere;

/// The Secret of the authority that istiod makes itself.
const OWN_SECRET: &str = "istio-ca-secret";
/// The `ConfigMap` with the roots, in every namespace.
const ROOTS: &str = "istio-ca-root-cert";
/// The label istiod puts on it.
const ROOTS_LABEL: &str = "istio.io/config=true";

/// The data of a Secret, decoded.
pub(super) type Files = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// The Secret that is there already.
pub(super) struct Existing {
    object: Object,
    files: Files,
    pub(super) material: Material,
}

/// What is there.
pub(super) struct Installed {
    /// The plug-in authority.
    pub(super) secret: Option<Existing>,
    /// istiod's own one.
    own: Option<Material>,
    /// What workloads trust.
    pub(super) trusted: Vec<TrustedThere>,
    /// Why only istiod's namespace was looked at for that.
    pub(super) unread_roots: Option<cluster::Error>,
    /// The istiods of the namespace.
    pub(super) deployments: Vec<Object>,
    /// Why they are not known.
    pub(super) unread_deployments: Option<cluster::Error>,
    /// The trust domain of the mesh, when its configuration can be read.
    pub(super) trust_domain: Option<String>,
}

impl Installed {
    pub(super) fn read(cluster: &Cluster, namespace: &str) -> Result<Self, Error> {
        let secret = cluster.get(&secret_key(namespace))?.map(|object| {
            let files = files_of(&object.value);
            Existing { material: material_of(&files), files, object }
        });
        let own = cluster.get(&key("Secret", namespace, OWN_SECRET))?.map(|object| own_authority(&files_of(&object.value)));
        let (trusted, unread_roots) = trusted(cluster, namespace)?;
        let (deployments, unread_deployments) = match cluster.list("apps/v1", "Deployment", Some(namespace), Some("app=istiod")) {
            Ok(deployments) => (deployments, None),
            Err(error @ cluster::Error::Forbidden(_)) => (Vec::new(), Some(error)),
            Err(error) => return Err(error.into()),
        };
        let trust_domain = trust_domain(cluster, namespace, &deployments)?;
        Ok(Self { secret, own, trusted, unread_roots, deployments, unread_deployments, trust_domain })
    }

    /// What istiod signs with.
    pub(super) fn authority(&self) -> Option<&Material> {
        self.secret.as_ref().map(|secret| &secret.material).filter(|material| !material.is_empty()).or(self.own.as_ref())
    }

    /// Whether the Secret is what would be written.
    pub(super) fn holds(&self, plug_in: &PlugIn) -> bool {
        let is_held = |secret: &Existing| {
            let has = |name: &str, bytes: &[u8]| secret.files.get(name).is_some_and(|found| found.as_slice() == bytes);
            plug_in.files().iter().all(|file| has(file.name, file.bytes)) && disturbing_keys(&secret.files, plug_in).is_empty()
        };
        self.secret.as_ref().is_some_and(is_held)
    }

    /// Whether a running istiod takes other roots, as far as its environment says.
    pub(super) fn is_multi_root(&self) -> bool {
        let variables = |deployment: &Object| -> Vec<Value> {
            let containers = deployment.value.pointer("/spec/template/spec/containers").and_then(Value::as_array).cloned();
            let of_container = |container: &Value| container.get("env").and_then(Value::as_array).cloned().unwrap_or_default();
            containers.into_iter().flatten().flat_map(|container| of_container(&container)).collect()
        };
        let is_set = |variable: &Value| {
            let text = |name: &str| variable.get(name).and_then(Value::as_str).unwrap_or_default();
            text("name") == "ISTIO_MULTIROOT_MESH" && matches!(text("value"), "1" | "t" | "T" | "true" | "TRUE" | "True")
        };
        self.deployments.iter().flat_map(variables).any(|variable| is_set(&variable))
    }
}

impl Existing {
    /// This very object with other data; whoever changed it meanwhile wins.
    pub(super) fn replaced_by(&self, secret: &Value) -> Value {
        let mut object = self.object.value.clone();
        if let (Some(fields), Some(data)) = (object.as_object_mut(), secret.get("data")) {
            fields.insert("data".to_owned(), data.clone());
        }
        object
    }
}

/// The name of the Secret.
pub(super) fn secret_key(namespace: &str) -> ObjectKey {
    key("Secret", namespace, SECRET_NAME)
}

/// The Secret as it is now.
pub(super) fn read_back(cluster: &Cluster, namespace: &str) -> Result<Material, Error> {
    let key = secret_key(namespace);
    let object = cluster.get(&key)?.ok_or(cluster::Error::NotFound { object: key })?;
    Ok(material_of(&files_of(&object.value)))
}

/// The data of a Secret. A value that is no base64 cannot be in an API server; it counts as empty.
pub(super) fn files_of(secret: &Value) -> Files {
    let data = secret.get("data").and_then(Value::as_object);
    let decode = |value: &Value| Zeroizing::new(STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default());
    data.into_iter().flatten().map(|(name, value)| (name.clone(), decode(value))).collect()
}

fn material_of(files: &Files) -> Material {
    let mut material = Material::default();
    for (name, content) in files {
        if let Some(file) = FileName::from_name(name) {
            material.insert(file, content.to_vec());
        }
    }
    material
}

/// istiod's own authority trusts itself; what its Secret calls `root-cert.pem` may be older.
fn own_authority(files: &Files) -> Material {
    let mut material = material_of(files);
    let root = material.content(FileName::CaCert).to_vec();
    material.insert(FileName::RootCert, root);
    material.insert(FileName::CertChain, Vec::new());
    material
}

fn trusted(cluster: &Cluster, namespace: &str) -> Result<(Vec<TrustedThere>, Option<cluster::Error>), Error> {
    let (maps, unread) = match cluster.list("v1", "ConfigMap", None, Some(ROOTS_LABEL)) {
        Ok(maps) => (maps, None),
        Err(error @ cluster::Error::Forbidden(_)) => {
            (cluster.get(&key("ConfigMap", namespace, ROOTS))?.into_iter().collect(), Some(error))
        }
        Err(error) => return Err(error.into()),
    };
    let there = |map: &Object| {
        let roots = map.value.pointer("/data/root-cert.pem").and_then(Value::as_str)?;
        Some(TrustedThere { namespace: map.key.namespace.clone().unwrap_or_default(), roots: roots.to_owned() })
    };
    Ok((maps.iter().filter(|map| map.key.name == ROOTS).filter_map(there).collect(), unread))
}

/// What the mesh configuration says; of several revisions that of the first istiod.
fn trust_domain(cluster: &Cluster, namespace: &str, deployments: &[Object]) -> Result<Option<String>, Error> {
    let revision = |deployment: &Object| {
        let revision = deployment.value.pointer("/metadata/labels/istio.io~1rev").and_then(Value::as_str)?;
        (!matches!(revision, "" | "default")).then(|| format!("istio-{revision}"))
    };
    let name = deployments.first().and_then(revision).unwrap_or_else(|| "istio".to_owned());
    let map = match cluster.get(&key("ConfigMap", namespace, &name)) {
        Ok(map) => map,
        Err(cluster::Error::Forbidden(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(text) = map.as_ref().and_then(|map| map.value.pointer("/data/mesh")).and_then(Value::as_str) else {
        return Ok(None);
    };
    let mut sources = SourceMap::default();
    let (config, _) = manifest::read_mesh_config(sources.add(name, text), text);
    let written = config.and_then(|config| config.trust_domain).map(|domain| domain.value);
    Ok(Some(written.filter(|domain| !domain.is_empty()).unwrap_or_else(|| "cluster.local".to_owned())))
}

fn key(kind: &str, namespace: &str, name: &str) -> ObjectKey {
    ObjectKey {
        api_version: "v1".to_owned(),
        kind: kind.to_owned(),
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    }
}
