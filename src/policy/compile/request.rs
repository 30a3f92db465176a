//! What policies say about a request: its path, its headers, the claims of its token.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::policy::HttpFacts;
use crate::policy::TextPattern;
use crate::policy::compile::marks::Hit;
use crate::policy::compile::marks::Mark;
use crate::policy::compile::marks::Marks;
use crate::policy::compile::marks::Postings;
use crate::policy::compile::text::TextBuilder;
use crate::policy::compile::text::TextIndex;
use crate::policy::template::Template;

/// The class STR: presence wants a text that is not empty. It is the expression `.+` in the proxy, whose dot covers no line break.
#[inline]
pub(in crate::policy) fn visit_text(index: &TextIndex, text: &str, mut found: impl FnMut(Hit)) {
    if let Some(hit) = index.present
        && !text.is_empty()
        && !text.contains('\n')
    {
        found(hit);
    }
    index.visit(text, found);
}

/// The classes HDR and HOST: presence is true of an empty value too.
#[inline]
pub(in crate::policy) fn visit_header_value(index: &TextIndex, value: &str, mut found: impl FnMut(Hit)) {
    if let Some(hit) = index.present {
        found(hit);
    }
    index.visit(value, found);
}

/// The path as `paths` sees it: without query and fragment.
#[inline]
pub(in crate::policy) fn bare_path(path: &str) -> &str {
    memchr::memchr2(b'?', b'#', path.as_bytes()).and_then(|end| path.get(..end)).unwrap_or(path)
}

/// Paths being gathered.
#[derive(Debug, Default)]
pub(in crate::policy) struct PathBuilder {
    pub(in crate::policy) texts: TextBuilder,
    templates: BTreeMap<String, Marks>,
}

impl PathBuilder {
    pub(in crate::policy) fn add_template(&mut self, text: &str, mark: Mark) {
        self.templates.entry(text.to_owned()).or_default().add(mark);
    }

    pub(in crate::policy) fn build(self, postings: &mut Postings) -> PathIndex {
        // A template that the proxy refuses never matches; lowering says so.
        let templates = self
            .templates
            .into_iter()
            .filter_map(|(text, marks)| Template::parse(&text).map(|template| (template, postings.store(&marks))))
            .collect();
        PathIndex { texts: self.texts.build(postings), templates }
    }
}

/// `paths`.
#[derive(Debug, Clone)]
pub(in crate::policy) struct PathIndex {
    texts: TextIndex,
    templates: Vec<(Template, Hit)>,
}

impl PathIndex {
    #[inline]
    pub(in crate::policy) fn visit(&self, path: &str, mut found: impl FnMut(Hit)) {
        visit_text(&self.texts, path, &mut found);
        for (template, hit) in &self.templates {
            if path.starts_with(template.head()) && template.matches(path) {
                found(*hit);
            }
        }
    }
}

/// The name under which a header condition looks: lower case, `host` meaning `:authority`.
pub(in crate::policy) fn header_name(written: &str) -> String {
    let name = written.to_ascii_lowercase();
    if name == "host" { ":authority".to_owned() } else { name }
}

/// `request.headers[NAME]`, all names.
#[derive(Debug, Clone, Default)]
pub(in crate::policy) struct HeaderIndex {
    pseudo: Vec<(Pseudo, TextIndex)>,
    names: FxHashMap<Box<str>, TextIndex>,
    /// Bit `n`: some wanted name has `n` bytes (modulo 64).
    lengths: u64,
}

#[derive(Debug, Clone, Copy)]
enum Pseudo {
    Method,
    Authority,
    Path,
    Scheme,
}

impl HeaderIndex {
    /// From conditions by [`header_name`].
    pub(in crate::policy) fn new(names: BTreeMap<String, TextBuilder>, postings: &mut Postings) -> Self {
        let mut index = Self::default();
        for (name, builder) in names {
            let texts = builder.build(postings);
            let pseudo = match name.as_str() {
                ":method" => Pseudo::Method,
                ":authority" => Pseudo::Authority,
                ":path" => Pseudo::Path,
                ":scheme" => Pseudo::Scheme,
                _ => {
                    index.lengths |= 1 << (name.len() % 64);
                    index.names.insert(name.into_boxed_str(), texts);
                    continue;
                }
            };
            index.pseudo.push((pseudo, texts));
        }
        index
    }

