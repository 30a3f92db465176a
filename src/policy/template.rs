/// A path template as the proxy reads it: literal text, `{*}` for one segment, `{**}` for any rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    /// Starts with a literal; the literal after a glob starts with `/`.
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Segment,
    Rest,
}

impl Template {
    /// Reads a template the proxy can load: one leading slash, segments that are a glob or a literal, at most one `{**}` and no glob
    /// after it. `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut is_closed = false;
        let mut segments = text.strip_prefix('/')?.split('/').peekable();
        while let Some(segment) = segments.next() {
            literal.push('/');
            let glob = match segment {
                "{*}" => Piece::Segment,
                "{**}" => Piece::Rest,
                _ => {
                    // Only the end may be empty: a slash closes the template.
                    let is_last = segments.peek().is_none();
                    if (segment.is_empty() && !is_last) || !segment.bytes().all(is_literal) {
                        return None;
                    }
                    literal.push_str(segment);
                    continue;
                }
            };
            if is_closed {
                return None;
            }
            is_closed = glob == Piece::Rest;
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            pieces.push(glob);
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Some(Self { pieces })
    }

    /// What every matching path starts with.
    pub(super) fn head(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Literal(head)) => head,
            Some(Piece::Segment | Piece::Rest) | None => "",
        }
    }

    /// Whether it covers a whole path (without query and fragment).
    pub(super) fn matches(&self, path: &str) -> bool {
        let mut rest = path.as_bytes();
        let mut pieces = self.pieces.iter();
        while let Some(piece) = pieces.next() {
            let next = match piece {
                Piece::Literal(literal) => rest.strip_prefix(literal.as_bytes()),
                Piece::Segment => {
                    // What follows is the end or a slash, which a segment cannot hold: the longest run is the only one.
                    let length = rest.iter().take_while(|&&byte| is_covered(byte)).count();
                    if length == 0 { None } else { rest.get(length..) }
                }
                Piece::Rest => {
                    let end = match pieces.next() {
                        Some(Piece::Literal(end)) => end.as_bytes(),
                        Some(Piece::Segment | Piece::Rest) | None => b"",
                    };
                    let covered = rest.strip_suffix(end);
                    return covered.is_some_and(|covered| covered.iter().all(|&byte| byte == b'/' || is_covered(byte)));
                }
            };
            match next {
                Some(next) => rest = next,
                None => return false,
            }
        }
        rest.is_empty()
    }
}

/// Whether the proxy can load a path template.
#[must_use]
pub fn is_template_loadable(template: &str) -> bool {
    Template::parse(template).is_some()
}

/// Whether a path template covers a path (without query); never when it cannot be loaded.
#[must_use]
pub fn template_covers(template: &str, path: &str) -> bool {
    Template::parse(template).is_some_and(|template| template.matches(path))
}

/// The characters of a path segment, percent signs included.
fn is_literal(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()+,;:@=".contains(&byte)
}

/// What a glob covers within one segment: the same and the asterisk.
fn is_covered(byte: u8) -> bool {
    byte == b'*' || is_literal(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_cover_what_envoy_covers() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            ("/a/{*}", &["/a/b", "/a/b%2Fc", "/a/x*y"], &["/a", "/a/", "/a/b/c", "/a/x[y", "/A/b"]),
            ("/a/{**}", &["/a/", "/a/b", "/a/b/c"], &["/a", "/b/a/"]),
            ("/a/{*}/c", &["/a/b/c"], &["/a/c", "/a//c", "/a/b/x/c", "/a/b/c/"]),
            ("/a/{**}/c", &["/a//c", "/a/b/c", "/a/b/d/c", "/a/c/c"], &["/a/c", "/a/b/c/"]),
            ("/a/{**}/", &["/a//", "/a/b/"], &["/a/", "/a/b", "/a/b/x.txt"]),
            ("/{**}", &["/", "/x", "/x/y"], &["/a\"b", ""]),
            ("/{*}/{*}/z/{**}", &["/a/b/z/", "/a/b/z/c/d"], &["/a/b/z", "/a/z/b/"]),
            ("/{*}", &["/x"], &["/", "/x/"]),
        ];
        for (text, good, bad) in cases {
            let template = Template::parse(text).unwrap();
            for path in *good {
                assert!(template.matches(path), "{text} {path}");
            }
            for path in *bad {
                assert!(!template.matches(path), "{text} {path}");
            }
        }
    }

    #[test]
    fn refused_templates() {
        for text in
            ["a/{*}", "{*}", "//a/{*}", "/a//{*}", "/{**}/{*}", "/{**}/{**}", "/{*}.txt", "/a*/{*}", "/{a}/{*}", "", "/a/{*}/b?c"]
        {
            assert_eq!(Template::parse(text), None, "{text}");
        }
    }
}
