use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::pem;
use crate::lint::rules::certificates::examples::plugged;
use crate::pki::istiod::FileName;
use crate::pki::istiod::Layout;

pub(super) const RULE: Rule = Rule {
    code: Code("MS612"),
    name: "plugged-ca-incomplete",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A Secret `cacerts` that lacks one of its files, or holds them under both sets of names.",
    why: "istiod does not start with an incomplete one, older versions silently signed with an authority of their own; of both sets, that with `tls.crt` counts.",
    example: concat!(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: cacerts, namespace: istio-system}\ntype: Opaque\nstringData:\n",
        "  ca-key.pem: ENC[AES256_GCM,data:Tr7oZw==,iv:MQ==,tag:kA==,type:str]\n  ca-cert.pem: |\n",
        pem!(intermediate),
        "  root-cert.pem: |\n",
        pem!(root)
    ),
    instead: plugged!(intermediate, [intermediate], [root]),
    specification: "Istio, plug in CA certificates",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    let Some(layout) = secret.layout() else { return };
    let files = [layout.signer(), layout.key(), layout.roots()].into_iter().chain(layout.chain().iter().copied());
    let mut missing: Vec<&str> = files.map(FileName::name).filter(|name| secret.part(name).is_none()).collect();
    missing.dedup();
    if !missing.is_empty() {
        let names = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        found.push(
            RULE.at(view.header.name.span, format!("the authority of the mesh lacks {names}"))
                .with_help("give all of `ca-cert.pem`, `ca-key.pem`, `cert-chain.pem` and `root-cert.pem`, or all of `tls.crt`, `tls.key` and `ca.crt`")
                .with_note("istiod says: failed to create an istiod CA: incomplete signing CA bundle detected"),
        );
    }
    if layout == Layout::Tls
        && let Some(other) = secret.part(Layout::Istio.signer().name())
    {
        let mut finding = RULE
            .at(other.span, format!("`{}` is not looked at, because `tls.crt` is there", other.name))
            .with_help("keep one set of names");
        finding.severity = Severity::Warning;
        found.push(finding);
    }
}
