//! The three files of an identity.

use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use crate::cli::ca::signing::Issuer;
use crate::cli::entropy::SystemEntropy;
use crate::cli::error::Error;
use crate::cli::svid::issuance::Issued;
use crate::pki::KeyEncryption;
use crate::pki::pem_chain;
use crate::store;
use crate::store::PublishedFile;
use crate::store::publish;
use crate::store::require_own;

/// Name of the chain, as Istio's agent calls it.
pub(super) const CHAIN: &str = "cert-chain.pem";
/// Name of the private key.
pub(super) const KEY: &str = "key.pem";
/// Name of the roots.
pub(super) const ROOTS: &str = "root-cert.pem";

/// Writers at once. Each waits for the disk most of the time, and a disk takes many writes together nearly as fast as one.
const WRITERS: usize = 16;

/// One identity to be written.
#[derive(Clone, Copy)]
pub(super) struct Writing<'a> {
    pub(super) directory: &'a Path,
    pub(super) issuer: &'a Issuer,
    pub(super) issued: &'a Issued,
}

/// Refuses a directory that cannot be written, or whose files something else wrote, before anything is issued.
pub(super) fn require_writable(directory: &Path, overwrite: bool) -> Result<(), Error> {
    if !overwrite {
        require_own(directory, &[CHAIN, KEY, ROOTS])?;
    }
    Ok(store::require_writable(directory)?)
}

/// Writes chain, key (when it was made here) and roots, all of them in one step.
pub(super) fn write(directory: &Path, issuer: &Issuer, made: &Issued, overwrite: bool) -> Result<(), Error> {
    let chain = pem_chain(issuer.chain(&made.certificate));
    let roots = pem_chain(&issuer.bundle);
    let key = made.key.as_ref().map(|key| key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy::new())).transpose()?;
    let mut files = vec![
        PublishedFile { name: CHAIN, bytes: chain.as_bytes(), is_private: false },
        PublishedFile { name: ROOTS, bytes: roots.as_bytes(), is_private: false },
    ];
    if let Some(key) = &key {
        files.push(PublishedFile { name: KEY, bytes: key.as_bytes(), is_private: true });
    }
    publish(directory, &made.certificate.serial().to_string(), &files, overwrite)?;
    Ok(())
}

/// Writes many identities, several at once, and says of each in order what came of it.
pub(super) fn write_all(writings: &[Writing<'_>], overwrite: bool) -> Vec<Result<(), Error>> {
    let write_some = |some: &[Writing<'_>]| -> Vec<Result<(), Error>> {
        some.iter().map(|writing| write(writing.directory, writing.issuer, writing.issued, overwrite)).collect()
    };
    if writings.len() == 1 {
        return write_some(writings);
    }
    thread::scope(|scope| {
        let share = writings.len().div_ceil(WRITERS).max(1);
        let writers: Vec<_> = writings.chunks(share).map(|some| scope.spawn(move || write_some(some))).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}
