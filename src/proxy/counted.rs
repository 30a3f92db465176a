//! Requests on their way through, counted by what they were answered with.

use std::rc::Rc;

use hyper::Request;
use hyper::Response;
use hyper::body::Incoming;

use crate::proxy::body::Carried;
use crate::proxy::counters::Answered;
use crate::proxy::counters::Caller;
use crate::proxy::counters::Place;
use crate::proxy::http;
use crate::proxy::http::HttpConnection;
use crate::proxy::http::Reset;

/// Envoy's flag of an answer that the proxy gave for the application.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flag(pub(super) &'static str);

/// Answers one request, and counts it when somebody may ask.
pub(super) async fn answer(connection: Rc<HttpConnection>, request: Request<Incoming>) -> Result<Response<Carried>, Reset> {
    let counting = connection
        .inner
        .counters
        .as_ref()
        .map(|counters| (Rc::clone(counters), Rc::clone(&connection.facts), http::is_grpc(request.headers())));
    let answered = http::answer(connection, request).await;
    if let (Some((counters, facts, is_grpc)), Ok(response)) = (counting, &answered) {
        let grpc_status = response.headers().get("grpc-status").and_then(|value| value.to_str().ok()?.parse().ok());
        counters.answered(Answered {
            place: Place::of(&facts),
            caller: Caller::of(&facts),
            is_grpc,
            status: response.status().as_u16(),
            grpc_status,
            flag: response.extensions().get::<Flag>().map_or("", |flag| flag.0),
        });
    }
    answered
}
