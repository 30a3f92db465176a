//! External authorization: providers that CUSTOM policies name, asked as Envoy's `ext_authz` filter asks them with istiod's settings.
//!
//! ```text
//! request as the filter sees it -> Check -> HTTP request | gRPC CheckRequest -> provider -> Told { answer, headers for the caller }
//! ```
//!
//! What follows from an answer is decided by `simulate`. A provider whose address nobody gave is one that cannot be reached.

mod grpc;
mod http;
mod messages;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use crate::diag::Spanned;
use crate::manifest::kinds::ExtensionProviderKind;
use crate::mesh::Mesh;
use crate::proxy::application::Connections;
use crate::simulate::Edit;
use crate::simulate::ProviderAnswer;

/// Where a provider is reached, and how it is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderAddress {
    /// How it is spoken to.
    pub speech: Speech,
    /// Where it listens.
    pub address: SocketAddr,
}

/// How a provider is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// `envoyExtAuthzHttp`.
    Http,
    /// `envoyExtAuthzGrpc`.
    Grpc,
}

/// The providers that can be asked, with the connections to them.
#[derive(Debug, Default)]
pub(super) struct Providers(BTreeMap<String, (Speech, Rc<Connections>)>);

/// What is shown to a provider.
#[derive(Debug, Default)]
pub(super) struct Check {
    /// The request; `None` on a connection of bytes.
    pub(super) request: Option<CheckedRequest>,
    pub(super) source: Option<SocketAddr>,
    pub(super) destination: Option<SocketAddr>,
    pub(super) source_principal: Option<String>,
    pub(super) destination_principal: Option<String>,
}

/// A request as the filter sees it.
#[derive(Debug, Default)]
pub(super) struct CheckedRequest {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) scheme: String,
    pub(super) authority: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) protocol: &'static str,
    /// Its body, where that is shown.
    pub(super) body: Option<CheckedBody>,
}

/// As much of a body as is shown.
#[derive(Debug)]
pub(super) struct CheckedBody {
    pub(super) shown: Bytes,
    /// That is not all of it.
    pub(super) is_cut: bool,
    /// Bytes that were there.
    pub(super) read: usize,
}

/// What a provider said.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) answer: ProviderAnswer,
    /// Headers for the caller.
    pub(super) to_client: Vec<(Edit, String, String)>,
}

impl Told {
    pub(super) fn without_headers(answer: ProviderAnswer) -> Self {
        Self { answer, to_client: Vec::new() }
    }

    fn fails(why: impl Into<String>) -> Self {
        Self::without_headers(ProviderAnswer::Fails(why.into()))
    }
}

/// How much of a request's body a provider is shown: so many bytes, and whether a larger one is cut.
pub(super) fn shown_body(mesh: &Mesh, provider: &str) -> Option<(usize, bool)> {
    let (most, is_cut, _) = match &mesh.provider(provider)?.kind {
        ExtensionProviderKind::HttpExtAuthz(http) => http.include_request_body_in_check,
        ExtensionProviderKind::GrpcExtAuthz(grpc) => grpc.include_request_body_in_check,
        ExtensionProviderKind::Other(_) => None,
    }?;
    Some((usize::try_from(most).unwrap_or(usize::MAX), is_cut))
}

/// The header that says whether the body a provider is shown is cut.
const PARTIAL_BODY: &str = "x-envoy-auth-partial-body";

impl Providers {
    pub(super) fn new(addresses: &BTreeMap<String, ProviderAddress>) -> Self {
        let connections = |ProviderAddress { speech, address }: &ProviderAddress| (*speech, Rc::new(Connections::new(*address)));
        Self(addresses.iter().map(|(name, address)| (name.clone(), connections(address))).collect())
    }

    /// Asks a provider as the mesh configures it.
    pub(super) async fn ask(&self, mesh: &Mesh, name: &str, check: Check) -> Told {
        let Some((speech, connections)) = self.0.get(name) else {
            return Told::fails(format!("nobody said where it is: name it with `--ext-authz {name}=http://ADDRESS:PORT`"));
        };
        let (speech, connections) = (*speech, Rc::clone(connections));
        let Some(provider) = mesh.provider(name) else { return Told::fails("the mesh configuration does not have it") };
        let written = match &provider.kind {
            ExtensionProviderKind::HttpExtAuthz(http) => http.timeout.as_ref(),
            ExtensionProviderKind::GrpcExtAuthz(grpc) => grpc.timeout.as_ref(),
            ExtensionProviderKind::Other(_) => None,
        };
        let patience = patience(written);
        let asked = async {
            match (&provider.kind, speech) {
                (ExtensionProviderKind::HttpExtAuthz(http), Speech::Http) => {
                    http::ask(&connections, http, &check, patience).await
                }
                (ExtensionProviderKind::GrpcExtAuthz(grpc), Speech::Grpc) => grpc::ask(&connections, grpc, check, patience).await,
                (
                    ExtensionProviderKind::HttpExtAuthz(_)
                    | ExtensionProviderKind::GrpcExtAuthz(_)
                    | ExtensionProviderKind::Other(_),
                    _,
                ) => Told::fails("its address is of another kind than the provider"),
            }
        };
        timeout(patience, asked).await.unwrap_or_else(|_| Told::fails(format!("no answer within {patience:?}")))
    }
}

/// A `Duration` of the mesh configuration; istiod waits ten minutes where there is none.
fn patience(written: Option<&Spanned<String>>) -> Duration {
    const DEFAULT: Duration = Duration::from_secs(600);
    written.map_or(DEFAULT, |text| duration(&text.value).unwrap_or(DEFAULT))
}

/// `1.5s`, or with the units of Go: `1m30s`, `250ms`.
fn duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at_checked(digits)?;
        let end = unit.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(unit.len());
        let (unit, after) = unit.split_at_checked(end)?;
        let seconds = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            "us" => 0.000_001,
            _ => return None,
        };
        total += Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        rest = after;
    }
    (!total.is_zero()).then_some(total)
}

/// Whether a name is one of a list in which `x*` and `*x` stand for what begins and ends so, in any case.
fn is_listed(list: &[Spanned<String>], name: &str) -> bool {
    list.iter().any(|entry| {
        let pattern = entry.value.to_ascii_lowercase();
        match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
            (Some(suffix), _) => name.ends_with(suffix),
            (None, Some(prefix)) => name.starts_with(prefix),
            (None, None) => name == pattern,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_protobuf_and_go_write_them() {
        for (text, milliseconds) in [
            ("5s", Some(5000)),
            ("0.25s", Some(250)),
            ("250ms", Some(250)),
            ("1m30s", Some(90_000)),
            ("0s", None),
            ("5", None),
            ("s", None),
            ("5 s", None),
            ("", None),
        ] {
            assert_eq!(duration(text).map(|duration| duration.as_millis()), milliseconds, "{text}");
        }
    }

    #[test]
    fn names_are_listed_with_stars_at_either_end() {
        let list = ["X-Own", "x-pre*", "*-end"].map(|name| Spanned::new(name.to_owned(), crate::diag::Span::default()));
        for (name, expected) in
            [("x-own", true), ("x-own2", false), ("x-prefix", true), ("x-pre", true), ("the-end", true), ("end", false)]
        {
            assert_eq!(is_listed(&list, name), expected, "{name}");
        }
    }
}
