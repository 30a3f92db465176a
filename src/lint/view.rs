use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::admission::Verdict;
use crate::diag::Span;
use crate::lint::RuleOptions;
use crate::lint::ValueList;
use crate::lint::inline_keys;
use crate::lint::inline_keys::InlineKeys;
use crate::lint::memo::Memo;
use crate::lint::secrets;
use crate::lint::secrets::SecretData;
use crate::lint::value_lists;
use crate::manifest::Body;
use crate::manifest::Document;
use crate::manifest::Header;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::DestinationRule;
use crate::manifest::kinds::PeerAuthentication;
use crate::manifest::kinds::RequestAuthentication;
use crate::manifest::yaml::Node;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::Workload;
use crate::mesh::selector_labels_match;

/// One object, for rules that need nothing else.
#[derive(Debug)]
pub struct DocumentView<'a> {
    /// The tree as written.
    pub node: &'a Node,
    /// The whole text it stands in.
    pub text: &'a str,
    /// Kind, name, labels, annotations.
    pub header: &'a Header,
    /// Its API group, empty for the core group.
    pub group: &'a str,
    /// The namespace it lands in; empty for kinds without.
    pub namespace: &'a str,
    /// The typed object; `None` when it could not be read.
    pub document: Option<&'a Document>,
    /// What admission says, for the kinds it judges.
    pub verdict: Option<&'a Verdict>,
    /// The time of the check.
    pub now: Timestamp,
    /// What single rules were told.
    pub options: &'a RuleOptions,
    /// Read when the first rule asks.
    pub(super) inline_keys: OnceCell<Vec<InlineKeys<'a>>>,
    /// Read when the first rule asks.
    pub(super) secret: OnceCell<Option<SecretData<'a>>>,
    /// Filled when a rule asks for [`DocumentView::value_lists`].
    pub(super) lists: OnceCell<Vec<ValueList<'a>>>,
}

impl<'a> DocumentView<'a> {
    /// The key sets that stand in the object itself.
    pub(super) fn inline_keys(&self) -> &[InlineKeys<'a>] {
        self.inline_keys.get_or_init(|| inline_keys::read(self))
    }

    /// The data of a Secret or `ConfigMap`; `None` of anything else.
    pub(super) fn secret(&self) -> Option<&SecretData<'a>> {
        self.secret.get_or_init(|| secrets::read(self.node, self.header)).as_ref()
    }

    /// Every list of values of an `AuthorizationPolicy`; none of anything else.
    #[must_use]
    pub fn value_lists(&self) -> &[ValueList<'a>] {
        self.lists.get_or_init(|| self.authorization_policy().map(value_lists).unwrap_or_default())
    }

    /// The `AuthorizationPolicy` this is.
    #[must_use]
    pub fn authorization_policy(&self) -> Option<&'a AuthorizationPolicy> {
        let Body::AuthorizationPolicy(policy) = &self.document?.body else { return None };
        Some(policy)
    }

    /// The `RequestAuthentication` this is.
    #[must_use]
    pub fn request_authentication(&self) -> Option<&'a RequestAuthentication> {
        let Body::RequestAuthentication(policy) = &self.document?.body else { return None };
        Some(policy)
    }

    /// The `PeerAuthentication` this is.
    #[must_use]
    pub fn peer_authentication(&self) -> Option<&'a PeerAuthentication> {
        let Body::PeerAuthentication(policy) = &self.document?.body else { return None };
        Some(policy)
    }

    /// The `DestinationRule` this is.
    #[must_use]
    pub fn destination_rule(&self) -> Option<&'a DestinationRule> {
        let Body::DestinationRule(rule) = &self.document?.body else { return None };
        Some(rule)
    }

    /// The tree of an object of this group and kind.
    #[must_use]
    pub fn raw(&self, group: &str, kind: &str) -> Option<&'a Node> {
        (self.group == group && self.header.kind.value == kind).then_some(self.node)
    }
}

/// An object that has no typed form: its tree.
#[derive(Debug, Clone)]
pub struct Raw {
    /// Kind, name, labels as far as they are read of such kinds.
    pub header: Arc<Header>,
    /// The namespace it lands in.
    pub namespace: String,
    /// The tree.
    pub node: Node,
}

