//! Places of findings as other programs want them: repository-relative names, lines and columns from start to end.

use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use crate::diag::SourceMap;
use crate::diag::Span;

/// Where the repository begins, so that files can be named from there.
#[derive(Debug, Clone, Default)]
pub struct Repository {
    root: PathBuf,
    folder: PathBuf,
}

impl Repository {
    /// A repository at `root`, in which names are given relative to `folder`. Both are absolute.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>, folder: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), folder: folder.into() }
    }

    /// The name of a file from the root of the repository, with `/` between its parts; as given when it stands outside.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        if name.starts_with('<') {
            return name.trim_matches(['<', '>']).to_owned();
        }
        let mut absolute = PathBuf::new();
        for component in self.folder.join(name).components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    absolute.pop();
                }
                Component::Prefix(_) | Component::RootDir | Component::Normal(_) => absolute.push(component),
            }
        }
        let Ok(relative) = absolute.strip_prefix(&self.root) else { return slashes(Path::new(name)) };
        slashes(relative)
    }

    /// The same as a relative URI reference (RFC 3986 4.2).
    pub(super) fn uri(&self, name: &str) -> String {
        let path = self.path(name);
        let mut uri = String::with_capacity(path.len());
        for byte in path.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
                uri.push(char::from(byte));
            } else {
                uri.push_str(&format!("%{byte:02X}"));
            }
        }
        uri
    }
}

fn slashes(path: &Path) -> String {
    let mut text = String::new();
    for component in path.components() {
        match component {
            Component::RootDir => text.push('/'),
            Component::CurDir => {}
            Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => {
                if !text.is_empty() && !text.ends_with('/') {
                    text.push('/');
                }
                text.push_str(&component.as_os_str().to_string_lossy());
            }
        }
    }
    text
}

/// A stretch of a text in lines and columns, both from 1; columns count characters, and the end column is that behind the stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
}

/// The region of a span; `None` when it has no place in a text.
pub(super) fn region(sources: &SourceMap, span: Span) -> Option<Region> {
    if span.line == 0 || span.column == 0 {
        return None;
    }
    let text = sources.get(span.source).map_or("", |source| &source.text);
    let start = span.offset as usize;
    let mut end = start.saturating_add(span.length as usize).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (mut end_line, mut end_column) = (span.line, span.column);
    for character in text.get(start..end).unwrap_or_default().chars() {
        if character == '\n' {
            end_line += 1;
            end_column = 1;
        } else {
            end_column += 1;
        }
    }
    Some(Region { line: span.line, column: span.column, end_line, end_column })
}

/// Numbers what has the same key, from 1.
#[derive(Debug, Default)]
pub(super) struct Occurrences<'k>(std::collections::BTreeMap<&'k str, usize>);

impl<'k> Occurrences<'k> {
    pub(super) fn next(&mut self, key: &'k str) -> usize {
        let count = self.0.entry(key).or_default();
        *count += 1;
        *count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_root_of_the_repository() {
        let repository = Repository::new("/r", "/r/deploy");
        for (name, path) in [
            ("a.yaml", "deploy/a.yaml"),
            ("./a b.yaml", "deploy/a b.yaml"),
            ("../c/./d.yaml", "c/d.yaml"),
            ("/r/e.yaml", "e.yaml"),
            ("/elsewhere/f.yaml", "/elsewhere/f.yaml"),
            ("../../g.yaml", "../../g.yaml"),
            ("<stdin>", "stdin"),
        ] {
            assert_eq!(repository.path(name), path, "{name}");
        }
        assert_eq!(repository.uri("a b:%é.yaml"), "deploy/a%20b%3A%25%C3%A9.yaml");
    }

    #[test]
    fn a_region_ends_behind_its_last_character_and_counts_characters() {
        let mut sources = SourceMap::default();
        let source = sources.add("a", "x: 'é😀'\r\ny: 1\n");
        let span = |line, column, offset, length| Span { source, line, column, offset, length };
        let found = |line, column, end_line, end_column| Some(Region { line, column, end_line, end_column });
        assert_eq!(region(&sources, span(1, 4, 3, 8)), found(1, 4, 1, 8));
        assert_eq!(region(&sources, span(1, 1, 0, 17)), found(1, 1, 2, 5));
        assert_eq!(region(&sources, span(2, 1, 13, 0)), found(2, 1, 2, 1));
        assert_eq!(region(&sources, span(2, 1, 13, 900)), found(2, 1, 3, 1));
        assert_eq!(region(&sources, Span::default()), None);
        // A part of the value at 1:4.
        let part = sources.recounted(span(1, 4, 6, 4));
        assert_eq!(region(&sources, part), found(1, 6, 1, 7));
        assert_eq!(region(&sources, sources.recounted(span(1, 4, 13, 1))), found(2, 1, 2, 2));
    }
}
