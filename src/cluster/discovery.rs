//! Which kinds the API server serves, and under which paths.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

use http::Request;
use serde::Deserialize;

use crate::cluster::Error;
use crate::cluster::api::Api;
use crate::cluster::api::encoded;
use crate::cluster::status::Ask;

/// A kind under one version, as it is served.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Resource {
    /// Group and version.
    #[serde(default)]
    pub(super) api_version: String,
    pub(super) kind: String,
    #[serde(rename = "name")]
    pub(super) plural: String,
    #[serde(rename = "namespaced")]
    pub(super) is_namespaced: bool,
}

impl Resource {
    /// `authorizationpolicies.security.istio.io`
    pub(super) fn full_name(&self) -> String {
        match self.api_version.split_once('/') {
            Some((group, _)) => format!("{}.{group}", self.plural),
            None => self.plural.clone(),
        }
    }

    /// The path of all its objects, or of those of a namespace, or of one.
    pub(super) fn path(&self, namespace: Option<&str>, name: Option<&str>) -> String {
        let mut path = base(&self.api_version);
        if let Some(namespace) = namespace.filter(|_| self.is_namespaced) {
            path.push_str(&format!("/namespaces/{}", encoded(namespace)));
        }
        path.push('/');
        path.push_str(&self.plural);
        if let Some(name) = name {
            path.push('/');
            path.push_str(&encoded(name));
        }
        path
    }

    pub(super) fn ask(&self, verb: &'static str, namespace: Option<&str>, name: Option<&str>) -> Ask {
        Ask {
            verb,
            resource: self.full_name(),
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            namespace: namespace.filter(|_| self.is_namespaced).map(str::to_owned),
            name: name.map(str::to_owned),
            size: 0,
        }
    }
}

fn base(api_version: &str) -> String {
    if api_version.contains('/') { format!("/apis/{api_version}") } else { format!("/api/{api_version}") }
}

/// What was found out about each group and version.
#[derive(Debug, Default, Clone)]
pub(super) struct Discovery {
    known: Arc<Mutex<HashMap<String, Arc<Vec<Resource>>>>>,
}

#[derive(Deserialize)]
struct ResourceList {
    resources: Vec<Resource>,
}

impl Discovery {
    /// The kinds of a group and version; none when the server does not have it.
    pub(super) async fn resources(&self, api: &Api, api_version: &str) -> Result<Arc<Vec<Resource>>, Error> {
        if let Some(known) = self.known.lock().ok().and_then(|known| known.get(api_version).cloned()) {
            return Ok(known);
        }
        let ask = Ask {
            verb: "get",
            resource: base(api_version),
            api_version: api_version.to_owned(),
            kind: String::new(),
            namespace: None,
            name: None,
            size: 0,
        };
        let request = Request::get(base(api_version))
            .body(Vec::new())
            .map_err(|_| Error::NotServed { api_version: api_version.to_owned(), kind: String::new() })?;
        let resources = match api.send(request, &ask).await {
            Ok(answer) => {
                let list: ResourceList = api.read(&answer)?;
                // `deployments/scale` is a part of a kind, not one.
                let whole = list.resources.into_iter().filter(|resource| !resource.plural.contains('/'));
                whole.map(|resource| Resource { api_version: api_version.to_owned(), ..resource }).collect()
            }
            Err(Error::NotServed { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let resources = Arc::new(resources);
        if let Ok(mut known) = self.known.lock() {
            known.insert(api_version.to_owned(), Arc::clone(&resources));
        }
        Ok(resources)
    }

    /// A kind under this version.
    pub(super) async fn resource(&self, api: &Api, api_version: &str, kind: &str) -> Result<Resource, Error> {
        let resources = self.resources(api, api_version).await?;
        let found = resources.iter().find(|resource| resource.kind == kind).cloned();
        found.ok_or_else(|| Error::NotServed { api_version: api_version.to_owned(), kind: kind.to_owned() })
    }
}
