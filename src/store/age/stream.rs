//! The payload: chunks of 64 KiB, each encrypted under its number and whether it is the last one. A chunk that was changed, moved, left out or
//! added is noticed when it is read, and a payload that was cut off when its end is.

use std::io;
use std::io::Read;
use std::io::Write;

use aws_lc_rs::aead::Aad;
use aws_lc_rs::aead::CHACHA20_POLY1305;
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::aead::Nonce;
use aws_lc_rs::aead::UnboundKey;
use zeroize::Zeroize;
use zeroize::Zeroizing;

const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// Encrypts what is written into it. Without [`Writer::finish`] the file has no end, and nobody can read all of it.
pub(in crate::store) struct Writer<W> {
    to: W,
    key: LessSafeKey,
    number: u64,
    chunk: Zeroizing<Vec<u8>>,
}

/// Decrypts what it reads.
pub(in crate::store) struct Reader<R> {
    from: R,
    key: LessSafeKey,
    number: u64,
    /// What was decrypted and not yet handed out begins at `position`.
    chunk: Zeroizing<Vec<u8>>,
    position: usize,
    is_last: bool,
    /// The first byte of the next chunk.
    ahead: Option<u8>,
}

fn payload_key(key: &[u8; 32]) -> io::Result<LessSafeKey> {
    let key = UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| io::Error::other("no key for the payload"))?;
    Ok(LessSafeKey::new(key))
}

/// The number of the chunk in eleven bytes, then whether it is the last. The file's key is used for this payload alone, so no nonce comes twice.
fn nonce(number: u64, is_last: bool) -> Nonce {
    let mut bytes = [0; 12];
    let counted = bytes.iter_mut().skip(3);
    counted.zip(number.to_be_bytes().into_iter().chain([u8::from(is_last)])).for_each(|(to, from)| *to = from);
    Nonce::assume_unique_for_key(bytes)
}

impl<W: Write> Writer<W> {
    pub(super) fn new(to: W, key: &[u8; 32]) -> io::Result<Self> {
        Ok(Self { to, key: payload_key(key)?, number: 0, chunk: Zeroizing::new(Vec::with_capacity(CHUNK + TAG)) })
    }

    fn write_chunk(&mut self, is_last: bool) -> io::Result<()> {
        let sealed = self.key.seal_in_place_append_tag(nonce(self.number, is_last), Aad::empty(), &mut *self.chunk);
        sealed.map_err(|_| io::Error::other("the cryptographic library encrypted nothing"))?;
        self.to.write_all(&self.chunk)?;
        self.chunk.clear();
        self.number += 1;
        Ok(())
    }

    /// Writes the last chunk.
    pub(in crate::store) fn finish(mut self) -> io::Result<W> {
        self.write_chunk(true)?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until more comes, because it may turn out to be the last.
        if self.chunk.len() == CHUNK && !bytes.is_empty() {
            self.write_chunk(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend(bytes.iter().take(taken));
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl<R: Read> Reader<R> {
    pub(super) fn new(from: R, key: &[u8; 32]) -> io::Result<Self> {
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK + TAG + 1));
        Ok(Self { from, key: payload_key(key)?, number: 0, chunk, position: 0, is_last: false, ahead: None })
    }

    fn read_chunk(&mut self) -> io::Result<()> {
        self.position = 0;
        let read = self.try_read_chunk();
        if read.is_err() {
            // What was not authenticated is not handed out, nor taken for an end.
            self.chunk.clear();
        }
        self.is_last = read?;
        self.number += 1;
        Ok(())
    }

    /// Whether the chunk was the last one.
    fn try_read_chunk(&mut self) -> io::Result<bool> {
        self.chunk.zeroize();
        self.chunk.extend(self.ahead.take());
        // One byte more than a chunk says whether another one follows.
        let wanted = CHUNK + TAG + 1 - self.chunk.len();
        self.from.by_ref().take(u64::try_from(wanted).unwrap_or(u64::MAX)).read_to_end(&mut self.chunk)?;
        let is_last = self.chunk.len() <= CHUNK + TAG;
        if !is_last {
            self.ahead = self.chunk.pop();
        }
        if self.chunk.len() < TAG {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off"));
        }
        let damaged = |what| io::Error::new(io::ErrorKind::InvalidData, what);
        let opened = self.key.open_in_place(nonce(self.number, is_last), Aad::empty(), self.chunk.as_mut_slice());
        let plain = opened.map_err(|_| damaged("a part of it was changed or is missing"))?.len();
        if plain == 0 && self.number > 0 {
            return Err(damaged("its last part is empty"));
        }
        self.chunk.truncate(plain);
        Ok(is_last)
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.position == self.chunk.len() && !self.is_last {
            self.read_chunk()?;
        }
        let left = self.chunk.get(self.position..).unwrap_or_default();
        let taken = left.len().min(bytes.len());
        for (to, from) in bytes.iter_mut().zip(left) {
            *to = *from;
        }
        self.position += taken;
        Ok(taken)
    }
}
