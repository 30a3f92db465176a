//! The three files of an identity.

use std::io;
use std::path::Path;

use crate::cli::ca::signing::Issuer;
use crate::cli::entropy::SystemEntropy;
use crate::cli::error::Error;
use crate::cli::svid::issuance::Issued;
use crate::pki::KeyEncryption;
use crate::pki::pem_chain;
use crate::store::PublishedFile;
use crate::store::publish;
use crate::store::require_own;

/// Name of the chain, as Istio's agent calls it.
pub(super) const CHAIN: &str = "cert-chain.pem";
/// Name of the private key.
pub(super) const KEY: &str = "key.pem";
/// Name of the roots.
pub(super) const ROOTS: &str = "root-cert.pem";

/// Refuses a directory whose files something else wrote, before anything is issued.
pub(super) fn require_writable(directory: &Path, overwrite: bool) -> Result<(), Error> {
    if !overwrite {
        require_own(directory, &[CHAIN, KEY, ROOTS])?;
    }
    Ok(())
}

/// Writes chain, key (when it was made here) and roots, all of them in one step.
pub(super) fn write(directory: &Path, issuer: &Issuer, issued: &Issued, overwrite: bool) -> Result<(), Error> {
    let chain = pem_chain(issuer.chain(&issued.certificate));
    let roots = pem_chain(&issuer.bundle);
    let key = issued.key.as_ref().map(|key| key.to_pem(&KeyEncryption::Plain, &mut SystemEntropy::new())).transpose()?;
    let mut files = vec![
        PublishedFile { name: CHAIN, bytes: chain.as_bytes(), is_private: false },
        PublishedFile { name: ROOTS, bytes: roots.as_bytes(), is_private: false },
    ];
    if let Some(key) = &key {
        files.push(PublishedFile { name: KEY, bytes: key.as_bytes(), is_private: true });
    }
    publish(directory, &issued.certificate.serial().to_string(), &files, overwrite)?;
    Ok(())
}

/// One identity and where its files go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writing<'a> {
    pub(super) directory: &'a Path,
    pub(super) issuer: &'a Issuer,
    pub(super) issued: &'a Issued,
}

/// How many identities are written at once. Most of the time goes by waiting for the disk, which takes many files in one go.
const WRITERS: usize = 16;

/// Writes many identities; one result each, in order.
pub(super) fn write_all(writings: &[Writing<'_>], overwrite: bool) -> Vec<Result<(), Error>> {
    let write = |writing: &Writing<'_>| write(writing.directory, writing.issuer, writing.issued, overwrite);
    if writings.len() < 2 {
        return writings.iter().map(write).collect();
    }
    std::thread::scope(|scope| {
        let spawn = |share| (share, scope.spawn(move || <[Writing<'_>]>::iter(share).map(write).collect::<Vec<_>>()));
        let writers: Vec<_> = writings.chunks(writings.len().div_ceil(WRITERS)).map(spawn).collect();
        let results = writers.into_iter().map(|(share, writer)| {
            let lost = || share.iter().map(|_| Err(Error::Write(io::Error::other("a writing thread was lost")))).collect();
            writer.join().unwrap_or_else(|_| lost())
        });
        results.flatten().collect()
    })
}
