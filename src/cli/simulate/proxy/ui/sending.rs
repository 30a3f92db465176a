//! `POST /send`: a request that a person writes, sent as a workload's sidecar would send it, or in the clear by nobody.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tokio::time::timeout;

use crate::cli::simulate::proxy::identity;
use crate::cli::simulate::proxy::ui::Ui;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::PortClass;
use crate::mesh::Proxy;
use crate::proxy::Credentials;
use crate::proxy::Glance;
use crate::proxy::admin;
use crate::proxy::admin::Answer;
use crate::proxy::admin::Numbered;
use crate::proxy::admin::Outgoing;
use crate::proxy::admin::Received;
use crate::render;

/// How long after the answer its decision may take to be told.
const TOLD: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wish {
    /// `namespace/name` of the caller; nobody when it is empty.
    #[serde(default)]
    from: String,
    /// `namespace/name` of a workload that is served.
    to: String,
    port: u16,
    #[serde(default)]
    method: String,
    path: String,
    #[serde(default)]
    host: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Sent as a bearer token.
    #[serde(default)]
    token: String,
    #[serde(default)]
    body: String,
}

/// Who speaks, and in words how.
struct Voice {
    credentials: Option<Credentials>,
    words: String,
}

pub(super) async fn answer(ui: &Rc<Ui>, body: &[u8]) -> Answer {
    let wish: Wish = match serde_json::from_slice(body) {
        Ok(wish) => wish,
        Err(error) => return Answer::text(400, &format!("this is no request to send: {error}")),
    };
    match outgoing(ui, wish) {
        Ok((outgoing, words)) => Answer::new(200, "application/json", sent(ui, outgoing, &words).await.to_string()),
        Err(why) => Answer::text(400, &why),
    }
}

async fn sent(ui: &Rc<Ui>, outgoing: Outgoing, words: &str) -> Value {
    let _looking = ui.look();
    let own = Cell::new(None);
    let received = admin::send(outgoing, |address| own.set(Some(address))).await;
    let kept = match own.get() {
        Some(own) => decision_for(ui, own).await,
        None => None,
    };
    let decision = kept.and_then(|kept| {
        let told = render::decision_explained(kept.id, &ui.history.whole(kept.id)?, true);
        serde_json::from_slice::<Value>(&told).ok()
    });
    match received {
        Ok(Received { status, headers, body, is_cut }) => json!({
            "sentAs": words,
            "answer": {"status": status, "headers": headers, "body": body, "isCut": is_cut},
            "decision": decision,
        }),
        Err(error) => json!({"sentAs": words, "failed": error.to_string(), "decision": decision}),
    }
}

/// The decision on what came from this address.
async fn decision_for(ui: &Ui, source: SocketAddr) -> Option<Numbered> {
    let mut changes = ui.history.changes();
    let mut kept = None;
    let found = changes.wait_for(|_| {
        kept = ui.history.find(|record| record.connection.source == source);
        kept.is_some()
    });
    let is_told = matches!(timeout(TOLD, found).await, Ok(Ok(_)));
    kept.filter(|_| is_told)
}

fn outgoing(ui: &Ui, wish: Wish) -> Result<(Outgoing, String), String> {
    let glance = ui.glances().iter().find(|glance| glance.workload() == wish.to);
    let glance = glance.ok_or_else(|| format!("`{}` is not served here", wish.to))?;
    let address = glance.addresses().iter().find(|(port, _)| *port == wish.port).map(|(_, address)| *address);
    let address = address.ok_or_else(|| format!("`{}` has no port {} here", wish.to, wish.port))?;
    let guard = glance.rules().enforcer.guard(wish.port);
    if guard.class == PortClass::Tcp {
        return Err(format!("port {} is one of bytes, not of HTTP", wish.port));
    }
    let Voice { credentials, words } = voice(ui, glance, &wish.from, guard.mode)?;
    let mut headers = wish.headers;
    if !wish.token.is_empty() {
        headers.push(("authorization".to_owned(), format!("Bearer {}", wish.token)));
    }
    let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
    let outgoing = Outgoing {
        address,
        announced: glance.announced(wish.port),
        credentials,
        method: or(wish.method, "GET"),
        host: or(wish.host, &wish.to.replace('/', ".")),
        path: wish.path,
        headers,
        body: wish.body,
    };
    Ok((outgoing, words))
}

/// As automatic mutual TLS has it: a caller with a sidecar uses it where the port takes it.
fn voice(ui: &Ui, glance: &Glance, from: &str, mode: MutualTlsMode) -> Result<Voice, String> {
    let in_the_clear = |why: &str| Ok(Voice { credentials: None, words: format!("plaintext: {why}") });
    if from.is_empty() {
        return in_the_clear("sent by nobody the mesh knows");
    }
    let rules = glance.rules();
    let mesh = rules.enforcer.mesh();
    let caller = mesh.workloads.iter().find(|workload| workload.display_name() == from);
    let caller = caller.ok_or_else(|| format!("`{from}` is no workload of the mesh"))?;
    if caller.proxy != Proxy::Sidecar {
        return in_the_clear(&format!("`{from}` has no sidecar"));
    }
    if mode == MutualTlsMode::Disable {
        return in_the_clear("the port takes no mutual TLS");
    }
    let signer = ui.signer.as_ref().ok_or(
        "identities of callers are issued here only by an authority that ends with the program: leave out `--svid-dir` and `--home`",
    )?;
    let principal = caller.principal(&mesh.settings.trust_domain.replace('@', "."));
    let id =
        format!("spiffe://{principal}").parse().map_err(|error| format!("`spiffe://{principal}` is no identity: {error}"))?;
    let credentials = identity::caller(signer, &id, Timestamp::now()).map_err(|error| error.to_string())?;
    Ok(Voice { credentials: Some(credentials), words: format!("mutual TLS as spiffe://{principal}") })
}
