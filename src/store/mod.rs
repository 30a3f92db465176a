//! What an authority keeps on disk: its home directory, its keys, and the ledger of everything it signed.
//!
//! ```text
//! HOME/                          0700
//!   ledger.db                    0600  SQLite: authorities, certificates, revocations, revocation lists, settings
//!   keys/<authority id>.pem      0600  PKCS#8, encrypted unless the user said otherwise
//! ```
//!
//! In: paths, certificates, a time, fresh serial numbers from an [`Entropy`](crate::pki::Entropy). Out: typed rows and [`Signer`](crate::pki::Signer)s.
//!
//! Invariants:
//! - A home appears whole or not at all ([`NewHome`]); a file appears whole or not at all ([`write_private`]).
//! - A key is on the disk before the row that names it is committed, so a row never lacks its key; a key that no row names is the
//!   rest of a run that died, and [`Home::sweep`] removes it.
//! - A certificate is returned by [`issue_batch`] only after its row is committed. One issuer never has two rows with one serial.
//! - Writers queue: a transaction takes the write lock when it begins, and waits for it.
//! - Nobody but the owner can read a home or a key; one that others can read is refused.
//!
//! Left to others: what a certificate says (`pki`), which step of a rotation may follow which (`cli`), what is printed (`render`).

mod age;
mod backup;
mod error;
mod files;
mod home;
mod issuing;
mod ledger;
mod published;
#[cfg(test)]
mod tests;

pub use backup::Backup;
pub use error::StoreError;
pub use files::Existing;
pub use files::read_private;
pub use files::write_private;
pub use files::write_public;
pub use home::Home;
pub use home::NewHome;
pub use issuing::Signed;
pub use issuing::issue;
pub use issuing::issue_batch;
pub use ledger::Authority;
pub use ledger::AuthorityId;
pub use ledger::AuthorityKind;
pub use ledger::AuthorityName;
pub use ledger::CertificateFilter;
pub use ledger::CertificateRecord;
pub use ledger::CertificateState;
pub use ledger::JwtKeyRecord;
pub use ledger::Ledger;
pub use ledger::NewAuthority;
pub use ledger::NewCertificate;
pub use ledger::Order;
pub use ledger::Origin;
pub use ledger::Revocation;
pub use ledger::RevokedCertificate;
pub use ledger::Settings;
pub use ledger::StoredCrl;
pub use ledger::Transaction;
pub use published::PublishedFile;
pub use published::publish;
pub use published::read_published;
pub use published::require_own;
pub use published::require_writable;
