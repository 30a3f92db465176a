//! Key sets that stand in a `RequestAuthentication` itself, read as the proxy reads them and by the standards.

use std::fmt;

use serde_json::Map;
use serde_json::Value;

use crate::diag::Span;
use crate::jose::Jwk;
use crate::jose::JwkError;
use crate::jose::Jwks;
use crate::jose::JwksError;
use crate::jose::Strictness;
use crate::jose::parse_object;
use crate::lint::DocumentView;

/// The `jwks` of one rule.
pub(super) struct InlineKeys<'d> {
    /// What the proxy says of the whole.
    pub(super) proxy: Result<(), JwksError>,
    /// The object, when the proxy can read it as one.
    pub(super) object: Option<Map<String, Value>>,
    /// The elements of `keys` that are objects, in order.
    pub(super) keys: Vec<InlineKey>,
    span: Span,
    /// The scalar as it stands in the source.
    written: &'d str,
}

/// One element of `keys`.
pub(super) struct InlineKey {
    /// The key by the standards.
    pub(super) key: Result<Jwk, JwkError>,
    /// What the proxy says of it alone.
    pub(super) proxy: Result<(), JwksError>,
    /// `kid`, when it is a text.
    pub(super) key_id: Option<String>,
}

impl fmt::Debug for InlineKeys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InlineKeys({} keys)", self.keys.len())
    }
}

/// Every inline key set of the object, unless a gate refuses it for what it is.
pub(super) fn read<'d>(view: &DocumentView<'d>) -> Vec<InlineKeys<'d>> {
    let Some(policy) = view.request_authentication() else { return Vec::new() };
    let is_refused = |span: Span| {
        let refusals = view.verdict.into_iter().flat_map(|verdict| verdict.api_server.iter().chain(&verdict.istiod));
        refusals.into_iter().any(|refusal| (span.offset..=span.offset + span.length).contains(&refusal.span.offset))
    };
    policy
        .jwt_rules
        .iter()
        .filter_map(|rule| {
            let jwks = rule.jwks.as_ref().filter(|jwks| !jwks.value.is_empty() && !is_refused(jwks.span))?;
            let start = jwks.span.offset as usize;
            let written = view.text.get(start..start + jwks.span.length as usize).unwrap_or_default();
            let object = parse_object(jwks.value.as_bytes()).ok();
            let elements = object.as_ref().and_then(|object| object.get("keys")).and_then(Value::as_array);
            let keys = elements.into_iter().flatten().filter_map(Value::as_object).map(InlineKey::read).collect();
            let proxy = Jwks::parse(&jwks.value).map(|_| ());
            Some(InlineKeys { proxy, object, keys, span: jwks.span, written })
        })
        .collect()
}

impl InlineKey {
    fn read(members: &Map<String, Value>) -> Self {
        let alone = serde_json::json!({"keys": [members]}).to_string();
        Self {
            key: Jwk::from_members(members, Strictness::Repair),
            proxy: Jwks::parse(&alone).map(|_| ()),
            key_id: members.get("kid").and_then(Value::as_str).map(str::to_owned),
        }
    }
}

impl InlineKeys<'_> {
    /// Where the whole set stands.
    pub(super) fn span(&self) -> Span {
        self.span
    }

    /// Where a member of a key stands, the key by its index; as near as it can be found.
    pub(super) fn place(&self, key: usize, member: &str) -> Span {
        self.find(key, member).unwrap_or(self.span)
    }

    fn find(&self, key: usize, member: &str) -> Option<Span> {
        // Every key has a type, and base64url has no brackets.
        let (at, _) = self.written.match_indices("\"kty").nth(key)?;
        let start = self.written.get(..at)?.rfind('{')?;
        let end = at + self.written.get(at..)?.find('}')?;
        let quoted = format!("\"{member}");
        let named = |from: usize, to: usize| {
            let stretch = self.written.get(from..to)?;
            let found = stretch
                .match_indices(&quoted)
                .find(|(hit, _)| stretch.get(hit + quoted.len()..).is_some_and(|rest| rest.starts_with(['"', '\\'])));
            found.map(|(hit, _)| from + hit)
        };
        let (hit, length) = named(start, end).map_or((at, 5), |hit| (hit, member.len() + 2));
        self.at(hit, length)
    }

    /// The place of a stretch of the scalar as written.
    pub(super) fn at(&self, from: usize, length: usize) -> Option<Span> {
        let before = self.written.get(..from)?;
        let lines = u32::try_from(before.matches('\n').count()).ok()?;
        let on_line = u32::try_from(before.rsplit('\n').next()?.chars().count()).ok()?;
        Some(Span {
            line: self.span.line + lines,
            column: if lines == 0 { self.span.column + on_line } else { on_line + 1 },
            offset: self.span.offset + u32::try_from(from).ok()?,
            length: u32::try_from(length).ok()?,
            ..self.span
        })
    }

    /// The scalar as it stands in the source, quotes included.
    pub(super) fn written(&self) -> &str {
        self.written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(written: &str) -> InlineKeys<'_> {
        let span = Span { line: 7, column: 5, offset: 100, length: u32::try_from(written.len()).unwrap(), ..Span::default() };
        InlineKeys { proxy: Ok(()), object: None, keys: Vec::new(), span, written }
    }

    #[test]
    fn a_member_of_a_key_is_pointed_at() {
        let block =
            "{\"keys\": [\n  {\"kid\": \"a\", \"kty\": \"EC\", \"x\": \"kid\"},\n  {\"kty\": \"EC\",\n   \"kid\": \"b\"}\n]}";
        let double = r#""{\"keys\":[{\"kty\":\"EC\",\"kid\":\"a\"}]}""#;
        for (name, written, key, member, line, column, text) in [
            ("first key, before its type", block, 0, "kid", 8, 4, "\"kid\""),
            ("first key, its type", block, 0, "kty", 8, 16, "\"kty\""),
            ("second key, on the next line", block, 1, "kid", 10, 4, "\"kid\""),
            ("absent, so the type", block, 1, "use", 9, 4, "\"kty\""),
            ("in double quotes", double, 0, "kid", 7, 34, "\"kid\\"),
        ] {
            let place = set(written).place(key, member);
            let start = place.offset as usize - 100;
            let found = (place.line, place.column, written.get(start..start + place.length as usize).unwrap());
            assert_eq!(found, (line, column, text), "{name}");
        }
        assert_eq!(set(block).place(2, "kid").line, 7, "there is no third key");
    }
}
