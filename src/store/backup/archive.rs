//! Tar (POSIX.1-1988, "ustar"): regular files only, one after another.

use std::io;
use std::io::Read;
use std::io::Write;

use jiff::Timestamp;

const BLOCK: usize = 512;

pub(super) struct Writer<W> {
    to: W,
    modified: Timestamp,
}

pub(super) struct Reader<R> {
    from: R,
}

/// One file of an archive.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) length: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(to: W, modified: Timestamp) -> Self {
        Self { to, modified }
    }

    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.add_from(name, u64::try_from(bytes.len()).unwrap_or(u64::MAX), &mut &*bytes)
    }

    pub(super) fn add_from(&mut self, name: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        self.to.write_all(&header(name, length, self.modified)?)?;
        let copied = io::copy(&mut from.take(length), &mut self.to)?;
        if copied != length {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a file became shorter while it was read"));
        }
        self.to.write_all(&vec![0; padding(length)])
    }

    /// Writes the two empty blocks that end an archive.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.to.write_all(&[0; 2 * BLOCK])?;
        Ok(self.to)
    }
}

fn padding(length: u64) -> usize {
    let over = usize::try_from(length % 512).unwrap_or(0);
    if over == 0 { 0 } else { BLOCK - over }
}

/// The fields of a header block in their order, each padded to its width.
fn header(name: &str, length: u64, modified: Timestamp) -> io::Result<[u8; BLOCK]> {
    let is_too_long = name.len() > 99 || length >= 1 << 33;
    if is_too_long {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{name}` is too large for the archive")));
    }
    let mut block = [0; BLOCK];
    let seconds = modified.as_second().max(0);
    let before_sum = format!("{name:\0<100}0000600\x000000000\x000000000\x00{length:011o}\0{seconds:011o}\0");
    let after_sum = format!("0{:\0<100}ustar\x0000", "");
    let fill = |block: &mut [u8; BLOCK], sum: &str| {
        for (to, from) in block.iter_mut().zip(before_sum.bytes().chain(sum.bytes()).chain(after_sum.bytes())) {
            *to = from;
        }
    };
    fill(&mut block, "        ");
    let sum: u32 = block.iter().copied().map(u32::from).sum();
    fill(&mut block, &format!("{sum:06o}\0 "));
    Ok(block)
}

impl<R: Read> Reader<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from }
    }

    /// The header of the next file; none at the end, after which nothing may come.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        let mut block = [0; BLOCK];
        self.from.read_exact(&mut block)?;
        if block == [0; BLOCK] {
            self.from.read_exact(&mut block)?;
            let mut rest = Vec::new();
            self.from.by_ref().take(1).read_to_end(&mut rest)?;
            return if block == [0; BLOCK] && rest.is_empty() { Ok(None) } else { Err(unusual()) };
        }
        let name: Vec<u8> = block.iter().take(100).copied().take_while(|byte| *byte != 0).collect();
        let name = String::from_utf8(name).map_err(|_| unusual())?;
        let length = block.get(124..135).and_then(|digits| str::from_utf8(digits).ok());
        let length = length.and_then(|digits| u64::from_str_radix(digits, 8).ok()).ok_or_else(unusual)?;
        let seconds = block.get(136..147).and_then(|digits| str::from_utf8(digits).ok());
        let seconds = seconds.and_then(|digits| i64::from_str_radix(digits, 8).ok()).ok_or_else(unusual)?;
        let modified = Timestamp::from_second(seconds).map_err(|_| unusual())?;
        // Whatever is not written here byte by byte is of another making.
        if header(&name, length, modified)? != block {
            return Err(unusual());
        }
        Ok(Some(Entry { name, length }))
    }

    pub(super) fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.from.read_exact(bytes)
    }

    pub(super) fn skip_padding(&mut self, entry: &Entry) -> io::Result<()> {
        self.from.read_exact(&mut vec![0; padding(entry.length)])
    }
}

fn unusual() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what is inside was not written by this program")
}
