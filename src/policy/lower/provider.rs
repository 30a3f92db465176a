use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::diag::Spanned;
use crate::manifest::kinds::ExtensionProvider;
use crate::manifest::kinds::ExtensionProviderKind;
use crate::manifest::kinds::GrpcExtAuthz;
use crate::manifest::kinds::HttpExtAuthz;
use crate::mesh::Mesh;

/// How a usable external authorization provider is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// Works on HTTP chains only.
    Http,
    /// Works on HTTP and TCP chains.
    Grpc,
}

/// Every external authorization provider of the mesh configuration: how it is called, or what is wrong with it.
#[derive(Debug)]
pub(super) struct Providers {
    resolved: BTreeMap<String, Result<Transport, String>>,
}

impl Providers {
    pub(super) fn new(mesh: &Mesh) -> Self {
        let mut resolved: BTreeMap<String, Result<Transport, String>> = BTreeMap::new();
        for provider in &mesh.settings.extension_providers {
            let ExtensionProvider { name, kind, place: _ } = provider;
            let name = name.as_str();
            let mut problems = Vec::new();
            if name.is_empty() {
                problems.push("it has no name".to_owned());
            } else if resolved.contains_key(name) {
                problems.push("it is defined twice".to_owned());
            }
            problems.extend(name_problem(name));
            let transport = match kind {
                ExtensionProviderKind::HttpExtAuthz(http) => {
                    http_problems(mesh, http, &mut problems);
                    Transport::Http
                }
                ExtensionProviderKind::GrpcExtAuthz(grpc) => {
                    grpc_problems(mesh, grpc, &mut problems);
                    Transport::Grpc
                }
                // No authorization provider; as if it were not there, also for the check of duplicates.
                ExtensionProviderKind::Other(_) => continue,
            };
            let outcome = if problems.is_empty() { Ok(transport) } else { Err(problems.join("; ")) };
            resolved.insert(name.to_owned(), outcome);
        }
        Self { resolved }
    }

    /// The provider of this name, or why it cannot be asked.
    pub(super) fn find(&self, name: &str) -> Result<Transport, String> {
        match self.resolved.get(name) {
            Some(Ok(transport)) => Ok(*transport),
            Some(Err(problem)) => Err(format!("provider `{name}` is broken: {problem}")),
            None if name.is_empty() => Err("the policy names no provider".to_owned()),
            None => Err(format!("no extensionProviders entry defines an external authorization provider `{name}`")),
        }
    }
}

/// Provider names are lower-case DNS labels.
fn name_problem(name: &str) -> Option<String> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() {
        None
    } else if name.len() > 63 {
        Some("its name has more than 63 characters".to_owned())
    } else if !name.bytes().all(is_allowed) || name.starts_with('-') || name.ends_with('-') {
        Some("its name is not a lower-case DNS label".to_owned())
    } else {
        None
    }
}

fn http_problems(mesh: &Mesh, provider: &HttpExtAuthz, problems: &mut Vec<String>) {
    let HttpExtAuthz {
        service,
        port,
        timeout: _,
        path_prefix,
        fail_open: _,
        clear_route_cache: _,
        status_on_error,
        include_request_headers_in_check,
        include_additional_headers_in_check: _,
        include_request_body_in_check: _,
        headers_to_upstream_on_allow,
        headers_to_downstream_on_deny,
        headers_to_downstream_on_allow,
    } = provider;
    target_problems(mesh, service.as_str(), port.value, problems);
    status_problem(status_on_error.as_ref(), problems);
    if let Some(prefix) = path_prefix.as_ref().map(Spanned::as_str)
        && !prefix.is_empty()
        && (!prefix.starts_with('/') || !is_parsable_url_path(prefix))
    {
        problems.push(format!("pathPrefix `{prefix}` is not a path"));
    }
    let lists = [
        ("includeRequestHeadersInCheck", include_request_headers_in_check),
        ("headersToDownstreamOnDeny", headers_to_downstream_on_deny),
        ("headersToDownstreamOnAllow", headers_to_downstream_on_allow),
        ("headersToUpstreamOnAllow", headers_to_upstream_on_allow),
    ];
    for (field, list) in lists {
        if list.iter().any(|value| value.as_str() == "*") {
            problems.push(format!("{field} holds a lone `*`"));
        }
    }
}

fn grpc_problems(mesh: &Mesh, provider: &GrpcExtAuthz, problems: &mut Vec<String>) {
    let GrpcExtAuthz {
        service,
        port,
        timeout: _,
        fail_open: _,
        clear_route_cache: _,
        status_on_error,
        include_request_body_in_check: _,
    } = provider;
    target_problems(mesh, service.as_str(), port.value, problems);
    status_problem(status_on_error.as_ref(), problems);
}

/// The service must be one host of the mesh, written `HOST` or `NAMESPACE/HOST`.
fn target_problems(mesh: &Mesh, service: &str, port: u32, problems: &mut Vec<String>) {
    if !(1..=65535).contains(&port) {
        problems.push(format!("port {port} is not in 1..65535"));
    }
    if service.is_empty() {
        problems.push("it names no service".to_owned());
        return;
    }
    let (namespace, host) = match service.split_once('/') {
        Some((namespace, host)) => (Some(namespace), host),
        None => (None, service),
    };
    if namespace.is_none() && !is_host(host) {
        problems.push(format!("service `{service}` is not a host name"));
        return;
    }
    let namespaces: BTreeSet<&str> = mesh
        .services
        .iter()
        .filter(|candidate| candidate.hostname == host)
        .map(|candidate| candidate.id.namespace.as_str())
        .filter(|candidate| namespace.is_none_or(|namespace| namespace == *candidate))
        .collect();
    match namespaces.len() {
        1 => {}
        0 => problems.push(format!("service `{service}` is not in the manifests")),
        _ => problems.push(format!("service `{service}` exists in several namespaces: write NAMESPACE/HOST")),
    }
}

fn is_host(host: &str) -> bool {
    is_full_name(host) || host.parse::<IpAddr>().is_ok()
}

/// A DNS name with an optional final dot and a last label that is not a number.
fn is_full_name(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_numeric = |label: &str| label.parse::<i64>().is_ok();
    !host.is_empty()
        && host.len() <= 255
        && !host.rsplit('.').next().is_some_and(is_numeric)
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// No control characters, and every `%` outside the query starts an escape.
fn is_parsable_url_path(text: &str) -> bool {
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    !text.chars().any(|character| character.is_ascii_control()) && [path, fragment].into_iter().all(has_whole_escapes)
}

fn has_whole_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|part| {
        let mut bytes = part.bytes();
        bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit()) && bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit())
    })
}

fn status_problem(status: Option<&Spanned<String>>, problems: &mut Vec<String>) {
    let Some(status) = status.map(Spanned::as_str).filter(|status| !status.is_empty()) else { return };
    if !status.parse::<i32>().is_ok_and(is_known_status) {
        problems.push(format!("statusOnError `{status}` is not a status the proxy knows"));
    }
}

/// The codes Envoy's `StatusCode` names, its zero value included.
fn is_known_status(code: i32) -> bool {
    matches!(code, 0 | 100 | 200..=208 | 226 | 300..=305 | 307 | 308 | 400..=417 | 421..=424 | 426 | 428 | 429 | 431 | 500..=508 | 510 | 511)
}
