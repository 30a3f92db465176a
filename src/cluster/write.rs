//! Objects that are created, changed and removed.

use std::collections::BTreeMap;

use http::Method;
use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use serde_json::json;
use tokio::task::JoinSet;

use crate::cluster::Error;
use crate::cluster::Object;
use crate::cluster::ObjectKey;
use crate::cluster::api::Answer;
use crate::cluster::api::Api;
use crate::cluster::api::path_and_query;
use crate::cluster::discovery::Discovery;
use crate::cluster::discovery::Resource;

/// How an object is written.
#[derive(Debug, Clone)]
pub struct Apply {
    /// The server does everything but keep it.
    pub dry_run: bool,
    /// Fields that others manage are taken over. Of server-side apply only.
    pub force: bool,
    /// Whose fields these are.
    pub field_manager: String,
}

/// What the server made of an object.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The object as it is now, or would be.
    pub object: Object,
    /// It was not there before.
    pub is_created: bool,
    /// What the server and its webhooks warn of.
    pub warnings: Vec<String>,
}

/// What has to be true of an object for it to be removed.
#[derive(Debug, Clone, Default)]
pub struct Preconditions {
    /// It is this one, not a later one of the same name.
    pub uid: Option<String>,
    /// It is in this state.
    pub resource_version: Option<String>,
}

/// What is sent, and how.
enum Way {
    Apply,
    Create,
    Replace,
}

pub(super) struct Writer<'a> {
    pub(super) api: &'a Api,
    pub(super) discovery: &'a Discovery,
    pub(super) default_namespace: &'a str,
}

/// How many objects are applied at once.
const PARALLEL: usize = 8;

/// Applies several objects at once, each on its own; the answers in order.
pub(super) async fn apply_each(writer: &Writer<'_>, manifests: Vec<Value>, how: &Apply) -> Vec<Result<Applied, Error>> {
    let mut waiting = manifests.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut done = BTreeMap::new();
    loop {
        while running.len() < PARALLEL
            && let Some((number, manifest)) = waiting.next()
        {
            let (api, discovery, how) = (writer.api.clone(), writer.discovery.clone(), how.clone());
            let namespace = writer.default_namespace.to_owned();
            running.spawn(async move {
                let writer = Writer { api: &api, discovery: &discovery, default_namespace: &namespace };
                (number, writer.apply(&manifest, &how).await)
            });
        }
        match running.join_next().await {
            None => return done.into_values().collect(),
            Some(Ok((number, answer))) => {
                done.insert(number, answer);
            }
            Some(Err(failed)) => std::panic::resume_unwind(failed.into_panic()),
        }
    }
}

impl Writer<'_> {
    pub(super) async fn apply(&self, manifest: &Value, how: &Apply) -> Result<Applied, Error> {
        self.write(&Way::Apply, manifest, how).await
    }

    pub(super) async fn create(&self, manifest: &Value, how: &Apply) -> Result<Applied, Error> {
        self.write(&Way::Create, manifest, how).await
    }

    pub(super) async fn replace(&self, manifest: &Value, how: &Apply) -> Result<Applied, Error> {
        self.write(&Way::Replace, manifest, how).await
    }

    async fn write(&self, way: &Way, manifest: &Value, how: &Apply) -> Result<Applied, Error> {
        let key = ObjectKey::of(manifest)?;
        let resource = self.discovery.resource(self.api, &key.api_version, &key.kind).await?;
        let namespace = self.namespace(&resource, &key);
        let mut query = vec![("fieldManager", how.field_manager.as_str()), ("fieldValidation", "Strict")];
        if how.dry_run {
            query.push(("dryRun", "All"));
        }
        let (method, verb, name, media) = match way {
            Way::Apply => (Method::PATCH, "patch", Some(key.name.as_str()), "application/apply-patch+yaml"),
            Way::Create => (Method::POST, "create", None, "application/json"),
            Way::Replace => (Method::PUT, "update", Some(key.name.as_str()), "application/json"),
        };
        if matches!(way, Way::Apply) {
            query.push(("force", if how.force { "true" } else { "false" }));
        }
        let body = serde_json::to_vec(manifest).unwrap_or_default();
        let mut ask = resource.ask(verb, namespace.as_deref(), Some(&key.name));
        ask.size = body.len();
        let mut request = Request::new(body);
        *request.method_mut() = method;
        if let Ok(uri) = path_and_query(&resource.path(namespace.as_deref(), name), &query).parse() {
            *request.uri_mut() = uri;
        }
        request.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(media));
        let answer = self.api.send(request, &ask).await?;
        let is_created = answer.status == 201;
        Ok(Applied { object: self.object(&answer, &resource)?, is_created, warnings: answer.warnings })
    }

    pub(super) async fn delete(&self, key: &ObjectKey, only_if: &Preconditions, dry_run: bool) -> Result<(), Error> {
        let resource = self.discovery.resource(self.api, &key.api_version, &key.kind).await?;
        let namespace = self.namespace(&resource, key);
        let mut options = json!({ "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background" });
        if dry_run && let Some(options) = options.as_object_mut() {
            options.insert("dryRun".to_owned(), json!(["All"]));
        }
        let mut conditions = serde_json::Map::new();
        conditions.extend(only_if.uid.as_ref().map(|uid| ("uid".to_owned(), Value::from(uid.as_str()))));
        let version = only_if.resource_version.as_ref();
        conditions.extend(version.map(|version| ("resourceVersion".to_owned(), Value::from(version.as_str()))));
        if let (false, Some(options)) = (conditions.is_empty(), options.as_object_mut()) {
            options.insert("preconditions".to_owned(), Value::Object(conditions));
        }
        let ask = resource.ask("delete", namespace.as_deref(), Some(&key.name));
        let mut request = Request::new(serde_json::to_vec(&options).unwrap_or_default());
        *request.method_mut() = Method::DELETE;
        if let Ok(uri) = resource.path(namespace.as_deref(), Some(&key.name)).parse() {
            *request.uri_mut() = uri;
        }
        request.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        self.api.send(request, &ask).await.map(|_| ())
    }

    pub(super) fn namespace(&self, resource: &Resource, key: &ObjectKey) -> Option<String> {
        let namespace = key.namespace.clone().unwrap_or_else(|| self.default_namespace.to_owned());
        resource.is_namespaced.then_some(namespace)
    }

    fn object(&self, answer: &Answer, resource: &Resource) -> Result<Object, Error> {
        let value: Value = self.api.read(answer)?;
        let of = (resource.api_version.as_str(), resource.kind.as_str());
        Object::of(value, Some(of)).map_err(|_| self.api.not_an_api_server(answer.status))
    }
}
