//! Mechanical repairs of what admission refuses.

use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Span;
use crate::lint::edits;
use crate::lint::rules;
use crate::lint::tree;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// Where a finding points: a key, a value, or an item of a list.
struct Spot<'n> {
    /// The mapping and the index of the entry that the place is the key or the value of.
    entry: Option<(&'n Node, usize)>,
    /// The value that begins there.
    value: Option<&'n Node>,
}

/// The finding with its repair, when there is one that does not guess.
pub(super) fn repaired(finding: Finding, object: &Node, text: &str) -> Finding {
    let span = finding.span();
    if let Some(help) = edits::slice(text, span).and_then(rules::help_for) {
        return finding.with_help(help).with_note("this looks like an unrendered template");
    }
    let Some(spot) = spot(object, span) else { return finding };
    if finding.code.0 == "MS003"
        && let Some((_, help)) = edits::slice(text, span).and_then(|name| OLD_FIELDS.iter().find(|(old, _)| *old == name))
    {
        return finding.with_help(*help).with_note("earlier versions of the API had this field");
    }
    let repair = match finding.code.0 {
        "MS005" => renamed(&finding, text).map(|new| (span, new)),
        "MS006" => spot.value.and_then(|value| retyped(&finding, value, text)),
        "MS007" => spot.value.and_then(|value| upper_case(&finding, value, text)),
        "MS010" | "MS011" | "MS109" | "MS202" => spot.removed(text).map(|span| (span, String::new())),
        "MS018" if is_own_namespace(&spot, object) => spot.removed(text).map(|span| (span, String::new())),
        "MS021" => current_version(&spot, text),
        "MS108" => spot.value.and_then(|value| boolean(value, text)),
        "MS118" => spot.value.and_then(|value| template(value, text)),
        "MS403" => skip_removed(&spot, text).map(|span| (span, String::new())),
        _ => None,
    };
    let Some((span, new)) = repair else { return finding };
    let is_case = finding.code.0 == "MS005" && !edits::slice(text, span).is_some_and(|old| old.contains('_'));
    finding.with_edit(if is_case { Safety::Unsafe } else { Safety::Safe }, span, new)
}

/// Fields of earlier versions of the API, with what they became.
const OLD_FIELDS: &[(&str, &str)] = &[
    ("principalBinding", "remove it: `requestPrincipals` and `principals` say which identity is meant"),
    ("principal_binding", "remove it: `requestPrincipals` and `principals` say which identity is meant"),
    ("origins", "write the issuers under `jwtRules` of a RequestAuthentication"),
    ("peers", "write `mtls` of a PeerAuthentication"),
    ("trigger_rules", "write the paths in an AuthorizationPolicy with `requestPrincipals`"),
    ("triggerRules", "write the paths in an AuthorizationPolicy with `requestPrincipals`"),
    ("groups", "write a condition: `key: request.auth.claims[groups]`"),
    ("names", "write `principals`"),
    ("subjects", "write `from` with `source`"),
    ("services", "write `selector` with labels of the workloads"),
    ("constraints", "write `when` with `key` and `values`"),
];

fn spot(root: &Node, span: Span) -> Option<Spot<'_>> {
    let (mut node, mut entry) = (root, None);
    loop {
        let inside = |other: Span| (other.offset..other.offset.saturating_add(other.length.max(1))).contains(&span.offset);
        match &node.value {
            Value::Mapping(entries) => {
                if node.span.offset == span.offset && node.span.length == span.length {
                    return Some(Spot { entry, value: Some(node) });
                }
                let index = entries.iter().position(|(key, value)| inside(key.span) || inside(value.span))?;
                let (key, value) = entries.get(index)?;
                entry = Some((node, index));
                if inside(key.span) {
                    return Some(Spot { entry, value: Some(value) });
                }
                node = value;
            }
            Value::Sequence(items) => {
                if node.span.offset == span.offset && node.span.length == span.length {
                    return Some(Spot { entry, value: Some(node) });
                }
                node = items.iter().find(|item| inside(item.span))?;
                entry = None;
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Some(Spot { entry, value: Some(node) }),
        }
    }
}

