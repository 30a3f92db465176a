//! Files that hold certificates, in whatever form they come: PEM, DER, PKCS#12, Kubernetes Secrets, what a proxy says of its secrets.
//!
//! In: bytes, and a passphrase for what is encrypted. Out: a [`Container`] of [`Entry`]s: chains, roots, keys, revocation lists and requests, each with
//! the place in the file it comes from. One file of this folder per format; the format is told from the bytes, never from a name.
//!
//! Invariants: nothing that was found is left out silently, what cannot be used becomes a remark; of a private key only its kind and its public
//! half are kept. Nothing is verified here.
mod der;
mod entry;
mod envoy_certificates;
mod error;
mod key;
mod pem;
mod pkcs12;
mod proxy_secrets;
mod secret;
mod sniff;

#[cfg(test)]
mod tests;

pub use entry::Container;
pub use entry::Entry;
pub use entry::Format;
pub use entry::FoundRequest;
pub use entry::ListedCertificate;
pub use error::ContainerError;
pub use key::FoundKey;
pub use key::KeyState;
pub use sniff::read;
