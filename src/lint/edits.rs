//! Small changes of a text that keep its layout.

use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::yaml::Node;

/// A scalar written anew in the way it is quoted; `None` when it does not stand there on one line.
pub(super) fn rewritten(text: &str, span: Span, old: &str, new: &str) -> Option<String> {
    let written = slice(text, span)?;
    if written == format!("\"{old}\"") || new.contains(['\'', '"', '\\']) {
        return (written.contains(old) && !written.contains('\n')).then(|| format!("{new:?}"));
    }
    if written == format!("'{old}'") {
        return Some(format!("'{new}'"));
    }
    if written != old {
        return None;
    }
    Some(if is_plain(new) { new.to_owned() } else { format!("\"{new}\"") })
}

/// Where an item of a list goes away, with what separates it from the others; `None` when the list is too unusual to say.
pub(super) fn item(text: &str, items: &[Span], index: usize) -> Option<Span> {
    let span = *items.get(index)?;
    let before = text.get(..span.offset as usize)?;
    let after = text.get((span.offset + span.length) as usize..)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let lead = before.get(line_start..)?;
    if lead.trim() == "-" && !slice(text, span)?.contains('\n') {
        let line_length = after.find('\n').map_or(after.len(), |at| at + 1);
        let rest = after.get(..line_length)?.trim();
        let length = u32::try_from(lead.len() + line_length).ok()? + span.length;
        return (rest.is_empty() || rest.starts_with('#')).then_some(Span {
            offset: u32::try_from(line_start).ok()?,
            length,
            ..span
        });
    }
    let previous = *items.get(index.checked_sub(1)?)?;
    let start = previous.offset + previous.length;
    let between = text.get(start as usize..span.offset as usize)?;
    (between.trim() == ",").then_some(Span { offset: start, length: span.offset + span.length - start, ..span })
}

/// Where an entry of a mapping goes away, with what separates it from the others; `None` when the mapping is too unusual to say.
pub(super) fn entry(text: &str, entries: &[(Spanned<String>, Node)], index: usize) -> Option<Span> {
    let (key, value) = entries.get(index)?;
    let end = value.span.offset + value.span.length;
    if end < key.span.offset {
        return None;
    }
    let whole = Span { length: end - key.span.offset, ..key.span };
    let before = text.get(..key.span.offset as usize)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let after = text.get(end as usize..)?;
    let line_end = after.find('\n').map_or(after.len(), |at| at + 1);
    let rest = after.get(..line_end)?.trim();
    if before.get(line_start..)?.trim().is_empty() && (rest.is_empty() || rest.starts_with('#')) {
        let start = u32::try_from(line_start).ok()?;
        return Some(Span { offset: start, length: end + u32::try_from(line_end).ok()? - start, ..whole });
    }
    let is_comma = |from: u32, to: u32| text.get(from as usize..to as usize).is_some_and(|between| between.trim() == ",");
    if let Some((_, previous)) = index.checked_sub(1).and_then(|previous| entries.get(previous)) {
        let start = previous.span.offset + previous.span.length;
        return is_comma(start, key.span.offset).then(|| Span { offset: start, length: end - start, ..whole });
    }
    match entries.get(index + 1) {
        Some((next, _)) => is_comma(end, next.span.offset).then(|| Span { length: next.span.offset - key.span.offset, ..whole }),
        None => (before.trim_end().ends_with('{') && after.trim_start().starts_with('}')).then_some(whole),
    }
}

/// What stands at a place.
pub(super) fn slice(text: &str, span: Span) -> Option<&str> {
    text.get(span.offset as usize..(span.offset + span.length) as usize)
}

/// Whether a text needs no quotes wherever it stands: it begins with a letter and has nothing that YAML reads otherwise.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_'))
        && !matches!(text.to_ascii_lowercase().as_str(), "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null")
}
