use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::manifest::yaml::Node;
use crate::mesh::Unread;
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
    /// What may be there, and could not be read: answers that depend on it are undetermined.
    pub unread: Vec<Unread>,
    /// Kinds that the cluster does not have.
    pub absent: Vec<String>,
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
        /// The namespace of the context, for names that give none.
        namespace: String,
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
    unread: Vec<UnreadView>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    absent: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    left_out: BTreeMap<String, usize>,
}

/// What was not read, as it is saved.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UnreadView {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    group: String,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    except: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    why: String,
}

impl From<Unread> for UnreadView {
    fn from(Unread { group, kind, namespace, except, name, why }: Unread) -> Self {
        Self { group, kind, namespace, except, name, why }
    }
}

impl From<UnreadView> for Unread {
    fn from(UnreadView { group, kind, namespace, except, name, why }: UnreadView) -> Self {
        Self { group, kind, namespace, except, name, why }
    }
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
            sources: origins,
            objects,
            taken_out: masked,
            resource_versions,
            unread,
            absent,
            left_out,
        } = document;
        let unread = unread.into_iter().map(Unread::from).collect();
        let saved_at = saved_at.parse().map_err(|_| NotSnapshot::Malformed(format!("`savedAt` is no time: `{saved_at}`")))?;
        Ok(Self { saved_at, saved_by, origins, objects, masked, resource_versions, unread, absent, left_out })
    }

    /// Whether its objects are in force, so that no gate keeps them out of the mesh any more.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.origins.iter().any(|origin| matches!(origin, Origin::Cluster { .. }))
    }

    /// The namespace of names that give none, when a cluster said so.
    #[must_use]
    pub fn default_namespace(&self) -> Option<&str> {
        self.origins.iter().find_map(|origin| match origin {
            Origin::Cluster { namespace, .. } => Some(namespace.as_str()),
            Origin::Files(_) => None,
        })
    }

    /// The head as JSON, in the form it is saved in.
    #[must_use]
    pub fn value(&self) -> Value {
        let Self { saved_at, saved_by, origins, objects, masked, resource_versions, unread, absent, left_out } = self.clone();
        let document = Document {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            saved_at: saved_at.to_string(),
            saved_by,
            sources: origins,
            objects,
            taken_out: masked,
            resource_versions,
            unread: unread.into_iter().map(UnreadView::from).collect(),
            absent,
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
