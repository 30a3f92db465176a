//! One request and its answer.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::Request;
use kube::client::Body;

use crate::cluster::Error;
use crate::cluster::status;
use crate::cluster::status::Ask;
use crate::cluster::status::Server;
use crate::cluster::transport;

/// How to reach the server.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) client: kube::Client,
    pub(super) server: Arc<Server>,
    pub(super) timeout: Option<Duration>,
}

/// A yes.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) warnings: Vec<String>,
}

/// How often a request is sent again that the server was too busy for.
const AGAIN: u32 = 4;

/// The longest wait before the next attempt.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

impl Api {
    /// Asks; what was not done because the server is busy is asked again, and so is a read whose connection ended.
    pub(super) async fn send(&self, request: Request<Vec<u8>>, ask: &Ask) -> Result<Answer, Error> {
        let is_read = request.method().is_safe();
        let mut attempt = 0;
        loop {
            let (error, wait) = match self.once(request.clone(), ask).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let is_undone = matches!(&error, Error::Busy { status, .. } if is_read || *status == 429)
                || (matches!(error, Error::Lost { .. }) && is_read && attempt == 0);
            if !is_undone || attempt == AGAIN {
                return Err(error);
            }
            let wait = wait.unwrap_or(Duration::from_millis(200) * 2_u32.saturating_pow(attempt));
            tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
            attempt += 1;
        }
    }

    /// The answer, or why there is none and how long the server wants to be left alone.
    async fn once(&self, request: Request<Vec<u8>>, ask: &Ask) -> Result<Answer, (Error, Option<Duration>)> {
        let exchange = self.exchange(request, ask);
        let Some(after) = self.timeout else { return exchange.await };
        match tokio::time::timeout(after, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err((Error::Timeout { server: self.server.address.clone(), after }, None)),
        }
    }

    async fn exchange(&self, request: Request<Vec<u8>>, ask: &Ask) -> Result<Answer, (Error, Option<Duration>)> {
        let failed = |problem: &kube::Error| (transport::error(problem, &self.server, self.timeout), None);
        let response = self.client.send(request.map(Body::from)).await.map_err(|problem| failed(&problem))?;
        let (head, body) = response.into_parts();
        let body: Vec<u8> = body.collect_bytes().await.map_err(|problem| failed(&problem))?.into();
        let status = head.status.as_u16();
        if !head.status.is_success() {
            return Err((status::error(status, &body, ask, &self.server), retry_after(&head.headers)));
        }
        Ok(Answer { status, body, warnings: warnings(&head.headers) })
    }

    /// The answer's body, which has to be JSON.
    pub(super) fn read<T: serde::de::DeserializeOwned>(&self, answer: &Answer) -> Result<T, Error> {
        serde_json::from_slice(&answer.body).map_err(|_| self.not_an_api_server(answer.status))
    }

    pub(super) fn not_an_api_server(&self, status: u16) -> Error {
        Error::NotAnApiServer { server: self.server.address.clone(), status }
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// What the server and its webhooks warn of: `299 - "text"`.
fn warnings(headers: &HeaderMap) -> Vec<String> {
    headers.get_all(http::header::WARNING).iter().filter_map(|value| warning(value.to_str().ok()?)).collect()
}

fn warning(value: &str) -> Option<String> {
    let quoted = value.split_once('"')?.1;
    let mut text = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Some(text),
            '\\' => text.push(characters.next()?),
            _ => text.push(character),
        }
    }
    None
}

/// A path with a query.
pub(super) fn path_and_query(path: &str, query: &[(&str, &str)]) -> String {
    let mut text = path.to_owned();
    for (index, (name, value)) in query.iter().enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        text.push_str(&encoded(value));
    }
    text
}

/// Percent-encodes everything that may mean something in a path or a query.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
