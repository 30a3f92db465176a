//! PEM as Go's `encoding/pem` reads it, which is how istiod reads every file it is given.
//!
//! A block starts at the beginning of a line (so a byte order mark or an indentation hides it), its END line repeats the label,
//! headers with a colon may stand before the base64 text, and anything that is no block is passed over. A BEGIN without its END is
//! forgotten when another BEGIN follows.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";

/// Like Go's: padding is required, bits after the last byte are not looked at.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// One block of a PEM text.
#[derive(Clone)]
pub struct PemBlock {
    /// What stands after `BEGIN`, such as `CERTIFICATE`.
    pub label: String,
    /// `Key: value` lines in front of the base64 text.
    pub headers: Vec<(String, String)>,
    /// The decoded bytes. They may be a private key's, so they are wiped.
    pub der: Zeroizing<Vec<u8>>,
    /// Where the BEGIN line starts, in bytes.
    pub offset: usize,
    /// Where the BEGIN line is, counted from one.
    pub line: usize,
    /// Where the text after the block starts, in bytes.
    pub end: usize,
}

/// The blocks of a text, in order.
pub struct PemReader<'t> {
    text: &'t [u8],
    position: usize,
    /// Up to where lines were counted, and how many were.
    counted: (usize, usize),
}

impl<'t> PemReader<'t> {
    /// Starts at the beginning of a text.
    #[must_use]
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, position: 0, counted: (0, 1) }
    }

    /// What follows the last block that was read.
    #[must_use]
    pub fn rest(&self) -> &'t [u8] {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn line_of(&mut self, offset: usize) -> usize {
        let (from, line) = self.counted;
        let passed = self.text.get(from..offset).unwrap_or_default();
        let line = line + memchr::memchr_iter(b'\n', passed).count();
        self.counted = (offset, line);
        line
    }
}

impl Iterator for PemReader<'_> {
    type Item = PemBlock;

    fn next(&mut self) -> Option<PemBlock> {
        let found = decode(self.rest())?;
        let offset = self.position + found.offset;
        let line = self.line_of(offset);
        self.position += found.end;
        Some(PemBlock {
            label: String::from_utf8_lossy(found.label).into_owned(),
            headers: found.headers,
            der: found.der,
            offset,
            line,
            end: self.position,
        })
    }
}

/// A block and where it lies in the text that was searched.
struct Found<'t> {
    label: &'t [u8],
    headers: Vec<(String, String)>,
    der: Zeroizing<Vec<u8>>,
    offset: usize,
    end: usize,
}

/// The first block of a text.
fn decode(text: &[u8]) -> Option<Found<'_>> {
    let mut from = 0;
    loop {
        // The first END line, then the last BEGIN before it: a BEGIN without its END is skipped.
        let rest = text.get(from..)?;
        let end_line = memchr::memmem::find(rest, END)?;
        let begin = memchr::memmem::rfind(rest.get(..end_line)?, BEGIN);
        let Some(begin) = begin.filter(|begin| *begin == 0 || rest.get(begin - 1) == Some(&b'\n')) else {
            from += end_line + END.len();
            continue;
        };
        match block(rest.get(begin..)?, end_line - begin) {
            Block::Good(mut found) => {
                found.offset += from + begin;
                found.end += from + begin;
                return Some(found);
            }
            Block::Bad { resume } => from += begin + resume,
            Block::Hopeless => return None,
        }
    }
}

enum Block<'t> {
    Good(Found<'t>),
    /// No block; the search goes on from here.
    Bad {
        resume: usize,
    },
    /// No block, and the library looks no further.
    Hopeless,
}

/// What starts with a BEGIN line, where `end_line` is the line break before the next END line.
fn block(text: &[u8], end_line: usize) -> Block<'_> {
    let trailer = end_line + END.len();
    let bad = Block::Bad { resume: trailer };
    let (type_line, mut body) = line(text, BEGIN.len());
    let Some(label) = type_line.strip_suffix(DASHES) else { return bad };
    let mut headers = Vec::new();
    loop {
        if body >= text.len() {
            return Block::Hopeless;
        }
        let (header, next) = line(text, body);
        let Some(colon) = memchr::memchr(b':', header) else { break };
        let (key, value) = header.split_at_checked(colon).unwrap_or_default();
        let word = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        headers.push((word(key), word(value.get(1..).unwrap_or_default())));
        body = next;
    }
    // Headers that run over the END line leave nothing to resume from.
    if !headers.is_empty() && end_line < body {
        return if trailer < body { Block::Hopeless } else { bad };
    }
    let Some(after) = text.get(trailer..).and_then(|end| end.strip_prefix(label)).and_then(|end| end.strip_prefix(DASHES)) else {
        return bad;
    };
    let (remains, _) = line(after, 0);
    if !remains.is_empty() {
        return bad;
    }
    // The line break before END may be the one after BEGIN, and then there is nothing in between.
    let base64: Zeroizing<Vec<u8>> = Zeroizing::new(
        text.get(body..end_line).unwrap_or_default().iter().copied().filter(|byte| !b" \t\r\n".contains(byte)).collect(),
    );
    let Ok(der) = LENIENT.decode(base64.as_slice()) else { return bad };
    let (_, end) = line(text, trailer);
    Block::Good(Found { label, headers, der: Zeroizing::new(der), offset: 0, end })
}

