//! One encrypted file with everything a home holds.
//!
//! Inside the encryption is a plain tar archive, so that `age -d FILE | tar -x` gets at it without this program:
//!
//! ```text
//! meshsec-backup        text: the format's version, which program made it, and when
//! ledger.db             a consistent copy of the ledger
//! keys/<id>.pem         the private key of every authority in that ledger, under the passphrase it has
//! ```

mod archive;

use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::Read;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use crate::pki::Entropy;
use crate::store::AuthorityId;
use crate::store::CertificateFilter;
use crate::store::Existing;
use crate::store::Home;
use crate::store::Ledger;
use crate::store::NewHome;
use crate::store::StoreError;
use crate::store::age;
use crate::store::age::AgeError;
use crate::store::files;
use crate::store::home::LEDGER;

const MARK: &str = "meshsec-backup";
const FORMAT: &str = "meshsec backup 1";

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// How many authorities, each with its key.
    pub authorities: usize,
    /// How many certificates, those of authorities included.
    pub certificates: u64,
}

/// The largest key file that is taken back.
const LARGEST_KEY: u64 = 1 << 20;

impl Home {
    /// Writes one encrypted file with the ledger and the keys of its authorities. Others may go on issuing; what they record after the copy began is
    /// not in it.
    ///
    /// # Errors
    /// When the file exists, cannot be written, or a key is missing.
    pub fn back_up(&self, to: &Path, passphrase: &str, entropy: &mut dyn Entropy, now: Timestamp) -> Result<Backup, StoreError> {
        self.back_up_with(to, passphrase, age::WORK, entropy, now)
    }

    pub(in crate::store) fn back_up_with(
        &self,
        to: &Path,
        passphrase: &str,
        work: u8,
        entropy: &mut dyn Entropy,
        now: Timestamp,
    ) -> Result<Backup, StoreError> {
        // In a directory of its own, because SQLite makes files beside it.
        let folder = files::TemporaryDirectory::beside(&self.path().join(LEDGER), "tmp")?;
        let copy = folder.path().join(LEDGER);
        self.ledger().copy_into(&copy)?;
        // Every authority of the copy has its key on the disk, because keys come first.
        let ledger = Ledger::open_copy(&copy)?;
        let authorities = ledger.authorities()?;
        let jwt_keys = ledger.jwt_keys()?;
        let everything = CertificateFilter { with_authorities: true, ..CertificateFilter::default() };
        let backup = Backup { authorities: authorities.len(), certificates: ledger.count_certificates(&everything)? };
        let write = |file: &mut File| -> Result<(), StoreError> {
            let failed = |error| StoreError::io("write", to, error);
            let encrypted = age::encrypt(BufWriter::new(file), passphrase, work, entropy).map_err(failed)?;
            let mut archive = archive::Writer::new(encrypted, now);
            let text = format!("{FORMAT}\nprogram {}\ncreated {now}\n", env!("CARGO_PKG_VERSION"));
            archive.add(MARK, text.as_bytes()).map_err(failed)?;
            let unreadable = |error| StoreError::io("read", &copy, error);
            let mut ledger = File::open(&copy).map_err(unreadable)?;
            let length = ledger.metadata().map_err(unreadable)?.len();
            archive.add_from(LEDGER, length, &mut ledger).map_err(failed)?;
            for authority in &authorities {
                let key = self.read_key(authority)?;
                archive.add(&key_name(&authority.id), key.as_bytes()).map_err(failed)?;
            }
            for key in &jwt_keys {
                let text = self.read_jwt_key(&key.key_id)?;
                archive.add(&jwt_key_name(&key.key_id), text.as_bytes()).map_err(failed)?;
            }
            archive.finish().and_then(age::Writer::finish).and_then(|mut file| file.flush()).map_err(failed)
        };
        files::write_with(to, Existing::Keep, files::Audience::Owner, write)?;
        Ok(backup)
    }

    /// Makes a home from a backup.
    ///
    /// # Errors
    /// When something is at `path`, the file is no backup, the passphrase is wrong, or the file is damaged: then nothing is made.
    pub fn restore(from: &Path, passphrase: &str, path: &Path) -> Result<Self, StoreError> {
        let unreadable = |source| StoreError::BackupUnreadable { path: from.to_owned(), source };
        let file = BufReader::new(File::open(from).map_err(unreadable)?);
        let new = NewHome::begin(path, |beside| {
            let plain = age::decrypt(file, passphrase).map_err(|error| cannot_open(from, error))?;
            let names = unpack(plain, beside).map_err(|fault| fault.at(from, beside))?;
            let ledger = Ledger::open(&beside.join(LEDGER))?;
            ledger.verify()?;
            for authority in ledger.authorities()? {
                if !names.contains(&key_name(&authority.id)) {
                    return Err(damaged(from, format!("the private key of `{}` is not in it", authority.name)));
                }
            }
            for key in ledger.jwt_keys()? {
                if !names.contains(&jwt_key_name(&key.key_id)) {
                    return Err(damaged(from, format!("the key `{}` for JWT-SVIDs is not in it", key.key_id)));
                }
            }
            Ok(ledger)
        })?;
        new.commit()
    }
}

