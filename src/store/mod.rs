//! What is kept on disk.

mod published;

pub use published::PublishError;
pub use published::PublishedFile;
pub use published::publish;
