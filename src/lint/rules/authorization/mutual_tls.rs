//! Whether a port takes callers without a certificate, and how sure that is.

use crate::diag::Finding;
use crate::lint::MeshView;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::ServerMode;

/// What is missing when only a default says so.
const MISSING: &str = "the PeerAuthentications of the mesh";

/// Whether a mode takes plaintext beside mutual TLS.
pub(super) fn is_permissive(mode: &ServerMode) -> bool {
    match mode.mode {
        MutualTlsMode::Permissive | MutualTlsMode::Unset => true,
        MutualTlsMode::Strict | MutualTlsMode::Disable => false,
    }
}

/// A finding that rests on a mode: proved when a policy says it, doubtful when it is the default of policies that were not all given.
pub(super) fn resting_on(finding: Finding, view: &MeshView<'_>, mode: &ServerMode) -> Finding {
    if let Some(origin) = mode.from {
        return finding.with_secondary(origin.span, "the mode in force");
    }
    let root = &view.mesh.settings.root_namespace;
    let is_root_shown =
        view.mesh.peer_authentications.iter().any(|policy| policy.id.namespace == *root) || view.knows_namespace(root);
    if is_root_shown { finding.likely() } else { finding.cannot_tell(MISSING) }
}
