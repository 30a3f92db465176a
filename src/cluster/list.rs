//! One list, page after page.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use http::Request;
use http::header::ACCEPT;
use serde::Deserialize;
use serde::Deserializer;
use serde_json::Value;

use crate::cluster::Error;
use crate::cluster::Object;
use crate::cluster::api::Answer;
use crate::cluster::api::Api;
use crate::cluster::api::path_and_query;
use crate::cluster::discovery::Resource;

/// Objects of one page.
const PAGE: &str = "500";

/// How often a list may begin anew because its pages were no longer kept.
const RESTARTS: usize = 5;

/// How recent what is read has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freshness {
    /// What the API server's cache has: the least work for it, and usually less than a second behind.
    #[default]
    Cached,
    /// All that was written before the question.
    Latest,
}

/// Which objects, and how much of them.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    pub(super) resource: Resource,
    pub(super) namespace: Option<String>,
    pub(super) labels: Option<String>,
    pub(super) freshness: Freshness,
    /// Only `metadata` is wanted.
    pub(super) is_metadata_only: bool,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMetadata,
    /// A list without members may have `null` here.
    #[serde(deserialize_with = "or_none")]
    items: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PageMetadata {
    #[serde(rename = "continue")]
    next: String,
}

fn or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// All objects of a list. `read` counts them as they come.
pub(super) async fn list(api: &Api, listing: &Listing, read: &Arc<AtomicUsize>) -> Result<Vec<Object>, Error> {
    let mut restarts = 0;
    loop {
        match pages(api, listing, read).await {
            Err(Error::Gone { .. }) if restarts < RESTARTS => restarts += 1,
            result => return result,
        }
    }
}

async fn pages(api: &Api, listing: &Listing, read: &Arc<AtomicUsize>) -> Result<Vec<Object>, Error> {
    let ask = listing.resource.ask("list", listing.namespace.as_deref(), None);
    let mut objects = Vec::new();
    let mut next = String::new();
    loop {
        let answer = api.send(request(listing, &next), &ask).await?;
        let status = answer.status;
        // Reading a page keeps a processor busy, while others are under way.
        let resource = listing.resource.clone();
        let page = tokio::task::spawn_blocking(move || members(&answer, &resource)).await;
        let Ok(Some((members, following))) = page else {
            read.fetch_sub(objects.len(), Ordering::Relaxed);
            return Err(api.not_an_api_server(status));
        };
        read.fetch_add(members.len(), Ordering::Relaxed);
        objects.extend(members);
        if following.is_empty() {
            return Ok(objects);
        }
        next = following;
    }
}

fn request(listing: &Listing, next: &str) -> Request<Vec<u8>> {
    let mut query = vec![("limit", PAGE)];
    if !next.is_empty() {
        query.push(("continue", next));
    } else if listing.freshness == Freshness::Cached {
        query.push(("resourceVersion", "0"));
    }
    if let Some(labels) = &listing.labels {
        query.push(("labelSelector", labels));
    }
    let mut request = Request::new(Vec::new());
    if let Ok(uri) = path_and_query(&listing.resource.path(listing.namespace.as_deref(), None), &query).parse() {
        *request.uri_mut() = uri;
    }
    if listing.is_metadata_only {
        let wanted = http::HeaderValue::from_static("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        request.headers_mut().insert(ACCEPT, wanted);
    }
    request
}

/// The members of a page, and where the next one begins; `None` when it is no page.
fn members(answer: &Answer, resource: &Resource) -> Option<(Vec<Object>, String)> {
    let page: Page = serde_json::from_slice(&answer.body).ok()?;
    let of = (resource.api_version.as_str(), resource.kind.as_str());
    let members = page.items.into_iter().map(|item| Object::of(item, Some(of)).ok()).collect::<Option<_>>()?;
    Some((members, page.metadata.next))
}
