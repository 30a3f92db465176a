//! What one sees of a proxy while it runs: the decisions of late, and a server for a browser and other tools.
//!
//! The server owns the socket and keeps strangers out; what it answers is up to whoever starts it.

mod guard;
mod history;
mod sender;
mod server;

pub use history::History;
pub use history::Numbered;
pub use sender::Outgoing;
pub use sender::Received;
pub use sender::SendError;
pub use sender::send;
pub use server::Answer;
pub use server::AnswerBody;
pub use server::Asked;
pub use server::listen;
