//! What rules about values have in common: writing another value in the place of one, and what its text looks like.

use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::lint::Attribute;
use crate::lint::DocumentView;
use crate::lint::ValueList;
use crate::manifest::kinds::Action;

/// Every value that is compared with one of the wanted attributes, with the list it stands in.
pub(super) fn values<'v>(
    view: &'v DocumentView<'_>,
    is_wanted: fn(&Attribute) -> bool,
) -> impl Iterator<Item = (&'v ValueList<'v>, &'v Spanned<String>)> {
    let lists = view.value_lists().iter().filter(move |list| is_wanted(&list.attribute));
    lists.flat_map(|list| list.values.iter().map(move |value| (list, value)))
}

/// Adds the edit that writes another value in the place of one, when the text shows the value as it is.
pub(super) fn replaced(
    finding: Finding,
    view: &DocumentView<'_>,
    written: &Spanned<String>,
    safety: Safety,
    value: &str,
) -> Finding {
    match quotes(view, written) {
        Some(quote) => finding.with_edit(safety, written.span, quoted(value, quote)),
        None => finding,
    }
}

/// Adds the edit that puts further values beside one, in its list.
pub(super) fn joined(
    finding: Finding,
    view: &DocumentView<'_>,
    written: &Spanned<String>,
    safety: Safety,
    values: &[&str],
) -> Finding {
    let Some(quote) = quotes(view, written) else { return finding };
    let start = written.span.offset as usize;
    let Some(line) = view.text.get(..start).and_then(|before| before.rsplit('\n').next()) else { return finding };
    let quote = quote.or(Some('"'));
    let texts: Vec<String> = values.iter().map(|value| quoted(value, quote)).collect();
    let before = line.trim_end();
    if before.ends_with('-') && before.trim_start_matches([' ', '-']).is_empty() {
        // The new items stand before the old one, so that a comment behind it stays with it.
        let indent = before.len() - 1;
        let text: String = texts.iter().map(|text| format!("{text}\n{}- ", " ".repeat(indent))).collect();
        // `- - a` starts another list on the line; it is left alone.
        if before.trim_start().len() > 1 {
            return finding;
        }
        return finding.with_edit(safety, Span { length: 0, ..written.span }, text);
    }
    if before.ends_with(['[', ',']) {
        let end = Span { offset: written.span.offset + written.span.length, length: 0, ..written.span };
        return finding.with_edit(safety, end, format!(", {}", texts.join(", ")));
    }
    finding
}

/// The quote around a value, `Some(None)` when there is none; `None` when its text is not its value.
fn quotes(view: &DocumentView<'_>, written: &Spanned<String>) -> Option<Option<char>> {
    let start = written.span.offset as usize;
    let text = view.text.get(start..start + written.span.length as usize)?;
    if text == written.value {
        return Some(None);
    }
    ['"', '\'']
        .into_iter()
        .find(|quote| text.strip_prefix(*quote).and_then(|text| text.strip_suffix(*quote)) == Some(written.as_str()))
        .map(Some)
}

fn quoted(value: &str, quote: Option<char>) -> String {
    let is_plain = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    match quote {
        None if is_plain => value.to_owned(),
        Some('\'') if !value.contains('\'') => format!("'{value}'"),
        None | Some(_) => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// Whether a match of the list lets a request through: `paths` of an ALLOW, `notPaths` of a DENY.
pub(super) fn is_granting(action: Action, list: &ValueList<'_>) -> bool {
    match action {
        Action::Allow => !list.is_negated,
        Action::Deny => list.is_negated,
        Action::Audit | Action::Custom => false,
    }
}

/// Whether a match of the list keeps a request out: `paths` of a DENY, `notPaths` of an ALLOW.
pub(in crate::lint::rules) fn is_refusing(action: Action, list: &ValueList<'_>) -> bool {
    match action {
        Action::Allow => list.is_negated,
        Action::Deny => !list.is_negated,
        Action::Audit | Action::Custom => false,
    }
}

/// Whether a value was meant as a regular expression, which the API does not have.
pub(super) fn is_regex_like(attribute: &Attribute, value: &str) -> bool {
    let has_class = ["\\d", "\\w", "\\s", "\\.", ".*", ".+"].iter().any(|sign| value.contains(sign));
    let has_anchor = value.starts_with('^') || (value.ends_with('$') && value.len() > 1);
    let has_group = |open: char, close: char| value.split_once(open).is_some_and(|(_, rest)| rest.contains(close));
    match attribute {
        Attribute::Paths => {
            let has_parameter = value
                .split('/')
                .any(|segment| segment.strip_prefix(':').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())));
            has_class || has_anchor || has_parameter || has_group('[', ']') || (has_group('(', ')') && value.contains('|'))
        }
        // `example.*` is a name of any domain, which is another mistake.
        Attribute::Hosts => {
            let inner = value.strip_suffix(".*").unwrap_or(value);
            let has_class = ["\\d", "\\w", "\\.", ".*", ".+"].iter().any(|sign| inner.contains(sign));
            has_class || has_anchor || has_group('(', ')') || (has_group('[', ']') && !value.starts_with('['))
        }
        Attribute::Header(_) => has_class || has_anchor || (has_group('(', ')') && value.contains('|')),
        Attribute::Principals
        | Attribute::RequestPrincipals
        | Attribute::Namespaces
        | Attribute::ServiceAccounts
        | Attribute::TrustDomains
        | Attribute::IpBlocks
        | Attribute::RemoteIpBlocks
        | Attribute::Ports
        | Attribute::Methods
        | Attribute::DestinationIp
        | Attribute::Claims(_)
        | Attribute::Audiences
        | Attribute::Presenter
        | Attribute::Sni
        | Attribute::Other(_) => false,
    }
}

/// Whether a text is not what its author wants in it: an unrendered template, or a blank or something invisible at an end.
pub(super) fn is_damaged(text: &str) -> bool {
    let is_odd = |c: char| c.is_whitespace() || !c.is_ascii_graphic();
    text.contains("{{") || text.starts_with(is_odd) || text.ends_with(is_odd)
}

/// A path with `{*}` or `{**}`.
pub(super) fn is_template(path: &str) -> bool {
    path.contains("{*}") || path.contains("{**}")
}

/// A request principal is split at its last slash: issuer and subject.
pub(super) fn issuer_of(request_principal: &str) -> Option<(&str, &str)> {
    request_principal.rsplit_once('/')
}
