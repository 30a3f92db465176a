//! A provider that is asked with gRPC: everything of the request, and the addresses and identities of both ends.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Buf;
use bytes::BufMut;
use bytes::Bytes;
use bytes::BytesMut;
use http_body_util::BodyExt;
use http_body_util::Limited;
use hyper::HeaderMap;
use hyper::Method;
use hyper::Request;
use hyper::Uri;
use hyper::Version;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderValue;
use hyper::header::TE;
use jiff::Timestamp;
use prost::Message;

use crate::manifest::kinds::GrpcExtAuthz;
use crate::proxy::application::Connections;
use crate::proxy::body::Carried;
use crate::proxy::ext_authz::Check;
use crate::proxy::ext_authz::CheckedRequest;
use crate::proxy::ext_authz::PARTIAL_BODY;
use crate::proxy::ext_authz::Told;
use crate::proxy::ext_authz::messages;
use crate::proxy::ext_authz::messages::CheckRequest;
use crate::proxy::ext_authz::messages::CheckResponse;
use crate::proxy::ext_authz::messages::HeaderValueOption;
use crate::simulate::Edit;
use crate::simulate::HeaderEdits;
use crate::simulate::ProviderAnswer;

/// Longest answer that is read.
const LONGEST_ANSWER: usize = 4 << 20;
const PATH: &str = "/envoy.service.auth.v3.Authorization/Check";

pub(super) async fn ask(connections: &Connections, provider: &GrpcExtAuthz, check: Check, patience: Duration) -> Told {
    let packs_bytes = provider.include_request_body_in_check.is_some_and(|(_, _, packs_bytes)| packs_bytes);
    let message = framed(&check_request(check, packs_bytes));
    let Some(request) = call(provider, message, patience) else { return Told::fails("its name cannot be written") };
    let response = match connections.send_http2(request).await {
        Ok(response) => response,
        Err(failure) => return Told::fails(failure.text()),
    };
    let (parts, body) = response.into_parts();
    let Ok(body) = Limited::new(body, LONGEST_ANSWER).collect().await else {
        return Told::fails("its answer does not end well");
    };
    let status = body.trailers().and_then(status).or_else(|| status(&parts.headers));
    match status {
        Some(0) => unframed(body.to_bytes()).map_or_else(|| Told::fails("its answer is no CheckResponse"), told),
        Some(status) => Told::fails(format!("it answers grpc-status {status}")),
        None => Told::fails(format!("it answers {} without a grpc-status", parts.status.as_u16())),
    }
}

fn call(provider: &GrpcExtAuthz, message: Bytes, patience: Duration) -> Option<Request<Carried>> {
    let mut request = Request::new(Carried::Made(Some(message)));
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    let service = provider.service.value.rsplit('/').next().unwrap_or_default();
    *request.uri_mut() = Uri::builder().scheme("http").authority(service).path_and_query(PATH).build().ok()?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(TE, HeaderValue::from_static("trailers"));
    headers.insert("grpc-timeout", HeaderValue::from_str(&format!("{}m", patience.as_millis().min(99_999_999))).ok()?);
    Some(request)
}

fn framed(message: &CheckRequest) -> Bytes {
    let length = message.encoded_len();
    let mut bytes = BytesMut::with_capacity(length + 5);
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    // There is room for all of it.
    let _ = message.encode(&mut bytes);
    bytes.freeze()
}

fn unframed(mut bytes: Bytes) -> Option<CheckResponse> {
    if bytes.len() < 5 || bytes.get_u8() != 0 {
        return None;
    }
    let length = usize::try_from(bytes.get_u32()).ok()?;
    CheckResponse::decode(bytes.get(..length)?).ok()
}

fn status(headers: &HeaderMap) -> Option<u32> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}

fn peer(address: Option<SocketAddr>, principal: Option<String>) -> messages::Peer {
    let socket = address
        .map(|address| messages::SocketAddress { address: address.ip().to_string(), port_value: u32::from(address.port()) });
    messages::Peer {
        address: socket.map(|socket| messages::Address { socket_address: Some(socket) }),
        principal: principal.unwrap_or_default(),
    }
}

fn check_request(check: Check, packs_bytes: bool) -> CheckRequest {
    let Check { request, source, destination, source_principal, destination_principal } = check;
    let now = Timestamp::now();
    CheckRequest {
        attributes: Some(messages::AttributeContext {
            source: Some(peer(source, source_principal)),
            destination: Some(peer(destination, destination_principal)),
            request: request.map(|request| messages::AttributeRequest {
                time: Some(messages::Time { seconds: now.as_second(), nanos: now.subsec_nanosecond() }),
                http: Some(http_request(request, packs_bytes)),
            }),
        }),
    }
}

fn http_request(request: CheckedRequest, packs_bytes: bool) -> messages::HttpRequest {
    let CheckedRequest { id, method, scheme, authority, path, headers: given, protocol, body } = request;
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    let pseudo = [(":authority", &authority), (":method", &method), (":path", &path), (":scheme", &scheme)];
    for (name, value) in pseudo {
        headers.insert(name.to_owned(), value.clone());
    }
    for (name, value) in given.into_iter().filter(|(name, _)| name != PARTIAL_BODY) {
        headers.entry(name).and_modify(|before| *before = format!("{before},{value}")).or_insert(value);
    }
    let size = body.as_ref().map_or(0, |body| body.read);
    let (mut text, mut raw) = (String::new(), Vec::new());
    if let Some(body) = body {
        headers.insert(PARTIAL_BODY.to_owned(), body.is_cut.to_string());
        if packs_bytes {
            raw = body.shown.to_vec();
        } else {
            text = String::from_utf8_lossy(&body.shown).into_owned();
        }
    }
    messages::HttpRequest {
        id,
        method,
        headers,
        path,
        host: authority,
        scheme,
        size: i64::try_from(size).unwrap_or(i64::MAX),
        protocol: protocol.to_owned(),
        body: text,
        raw_body: raw,
    }
}

/// The older `append` says whether a value becomes part of the one that is there; without it `append_action` counts.
fn edits(options: Vec<HeaderValueOption>) -> Vec<(Edit, String, String)> {
    let edit = |option: HeaderValueOption| {
        let messages::HeaderValue { key, value, raw_value } = option.header?;
        let value = if value.is_empty() { String::from_utf8_lossy(&raw_value).into_owned() } else { value };
        let edit = match (option.append.map(|append| append.value), option.append_action) {
            (Some(true), _) => Edit::Join,
            (None, 0) => Edit::Add,
            (None, 1) => Edit::AddIfAbsent,
            (None, 3) => Edit::SetIfThere,
            (Some(false) | None, _) => Edit::Set,
        };
        Some((edit, key.to_ascii_lowercase(), value))
    };
    options.into_iter().filter_map(edit).collect()
}

fn told(response: CheckResponse) -> Told {
    let CheckResponse { status, denied, ok } = response;
    if status.unwrap_or_default().code == 0 {
        let ok = ok.unwrap_or_default();
        let remove = ok.headers_to_remove.iter().map(|name| name.to_ascii_lowercase()).collect();
        return Told {
            answer: ProviderAnswer::Allows(HeaderEdits { edits: edits(ok.headers), remove }),
            to_client: edits(ok.response_headers_to_add),
        };
    }
    let denied = denied.unwrap_or_default();
    let status = denied.status.and_then(|status| u16::try_from(status.code).ok()).filter(|code| *code > 0).unwrap_or(403);
    Told { answer: ProviderAnswer::Refuses { status, body: denied.body }, to_client: edits(denied.headers) }
}
