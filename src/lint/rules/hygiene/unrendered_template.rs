use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;
use crate::manifest::codes;

pub(super) const RULE: Rule = Rule {
    code: Code("MS913"),
    name: "unrendered-template",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A value that is still a template: `{{ .. }}`, `${NAME}`, `<no value>`, `CHANGEME`; or YAML that such a template breaks.",
    why: "The text is compared as it stands, so the rule matches nothing that anybody meant.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: "{{ .Values.app }}"}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Helm template guide",
    check: Check::Document(check),
};

/// Kinds of Istio that carry code of their own, which may well look like a template.
const CARRIES_CODE: &[&str] = &["EnvoyFilter", "ProxyConfig"];

const HELP: &str = "check what it renders to: `helm template . | meshsec policy check -`";

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let is_ours = matches!(view.group, "security.istio.io" | "networking.istio.io")
        && !CARRIES_CODE.contains(&view.header.kind.value.as_str());
    let mut look = |text: &str, span: Span| {
        if let Some(part) = template_in(text) {
            found.push(
                RULE.at(span, format!("`{part}` looks like an unrendered template"))
                    .with_label("compared as it stands")
                    .with_help(HELP),
            );
        }
    };
    for path in [["metadata", "name"], ["metadata", "namespace"]] {
        if let Some(name) = tree::at(view.node, &path) {
            tree::each_text(name, &mut look);
        }
    }
    if let Some(spec) = view.node.get("spec").filter(|_| is_ours) {
        tree::each_text(spec, &mut look);
    }
}

/// What to do about a value that a template engine would replace; `None` when it is none.
pub(in crate::lint) fn help_for(value: &str) -> Option<&'static str> {
    template_in(value).map(|_| HELP)
}

/// The part of a text that a template engine would replace.
fn template_in(text: &str) -> Option<&str> {
    // Most texts hold none of the letters that one of them begins with.
    memchr::memchr3(b'{', b'<', b'C', text.as_bytes())?;
    if let Some(part) = between(text, "{{", "}}") {
        return Some(part);
    }
    for word in ["<no value>", "CHANGEME", "CHANGE_ME"] {
        if let Some(at) = text.find(word) {
            return text.get(at..at + word.len());
        }
    }
    between(text, "${", "}").filter(|part| {
        let name = part.trim_start_matches("${").trim_end_matches('}');
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-' | '='))
    })
}

fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let start = text.find(open)?;
    let end = text.get(start..)?.find(close)?;
    text.get(start..start + end + close.len())
}

/// Says of bad YAML that a template is what breaks it, when its document holds one.
pub(in crate::lint) fn of_bad_yaml(finding: Finding, text: &str) -> Finding {
    if finding.code != codes::YAML_SYNTAX {
        return finding;
    }
    let at = finding.span().offset as usize;
    let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
    let start = before.rfind("\n---").unwrap_or(0);
    let end = at + after.find("\n---").unwrap_or(after.len());
    let Some(document) = text.get(start..end).filter(|document| between(document, "{{", "}}").is_some()) else { return finding };
    let part = between(document, "{{", "}}").unwrap_or_default().lines().next().unwrap_or_default();
    let mut told = RULE.at(finding.span(), format!("`{part}` looks like an unrendered template: {}", finding.headline)).with_help(HELP);
    told.notes = finding.notes;
    told
}
