use crate::pki::Certificate;
use crate::pki::Entropy;
use crate::pki::PkiError;
use crate::pki::SerialNumber;
use crate::store::Ledger;
use crate::store::NewCertificate;
use crate::store::StoreError;

/// How often a new serial number is tried before the random numbers are called broken.
const ATTEMPTS: u32 = 8;

/// A certificate that was signed and not yet recorded, with what belongs to it (its private key, say).
#[derive(Debug)]
pub struct Signed<T> {
    /// The row to be.
    pub row: NewCertificate,
    /// What is handed back with the certificate.
    pub rest: T,
}

/// Signs one certificate and records it; it is returned only after its row is committed.
///
/// `sign` is called with a fresh serial number, and again with another one should the issuer have used that already.
///
/// # Errors
/// When signing or recording fails; then nothing is recorded.
pub fn issue<T, E: From<StoreError>>(
    ledger: &mut Ledger,
    entropy: &mut dyn Entropy,
    mut sign: impl FnMut(SerialNumber, &mut dyn Entropy) -> Result<Signed<T>, E>,
) -> Result<(Certificate, T), E> {
    let mut issued = issue_batch(ledger, entropy, &[()], |(), serial, entropy| sign(serial, entropy), |_| {})?;
    // One item in, one certificate out.
    issued.pop().ok_or_else(|| StoreError::NoSerial(ATTEMPTS).into())
}

/// Signs a certificate for every item and records them in one transaction, in order. `signed` hears how many are signed.
///
/// Signing happens before the transaction, so slow keys keep nobody else waiting. What is returned is committed; an error leaves nothing recorded.
///
/// # Errors
/// When signing or recording fails.
pub fn issue_batch<I, T, E: From<StoreError>>(
    ledger: &mut Ledger,
    entropy: &mut dyn Entropy,
    items: &[I],
    mut sign: impl FnMut(&I, SerialNumber, &mut dyn Entropy) -> Result<Signed<T>, E>,
    mut signed: impl FnMut(usize),
) -> Result<Vec<(Certificate, T)>, E> {
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        rows.push(sign(item, fresh(entropy)?, entropy)?);
        signed(rows.len());
    }
    let mut attempts = 1;
    while let Some(taken) = record(ledger, &rows)? {
        if attempts == ATTEMPTS {
            return Err(StoreError::NoSerial(ATTEMPTS).into());
        }
        attempts += 1;
        for (index, (item, slot)) in items.iter().zip(&mut rows).enumerate() {
            if taken.contains(&index) {
                *slot = sign(item, fresh(entropy)?, entropy)?;
            }
        }
    }
    Ok(rows.into_iter().map(|signed| (signed.row.certificate, signed.rest)).collect())
}

fn fresh<E: From<StoreError>>(entropy: &mut dyn Entropy) -> Result<SerialNumber, E> {
    entropy.serial().map_err(|error: PkiError| StoreError::Pki(error).into())
}

/// Records all in one transaction, or nothing and the places of those whose serial number is taken.
fn record<T>(ledger: &mut Ledger, signed: &[Signed<T>]) -> Result<Option<Vec<usize>>, StoreError> {
    let mut taken = Vec::new();
    let recorded = ledger.transaction(|transaction| {
        for (index, signed) in signed.iter().enumerate() {
            match transaction.record_certificate(&signed.row) {
                Err(StoreError::SerialTaken { .. }) => taken.push(index),
                other => other?,
            }
        }
        // The number is of no interest: an error undoes what was recorded, and the places say what to sign again.
        if taken.is_empty() { Ok(()) } else { Err(StoreError::NoSerial(ATTEMPTS)) }
    });
    match recorded {
        Ok(()) => Ok(None),
        Err(_) if !taken.is_empty() => Ok(Some(taken)),
        Err(error) => Err(error),
    }
}
