//! Which step has to go before which, and an order that keeps to it.

mod connection;
mod constraint;
mod effect;
mod facts;
mod overlap;
mod scope;
mod sort;
mod transport;

pub(super) use constraint::Constraint;
pub(super) use constraint::Node;
pub(super) use constraint::Strength;
pub(super) use constraint::constraints;
pub(super) use effect::Effect;
pub(super) use effect::Policies;
pub(super) use effect::Traits;
pub(super) use effect::effects;
pub(super) use sort::sort;
pub(super) use transport::Servers;