/// Everything together, for rules about how objects work on each other.
#[derive(Debug)]
pub struct MeshView<'a> {
    /// What is admitted, resolved.
    pub mesh: &'a Mesh,
    /// Objects without a typed form (Secrets, routes, network policies, ..), in reading order.
    pub raw: &'a [&'a Raw],
    /// The mesh configuration was given; otherwise [`Mesh::settings`] holds defaults.
    pub has_mesh_configuration: bool,
    /// Namespaces the user says are complete in what was given.
    pub known_namespaces: &'a BTreeSet<String>,
    /// `-n`.
    pub default_namespace: &'a str,
    /// The time of the check.
    pub now: Timestamp,
    /// What single rules were told.
    pub options: &'a RuleOptions,
    /// Workloads by namespace.
    pub(super) by_namespace: BTreeMap<&'a str, Vec<&'a Workload>>,
    /// What several rules ask for.
    pub(super) memo: Memo,
}

impl<'a> MeshView<'a> {
    /// Objects without a typed form of this group and kind.
    pub fn raw_of(&self, group: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Raw> + '_ {
        self.raw.iter().copied().filter(move |raw| raw.header.group() == group && raw.header.kind.value == kind)
    }

    /// Whether the manifests show what runs in a namespace: a workload of it was given, or the user says so. Of every other namespace
    /// nothing can be said from an absence.
    #[must_use]
    pub fn knows_namespace(&self, namespace: &str) -> bool {
        self.by_namespace.contains_key(namespace) || self.known_namespaces.contains(namespace)
    }

    /// Whether anything is known about what runs anywhere.
    #[must_use]
    pub fn has_workloads(&self) -> bool {
        !self.by_namespace.is_empty()
    }

    /// The workloads of a namespace, in order of name.
    #[must_use]
    pub fn workloads_in(&self, namespace: &str) -> &[&'a Workload] {
        self.by_namespace.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// Workloads that carry these labels: in the namespace, or everywhere when it is the root namespace.
    #[must_use]
    pub fn selected(&self, namespace: &str, labels: &[(&str, &str)]) -> Vec<&'a Workload> {
        let matches =
            |workload: &&&Workload| labels.iter().all(|(name, value)| workload.labels.get(*name).is_some_and(|own| own == value));
        if namespace == self.mesh.settings.root_namespace {
            return self.by_namespace.values().flatten().filter(matches).copied().collect();
        }
        self.workloads_in(namespace).iter().filter(matches).copied().collect()
    }

    /// The workloads whose proxy an `AuthorizationPolicy` concerns.
    #[must_use]
    pub fn workloads_of(&self, policy: &Object<AuthorizationPolicy>) -> Vec<&'a Workload> {
        let target = policy.target();
        self.candidates(&policy.id.namespace).filter(|workload| self.mesh.attaches(workload, &target)).collect()
    }

    /// The workloads whose proxy a `RequestAuthentication` concerns.
    #[must_use]
    pub fn workloads_of_authentication(&self, policy: &Object<RequestAuthentication>) -> Vec<&'a Workload> {
        let target = policy.target();
        self.candidates(&policy.id.namespace).filter(|workload| self.mesh.attaches(workload, &target)).collect()
    }

    /// The workloads that a `PeerAuthentication` selects; one without labels selects its namespace, in the root namespace the mesh.
    #[must_use]
    pub fn workloads_of_peer(&self, policy: &Object<PeerAuthentication>) -> Vec<&'a Workload> {
        let labels = policy.spec.selector.as_ref().map(|selector| &selector.match_labels);
        self.candidates(&policy.id.namespace)
            .filter(|workload| labels.is_none_or(|labels| selector_labels_match(labels, &workload.labels)))
            .collect()
    }

    fn candidates(&self, namespace: &str) -> Box<dyn Iterator<Item = &'a Workload> + '_> {
        if namespace == self.mesh.settings.root_namespace {
            return Box::new(self.mesh.workloads.iter());
        }
        Box::new(self.workloads_in(namespace).iter().copied())
    }

    /// Where a namespace was written, when it was.
    #[must_use]
    pub fn namespace_span(&self, namespace: &str) -> Option<Span> {
        self.mesh.namespaces.get(namespace)?.span
    }
}
