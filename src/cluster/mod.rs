//! A live cluster: what its API server has, and what is written to it.
//!
//! [`Cluster`] is a blocking facade. Inside, requests run side by side on one thread; pages are read on others. In go a kubeconfig
//! and keys, out come [`Object`]s as JSON, or an [`Error`] that says what is wrong and what to do.
//!
//! - Nothing that could not be read is left out silently: a [`Reading`] names it in `unread`. What makes every request fail is an error.
//! - A list that the server no longer keeps begins anew. A write is never sent twice, unless the server says that it did nothing.
//! - Secrets are not read by any [`Selection`]; nothing that the server says in words about one is repeated.
//! - What objects mean is left to `manifest` and `mesh`.
//!
//! Kubernetes API conventions; `client-go` for kubeconfigs and proxies.

mod api;
mod connect;
mod discovery;
mod error;
pub mod kinds;
mod list;
mod object;
mod owner;
mod proxy;
mod read;
mod status;
#[cfg(test)]
mod tests;
mod transport;
mod write;

pub use connect::ConnectOptions;
pub use connect::REQUEST_TIMEOUT;
pub use error::Cause;
pub use error::CertificateProblem;
pub use error::Error;
pub use error::FieldConflict;
pub use error::Forbidden;
pub use list::Freshness;
pub use object::Object;
pub use object::ObjectKey;
pub use read::Reading;
pub use read::Selection;
pub use read::Unread;
pub use write::Applied;
pub use write::Apply;
pub use write::Preconditions;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use serde_json::Value;
use tokio::runtime::Runtime;

use crate::cluster::api::Api;
use crate::cluster::discovery::Discovery;
use crate::cluster::list::Listing;
use crate::cluster::status::Ask;
use crate::cluster::write::Writer;

/// One cluster, as one user sees it.
pub struct Cluster {
    runtime: Runtime,
    api: Api,
    discovery: Discovery,
    namespace: String,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("server", &self.api.server.address).field("context", &self.api.server.context).finish()
    }
}

impl Cluster {
    /// Reads the kubeconfig and gets the credentials. No request is sent yet.
    ///
    /// # Errors
    /// When there is no kubeconfig, it cannot be used, it has not the wanted context, or a credential plugin fails.
    pub fn connect(options: &ConnectOptions) -> Result<Self, Error> {
        let connected = connect::connect(options)?;
        Ok(Self {
            runtime: connected.runtime,
            api: connected.api,
            discovery: Discovery::default(),
            namespace: connected.namespace,
        })
    }

