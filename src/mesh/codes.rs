//! Codes of what is found while documents are joined to a mesh.
use crate::diag::Code;

/// Two documents describe one object, one of them by the default namespace.
pub const DUPLICATE_OBJECT: Code = Code("MS904");
/// A pod of a cluster has no proxy although its namespace asks for one.
pub const WITHOUT_PROXY: Code = Code("MS504");
/// Several mesh configurations were read.
pub const SEVERAL_CONFIGURATIONS: Code = Code("MS541");
/// A service selects no workload.
pub const SELECTS_NOTHING: Code = Code("MS542");
/// A service leads to a port name that a workload does not have.
pub const UNKNOWN_TARGET: Code = Code("MS543");
/// A workload asks for a sidecar of a revision that does not run.
pub const UNKNOWN_REVISION: Code = Code("MS544");
/// Configuration is meant for another revision of istiod.
pub const OTHER_REVISION: Code = Code("MS545");
/// Two services of a namespace have one host.
pub const HOST_TAKEN: Code = Code("MS546");
/// The wish for injection is neither `true` nor `false`.
pub const INVALID_WISH: Code = Code("MS547");
/// A gateway has no proxy.
pub const GATEWAY_WITHOUT_PROXY: Code = Code("MS548");
/// istiod does not watch a namespace.
pub const NOT_DISCOVERED: Code = Code("MS549");
/// A workload speaks for the mesh itself.
pub const PROXYLESS: Code = Code("MS550");
/// A list of ports holds something that is no port.
pub const INVALID_PORTS: Code = Code("MS551");
/// A namespace that decides about injection was not written.
pub const NAMESPACE_NOT_WRITTEN: Code = Code("MS552");
