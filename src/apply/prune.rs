//! Objects that are wanted no more: which of those that carry a set's label are removed, and which never are.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use aws_lc_rs::digest::SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;

use crate::apply::Item;
use crate::apply::Key;
use crate::manifest::Body;

/// The label of a set's members.
const PART_OF: &str = "applyset.kubernetes.io/part-of";
/// The label of its parent.
const ID: &str = "applyset.kubernetes.io/id";
const TOOLING: &str = "applyset.kubernetes.io/tooling";
const KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
const NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";

/// A set of objects that are applied together, as [KEP-3659](https://kep.k8s.io/3659) has it, with a `ConfigMap` as its parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplySet {
    /// The parent's name.
    pub name: String,
    /// The parent's namespace.
    pub namespace: String,
}

impl ApplySet {
    /// The set's identifier: `applyset-` and a digest of the parent's name, namespace, kind and group.
    #[must_use]
    pub fn id(&self) -> String {
        let text = format!("{}.{}.ConfigMap.", self.name, self.namespace);
        let digest = aws_lc_rs::digest::digest(&SHA256, text.as_bytes());
        format!("applyset-{}-v1", URL_SAFE_NO_PAD.encode(digest.as_ref()))
    }

    /// The parent's name as a key.
    #[must_use]
    pub fn parent_key(&self) -> Key {
        Key {
            api_version: "v1".to_owned(),
            kind: "ConfigMap".to_owned(),
            namespace: Some(self.namespace.clone()),
            name: self.name.clone(),
        }
    }

    /// The parent of members of these kinds in these namespaces.
    #[must_use]
    pub fn parent<'k>(&self, members: impl Iterator<Item = &'k Key>) -> Value {
        let (mut kinds, mut namespaces) = (BTreeSet::new(), BTreeSet::new());
        for key in members {
            kinds.insert(key.group_kind());
            namespaces.extend(key.namespace.clone().filter(|namespace| *namespace != self.namespace));
        }
        let join = |words: BTreeSet<String>| words.into_iter().collect::<Vec<_>>().join(",");
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "labels": { ID: self.id() },
                "annotations": {
                    TOOLING: concat!("meshsec/v", env!("CARGO_PKG_VERSION")),
                    KINDS: join(kinds),
                    NAMESPACES: join(namespaces),
                },
            },
        })
    }

    /// Why a live object cannot be the parent; `None` when it can.
    #[must_use]
    pub fn refusal(&self, parent: &Item) -> Option<String> {
        match (parent.label(ID), parent.annotation(TOOLING)) {
            (None, None) => Some(format!("{} is there and is no parent of a set", parent.key)),
            (Some(id), _) if id != self.id() => Some(format!("{} has the identifier of another set, `{id}`", parent.key)),
            (_, Some(tool)) if !tool.starts_with("meshsec/") => Some(format!("{} belongs to `{tool}`", parent.key)),
            _ => None,
        }
    }

    /// Kinds (`AuthorizationPolicy.security.istio.io`) and namespaces in which the set had members when it was applied last.
    #[must_use]
    pub fn reach(&self, parent: &Item) -> (BTreeSet<String>, BTreeSet<String>) {
        let words = |annotation: &str| {
            let text = parent.annotation(annotation).unwrap_or_default();
            text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>()
        };
        let mut namespaces = words(NAMESPACES);
        namespaces.insert(self.namespace.clone());
        (words(KINDS), namespaces)
    }

    /// Makes a manifest a member.
    pub fn claim(&self, manifest: &mut Value) {
        let labels = manifest.as_object_mut().and_then(|object| {
            let metadata = object.entry("metadata").or_insert_with(|| json!({})).as_object_mut()?;
            let labels = metadata.entry("labels").or_insert_with(|| json!({}));
            if labels.is_null() {
                *labels = json!({});
            }
            labels.as_object_mut()
        });
        if let Some(labels) = labels {
            labels.insert(PART_OF.to_owned(), Value::from(self.id()));
        }
    }

    /// Whether a live object is a member.
    #[must_use]
    pub fn has(&self, item: &Item) -> bool {
        item.label(PART_OF) == Some(self.id().as_str())
    }
}