fn key_name(id: &AuthorityId) -> String {
    format!("keys/{id}.pem")
}

fn jwt_key_name(key_id: &str) -> String {
    format!("keys/jwt-{key_id}.pem")
}

fn damaged(path: &Path, what: String) -> StoreError {
    StoreError::BackupDamaged { path: path.to_owned(), what }
}

fn cannot_open(path: &Path, error: AgeError) -> StoreError {
    let not = |what: &'static str| StoreError::NotABackup { path: path.to_owned(), what };
    match error {
        AgeError::NotAge => not("it is not an age file"),
        AgeError::NotForPassphrase => not("it is encrypted for a key, not under a passphrase"),
        AgeError::TooMuchWork => not("opening it would take more than 1 GiB of memory, which no backup of this program does"),
        AgeError::Damaged => damaged(path, "its header was changed or is cut off".to_owned()),
        AgeError::Passphrase => StoreError::BackupPassphrase(path.to_owned()),
        AgeError::Io(source) => StoreError::BackupUnreadable { path: path.to_owned(), source },
    }
}

/// Why unpacking stopped.
enum Fault {
    Read(io::Error),
    Write(io::Error),
    /// Authentic, but not what this program writes.
    Foreign(&'static str),
}

impl Fault {
    fn at(self, from: &Path, to: &Path) -> StoreError {
        match self {
            Self::Read(error) if error.kind() == io::ErrorKind::UnexpectedEof => damaged(from, "it is cut off".to_owned()),
            Self::Read(error) if error.kind() == io::ErrorKind::InvalidData => damaged(from, error.to_string()),
            Self::Read(source) => StoreError::BackupUnreadable { path: from.to_owned(), source },
            Self::Write(error) => StoreError::io("write", to, error),
            Self::Foreign(what) => StoreError::NotABackup { path: from.to_owned(), what },
        }
    }
}

/// Unpacks into the directory, and returns the names of the keys. Only the names this program gives are taken, so nothing lands elsewhere.
fn unpack(plain: impl Read, folder: &Path) -> Result<Vec<String>, Fault> {
    let mut archive = archive::Reader::new(plain);
    let mut keys = Vec::new();
    let mut place = 0;
    while let Some(entry) = archive.next().map_err(Fault::Read)? {
        match (place, entry.name.as_str()) {
            (0, MARK) => {
                let mut text = String::new();
                archive.read(&entry, &mut |bytes| {
                    text.push_str(&String::from_utf8_lossy(bytes));
                    Ok(())
                })?;
                if text.lines().next() != Some(FORMAT) {
                    return Err(Fault::Foreign("it is of a later format"));
                }
            }
            (1, LEDGER) => copy(&mut archive, &entry, &folder.join(LEDGER))?,
            (2.., name) if is_key(name) && entry.length <= LARGEST_KEY && !keys.contains(&entry.name) => {
                copy(&mut archive, &entry, &folder.join(name))?;
                keys.push(entry.name);
            }
            _ => return Err(Fault::Foreign("what is inside was not written by this program")),
        }
        place += 1;
    }
    if place < 2 { Err(Fault::Foreign("there is no ledger in it")) } else { Ok(keys) }
}

fn is_key(name: &str) -> bool {
    let id = name.strip_prefix("keys/").and_then(|name| name.strip_suffix(".pem"));
    let is_thumbprint =
        |id: &str| id.len() == 43 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    id.is_some_and(|id| id.parse::<AuthorityId>().is_ok() || id.strip_prefix("jwt-").is_some_and(is_thumbprint))
}

fn copy<R: Read>(archive: &mut archive::Reader<R>, entry: &archive::Entry, path: &Path) -> Result<(), Fault> {
    let mut file = files::new_private(path).map_err(Fault::Write)?;
    archive.read(entry, &mut |bytes| file.write_all(bytes))?;
    file.sync_all().map_err(Fault::Write)
}

impl<R: Read> archive::Reader<R> {
    fn read(&mut self, entry: &archive::Entry, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<(), Fault> {
        let mut left = entry.length;
        let mut buffer = zeroize::Zeroizing::new(vec![0; 1 << 16]);
        while left > 0 {
            let part = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let Some(bytes) = buffer.get_mut(..part) else { break };
            self.read_exact(bytes).map_err(Fault::Read)?;
            take(bytes).map_err(Fault::Write)?;
            left -= u64::try_from(part).unwrap_or(left);
        }
        self.skip_padding(entry).map_err(Fault::Read)
    }
}