impl Spot<'_> {
    /// What goes away when the entry is removed from its mapping.
    fn removed(&self, text: &str) -> Option<Span> {
        let (mapping, index) = self.entry?;
        edits::entry(text, tree::entries(mapping), index)
    }
}

/// The first word in backticks.
fn word(help: &str) -> Option<&str> {
    help.split('`').nth(1)
}

fn renamed(finding: &Finding, text: &str) -> Option<String> {
    let old = edits::slice(text, finding.span())?;
    let new = word(finding.help.as_deref()?)?;
    let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name(old) && is_name(new)).then(|| new.to_owned())
}

/// A number or boolean in quotes, or a text as the only item of a list.
fn retyped(finding: &Finding, value: &Node, text: &str) -> Option<(Span, String)> {
    let written = edits::slice(text, value.span)?;
    let new = match &value.value {
        Value::Number(_) | Value::Bool(_) if finding.headline.contains("string") => format!("\"{written}\""),
        Value::String(_) if finding.headline.contains("list") => format!("[{written}]"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) | Value::Mapping(_) => {
            return None;
        }
    };
    // Brackets and commas are part of a plain text outside of lists only.
    let is_simple = !written.contains(['\n', '"', '#', '[', ']', '{', '}', ',']) || written.starts_with('"');
    is_simple.then_some((value.span, new))
}

/// A word in upper case, when the field takes that.
fn upper_case(finding: &Finding, value: &Node, text: &str) -> Option<(Span, String)> {
    let old = value.as_str()?;
    let upper = old.to_uppercase();
    let is_known = finding.help.as_deref()?.split('`').any(|word| word == upper);
    if !is_known {
        return None;
    }
    Some((value.span, edits::rewritten(text, value.span, old, &upper)?))
}

fn is_own_namespace(spot: &Spot<'_>, object: &Node) -> bool {
    let own = tree::at(object, &["metadata", "namespace"]).and_then(Node::as_str);
    own.is_some() && spot.value.and_then(Node::as_str) == own
}

fn current_version(spot: &Spot<'_>, text: &str) -> Option<(Span, String)> {
    let value = spot.value?;
    let old = value.as_str()?;
    let (group, _) = old.split_once('/')?;
    Some((value.span, edits::rewritten(text, value.span, old, &format!("{group}/v1"))?))
}

/// A word that means yes or no elsewhere.
fn boolean(value: &Node, text: &str) -> Option<(Span, String)> {
    let new = match value.as_str()?.to_lowercase().as_str() {
        "yes" | "on" | "y" | "true" => "\"true\"",
        "no" | "off" | "n" | "false" => "\"false\"",
        _ => return None,
    };
    edits::slice(text, value.span)?;
    Some((value.span, new.to_owned()))
}

/// `/users/{id}` as `/users/{*}`, when every brace stands for a whole segment.
fn template(value: &Node, text: &str) -> Option<(Span, String)> {
    let old = value.as_str()?;
    let segments: Option<Vec<&str>> = old
        .split('/')
        .map(|segment| {
            let name = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}'));
            match name {
                Some(name) if !name.is_empty() && !name.contains(['{', '}', '*']) => Some("{*}"),
                _ if segment == "{*}" || !segment.contains(['{', '}', '*']) => Some(segment),
                _ => None,
            }
        })
        .collect();
    let new = segments?.join("/");
    let quoted = edits::rewritten(text, value.span, old, &new)?;
    (new != old).then_some((value.span, quoted))
}

/// `insecureSkipVerify` of the mapping that the finding points into.
fn skip_removed(spot: &Spot<'_>, text: &str) -> Option<Span> {
    let (mapping, _) = spot.entry?;
    let entries = tree::entries(mapping);
    let index = entries.iter().position(|(key, _)| key.value == "insecureSkipVerify")?;
    edits::entry(text, entries, index)
}
