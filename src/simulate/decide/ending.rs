//! How a stage ends a request, before it becomes a decision.

use std::borrow::Cow;
use std::sync::Arc;

use crate::simulate::decision::AuthenticationReport;
use crate::simulate::decision::ConnectionReport;
use crate::simulate::decision::DecidedBy;
use crate::simulate::decision::Decision;
use crate::simulate::decision::MissReport;
use crate::simulate::decision::Verdict;
use crate::simulate::http;
use crate::simulate::route::Failure;

/// How a stage ends the request, before it becomes a [`Decision`].
pub(super) struct Ending {
    pub(super) verdict: Verdict,
    pub(super) status: Option<u16>,
    pub(super) grpc: Option<u8>,
    pub(super) body: Option<Cow<'static, str>>,
    pub(super) reason: Arc<str>,
    pub(super) message: Arc<str>,
    pub(super) decided_by: Option<DecidedBy>,
    pub(super) nearest_miss: Option<MissReport>,
}

pub(super) fn connection_ending(failure: &Failure) -> Ending {
    Ending {
        verdict: failure.verdict,
        status: failure.http_status,
        grpc: None,
        body: (!failure.caller_sees.is_empty()).then(|| Cow::Owned(failure.caller_sees.clone())),
        reason: Arc::clone(&failure.reason),
        message: Arc::clone(&failure.message),
        decided_by: failure.decided_by.clone(),
        nearest_miss: None,
    }
}

pub(super) fn bad_request(error: &http::BadRequest, is_grpc: bool) -> Ending {
    let is_grpc = is_grpc && error.is_told_to_grpc();
    Ending {
        verdict: Verdict::BadRequest,
        status: error.status().map(|status| if is_grpc { 200 } else { status }),
        grpc: (is_grpc && error.status().is_some()).then(|| error.grpc_status()),
        body: error.body().map(Cow::Borrowed),
        reason: error.details().into(),
        message: format!("the proxy refuses the request before any policy: {error}").into(),
        decided_by: None,
        nearest_miss: None,
    }
}

/// A plain CONNECT has no path, so no route of an inbound listener takes it.
pub(super) fn no_route_for_connect() -> Ending {
    Ending {
        verdict: Verdict::BadRequest,
        status: Some(404),
        grpc: None,
        body: None,
        reason: "route_not_found".into(),
        message: "every policy lets the request pass, but a CONNECT has no path and the proxy no route for it".into(),
        decided_by: None,
        nearest_miss: None,
    }
}

/// An undetermined decision without reasons, to be filled in.
pub(in crate::simulate) fn undetermined(connection: Option<Arc<ConnectionReport>>) -> Decision {
    Decision {
        name: None,
        verdict: Verdict::Undetermined,
        http_status: None,
        grpc_status: None,
        body: None,
        reason: "".into(),
        message: "".into(),
        decided_by: None,
        connection: connection.unwrap_or_else(|| Arc::new(ConnectionReport::unknown())),
        request_authentication: AuthenticationReport::default(),
        nearest_miss: None,
        steps: Vec::new(),
        trace: None,
        warnings: Vec::new(),
        branches: Vec::new(),
        expectation_failed: None,
    }
}

/// What is said when no destination was found, which [`Names::destinations`](crate::simulate::resolve::Names::destinations) reports as an error before.
pub(in crate::simulate) fn no_route() -> Decision {
    Decision { message: "no workload was found to answer".into(), ..undetermined(None) }
}