    #[inline]
    pub(in crate::policy) fn visit(&self, http: &HttpFacts<'_>, mut found: impl FnMut(Hit)) {
        for (pseudo, texts) in &self.pseudo {
            let value = match pseudo {
                Pseudo::Method => Some(http.method),
                Pseudo::Authority => Some(http.authority),
                Pseudo::Path => http.path,
                Pseudo::Scheme => Some(http.scheme),
            };
            if let Some(value) = value {
                visit_header_value(texts, value, &mut found);
            }
        }
        if self.lengths == 0 {
            return;
        }
        for (name, value) in http.headers.iter() {
            if self.lengths >> (name.len() % 64) & 1 == 1
                && let Some(texts) = self.names.get(name)
            {
                visit_header_value(texts, value, &mut found);
            }
        }
    }
}

/// `request.auth.claims[..]`, audiences and presenter included: one index per path of keys.
#[derive(Debug, Clone, Default)]
pub(in crate::policy) struct ClaimIndex(Vec<(Vec<String>, TextIndex)>);

impl ClaimIndex {
    pub(in crate::policy) fn new(paths: BTreeMap<Vec<String>, TextBuilder>, postings: &mut Postings) -> Self {
        Self(paths.into_iter().map(|(path, builder)| (path, builder.build(postings))).collect())
    }

    #[inline]
    pub(in crate::policy) fn visit(&self, claims: &Value, mut found: impl FnMut(Hit)) {
        for (path, texts) in &self.0 {
            match claim_at(claims, path) {
                Some(Value::String(text)) => visit_text(texts, text, &mut found),
                Some(Value::Array(elements)) => {
                    for text in elements.iter().filter_map(Value::as_str) {
                        visit_text(texts, text, &mut found);
                    }
                }
                // Numbers, booleans, null and objects match no text.
                Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {}
            }
        }
    }
}

/// The claim a path of keys leads to, through objects only.
pub(in crate::policy) fn claim_at<'c>(claims: &'c Value, path: &[String]) -> Option<&'c Value> {
    path.iter().try_fold(claims, |value, key| value.as_object()?.get(key))
}

/// Request principals being gathered: subjects by issuer.
#[derive(Debug, Default)]
pub(in crate::policy) struct RequestPrincipalBuilder(BTreeMap<TextPattern, BTreeMap<TextPattern, Marks>>);

impl RequestPrincipalBuilder {
    pub(in crate::policy) fn add(&mut self, issuer: &TextPattern, subject: &TextPattern, mark: Mark) {
        self.0.entry(issuer.clone()).or_default().entry(subject.clone()).or_default().add(mark);
    }

    pub(in crate::policy) fn build(self, postings: &mut Postings) -> RequestPrincipalIndex {
        let mut issuers = TextBuilder::default();
        let mut subjects = Vec::new();
        // The mark of an issuer is the number of its subjects; these marks live in postings of their own.
        let mut numbers = Postings::default();
        for (issuer, patterns) in self.0 {
            let at = u32::try_from(subjects.len()).unwrap_or(u32::MAX);
            issuers.add(issuer, Mark { at, bits: 1 });
            let mut builder = TextBuilder::default();
            for (subject, marks) in patterns {
                builder.add_all(subject, marks);
            }
            subjects.push(builder.build(postings));
        }
        RequestPrincipalIndex { issuers: issuers.build(&mut numbers), numbers, subjects }
    }
}

/// `requestPrincipals`: issuer and subject, both texts.
#[derive(Debug, Clone)]
pub(in crate::policy) struct RequestPrincipalIndex {
    issuers: TextIndex,
    numbers: Postings,
    subjects: Vec<TextIndex>,
}

impl RequestPrincipalIndex {
    #[inline]
    pub(in crate::policy) fn visit(&self, claims: &Value, mut found: impl FnMut(Hit)) {
        let (Some(issuer), Some(subject)) = (text_claim(claims, "iss"), text_claim(claims, "sub")) else { return };
        visit_text(&self.issuers, issuer, |hit| {
            let number = self.numbers.first(hit);
            if let Some(subjects) = number.and_then(|number| self.subjects.get(number as usize)) {
                visit_text(subjects, subject, &mut found);
            }
        });
    }
}

pub(in crate::policy) fn text_claim<'c>(claims: &'c Value, name: &str) -> Option<&'c str> {
    claims.as_object()?.get(name)?.as_str()
}
