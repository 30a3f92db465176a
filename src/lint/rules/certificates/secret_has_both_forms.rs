use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::pem;
use crate::lint::rules::certificates::examples::served;

pub(super) const RULE: Rule = Rule {
    code: Code("MS619"),
    name: "secret-has-both-forms",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A Secret with `cert` and `key` beside `tls.crt` and `tls.key`, with different certificates.",
    why: "The first pair is served; what renews certificates usually writes the second.",
    example: concat!(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: shop-tls, namespace: edge}\ntype: kubernetes.io/tls\nstringData:\n",
        "  key: ENC[AES256_GCM,data:Tr7oZw==,iv:MQ==,tag:kA==,type:str]\n  cert: |\n",
        pem!(workload),
        pem!(intermediate),
        "  tls.key: ENC[AES256_GCM,data:Tr7oZw==,iv:MQ==,tag:kA==,type:str]\n  tls.crt: |\n",
        pem!(leaf),
        pem!(intermediate)
    ),
    instead: served!(leaf, intermediate),
    specification: "Gateway reference, ServerTLSSettings.credentialName",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    let Some((generic, _)) = secret.served().filter(|(part, _)| part.name == "cert") else { return };
    let (Some(tls), Some(_)) = (secret.part("tls.crt"), secret.part("tls.key")) else { return };
    let (first, second) = (generic.certificates(), tls.certificates());
    if !first.is_empty() && !second.is_empty() && first.first() != second.first() {
        found.push(
            RULE.at(tls.span, "`tls.crt` is not served: `cert` wins, and holds another certificate")
                .with_secondary(generic.span, "this one is served")
                .with_help("keep one pair"),
        );
    }
}
