//! Paths that may hold the operators `{*}` (one segment) and `{**}` (any number of segments).

const ONE: &str = "{*}";
const ANY: &str = "{**}";

/// Why a path cannot be matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem<'t> {
    /// An operator follows `{**}`.
    NotLast,
    /// A segment holds a brace without being an operator.
    Brace(&'t str),
    /// A segment beside an operator holds what no literal may hold.
    Literal(&'t str),
}

/// What is wrong with a path.
pub(super) fn problem(path: &str) -> Option<Problem<'_>> {
    let is_template = path.contains(ONE) || path.contains(ANY);
    let mut is_closed = false;
    for segment in path.trim_matches('/').split('/') {
        match segment {
            ONE | ANY if is_closed => return Some(Problem::NotLast),
            ONE => {}
            ANY => is_closed = true,
            _ if segment.contains(['{', '}']) => return Some(Problem::Brace(segment)),
            _ if is_template && !is_literal(segment) => return Some(Problem::Literal(segment)),
            _ => {}
        }
    }
    None
}

fn is_literal(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()+,;:@=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::Problem;
    use super::problem;

    #[test]
    fn operators_stand_alone_in_their_segment_and_two_stars_come_last() {
        for path in [
            "/{*}/foo",
            "/foo/{**}/bar",
            "{*}",
            "//{*}//",
            "a/{*}",
            "/{*}/{*}",
            "/{*}/{**}",
            "/{**}",
            "admin",
            "/a*b",
            "/x?y=1",
            "*",
            "/",
            "//",
            "/a//b",
            "/a/%2F/{*}",
            "/a b",
        ] {
            assert_eq!(problem(path), None, "{path}");
        }
        for (path, expected) in [
            ("/{**}/{*}", Problem::NotLast),
            ("/{**}/{**}", Problem::NotLast),
            ("/foo/{**}buzz", Problem::Brace("{**}buzz")),
            ("/foo/{*}.txt", Problem::Brace("{*}.txt")),
            ("/foo/{bar}", Problem::Brace("{bar}")),
            ("/foo/{}", Problem::Brace("{}")),
            ("/a}", Problem::Brace("a}")),
            ("/foo/{*}/b*", Problem::Literal("b*")),
            ("/a//{*}", Problem::Literal("")),
            ("/a?/{*}", Problem::Literal("a?")),
            ("/\u{e9}/{*}", Problem::Literal("\u{e9}")),
        ] {
            assert_eq!(problem(path), Some(expected), "{path}");
        }
    }
}
