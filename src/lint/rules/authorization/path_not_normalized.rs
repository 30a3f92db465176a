use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_regex_like;
use crate::lint::rules::authorization::wording::is_template;
use crate::lint::value_lists;
use crate::manifest::kinds::PathNormalization;
use crate::policy::TextPattern;
use crate::simulate::http::normalize;

pub(super) const RULE: Rule = Rule {
    code: Code("MS148"),
    name: "path-not-normalized",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A path that the proxy changes before it compares paths.",
    why: "Requests are normalized first (dot segments, backslashes, needless escapes and, if the mesh says so, repeated slashes), so that this text is never seen.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [/shop/../items]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [/items]}}]}]}
",
    specification: "MeshConfig, pathNormalization",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let setting = view.mesh.settings.path_normalization;
    if setting == PathNormalization::None {
        return;
    }
    for policy in &view.mesh.authorization_policies {
        for list in value_lists(&policy.spec).iter().filter(|list| list.attribute == Attribute::Paths) {
            for value in list.values {
                let text = value.as_str();
                if is_template(text) || text.contains(['?', '#']) || is_regex_like(&list.attribute, text) {
                    continue;
                }
                let Some(seen) = normalized(text, setting) else { continue };
                let finding = RULE
                    .at(value.span, format!("no request has a path like `{text}` when it is compared"))
                    .with_label(format!("requests are normalized first ({})", setting_name(setting)));
                let finding = match seen {
                    Some(seen) => {
                        let help = format!("write `{seen}`");
                        let length = usize::try_from(value.span.length).unwrap_or_default();
                        let is_scalar = length == text.len() || length == text.len() + 2;
                        let is_simple = !seen.contains(['"', '\\']);
                        let finding = finding.with_help(help);
                        if is_scalar && is_simple { finding.with_edit(Safety::Safe, value.span, format!("\"{seen}\"")) } else { finding }
                    }
                    None => finding.with_help("write the path as it looks after normalization"),
                };
                found.push(if view.has_mesh_configuration { finding } else { Finding { severity: Severity::Warning, ..finding }.likely() });
            }
        }
    }
}

/// `None` when the pattern stays as it is; otherwise what it should be, when that can be said.
#[expect(clippy::option_option, reason = "whether it changes, and into what")]
fn normalized(pattern: &str, setting: PathNormalization) -> Option<Option<String>> {
    const FILLER: &str = "meshsec";
    let whole = |path: &str| normalize(path, setting).ok().map(std::borrow::Cow::into_owned);
    match TextPattern::parse(pattern) {
        TextPattern::Exact(path) if path.starts_with('/') => {
            let seen = whole(&path)?;
            (seen != path).then_some(Some(seen))
        }
        TextPattern::Prefix(path) if path.starts_with('/') => {
            let seen = whole(&format!("{path}{FILLER}"))?;
            let seen = seen.strip_suffix(FILLER).map(str::to_owned);
            (seen.as_ref() != Some(&path)).then(|| seen.map(|seen| format!("{seen}*")))
        }
        TextPattern::Suffix(end) => {
            let start = format!("/{FILLER}");
            let seen = whole(&format!("{start}{end}"))?;
            let seen = seen.strip_prefix(&start).map(str::to_owned);
            (seen.as_ref() != Some(&end)).then(|| seen.map(|seen| format!("*{seen}")))
        }
        TextPattern::Present | TextPattern::Exact(_) | TextPattern::Prefix(_) => None,
    }
}

fn setting_name(setting: PathNormalization) -> &'static str {
    match setting {
        PathNormalization::None => "NONE",
        PathNormalization::Base => "BASE",
        PathNormalization::MergeSlashes => "MERGE_SLASHES",
        PathNormalization::DecodeAndMergeSlashes => "DECODE_AND_MERGE_SLASHES",
    }
}
