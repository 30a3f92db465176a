//! Objects that stand for themselves, among many that others made.

use http::Request;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::cluster::Error;
use crate::cluster::Object;
use crate::cluster::api::Api;
use crate::cluster::discovery::Resource;
use crate::cluster::status::Ask;

/// Owners that are read themselves, and the kubelet, whose pods no mesh has.
const READ: &[(&str, &str)] = &[
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
    ("apps", "ReplicaSet"),
    ("batch", "Job"),
    ("batch", "CronJob"),
    ("", "Node"),
];

/// How many objects are asked for at once.
const PARALLEL: usize = 8;

/// Reads whole those of these objects that nothing stands for.
pub(super) async fn unowned(api: &Api, resource: &Resource, heads: Vec<Object>) -> Result<Vec<Object>, Error> {
    let mut heads = heads.into_iter().filter(|head| !is_owned(&head.value));
    let mut running = JoinSet::new();
    let mut objects = Vec::new();
    loop {
        while running.len() < PARALLEL
            && let Some(head) = heads.next()
        {
            let (api, resource) = (api.clone(), resource.clone());
            running.spawn(async move { get(&api, &resource, head.key.namespace.as_deref(), &head.key.name).await });
        }
        match running.join_next().await {
            None => return Ok(objects),
            // One that has gone meanwhile is no longer there, and one without replicas runs nothing.
            Some(Ok(found)) => {
                objects.extend(found?.filter(|object| object.value.pointer("/spec/replicas") != Some(&Value::from(0))));
            }
            Some(Err(failed)) => std::panic::resume_unwind(failed.into_panic()),
        }
    }
}

/// One object; `None` when it is not there.
pub(super) async fn get(api: &Api, resource: &Resource, namespace: Option<&str>, name: &str) -> Result<Option<Object>, Error> {
    let Some(value) = get_whole(api, resource, namespace, name).await? else { return Ok(None) };
    let of = (resource.api_version.as_str(), resource.kind.as_str());
    Object::of(value, Some(of)).map(Some).map_err(|_| api.not_an_api_server(200))
}

/// What is served under a path.
pub(super) async fn get_path(api: &Api, path: &str) -> Result<Value, Error> {
    let ask = Ask {
        verb: "get",
        resource: path.to_owned(),
        api_version: String::new(),
        kind: String::new(),
        namespace: None,
        name: None,
        size: 0,
    };
    let mut request = Request::new(Vec::new());
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    api.read(&api.send(request, &ask).await?)
}

/// One object with `status` and `metadata.managedFields`; `None` when it is not there.
pub(super) async fn get_whole(
    api: &Api,
    resource: &Resource,
    namespace: Option<&str>,
    name: &str,
) -> Result<Option<Value>, Error> {
    let ask = resource.ask("get", namespace, Some(name));
    let mut request = Request::new(Vec::new());
    if let Ok(uri) = resource.path(namespace, Some(name)).parse() {
        *request.uri_mut() = uri;
    }
    match api.send(request, &ask).await {
        Ok(answer) => api.read(&answer).map(Some),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_owned(value: &Value) -> bool {
    let owners = value.pointer("/metadata/ownerReferences").and_then(Value::as_array);
    owners.into_iter().flatten().any(|owner| {
        let text = |name: &str| owner.get(name).and_then(Value::as_str).unwrap_or_default();
        let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
        owner.get("controller") == Some(&Value::Bool(true)) && READ.contains(&(group, text("kind")))
    })
}
