use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS915"),
    name: "invisible-character",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A blank at an end, an invisible character, or letters of two alphabets in a text that is compared exactly.",
    why: "It looks right and never matches.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: "cart "}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Unicode Technical Standard 39",
    check: Check::Document(check),
};

/// Fields below `spec` that hold prose or data of another format.
const FREE_TEXT: &[&str] = &["jwks", "prefix"];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let is_ours = matches!(view.group, "security.istio.io")
        || (view.group == "networking.istio.io" && view.header.kind.value == "DestinationRule");
    let Some(spec) = view.node.get("spec").filter(|_| is_ours) else { return };
    let mut texts = Vec::new();
    collect(spec, &mut texts);
    for (text, span) in texts {
        let Some(what) = suspicious(text) else { continue };
        let finding = RULE
            .at(span, format!("`{}` {what}", shown(text)))
            .with_label("compared exactly, so it does not match what it looks like");
        let clean: String = text.trim().chars().filter(|c| !is_invisible(*c)).collect();
        found.push(match edits::rewritten(view.text, span, text, &clean) {
            Some(edited) if suspicious(&clean).is_none() && !clean.is_empty() => {
                finding.with_help(format!("write `{clean}`")).with_edit(Safety::Safe, span, edited)
            }
            _ => finding.with_help("type it anew"),
        });
    }
}

fn collect<'n>(node: &'n crate::manifest::yaml::Node, texts: &mut Vec<(&'n str, Span)>) {
    if let Some(text) = node.as_str() {
        texts.push((text, node.span));
    }
    for item in tree::list(node) {
        collect(item, texts);
    }
    for (key, value) in tree::entries(node) {
        if !FREE_TEXT.contains(&key.value.as_str()) {
            texts.push((&key.value, key.span));
            collect(value, texts);
        }
    }
}

/// What cannot be seen in a text.
fn suspicious(text: &str) -> Option<&'static str> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    if text.chars().any(is_invisible) {
        return Some("holds a character that cannot be seen");
    }
    if text.trim() != text {
        return Some("begins or ends with a blank");
    }
    let is_latin = |c: char| c.is_ascii_alphabetic();
    // Cyrillic and Greek have letters that look Latin.
    let is_look_alike = |c: char| matches!(c, '\u{0370}'..='\u{03ff}' | '\u{0400}'..='\u{04ff}' | '\u{ff01}'..='\u{ff5e}');
    (text.contains(is_look_alike) && text.contains(is_latin)).then_some("mixes letters of two alphabets")
}

fn is_invisible(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(
            c,
            '\u{00a0}' | '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{2064}'
                | '\u{2066}'..='\u{206f}' | '\u{3000}' | '\u{feff}'
        )
}

fn shown(text: &str) -> String {
    text.chars().map(|c| if is_invisible(c) { format!("<U+{:04X}>", u32::from(c)) } else { c.to_string() }).collect()
}
