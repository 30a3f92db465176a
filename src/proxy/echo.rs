//! The application that is not there: it answers with what it received.

use bytes::Bytes;
use hyper::Response;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderValue;
use serde_json::Value;
use serde_json::json;

use crate::proxy::body::Carried;
use crate::proxy::forward::PassedOn;
use crate::proxy::record::ConnectionFacts;

/// What the application was told, as JSON.
pub(super) fn respond(request: &PassedOn, facts: &ConnectionFacts) -> Response<Carried> {
    let headers: Vec<Value> =
        request.headers.iter().map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())])).collect();
    let told = json!({
        "workload": &*facts.workload,
        "port": facts.port,
        "method": request.method.as_str(),
        "authority": request.authority,
        "path": request.path,
        "caller": facts.peer.first(),
        "headers": headers,
    });
    let mut bytes = serde_json::to_vec_pretty(&told).unwrap_or_default();
    bytes.push(b'\n');
    let mut response = Response::new(Carried::Made(Some(Bytes::from(bytes))));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