/// Labels that objects have to carry: `app=web,tier!=test,team`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    wanted: Vec<Requirement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    Is(String, String),
    IsNot(String, String),
    Has(String),
    HasNot(String),
}

impl Selector {
    /// Reads the equality-based form of kubectl's `-l`.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let requirement = |part: &str| {
            let part = part.trim();
            let made = match (part.split_once("!="), part.split_once("==").or_else(|| part.split_once('='))) {
                (Some((name, value)), _) => Requirement::IsNot(name.trim().to_owned(), value.trim().to_owned()),
                (None, Some((name, value))) => Requirement::Is(name.trim().to_owned(), value.trim().to_owned()),
                (None, None) => match part.strip_prefix('!') {
                    Some(name) => Requirement::HasNot(name.trim().to_owned()),
                    None => Requirement::Has(part.to_owned()),
                },
            };
            let (Requirement::Is(name, _) | Requirement::IsNot(name, _) | Requirement::Has(name) | Requirement::HasNot(name)) =
                &made;
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
            if is_name { Ok(made) } else { Err(format!("`{part}` is no requirement on a label")) }
        };
        let wanted = text.split(',').map(requirement).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { wanted })
    }

    /// Whether an object carries them.
    #[must_use]
    pub fn matches(&self, item: &Item) -> bool {
        self.wanted.iter().all(|requirement| match requirement {
            Requirement::Is(name, value) => item.label(name) == Some(value),
            Requirement::IsNot(name, value) => item.label(name) != Some(value),
            Requirement::Has(name) => item.label(name).is_some(),
            Requirement::HasNot(name) => item.label(name).is_none(),
        })
    }
}

/// An object that would be pruned and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub key: Key,
    /// Why.
    pub why: &'static str,
}

/// Which of the candidates are pruned: those that are not wanted, but for what is never pruned unless it is named.
///
/// `named` holds `kind/name` or `kind/namespace/name`.
#[must_use]
pub fn prunable(
    candidates: &[Item],
    wanted: &BTreeSet<Key>,
    named: &BTreeSet<String>,
    root_namespace: &str,
) -> (BTreeSet<Key>, Vec<Kept>) {
    let mut pruned = BTreeSet::new();
    let mut kept = BTreeMap::new();
    for item in candidates.iter().filter(|item| !wanted.contains(&item.key)) {
        match protection(item, root_namespace) {
            Some((why, can_be_named)) if !can_be_named || !is_named(&item.key, named) => {
                kept.insert(item.key.clone(), why);
            }
            _ => {
                pruned.insert(item.key.clone());
            }
        }
    }
    (pruned, kept.into_iter().map(|(key, why)| Kept { key, why }).collect())
}

fn is_named(key: &Key, named: &BTreeSet<String>) -> bool {
    let kind = key.kind.to_ascii_lowercase();
    named.contains(&format!("{kind}/{}", key.name))
        || key.namespace.as_ref().is_some_and(|namespace| named.contains(&format!("{kind}/{namespace}/{}", key.name)))
}

/// Why an object is not pruned, and whether it is when it is named.
fn protection(item: &Item, root_namespace: &str) -> Option<(&'static str, bool)> {
    match item.key.kind.as_str() {
        "Namespace" => return Some(("a namespace takes everything in it along", false)),
        "CustomResourceDefinition" => return Some(("a definition takes every object of its kind along", false)),
        "Secret" => return Some(("Secrets are left alone", false)),
        _ => {}
    }
    let is_of_the_mesh = item.key.namespace.as_deref() == Some(root_namespace)
        && match item.document.as_ref().map(|document| &document.body) {
            Some(Body::AuthorizationPolicy(policy)) => {
                policy.selector.is_none() && policy.target_refs.is_empty() && policy.target_ref.is_none()
            }
            Some(Body::RequestAuthentication(policy)) => {
                policy.selector.is_none() && policy.target_refs.is_empty() && policy.target_ref.is_none()
            }
            Some(Body::PeerAuthentication(policy)) => policy.selector.is_none(),
            Some(Body::Sidecar(_) | Body::DestinationRule(_) | Body::MeshConfig(_)) => true,
            _ => false,
        };
    is_of_the_mesh.then_some(("it concerns the whole mesh", true))
}
