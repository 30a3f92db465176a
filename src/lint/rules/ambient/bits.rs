//! Which parts of a rule ztunnel knows: it sees connections, not requests.

use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::kinds::Operation;
use crate::manifest::kinds::Rule as PolicyRule;
use crate::manifest::kinds::RuleSource;

/// The condition keys that ztunnel knows.
const KEYS: [&str; 5] = ["source.ip", "source.namespace", "source.principal", "destination.ip", "destination.port"];

/// Keys about connections that it does not know all the same.
const CONNECTION_KEYS: [&str; 4] = ["source.serviceAccount", "source.trustDomain", "connection.sni", "remote.ip"];

/// A field that ztunnel does not know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unknown<'p> {
    /// The field, or the key of the condition.
    pub(super) name: &'p str,
    /// Its first value, or the key.
    pub(super) span: Span,
}

/// One entry of `from` or `to`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'p> {
    /// The first field that ztunnel does not know.
    pub(super) unknown: Option<Unknown<'p>>,
    /// A field that it does.
    pub(super) has_known: bool,
}

/// What has to hold for a rule to match, each part by itself.
#[derive(Debug, Clone)]
pub(super) enum Part<'p> {
    /// All of `from`, or all of `to`: one entry is enough.
    Entries(Vec<Entry<'p>>),
    /// A condition with a key that ztunnel does not know.
    Condition(Unknown<'p>),
}

/// Whether a condition is one of connections that ztunnel does not know all the same.
pub(super) fn is_connection_key(key: &str) -> bool {
    CONNECTION_KEYS.contains(&key)
}

/// The parts of a rule, without conditions that ztunnel knows.
pub(super) fn parts(rule: &PolicyRule) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    if !rule.to.is_empty() {
        parts.push(Part::Entries(rule.to.iter().map(|operation| operation.as_ref().map_or(NOTHING, of_operation)).collect()));
    }
    if !rule.from.is_empty() {
        parts.push(Part::Entries(rule.from.iter().map(|source| source.as_ref().map_or(NOTHING, of_source)).collect()));
    }
    let conditions = rule.when.iter().filter(|condition| !KEYS.contains(&condition.key.as_str()));
    parts.extend(conditions.map(|condition| Part::Condition(Unknown { name: condition.key.as_str(), span: condition.key.span })));
    parts
}

/// The first thing in a rule that makes ztunnel leave out an ALLOW rule; conditions of connections are another matter.
pub(super) fn first_http(rule: &PolicyRule) -> Option<Unknown<'_>> {
    parts(rule).into_iter().find_map(|part| match part {
        Part::Entries(entries) => entries.into_iter().find_map(|entry| entry.unknown),
        Part::Condition(unknown) => Some(unknown).filter(|unknown| !is_connection_key(unknown.name)),
    })
}

/// Whether ztunnel has the rule at all, when it allows.
pub(super) fn is_kept(rule: &PolicyRule) -> bool {
    parts(rule).into_iter().all(|part| match part {
        Part::Entries(entries) => entries.iter().all(|entry| entry.unknown.is_none()),
        Part::Condition(_) => false,
    })
}

const NOTHING: Entry<'_> = Entry { unknown: None, has_known: false };

fn of_operation(operation: &Operation) -> Entry<'_> {
    let fields: [(&str, &[Spanned<String>]); 6] = [
        ("hosts", &operation.hosts),
        ("notHosts", &operation.not_hosts),
        ("methods", &operation.methods),
        ("notMethods", &operation.not_methods),
        ("paths", &operation.paths),
        ("notPaths", &operation.not_paths),
    ];
    Entry { unknown: first(&fields), has_known: !operation.ports.is_empty() || !operation.not_ports.is_empty() }
}

fn of_source(source: &RuleSource) -> Entry<'_> {
    let fields: [(&str, &[Spanned<String>]); 4] = [
        ("requestPrincipals", &source.request_principals),
        ("notRequestPrincipals", &source.not_request_principals),
        ("remoteIpBlocks", &source.remote_ip_blocks),
        ("notRemoteIpBlocks", &source.not_remote_ip_blocks),
    ];
    Entry { unknown: first(&fields), has_known: has_known(source) }
}

/// Whether a source has a field that ztunnel looks at.
pub(super) fn has_known(source: &RuleSource) -> bool {
    [
        &source.principals,
        &source.not_principals,
        &source.namespaces,
        &source.not_namespaces,
        &source.service_accounts,
        &source.not_service_accounts,
        &source.ip_blocks,
        &source.not_ip_blocks,
    ]
    .iter()
    .any(|values| !values.is_empty())
}

fn first<'p>(fields: &[(&'p str, &'p [Spanned<String>])]) -> Option<Unknown<'p>> {
    fields.iter().find_map(|(name, values)| values.first().map(|value| Unknown { name, span: value.span }))
}
