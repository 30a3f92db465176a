use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::certificates::examples::served;
use crate::lint::secrets::Block;
use crate::lint::secrets::Form;
use crate::lint::secrets::Part;
use crate::lint::secrets::State;

pub(super) const RULE: Rule = Rule {
    code: Code("MS606"),
    name: "secret-keys-missing",
    severity: Severity::Error,
    peers: &["IST0161", "api"],
    needs: Needs::Document,
    finds: "A Secret of type kubernetes.io/tls without its two keys, or a value that should hold PEM and does not.",
    why: "The API server refuses the one, and Envoy the other: the listener has no certificate.",
    example: "apiVersion: v1
kind: Secret
metadata: {name: shop-tls, namespace: edge}
type: kubernetes.io/tls
data:
  tls.crt: TFMwdExTMUNSVWRKVGlCRFJWSlVTVVpKUTBGVVJTMHRMUzB0Q2sxSlNVSmplak5EUVZKcFowRjNTVUpCWjBsVlkycE1aRU14VERkVmRVVldRa3N5Wmw=
  tls.key: ENC[AES256_GCM,data:Tr7oZw==,iv:MQ==,tag:kA==,type:str]
",
    instead: served!(leaf, intermediate),
    specification: "Gateway reference, ServerTLSSettings.credentialName",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(secret) = view.secret() else { return };
    for name in secret.missing_of_type() {
        found.push(
            RULE.at(view.header.name.span, format!("a Secret of type kubernetes.io/tls without `{name}`"))
                .with_help("add it; the API server refuses the Secret"),
        );
    }
    for part in secret.parts.iter().filter(|part| secret.must_be_pem(part.name)) {
        let name = part.name;
        let (what, help) = match part.state {
            State::Sealed => continue,
            State::Empty => ("is empty", "fill it in"),
            State::NotBase64 => ("is not base64", "encode it, or write it under `stringData` as it is"),
            State::Placeholder => {
                let finding = RULE.at(part.span, format!("`{name}` holds no PEM")).with_help("write the PEM text");
                found.push(finding.cannot_tell("the content of Secrets"));
                continue;
            }
            State::Bytes(Form::Pem) => {
                found.extend(unreadable(part));
                continue;
            }
            State::Bytes(Form::BrokenPem) => {
                ("holds no whole PEM block", "a block starts at the beginning of a line and ends with the same label")
            }
            State::Bytes(Form::DoublyEncoded) => {
                ("is base64 twice", "encode it once under `data`, or write it under `stringData` as it is")
            }
            State::Bytes(Form::Der) => ("holds DER", "convert it to PEM"),
            State::Bytes(Form::PrivateJwk | Form::Other) => ("holds no PEM", "write the PEM text"),
        };
        found.push(RULE.at(part.span, format!("`{name}` {what}")).with_help(help));
    }
}

/// Blocks that cannot be read, and a file without what it is for.
fn unreadable(part: &Part<'_>) -> Option<Finding> {
    let broken = part.blocks.iter().find_map(|block| match block {
        Block::Unreadable(label, why) => Some(format!("the block `{label}` in `{}` cannot be read: {why}", part.name)),
        Block::Certificate(_) | Block::Key(_) | Block::List(_) | Block::Other => None,
    });
    let is_key = matches!(part.name, "tls.key" | "key" | "ca-key.pem");
    let is_list = part.name.contains("crl");
    let lacks = if is_key {
        part.keys().next().is_none().then_some("private key")
    } else {
        (!is_list && part.certificates().is_empty()).then_some("certificate")
    };
    let headline = broken.or_else(|| lacks.map(|what| format!("`{}` holds PEM and no {what}", part.name)))?;
    Some(RULE.at(part.span, headline).with_help("replace it by what belongs there"))
}
