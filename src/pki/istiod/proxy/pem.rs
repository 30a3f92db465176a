//! What a proxy gets of the files, and what its library reads in it.
//!
//! istiod cuts `cert-chain.pem` into its blocks (`PemCertBytestoString`), each with the text in front of it, and drops what stands behind
//! the last; the agent appends them and the whole of `root-cert.pem` to the workload's certificate, and hands the blocks of
//! `root-cert.pem` in sorted order to the proxy as trust anchors. BoringSSL then reads PEM in its own way: labels it does not look for
//! are passed over, damage is an error.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::pki::istiod::go::Certificate;
use crate::pki::pem_reader::PemReader;

/// Why a proxy refuses its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    /// What is wrong.
    pub(super) message: String,
}

/// The certificates behind the workload's own, as a proxy presents them.
pub(super) fn presented(chain_text: &[u8], root_text: &[u8]) -> Result<Vec<Rc<Certificate>>, Damage> {
    let mut text = Vec::new();
    for element in elements(chain_text) {
        text.extend_from_slice(element);
        text.push(b'\n');
    }
    text.extend_from_slice(root_text);
    certificates(&text, &["CERTIFICATE", "X509 CERTIFICATE"])
}

/// The trust anchors.
pub(super) fn anchors(root_text: &[u8]) -> Result<Vec<Rc<Certificate>>, Damage> {
    let mut sorted = elements(root_text);
    sorted.sort_unstable();
    sorted.dedup();
    let text = sorted.join(&b'\n');
    let mut anchors: Vec<Rc<Certificate>> = Vec::new();
    for anchor in certificates(&text, &["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"])? {
        if !anchors.iter().any(|other| other.raw == anchor.raw) {
            anchors.push(anchor);
        }
    }
    if anchors.is_empty() { Err(Damage { message: "no certificate is found in it".to_owned() }) } else { Ok(anchors) }
}

/// The blocks of a text with what stands in front of each; an empty block ends the list.
fn elements(text: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut start = 0;
    for block in PemReader::new(text) {
        if block.der.is_empty() {
            break;
        }
        let element = text.get(start..block.end).unwrap_or_default();
        let element = element.strip_suffix(b"\n").unwrap_or(element);
        found.push(element.strip_prefix(b"\n").unwrap_or(element));
        start = block.end;
    }
    found
}

fn certificates(text: &[u8], labels: &[&str]) -> Result<Vec<Rc<Certificate>>, Damage> {
    let mut found = Vec::new();
    for block in blocks(text) {
        let block = block?;
        if !labels.iter().any(|label| label.as_bytes() == block.label) {
            continue;
        }
        let fail = |what: &str| Err(Damage { message: format!("a certificate in it {what}") });
        if block.has_headers {
            return fail("has headers");
        }
        match Certificate::read_first(&block.der).filter(super::seen::is_readable) {
            Some(certificate) => found.push(Rc::new(certificate)),
            None => return fail("cannot be read"),
        }
    }
    Ok(found)
}

/// A block as BoringSSL finds it.
pub(super) struct Block<'t> {
    pub(super) label: &'t [u8],
    pub(super) der: Vec<u8>,
    has_headers: bool,
}

/// Longest piece of a line that is read at once.
const PIECE: usize = 253;

/// The blocks of a text; the first damaged one ends the list.
pub(super) fn blocks(text: &[u8]) -> Vec<Result<Block<'_>, Damage>> {
    let mut lines = lines(text).into_iter();
    let mut found = Vec::new();
    loop {
        let label = loop {
            let Some(line) = lines.next() else { return found };
            if let Some(label) = line.strip_prefix(b"-----BEGIN ").and_then(|rest| rest.strip_suffix(b"-----")) {
                break label;
            }
        };
        let block = body(label, &mut lines);
        let is_damaged = block.is_err();
        found.push(block);
        if is_damaged {
            return found;
        }
    }
}

/// Lines without blanks at their ends; long ones in pieces.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let most = rest.get(..PIECE).unwrap_or(rest);
        let length = memchr::memchr(b'\n', most).map_or(most.len(), |end| end + 1);
        let (line, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        let blanks = line.iter().rev().take_while(|byte| **byte <= b' ').count();
        found.push(line.get(..line.len() - blanks).unwrap_or_default());
        rest = after;
    }
    found
}

fn body<'t>(label: &'t [u8], lines: &mut impl Iterator<Item = &'t [u8]>) -> Result<Block<'t>, Damage> {
    let damage = |what: &str| Damage { message: format!("the block `{}` in it {what}", String::from_utf8_lossy(label)) };
    let mut first: Vec<&[u8]> = Vec::new();
    let mut end = None;
    // Up to a blank line these may be headers; when the block ends before one they were the content.
    for line in lines.by_ref() {
        if line.starts_with(b"-----END ") {
            end = Some(line);
            break;
        }
        if line.is_empty() {
            break;
        }
        first.push(line);
    }
    let (headers, content) = if end.is_some() {
        (Vec::new(), first)
    } else {
        let mut content = Vec::new();
        for line in lines.by_ref() {
            if line.starts_with(b"-----END ") {
                end = Some(line);
                break;
            }
            content.push(line);
        }
        (first, content)
    };
    let closes = end.and_then(|end| end.strip_prefix(b"-----END ")).and_then(|end| end.strip_suffix(b"-----"));
    if closes != Some(label) {
        return Err(damage("does not end as it should"));
    }
    let base64: Vec<u8> = content.concat().into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let der = STANDARD.decode(base64).map_err(|_| damage("holds no base64"))?;
    Ok(Block { label, der, has_headers: !headers.is_empty() })
}

#[cfg(test)]
mod tests {
    use super::blocks;
    use super::elements;

    #[test]
    fn elements_keep_what_stands_in_front_of_them() {
        let block = "-----BEGIN A-----\nAQID\n-----END A-----\n";
        let text = format!("one\n{block}two\n{block}three\n");
        let wanted: Vec<String> = ["one", "two"].iter().map(|word| format!("{word}\n{}", block.trim_end())).collect();
        assert_eq!(elements(text.as_bytes()), wanted.iter().map(String::as_bytes).collect::<Vec<_>>());
    }

    #[test]
    fn damage_ends_the_list() {
        let block = "-----BEGIN A-----\nAQID\n-----END A-----\n";
        let long = "A".repeat(400);
        for (name, text, wanted) in [
            ("good", block.to_owned(), "A"),
            ("words around", format!("x\n{block}y"), "A"),
            ("carriage returns", block.replace('\n', "\r\n"), "A"),
            ("a blank line first", block.replace("AQID", "\nAQID"), "A"),
            ("a long line", block.replace("AQID", &long), "A"),
            ("a long line after a blank one", block.replace("AQID", &format!("\n{long}")), "A"),
            ("blank lines everywhere", block.replace("AQID", "\nAQID\n\nAQID\n"), "A"),
            ("no base64", block.replace("AQID", "?"), "!"),
            ("another end", block.replace("END A", "END B"), "!"),
            ("no end", "-----BEGIN A-----\nAQID\n".to_owned(), "!"),
            ("indented", format!(" {block}"), ""),
            ("a broken block first", format!("{}{block}", block.replace("AQID", "?")), "!"),
        ] {
            let found: String = blocks(text.as_bytes()).iter().map(|block| if block.is_ok() { "A" } else { "!" }).collect();
            assert_eq!(found, wanted, "{name}");
        }
    }
}
