//! A provider that is asked with an HTTP request: the caller's method, path and host, and the headers that are listed.

use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Limited;
use hyper::HeaderMap;
use hyper::Request;
use hyper::StatusCode;
use hyper::Uri;
use hyper::header::CONTENT_LENGTH;
use hyper::header::HOST;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;

use crate::manifest::kinds::HttpExtAuthz;
use crate::proxy::application::Connections;
use crate::proxy::body::Carried;
use crate::proxy::ext_authz::Check;
use crate::proxy::ext_authz::CheckedRequest;
use crate::proxy::ext_authz::PARTIAL_BODY;
use crate::proxy::ext_authz::Told;
use crate::proxy::ext_authz::is_listed;
use crate::simulate::Edit;
use crate::simulate::HeaderEdits;
use crate::simulate::ProviderAnswer;

/// Longest answer that is read.
const LONGEST_ANSWER: usize = 1 << 20;
/// Headers of a refusal that the caller gets where a list says which, beside those.
const ALWAYS_TO_CLIENT: [&str; 4] = ["content-length", "location", "proxy-authenticate", "www-authenticate"];
/// Headers that go from hop to hop.
const HOP_BY_HOP: [&str; 4] = ["connection", "keep-alive", "transfer-encoding", "upgrade"];
const ZERO: HeaderValue = HeaderValue::from_static("0");
/// Names, in one header, of headers that are taken away.
const TO_REMOVE: &str = "x-envoy-auth-headers-to-remove";

pub(super) async fn ask(connections: &Connections, provider: &HttpExtAuthz, check: &Check, patience: Duration) -> Told {
    let Some(request) = check.request.as_ref().and_then(|request| request_to(provider, request, patience)) else {
        return Told::fails("the request cannot be written for it");
    };
    let started = Instant::now();
    let response = match connections.send_http1(request).await {
        Ok(response) => response,
        Err(failure) => return Told::fails(failure.text()),
    };
    let (mut parts, body) = response.into_parts();
    // As every answer that comes through the proxy's own client.
    parts.headers.insert("x-envoy-upstream-service-time", started.elapsed().as_millis().to_string().parse().unwrap_or(ZERO));
    let body = match Limited::new(body, LONGEST_ANSWER).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Told::fails(format!("its answer does not end well: {error}")),
    };
    told(provider, parts.status, parts.headers, &body)
}

fn request_to(provider: &HttpExtAuthz, request: &CheckedRequest, patience: Duration) -> Option<Request<Carried>> {
    let prefix = provider.path_prefix.as_ref().map_or("", |prefix| prefix.as_str());
    let body = request.body.as_ref().map(|body| body.shown.clone()).filter(|bytes| !bytes.is_empty());
    let mut made = Request::new(Carried::Made(body.clone()));
    *made.method_mut() = request.method.parse().ok()?;
    *made.uri_mut() = Uri::builder().path_and_query(format!("{prefix}{}", request.path)).build().ok()?;
    let headers = made.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&request.authority).ok()?);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.map_or(0, |body| body.len())));
    let mut add = |name: &str, value: &str| {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes())) {
            headers.append(name, value);
        }
    };
    for (name, value) in &request.headers {
        let is_shown = name == "authorization" || is_listed(&provider.include_request_headers_in_check, name);
        if is_shown && !["content-length", "host", PARTIAL_BODY].contains(&name.as_str()) && !HOP_BY_HOP.contains(&name.as_str())
        {
            add(name, value);
        }
    }
    if let Some(body) = &request.body {
        add(PARTIAL_BODY, if body.is_cut { "true" } else { "false" });
    }
    add("x-envoy-internal", "true");
    add("x-envoy-expected-rq-timeout-ms", &patience.as_millis().to_string());
    for (name, value) in &provider.include_additional_headers_in_check {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value.value)) {
            headers.insert(name, value);
        }
    }
    Some(made)
}

/// 200 approves, what begins with 5 is a failure, and anything else is the answer to the caller.
fn told(provider: &HttpExtAuthz, status: StatusCode, mut headers: HeaderMap, body: &Bytes) -> Told {
    if status.is_server_error() {
        return Told::fails(format!("it answers {}", status.as_u16()));
    }
    let comma_separated: Vec<String> =
        headers.get_all(TO_REMOVE).iter().map(|names| String::from_utf8_lossy(names.as_bytes()).into_owned()).collect();
    headers.remove(TO_REMOVE);
    let picked = |is_wanted: &dyn Fn(&str) -> bool| -> Vec<(String, String)> {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers
            .iter()
            .filter(|(name, _)| is_wanted(name.as_str()) && !HOP_BY_HOP.contains(&name.as_str()))
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect()
    };
    let all =
        |edit: Edit, headers: Vec<(String, String)>| headers.into_iter().map(move |(name, value)| (edit, name, value)).collect();
    if status == StatusCode::OK {
        let remove = comma_separated.iter().flat_map(|names| names.split(',')).map(|name| name.trim().to_ascii_lowercase());
        let edits = HeaderEdits {
            edits: all(Edit::Set, picked(&|name| is_listed(&provider.headers_to_upstream_on_allow, name))),
            remove: remove.filter(|name| !name.is_empty()).collect(),
        };
        let to_client = all(Edit::Add, picked(&|name| is_listed(&provider.headers_to_downstream_on_allow, name)));
        return Told { answer: ProviderAnswer::Allows(edits), to_client };
    }
    let list = &provider.headers_to_downstream_on_deny;
    let is_for_client = |name: &str| match list.as_slice() {
        [] => name != "host",
        list => ALWAYS_TO_CLIENT.contains(&name) || is_listed(list, name),
    };
    // They take the place of others, not of each other.
    let mut to_client: Vec<(Edit, String, String)> = Vec::new();
    for (name, value) in picked(&|name| is_for_client(name) && name != "content-length") {
        let is_further = to_client.iter().any(|(_, other, _)| *other == name);
        to_client.push((if is_further { Edit::Add } else { Edit::Set }, name, value));
    }
    let body = String::from_utf8_lossy(body).into_owned();
    Told { answer: ProviderAnswer::Refuses { status: status.as_u16(), body }, to_client }
}
