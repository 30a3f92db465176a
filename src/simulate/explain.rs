//! Everything that was looked at for one scenario, and why the rest was not.
use crate::mesh::Mesh;
use crate::simulate::decide::Question;
use crate::simulate::decision::AuthenticationReport;
use crate::simulate::decision::TraceEntry;
use crate::simulate::message::Message;
use crate::simulate::route::Route;

pub(super) fn trace(_mesh: &Mesh, _route: &Route, _message: &Message, _authentication: &AuthenticationReport, _question: &Question<'_>) -> Vec<TraceEntry> {
    Vec::new()
}
