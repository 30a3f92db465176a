use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::peer::levels;

pub(super) const RULE: Rule = Rule {
    code: Code("MS205"),
    name: "duplicate-scope",
    severity: Severity::Error,
    peers: &["KIA0002"],
    needs: Needs::Manifests,
    finds: "Two PeerAuthentications without selector labels in one namespace.",
    why: "Only the oldest by creation time counts, the name breaks ties: the other one does nothing, and restoring a backup can exchange the two.",
    example: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: legacy, namespace: shop}
spec: {mtls: {mode: STRICT}}
",
    instead: r"apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference; istiod keeps the oldest policy of each level",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let modes = view.mesh.peer_modes();
    for (namespace, policies) in modes.by_namespace() {
        let mut wide = policies.iter().map(|(_, policy)| *policy).filter(|policy| !levels::is_selective(&policy.spec));
        let Some(kept) = wide.next() else { continue };
        for ignored in wide {
            let scope = levels::scope_of(view.mesh, namespace);
            let headline = format!("`{}` has no effect: `{}` is the policy of {scope}", ignored.id.name, kept.id.name);
            let is_older = kept.header.creation_timestamp != ignored.header.creation_timestamp;
            found.push(
                RULE.at(ignored.header.name.span, headline)
                    .with_label("of several policies for the same workloads the oldest counts")
                    .with_secondary(kept.header.name.span, if is_older { "the oldest" } else { "the first by name" })
                    .with_help("join the two in one policy, or give this one a selector"),
            );
        }
    }
}
