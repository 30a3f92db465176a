use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::manifest::yaml::Node;
use crate::snapshot::text;
use crate::snapshot::value_of;

/// `apiVersion` of the first document of a snapshot.
pub const API_VERSION: &str = "meshsec.dev/v1";
/// Its `kind`.
pub const KIND: &str = "Snapshot";

/// Where a snapshot is from and what it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// When it was saved.
    pub saved_at: Timestamp,
    /// What saved it: program and version.
    pub saved_by: String,
    /// What was read.
    pub origins: Vec<Origin>,
    /// How many objects follow.
    pub objects: usize,
    /// How many secrets were taken out of them.
    pub masked: usize,
    /// By `Kind.group`, the version of the cluster's state that was read.
    pub resource_versions: BTreeMap<String, String>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// How many objects of which kinds were read and not kept, by `Kind.group`.
    pub left_out: BTreeMap<String, usize>,
}

/// One of the sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Origin {
    /// A cluster.
    Cluster {
        /// The context of the kubeconfig.
        context: String,
        /// The API server's version.
        #[serde(skip_serializing_if = "Option::is_none")]
        version: Option<String>,
        /// The namespaces that were read; all when empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        namespaces: Vec<String>,
    },
    /// Files, by the names they were given under.
    Files(Vec<String>),
}

/// Something that could not be read, so that answers which depend on it are undetermined.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Unread {
    /// The resource, such as `peerauthentications.security.istio.io`.
    pub resource: String,
    /// The namespace; everywhere when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Why.
    pub why: String,
}

/// Why a document is no head of a snapshot that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSnapshot {
    /// It is something else.
    #[error("its first document is no `kind: Snapshot`")]
    OtherKind,
    /// A later program wrote it.
    #[error("its form is `{0}`; this version reads `{API_VERSION}`")]
    OtherVersion(String),
    /// A field is missing, unknown or not what it should be.
    #[error("its head cannot be read: {0}")]
    Malformed(String),
}

/// The document, field by field.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    api_version: String,
    kind: String,
    saved_at: String,
    saved_by: String,
    sources: Vec<Origin>,
    objects: usize,
    #[serde(default, skip_serializing_if = "is_zero")]
    taken_out: usize,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    resource_versions: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unread: Vec<Unread>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    left_out: BTreeMap<String, usize>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references over")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Head {
    /// Whether a document is the head of a snapshot, in whatever state.
    #[must_use]
    pub fn is_head(document: &Node) -> bool {
        let text = |name: &str| document.get(name).and_then(Node::as_str).unwrap_or_default();
        text("kind") == KIND && text("apiVersion").starts_with("meshsec.dev/")
    }

    /// Reads the first document of a file.
    ///
    /// # Errors
    ///
    /// [`NotSnapshot`].
    pub fn read(document: &Node) -> Result<Self, NotSnapshot> {
        if !Self::is_head(document) {
            return Err(NotSnapshot::OtherKind);
        }
        let value = value_of(document);
        let api_version = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        if api_version != API_VERSION {
            return Err(NotSnapshot::OtherVersion(api_version.to_owned()));
        }
        let document: Document = serde_json::from_value(value).map_err(|error| NotSnapshot::Malformed(error.to_string()))?;
        let Document {
            api_version: _,
            kind: _,
            saved_at,
            saved_by,
            sources,
            objects,
            taken_out,
            resource_versions,
            unread,
            left_out,
        } = document;
        let saved_at = saved_at.parse().map_err(|_| NotSnapshot::Malformed(format!("`savedAt` is no time: `{saved_at}`")))?;
        Ok(Self { saved_at, saved_by, origins: sources, objects, masked: taken_out, resource_versions, unread, left_out })
    }

    /// The head as JSON, in the form it is saved in.
    #[must_use]
    pub fn value(&self) -> Value {
        let Self { saved_at, saved_by, origins, objects, masked, resource_versions, unread, left_out } = self.clone();
        let document = Document {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            saved_at: saved_at.to_string(),
            saved_by,
            sources: origins,
            objects,
            taken_out: masked,
            resource_versions,
            unread,
            left_out,
        };
        // INVARIANT: no key of any map in it is anything but a text, and nothing in it is a float.
        serde_json::to_value(document).unwrap_or_default()
    }

    /// The document, with what a person who opens the file should know.
    pub(super) fn text(&self) -> String {
        let mut out = format!(
            "# A mesh as {} read it at {}. Ask about it with `-f`, look at it with `meshsec snapshot show`.\n\
             # It holds what answers depend on, and no Secrets, tokens or private keys: it is no backup.\n",
            self.saved_by, self.saved_at
        );
        text::write_yaml(&self.value(), &mut out);
        out
    }
}