/// The line that starts here, without its end and without blanks before that, and where the next one starts.
fn line(text: &[u8], start: usize) -> (&[u8], usize) {
    let rest = text.get(start..).unwrap_or_default();
    let (line, next) = match memchr::memchr(b'\n', rest) {
        Some(length) => {
            let line = rest.get(..length).unwrap_or_default();
            (line.strip_suffix(b"\r").unwrap_or(line), start + length + 1)
        }
        None => (rest, text.len()),
    };
    let blanks = line.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    (line.get(..line.len() - blanks).unwrap_or_default(), next)
}

#[cfg(test)]
mod tests {
    use super::PemReader;

    fn read(text: &[u8]) -> Vec<(String, Vec<u8>, usize)> {
        PemReader::new(text).map(|block| (block.label, block.der.to_vec(), block.line)).collect()
    }

    #[test]
    fn text_that_is_no_block_is_passed_over() {
        let good = "-----BEGIN A-----\nAQID\n-----END A-----\n";
        for (name, text) in [
            ("nothing", String::new()),
            ("a byte order mark", format!("\u{feff}{good}")),
            ("an indentation", format!("  {good}")),
            ("an indented end", good.replace("-----END", " -----END")),
            ("another label at the end", good.replace("END A", "END B")),
            ("words after the end", good.replace("END A-----", "END A----- x")),
            ("too few dashes", good.replace("BEGIN A-----", "BEGIN A----")),
            ("no end", good.replace("-----END A-----", "")),
            ("no base64", good.replace("AQID", "AQI!")),
            ("no padding", good.replace("AQID", "AQI")),
            ("everything in one line", good.replace('\n', " ")),
            ("a line break within BEGIN", good.replace("BEGIN A", "BEGIN\nA")),
            ("a header that is never followed by anything", "-----BEGIN A-----\nkey: -----END A-----".to_owned()),
        ] {
            assert_eq!(read(text.as_bytes()), [], "{name}");
        }
    }

    #[test]
    fn what_go_reads_is_read() {
        let good = "-----BEGIN A-----\nAQID\n-----END A-----\n";
        let one = |line| vec![("A".to_owned(), vec![1, 2, 3], line)];
        for (name, text, wanted) in [
            ("as usual", good.to_owned(), one(1)),
            ("without the last line break", good.trim_end().to_owned(), one(1)),
            ("carriage returns", good.replace('\n', "\r\n"), one(1)),
            ("words around", format!("first\n{good}last"), one(2)),
            ("blanks at line ends", good.replace('\n', " \t\n"), one(1)),
            ("blanks in the base64", good.replace("AQID", " A Q\tI\nD"), one(1)),
            ("a header", good.replace("AQID", "Proc-Type: 4\n\nAQID"), one(1)),
            ("a begin that never ends before it", format!("-----BEGIN B-----\nAQID\n{good}"), one(3)),
            ("bits after the last byte", good.replace("AQID", "AR=="), vec![("A".to_owned(), vec![1], 1)]),
            ("an empty block", "-----BEGIN A-----\n-----END A-----".to_owned(), vec![("A".to_owned(), vec![], 1)]),
            ("an empty label", good.replace(" A-----", " -----"), vec![(String::new(), vec![1, 2, 3], 1)]),
            ("a broken block first", format!("{}{good}", good.replace("AQID", "?")), one(4)),
        ] {
            assert_eq!(read(text.as_bytes()), wanted, "{name}");
        }
        let two = format!("{good}between\n{good}");
        assert_eq!(read(two.as_bytes()).iter().map(|block| block.2).collect::<Vec<_>>(), [1, 5]);
    }

    #[test]
    fn blocks_tell_where_they_are() {
        let text = b"x\n-----BEGIN A-----\nk: v\n\nAQID\n-----END A-----\nrest";
        let mut reader = PemReader::new(text);
        let block = reader.next().unwrap();
        assert_eq!(
            (block.offset, block.end, block.headers.as_slice()),
            (2, text.len() - 4, &[("k".to_owned(), "v".to_owned())][..])
        );
        assert_eq!(reader.rest(), b"rest");
    }
}
