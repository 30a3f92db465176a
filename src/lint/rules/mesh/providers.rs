//! External authorization of either kind.

use crate::diag::Spanned;
use crate::manifest::kinds::ExtensionProviderKind;

/// What the two kinds have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Common<'a> {
    /// Requests pass when there is no answer.
    pub(super) fails_open: bool,
    pub(super) timeout: Option<&'a Spanned<String>>,
    /// Maximal bytes, partial messages, pack as bytes.
    pub(super) body: Option<(u32, bool, bool)>,
}

/// `None` for a provider that authorizes nothing.
pub(super) fn common(kind: &ExtensionProviderKind) -> Option<Common<'_>> {
    let (fails_open, timeout, body) = match kind {
        ExtensionProviderKind::HttpExtAuthz(http) => (http.fail_open, &http.timeout, http.include_request_body_in_check),
        ExtensionProviderKind::GrpcExtAuthz(grpc) => (grpc.fail_open, &grpc.timeout, grpc.include_request_body_in_check),
        ExtensionProviderKind::Other(_) => return None,
    };
    Some(Common { fails_open, timeout: timeout.as_ref(), body })
}
