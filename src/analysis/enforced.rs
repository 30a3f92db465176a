//! What the workloads of one mesh enforce, lowered once for all that have the same policies.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::manifest::Labels;
use crate::manifest::kinds::Selector;
use crate::manifest::kinds::TargetRef;
use crate::mesh::AppliedJwtRule;
use crate::mesh::Mesh;
use crate::mesh::Workload;
use crate::policy;
use crate::policy::ChainKind;
use crate::policy::Engines;
use crate::policy::NoteKind;

/// Number of a set of policies.
pub(in crate::analysis) type SetId = usize;

/// The lowered policies of a set.
#[derive(Debug)]
pub(in crate::analysis) struct Lowered {
    pub(in crate::analysis) http: Engines,
    pub(in crate::analysis) tcp: Engines,
    /// Why the proxy would not load its configuration.
    pub(in crate::analysis) refused: Option<String>,
}

impl Lowered {
    pub(in crate::analysis) fn engines(&self, chain: ChainKind) -> &Engines {
        match chain {
            ChainKind::Http => &self.http,
            ChainKind::Tcp => &self.tcp,
        }
    }
}

/// The policies of a mesh, by what they concern.
#[derive(Debug)]
pub(in crate::analysis) struct Enforced<'m> {
    mesh: &'m Mesh,
    by_namespace: BTreeMap<&'m str, Vec<usize>>,
    sets: FxHashMap<Vec<usize>, SetId>,
    lowered: Vec<Lowered>,
    rule_sets: FxHashMap<Vec<(usize, usize)>, SetId>,
    rules: Vec<Vec<AppliedJwtRule<'m>>>,
}

impl<'m> Enforced<'m> {
    pub(in crate::analysis) fn new(mesh: &'m Mesh) -> Self {
        let mut by_namespace: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, policy) in mesh.authorization_policies.iter().enumerate() {
            by_namespace.entry(&policy.id.namespace).or_default().push(number);
        }
        Self {
            mesh,
            by_namespace,
            sets: FxHashMap::default(),
            lowered: Vec::new(),
            rule_sets: FxHashMap::default(),
            rules: Vec::new(),
        }
    }

    /// The set of authorization policies of a workload. Only its own namespace and the root namespace can concern it.
    pub(in crate::analysis) fn policies(&mut self, workload: &Workload) -> SetId {
        let mesh = self.mesh;
        let root = mesh.settings.root_namespace.as_str();
        let of = |namespace: &str| self.by_namespace.get(namespace).map_or(&[][..], Vec::as_slice);
        let in_root = if workload.namespace == root { &[][..] } else { of(root) };
        let mut concerned: Vec<usize> = of(&workload.namespace)
            .iter()
            .chain(in_root)
            .copied()
            .filter(|number| {
                mesh.authorization_policies.get(*number).is_some_and(|policy| {
                    let (labels, spec) = (&policy.header.labels, &policy.spec);
                    may_select(workload, spec.selector.as_ref())
                        && attaches(
                            mesh,
                            workload,
                            &policy.id,
                            labels,
                            spec.selector.as_ref(),
                            spec.target_ref.as_ref(),
                            &spec.target_refs,
                        )
                })
            })
            .collect();
        concerned.sort_unstable();
        let Self { sets, lowered, .. } = self;
        *sets.entry(concerned).or_insert_with_key(|concerned| {
            let http = policy::lower_these(mesh, concerned, ChainKind::Http);
            let tcp = policy::lower_these(mesh, concerned, ChainKind::Tcp);
            let refused = http.notes.iter().find(|note| note.kind == NoteKind::ProxyRefuses).map(|note| note.text.clone());
            lowered.push(Lowered { http: http.engines, tcp: tcp.engines, refused });
            lowered.len() - 1
        })
    }

    /// The set of token rules of a workload.
    pub(in crate::analysis) fn token_rules(&mut self, workload: &Workload) -> SetId {
        let applied = self.mesh.jwt_rules(workload);
        let Self { rule_sets, rules, .. } = self;
        *rule_sets.entry(applied.iter().map(|rule| (rule.policy, rule.rule)).collect()).or_insert_with(|| {
            rules.push(applied);
            rules.len() - 1
        })
    }

    pub(in crate::analysis) fn lowered(&self, set: SetId) -> Option<&Lowered> {
        self.lowered.get(set)
    }

    pub(in crate::analysis) fn rules(&self, set: SetId) -> &[AppliedJwtRule<'m>] {
        self.rules.get(set).map_or(&[], Vec::as_slice)
    }
}

/// A look at the labels alone, before the reasons are put into words.
fn may_select(workload: &Workload, selector: Option<&Selector>) -> bool {
    selector.is_none_or(|selector| {
        selector.match_labels.iter().all(|(name, value)| workload.labels.get(name).is_some_and(|own| *own == value.value))
    }) || workload.gateway_name().is_some()
}

fn attaches(
    mesh: &Mesh,
    workload: &Workload,
    id: &crate::mesh::ObjectRef,
    labels: &Labels,
    selector: Option<&Selector>,
    target_ref: Option<&TargetRef>,
    target_refs: &[TargetRef],
) -> bool {
    mesh.attachment(workload, id, labels, selector, target_ref, target_refs).applies()
}

/// Whether two sides' engines are the same but for the numbers of their policies.
pub(in crate::analysis) fn are_equal(before: &Engines, after: &Engines) -> bool {
    let plain = |engines: &Engines| {
        let mut engines = engines.clone();
        let Engines { custom, audit, deny, allow, dry_run_deny, dry_run_allow, dry_run_audit } = &mut engines;
        // What never decides is not compared.
        for engine in [audit, dry_run_deny, dry_run_allow, dry_run_audit] {
            *engine = None;
        }
        let own = custom.iter_mut().flat_map(|custom| [&mut custom.engine, &mut custom.dry_run]);
        for engine in own.chain(deny.iter_mut()).chain(allow.iter_mut()) {
            for rule in &mut engine.rules {
                rule.policy = 0;
            }
        }
        engines
    };
    plain(before) == plain(after)
}
