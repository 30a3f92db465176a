//! Small changes of a text that keep its layout.

use crate::diag::Span;

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
