//! The resolved model: documents joined to each other, each with its origin.
//!
//! In: [`Manifests`](crate::manifest::Manifests). Out: a [`Mesh`]: workloads with their proxies, services with their endpoints, the
//! mesh settings, and every policy object in istiod's order (creation time, name, namespace).
//!
//! The mesh answers questions about itself (which ports a workload declares, which server mode a port has, which policies
//! select a workload and why the others do not); it does not know requests. Facts the manifests do not hold stay absent.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod attachment;
mod build;
pub mod codes;
mod destination_rule;
mod doubt;
mod inbound;
mod index;
mod model;
mod outbound;
mod part;
mod protocol;
mod request_authentication;
mod unread;

pub use attachment::Attachment;
pub use attachment::PolicyTarget;
pub use build::BuildOptions;
pub use build::build;
pub use build::build_of;
pub use doubt::Asker;
pub use inbound::INBOUND_LISTENER_PORT;
pub use inbound::InboundPort;
pub use inbound::Level;
pub use inbound::ModeOrigin;
pub use inbound::PeerModes;
pub use inbound::ServerMode;
pub(crate) use inbound::selector_labels_match;
pub(crate) use inbound::selector_matches;
pub use model::Endpoint;
pub use model::Mesh;
pub use model::Namespace;
pub use model::Object;
pub use model::ObjectRef;
pub use model::PortClass;
pub use model::Protocol;
pub use model::Proxy;
pub use model::Service;
pub use model::ServiceKind;
pub use model::ServicePort;
pub use model::Settings;
pub use model::Workload;
pub use model::WorkloadId;
pub use request_authentication::AppliedJwtRule;
pub use unread::Unread;
