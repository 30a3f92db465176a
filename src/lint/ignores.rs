//! `--add-ignore`: comments that suppress what is found today, so that only what is new is told.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::lint::Report;
use crate::lint::check::is_suppressible;
use crate::lint::rules;
use crate::manifest::yaml;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// What comes of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    /// The text with the comments.
    pub text: String,
    /// How many comments were written.
    pub comments: usize,
    /// Lines, counted from 1, at which no comment can stand: within a text of several lines, or in a file without comments.
    pub skipped: Vec<u32>,
}

/// The texts with a comment for every finding of some rules (codes, starts of codes or names) that counts and may be suppressed.
#[must_use]
pub fn add(report: &Report, sources: &SourceMap, words: &[String], reason: &str) -> BTreeMap<SourceId, Ignored> {
    let mut wanted: BTreeMap<SourceId, BTreeMap<u32, BTreeSet<&str>>> = BTreeMap::new();
    for reported in report.active().filter(|reported| is_suppressible(reported) && reported.finding.primary.is_some()) {
        if words.iter().any(|word| rules::matches(word, reported.rule)) {
            let span = reported.finding.span();
            wanted.entry(span.source).or_default().entry(span.line).or_default().insert(reported.rule.code.0);
        }
    }
    let of_source = |(id, lines): (SourceId, BTreeMap<u32, BTreeSet<&str>>)| {
        let source = sources.get(id)?;
        let comments = lines.into_iter().map(|(line, codes)| {
            let codes: Vec<&str> = codes.into_iter().collect();
            (line, format!("# meshsec: ignore[{}] {reason}", codes.join(", ")))
        });
        Some((id, written(id, &source.name, &source.text, &comments.collect())))
    };
    wanted.into_iter().filter_map(of_source).collect()
}

/// Where a comment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Above,
    Behind,
}

fn written(id: SourceId, name: &str, text: &str, comments: &BTreeMap<u32, String>) -> Ignored {
    let none = || Ignored { text: text.to_owned(), comments: 0, skipped: comments.keys().copied().collect() };
    let is_json = name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"));
    if is_json {
        return none();
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let place = |line: u32| {
        let above = usize::try_from(line).ok().and_then(|line| line.checked_sub(2)).and_then(|index| lines.get(index));
        // A comment of the line above would be about this one's comment.
        if above.is_some_and(|above| above.trim_start().starts_with("# meshsec:")) { Where::Behind } else { Where::Above }
    };
    let mut chosen: BTreeMap<u32, (Where, &str)> =
        comments.iter().map(|(line, comment)| (*line, (place(*line), comment.as_str()))).collect();
    let before = trees(id, text);
    let all = with(&lines, &chosen);
    if is_same(&before, &trees(id, &all)) {
        return Ignored { text: all, comments: chosen.len(), skipped: Vec::new() };
    }
    // Somewhere a comment became part of a value; each is tried by itself.
    let mut skipped = Vec::new();
    for (line, comment) in comments {
        let fits =
            |place: &Where| is_same(&before, &trees(id, &with(&lines, &BTreeMap::from([(*line, (*place, comment.as_str()))]))));
        if let Some(place) = [place(*line), Where::Behind].into_iter().find(fits) {
            chosen.insert(*line, (place, comment));
        } else {
            chosen.remove(line);
            skipped.push(*line);
        }
    }
    let all = with(&lines, &chosen);
    if is_same(&before, &trees(id, &all)) { Ignored { text: all, comments: chosen.len(), skipped } } else { none() }
}

fn with(lines: &[&str], comments: &BTreeMap<u32, (Where, &str)>) -> String {
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let content = line.trim_end_matches(['\r', '\n']);
        let end = line.get(content.len()..).unwrap_or_default();
        match comments.get(&number) {
            Some((Where::Above, comment)) => {
                let indent = content.len() - content.trim_start_matches(' ').len();
                let end = if end.is_empty() { "\n" } else { end };
                text.push_str(&format!("{}{comment}{end}{line}", " ".repeat(indent)));
            }
            Some((Where::Behind, comment)) => text.push_str(&format!("{content} {comment}{end}")),
            None => text.push_str(line),
        }
    }
    text
}

fn trees(id: SourceId, text: &str) -> Vec<Option<Node>> {
    yaml::documents(id, text).map(|parsed| parsed.root).collect()
}

fn is_same(a: &[Option<Node>], b: &[Option<Node>]) -> bool {
    let are_same = |(a, b): (&Option<Node>, &Option<Node>)| match (a, b) {
        (Some(a), Some(b)) => is_same_value(a, b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    a.len() == b.len() && a.iter().zip(b).all(are_same)
}

fn is_same_value(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Mapping(a), Value::Mapping(b)) => {
            let is_pair_same =
                |((key, value), (other, second)): (&(_, Node), &(_, Node))| same_key(key, other) && is_same_value(value, second);
            a.len() == b.len() && a.iter().zip(b).all(is_pair_same)
        }
        (Value::Sequence(a), Value::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_value(a, b)),
        (a, b) => a == b,
    }
}

fn same_key(a: &crate::diag::Spanned<String>, b: &crate::diag::Spanned<String>) -> bool {
    a.value == b.value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add_at(text: &str, lines: &[u32]) -> Ignored {
        let comments = lines.iter().map(|line| (*line, "# meshsec: ignore[MS140] why".to_owned())).collect();
        written(SourceId::default(), "a.yaml", text, &comments)
    }

    #[test]
    fn a_comment_stands_above_its_line_and_changes_no_value() {
        for (text, line, wanted) in [
            ("a: 1\n", 1, "# meshsec: ignore[MS140] why\na: 1\n"),
            ("a:\n  b: 1\n", 2, "a:\n  # meshsec: ignore[MS140] why\n  b: 1\n"),
            ("a:\r\n- b\r\n", 2, "a:\r\n# meshsec: ignore[MS140] why\r\n- b\r\n"),
            ("a: 1", 1, "# meshsec: ignore[MS140] why\na: 1"),
            ("# meshsec: ignore[MS1] x\na: 1\n", 2, "# meshsec: ignore[MS1] x\na: 1 # meshsec: ignore[MS140] why\n"),
            ("a: [\n  b\n]\n", 2, "a: [\n  # meshsec: ignore[MS140] why\n  b\n]\n"),
        ] {
            let ignored = add_at(text, &[line]);
            assert_eq!((ignored.text.as_str(), ignored.comments, ignored.skipped.as_slice()), (wanted, 1, &[][..]), "{text}");
        }
    }

    #[test]
    fn within_a_text_of_several_lines_nothing_is_written() {
        let text = "a: |\n  one\n  two\nb: 1\n";
        let ignored = add_at(text, &[3, 4]);
        assert_eq!(ignored.text, "a: |\n  one\n  two\n# meshsec: ignore[MS140] why\nb: 1\n");
        assert_eq!((ignored.comments, ignored.skipped), (1, vec![3]));
    }
}
