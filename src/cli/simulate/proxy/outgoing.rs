//! `--as`, `--outbound`, `--endpoint`: whose calls are taken, where, and where workloads are that other processes serve.

use std::net::SocketAddr;
use std::rc::Rc;

use clap::Args;

use crate::cli::error::Error;
use crate::cli::simulate::proxy::listening::ListenArgs;
use crate::cli::simulate::proxy::listening::parse_upstream;
use crate::cli::simulate::proxy::listening::parse_workload_port;
use crate::cli::simulate::proxy::served::identity_of;
use crate::cli::simulate::proxy::served::require_sidecar;
use crate::cli::simulate::proxy::served::spiffe_id;
use crate::cli::simulate::question;
use crate::diag::SourceMap;
use crate::mesh::Mesh;
use crate::proxy::Endpoints;
use crate::simulate::Names;
use crate::simulate::Outgoing;
use crate::simulate::QuestionError;
use crate::simulate::connection::Caller;
use crate::spiffe::SpiffeId;

/// Whose calls are taken, and where they go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Calls")]
pub(super) struct OutgoingArgs {
    /// Also be the sidecar that a caller's own calls go through: a workload or a service account, `namespace/name`. Calls carry its
    /// identity, take mutual TLS as DestinationRules and the mesh say, and go to a server only if it is whom the mesh says it is
    #[arg(long = "as", id = "caller", value_name = "CALLER")]
    caller: Option<String>,
    /// Where calls are taken: as an HTTP proxy (URLs and CONNECT), as SOCKS5 with names, and as a server for requests whose Host is a
    /// service; services have the names they have in the mesh
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:15001", requires = "caller")]
    outbound: SocketAddr,
    /// Where another process serves a workload's port: `shop/web:8080=127.0.0.1:23080`; repeatable
    #[arg(long, value_name = "WORKLOAD:PORT=ADDRESS:PORT", requires = "caller")]
    endpoint: Vec<String>,
    /// Call what the mesh does not know on the real network, in the clear, where the mesh lets such calls out (`ALLOW_ANY`). Without it they
    /// get 502 as in a mesh that is `REGISTRY_ONLY`
    #[arg(long, requires = "caller")]
    passthrough: bool,
}

/// A caller whose calls are taken.
pub(super) struct CallerPlan {
    /// As it was written.
    pub(super) name: String,
    pub(super) identity: SpiffeId,
    pub(super) listen: SocketAddr,
    pub(super) endpoints: Endpoints,
    pub(super) passes_unknown: bool,
}

impl OutgoingArgs {
    /// The caller that is meant, if any.
    pub(super) fn plan(
        &self,
        names: Names<'_>,
        listening: &ListenArgs,
        sources: &SourceMap,
    ) -> Result<Option<CallerPlan>, Error> {
        let Some(name) = &self.caller else { return Ok(None) };
        listening.require_permission("--outbound", self.outbound.ip())?;
        let (name, _, identity) = caller(names, name, sources)?;
        let mut endpoints = Endpoints::new();
        for text in &self.endpoint {
            let wrong = || {
                Error::question(
                    format!("`--endpoint {text}` is not WORKLOAD:PORT=ADDRESS:PORT"),
                    "write `--endpoint shop/web:8080=127.0.0.1:23080`".to_owned(),
                )
            };
            let (of, address) = text.split_once('=').ok_or_else(wrong)?;
            let (workload, port) = parse_workload_port(of).ok_or_else(wrong)?;
            names.workload("endpoint", &workload).map_err(|error| question(&error, true, sources))?;
            endpoints.insert((workload, port), parse_upstream(address)?);
        }
        Ok(Some(CallerPlan { name, identity, listen: self.outbound, endpoints, passes_unknown: self.passthrough }))
    }
}

/// The calls that a caller makes in a mesh.
pub(super) fn outgoing(mesh: &Rc<Mesh>, name: &str, sources: &SourceMap) -> Result<Outgoing, Error> {
    let (_, caller, _) = caller(Names { mesh, default_namespace: None }, name, sources)?;
    Ok(Outgoing::new(Rc::clone(mesh), caller))
}

/// The workload of this name, or else the service account, with its identity.
fn caller(names: Names<'_>, text: &str, sources: &SourceMap) -> Result<(String, Caller, SpiffeId), Error> {
    let mesh = names.mesh;
    let unknown = match names.workload("as", text) {
        Ok(id) => {
            let found = mesh.workload(id).zip(Caller::workload(mesh, id));
            let (workload, caller) = found.ok_or_else(|| Error::question(format!("`{text}` is unknown"), None))?;
            require_sidecar(workload)?;
            return Ok((workload.display_name(), caller, identity_of(mesh, workload)?));
        }
        Err(error @ QuestionError::Unknown { .. }) => error,
        Err(error) => return Err(question(&error, true, sources)),
    };
    let whole = match (text.split_once('/'), names.default_namespace) {
        (Some((namespace, account)), _) => Some((namespace.to_owned(), account.to_owned())),
        (None, namespace) => namespace.map(|namespace| (namespace.to_owned(), text.to_owned())),
    };
    match whole.filter(|account| mesh.service_accounts.contains(account)) {
        Some((namespace, account)) => {
            let caller = Caller::service_account(mesh, &namespace, &account);
            let identity = spiffe_id(caller.names.first().map_or("", String::as_str), text)?;
            Ok((format!("{namespace}/{account}"), caller, identity))
        }
        None => Err(question(&unknown, true, sources)),
    }
}
