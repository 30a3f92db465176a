use thiserror::Error;

use crate::envoy::Jwt;
use crate::envoy::Translation;
use crate::mesh::Mesh;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::policy::ChainKind;
use crate::policy::Lowered;
use crate::policy::lower;

/// Why a workload has no configuration to print.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TranslationError {
    /// The mesh has no such workload.
    #[error("the mesh has no such workload")]
    NoWorkload,
    /// Nothing stands in front of it.
    #[error("it has no sidecar ({0})")]
    NoProxy(String),
    /// Its proxy is not a sidecar.
    #[error("it is a gateway, a waypoint or ambient: only sidecars are translated")]
    NotSidecar,
}

/// One workload's policies, lowered, with what its configuration is made from.
#[derive(Debug, Clone)]
pub struct Translated {
    workload: Workload,
    id: WorkloadId,
    http: Lowered,
    tcp: Lowered,
}

impl Translated {
    /// Lowers everything that applies to a workload.
    ///
    /// # Errors
    /// The workload has no sidecar.
    pub fn new(mesh: &Mesh, id: WorkloadId) -> Result<Self, TranslationError> {
        let workload = mesh.workload(id).ok_or(TranslationError::NoWorkload)?;
        match workload.proxy {
            Proxy::Sidecar => {}
            Proxy::None => return Err(TranslationError::NoProxy(workload.proxy_reason.clone())),
            Proxy::Gateway | Proxy::Waypoint | Proxy::Ambient => return Err(TranslationError::NotSidecar),
        }
        Ok(Self {
            workload: workload.clone(),
            id,
            http: lower(mesh, workload, ChainKind::Http),
            tcp: lower(mesh, workload, ChainKind::Tcp),
        })
    }

    /// What the configuration is printed from; `None` for another mesh than the one this was made from.
    #[must_use]
    pub fn input<'t>(&'t self, mesh: &'t Mesh) -> Option<Translation<'t>> {
        let jwt = mesh.jwt_rules(&self.workload).into_iter().map(|applied| Jwt {
            rule: applied.spec,
            keys: applied.spec.jwks.as_ref().map(|keys| keys.value.clone()).filter(|keys| !keys.is_empty()),
        });
        Translation::of_workload(mesh, self.id, &self.http.engines, &self.tcp.engines, jwt.collect())
    }

    /// What translation dropped or changed, one sentence each.
    #[must_use]
    pub fn notes(&self, mesh: &Mesh) -> Vec<String> {
        let describe = |chain: &str, lowered: &Lowered| -> Vec<String> {
            let note = |note: &crate::policy::LoweringNote| {
                let id = mesh.authorization_policies.get(note.policy).map(|policy| policy.id.to_string()).unwrap_or_default();
                format!("{id} on {chain} chains: {}", note.text)
            };
            lowered.notes.iter().map(note).collect()
        };
        let mut notes = describe("HTTP", &self.http);
        notes.extend(describe("TCP", &self.tcp));
        for applied in mesh.jwt_rules(&self.workload) {
            if applied.spec.jwks.as_ref().is_none_or(|keys| keys.value.is_empty()) {
                notes.push(format!(
                    "the keys of issuer `{}` are fetched by istiod; printed is the key it sends when it cannot",
                    applied.spec.issuer.value
                ));
            }
        }
        notes
    }
}
