use std::fmt;

use thiserror::Error;

/// The rules of the grammar, each with its section of SPIFFE-ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpiffeRule {
    /// Something must stand there (2).
    Empty,
    /// The scheme is exactly `spiffe://` (2).
    Scheme,
    /// A trust domain holds lower-case letters, digits, dots, dashes and underscores only (2.1).
    TrustDomainCharacter,
    /// There is a trust domain (2.1).
    TrustDomainMissing,
    /// A trust domain has at most 255 bytes (2.3).
    TrustDomainLength,
    /// A path starts with a slash (2.2).
    LeadingSlash,
    /// No segment of a path is empty (2.2).
    EmptySegment,
    /// No segment of a path is `.` or `..` (2.2).
    DotSegment,
    /// A segment holds letters, digits, dots, dashes and underscores only (2.2).
    SegmentCharacter,
    /// No slash ends a path (2.2).
    TrailingSlash,
    /// At most 2048 bytes are written, though more are read (2.3).
    Length,
    /// A workload's identity has a path (X509-SVID section 2).
    PathMissing,
}

/// Why a text is no SPIFFE identity: the rule, and where it is broken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct SpiffeError {
    rule: SpiffeRule,
    offset: usize,
    /// The character at fault and its surroundings, empty when there is nothing to point at.
    found: String,
    excerpt: String,
    column: usize,
}

/// How much of a long text is shown on each side of the place.
const AROUND: usize = 32;

impl SpiffeError {
    /// The rule broken at this byte of the text.
    pub(super) fn at(rule: SpiffeRule, text: &str, offset: usize) -> Self {
        let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
        let column = before.chars().count() + 1;
        let hidden = column.saturating_sub(AROUND + 1);
        let shown = before.chars().skip(hidden).chain(after.chars().take(AROUND));
        let excerpt: String = shown.flat_map(char::escape_debug).collect();
        let start = if hidden > 0 { ".." } else { "" };
        let end = if after.chars().nth(AROUND).is_some() { ".." } else { "" };
        Self {
            rule,
            offset,
            found: after.chars().next().map(|found| found.escape_debug().to_string()).unwrap_or_default(),
            excerpt: format!("{start}{excerpt}{end}"),
            column,
        }
    }

    /// The rule that is broken.
    #[must_use]
    pub fn rule(&self) -> SpiffeRule {
        self.rule
    }

    /// The byte at which it is broken.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for SpiffeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, found, excerpt, column, .. } = self;
        match rule {
            SpiffeRule::Empty => f.write_str("the text is empty"),
            SpiffeRule::Scheme => write!(f, "the scheme must be `spiffe://`, in exactly these letters, before `{excerpt}`"),
            SpiffeRule::TrustDomainCharacter => write!(
                f,
                "a trust domain holds lower-case letters, digits, dots, dashes and underscores only, not `{found}` \
                 (character {column} of `{excerpt}`)"
            ),
            SpiffeRule::TrustDomainMissing => write!(f, "the trust domain is missing (character {column} of `{excerpt}`)"),
            SpiffeRule::TrustDomainLength => {
                write!(f, "a trust domain is at most 255 bytes long (character {column} of `{excerpt}`)")
            }
            SpiffeRule::LeadingSlash => write!(f, "a path starts with a slash (character {column} of `{excerpt}`)"),
            SpiffeRule::EmptySegment => write!(f, "a path segment is empty (character {column} of `{excerpt}`)"),
            SpiffeRule::DotSegment => write!(f, "no path segment is `.` or `..` (character {column} of `{excerpt}`)"),
            SpiffeRule::SegmentCharacter => write!(
                f,
                "a path segment holds letters, digits, dots, dashes and underscores only, not `{found}` \
                 (character {column} of `{excerpt}`)"
            ),
            SpiffeRule::TrailingSlash => write!(f, "a path does not end in a slash (character {column} of `{excerpt}`)"),
            SpiffeRule::Length => {
                write!(f, "an identity is at most 2048 bytes long when it is made (character {column} of `{excerpt}`)")
            }
            SpiffeRule::PathMissing => write!(f, "a workload's identity has a path, `{excerpt}` is the trust domain itself"),
        }
    }
}
