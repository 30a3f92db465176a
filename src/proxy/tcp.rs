//! Bytes: the decision comes with the first of the client, as Envoy's network filters see them; what the server says before it passes.

use std::rc::Rc;

use bytes::BytesMut;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::io::copy;
use tokio::io::copy_bidirectional;
use tokio::io::split;

use crate::proxy::application::Behind;
use crate::proxy::record::ConnectionFacts;
use crate::proxy::server::Inner;
use crate::simulate::Asking;
use crate::simulate::Observed;
use crate::simulate::Verdict;

/// Bytes read at once before the decision.
const CHUNK: usize = 16 * 1024;

/// Carries one connection to its end.
pub(super) async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
    inner: &Rc<Inner>,
    facts: &Rc<ConnectionFacts>,
    observed: &Observed,
    mut client: S,
    behind: &Behind,
) {
    let mut first = BytesMut::with_capacity(CHUNK);
    let Behind::Connections(connections) = behind else {
        if client.read_buf(&mut first).await.is_ok() && is_let_in(inner, facts, observed).await {
            let (mut reader, mut writer) = split(client);
            // The client may leave at any time.
            let _ = writer.write_all(&first).await;
            let _ = copy(&mut reader, &mut writer).await;
            let _ = writer.shutdown().await;
        }
        return;
    };
    let mut application = match connections.connect().await {
        Ok(application) => application,
        Err(failure) => return inner.notice(format!("{}:{}: {}", facts.workload, facts.port, failure.cause())).await,
    };
    let mut greeting = vec![0; CHUNK];
    loop {
        tokio::select! {
            read = client.read_buf(&mut first) => {
                if read.is_err() || !is_let_in(inner, facts, observed).await {
                    return;
                }
                break;
            }
            read = application.read(&mut greeting) => {
                let Ok(length @ 1..) = read else {
                    // The client may leave at any time.
                    let _ = client.shutdown().await;
                    return;
                };
                let said = greeting.get(..length).unwrap_or_default();
                if client.write_all(said).await.is_err() || client.flush().await.is_err() {
                    return;
                }
            }
        }
    }
    if !first.is_empty() {
        if application.write_all(&first).await.is_err() {
            return;
        }
        // Either side may end it at any time.
        let _ = copy_bidirectional(&mut client, &mut application).await;
        return;
    }
    // The client said nothing and will say nothing.
    let _ = application.shutdown().await;
    let _ = copy(&mut application, &mut client).await;
    let _ = client.shutdown().await;
}

async fn is_let_in(inner: &Rc<Inner>, facts: &Rc<ConnectionFacts>, observed: &Observed) -> bool {
    let ruled = inner.ruled(observed);
    let mut asking = Asking::default();
    let (decision, providers) = loop {
        let decision = ruled.decide(inner, &asking);
        let (provider, providers) = inner.desk.borrow_mut().take_providers();
        let Some(provider) = provider else { break (decision, providers) };
        let check = inner.check(facts);
        let told = inner.providers.ask(ruled.rules.enforcer.mesh(), &provider, check).await;
        asking.answers.push((provider, told.answer));
    };
    let verdict = decision.verdict;
    inner.tell(facts, None, decision, &ruled, providers).await;
    verdict == Verdict::Allowed
}
