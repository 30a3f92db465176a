//! What several rules want to know of one entry of `jwtRules`.

use crate::diag::Span;
use crate::diag::Spanned;
use crate::lint::tree::items_at;
use crate::manifest::kinds::JwtRule;
use crate::manifest::yaml::Node;

/// Where to point for something that is absent: at the issuer, else at the `jwksUri`, else at the rule.
pub(super) fn place_of(rule: &JwtRule) -> Span {
    if !rule.issuer.value.is_empty() {
        return rule.issuer.span;
    }
    rule.jwks_uri.as_ref().map_or(rule.place.span, |uri| uri.span)
}

/// A field of one rule as written.
pub(super) fn field<'n>(object: &'n Node, index: usize, name: &str) -> Option<&'n Node> {
    items_at(object, &["spec", "jwtRules"]).get(index)?.get(name)
}

/// Scheme (in small letters) and host of a URL.
pub(super) fn scheme_and_host(url: &str) -> Option<(&'static str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = ["https", "http"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then_some((scheme, host))
}

/// Whether the host is a service of the cluster, by its name.
pub(super) fn is_cluster_host(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    !host.contains('.') || matches!(last, "svc" | "local") || host.contains(".svc.")
}

/// Whether the host is the machine itself.
pub(super) fn is_local_host(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost")
}

/// The last two labels of a host: near enough to the domain that somebody registered.
pub(super) fn domain(host: &str) -> &str {
    let start = host.rmatch_indices('.').nth(1).map_or(0, |(at, _)| at + 1);
    host.get(start..).unwrap_or(host)
}

/// Where a text stands at the start of a scalar, quoted or not.
pub(super) fn inside(text: &str, scalar: &Spanned<String>, start: &str) -> Option<Span> {
    let written = text.get(scalar.span.offset as usize..)?;
    let quote = u32::from(written.starts_with(['"', '\'']));
    let length = u32::try_from(start.len()).ok()?;
    let span = Span { offset: scalar.span.offset + quote, length, ..scalar.span };
    text.get(span.offset as usize..)?.starts_with(start).then_some(span)
}