    /// The context's name; `in-cluster` inside a pod.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.api.server.context
    }

    /// The API server's address.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.api.server.address
    }

    /// The namespace of the context.
    #[must_use]
    pub fn default_namespace(&self) -> &str {
        &self.namespace
    }

    /// The API server's version, such as `v1.35.4`.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn version(&self) -> Result<String, Error> {
        let ask = Ask {
            verb: "get",
            resource: "version".to_owned(),
            api_version: String::new(),
            kind: String::new(),
            namespace: None,
            name: None,
            size: 0,
        };
        let mut request = http::Request::new(Vec::new());
        *request.uri_mut() = http::Uri::from_static("/version");
        let answer = self.runtime.block_on(self.api.send(request, &ask))?;
        let version: Value = self.api.read(&answer)?;
        Ok(version.get("gitVersion").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// Reads a selection, and tells `progress` every now and then how many objects it has.
    ///
    /// # Errors
    /// When the server cannot be asked anything. What can be asked and is not answered is in [`Reading::unread`].
    pub fn read(&self, what: &Selection, progress: &mut dyn FnMut(usize)) -> Result<Reading, Error> {
        let mut what = what.clone();
        what.known_namespaces.insert(self.namespace.clone());
        self.runtime.block_on(read::read(&self.api, &self.discovery, &what, progress))
    }

    /// Reads the objects of one kind that carry these labels, all of them when none are given, as they are now.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn list(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
        labels: Option<&str>,
    ) -> Result<Vec<Object>, Error> {
        self.runtime.block_on(async {
            let listing = Listing {
                resource: self.discovery.resource(&self.api, api_version, kind).await?,
                namespace: namespace.map(str::to_owned),
                labels: labels.map(str::to_owned),
                freshness: Freshness::Latest,
                is_metadata_only: false,
            };
            list::list(&self.api, &listing, &Arc::new(AtomicUsize::new(0))).await
        })
    }

    /// One object as it is now; `None` when it is not there.
    ///
    /// # Errors
    /// When it cannot be read, or there is no such kind.
    pub fn get(&self, key: &ObjectKey) -> Result<Option<Object>, Error> {
        self.runtime.block_on(async {
            let resource = self.discovery.resource(&self.api, &key.api_version, &key.kind).await?;
            let namespace = self.writer().namespace(&resource, key);
            owner::get(&self.api, &resource, namespace.as_deref(), &key.name).await
        })
    }

    /// One object as it is now with all that the server knows of it, `status` and `metadata.managedFields` too; `None` when it is not there.
    ///
    /// # Errors
    /// As [`Cluster::get`].
    pub fn get_whole(&self, key: &ObjectKey) -> Result<Option<Value>, Error> {
        self.runtime.block_on(async {
            let resource = self.discovery.resource(&self.api, &key.api_version, &key.kind).await?;
            let namespace = self.writer().namespace(&resource, key);
            owner::get_whole(&self.api, &resource, namespace.as_deref(), &key.name).await
        })
    }

    /// JSON that is served under a path, such as what a service answers through the API server.
    ///
    /// # Errors
    /// When it is not served, or not JSON.
    pub fn get_path(&self, path: &str) -> Result<Value, Error> {
        self.runtime.block_on(owner::get_path(&self.api, path))
    }

    /// Whether objects of a kind are in namespaces.
    ///
    /// # Errors
    /// When there is no such kind, or it cannot be asked for.
    pub fn is_namespaced(&self, api_version: &str, kind: &str) -> Result<bool, Error> {
        let resource = self.runtime.block_on(self.discovery.resource(&self.api, api_version, kind))?;
        Ok(resource.is_namespaced)
    }

    /// Applies a manifest, server side: fields it has become the manager's, fields that it no longer has are removed.
    ///
    /// # Errors
    /// When the server refuses it, or others manage some of its fields.
    pub fn apply(&self, manifest: &Value, how: &Apply) -> Result<Applied, Error> {
        self.runtime.block_on(self.writer().apply(manifest, how))
    }

    /// Applies several manifests at once, in no order; the answers in the order of the manifests. For dry runs above all.
    #[must_use]
    pub fn apply_each(&self, manifests: Vec<Value>, how: &Apply) -> Vec<Result<Applied, Error>> {
        self.runtime.block_on(write::apply_each(&self.writer(), manifests, how))
    }

    /// Creates an object that is not there.
    ///
    /// # Errors
    /// When it is there, or the server refuses it.
    pub fn create(&self, manifest: &Value, how: &Apply) -> Result<Applied, Error> {
        self.runtime.block_on(self.writer().create(manifest, how))
    }

    /// Puts an object in the place of one; with `metadata.resourceVersion` only of that state of it.
    ///
    /// # Errors
    /// When it is not there, was changed in the meantime, or the server refuses it.
    pub fn replace(&self, manifest: &Value, how: &Apply) -> Result<Applied, Error> {
        self.runtime.block_on(self.writer().replace(manifest, how))
    }

    /// Removes an object.
    ///
    /// # Errors
    /// When it is not there, or not as the preconditions say.
    pub fn delete(&self, key: &ObjectKey, only_if: &Preconditions, dry_run: bool) -> Result<(), Error> {
        self.runtime.block_on(self.writer().delete(key, only_if, dry_run))
    }

    fn writer(&self) -> Writer<'_> {
        Writer { api: &self.api, discovery: &self.discovery, default_namespace: &self.namespace }
    }
}
