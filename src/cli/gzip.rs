//! Compressed texts, by what they begin with.

use crate::cli::error::Error;

/// How a compressed text begins (RFC 1952 section 2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The bytes, unpacked when they are compressed: at most one more than the limit, so that a text that is too large is known to be.
#[cfg(feature = "cluster")]
pub(super) fn unpacked(name: &str, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, Error> {
    use std::io::Read;

    if !bytes.starts_with(&MAGIC) || bytes.len() as u64 > limit {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    let read = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(limit.saturating_add(1)).read_to_end(&mut unpacked);
    read.map_err(|error| {
        Error::question(format!("`{name}` is compressed and damaged: {error}"), "get the whole file once more".to_owned())
    })?;
    Ok(unpacked)
}

/// The bytes; what is compressed cannot be read without the feature that brings the decoder.
#[cfg(not(feature = "cluster"))]
pub(super) fn unpacked(name: &str, bytes: Vec<u8>, _: u64) -> Result<Vec<u8>, Error> {
    if bytes.starts_with(&MAGIC) {
        let help = "unpack it with `gunzip`".to_owned();
        return Err(Error::question(format!("`{name}` is compressed, and this build of the program does not unpack"), help));
    }
    Ok(bytes)
}

/// The bytes, packed. The same bytes give the same file: it has no time and no name in it.
#[cfg(feature = "cluster")]
pub(super) fn packed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Write;

    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 8), flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(all(test, feature = "cluster"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_no_more_than_the_limit() {
        let text = b"kind: Snapshot\n".repeat(1000);
        let gz = packed(&text).unwrap();
        assert!(gz.len() < text.len() / 20 && gz == packed(&text).unwrap());
        for (limit, expected) in [(20_000, 15_000), (15_000, 15_000), (14_999, 15_000), (100, 101)] {
            // One byte more than the limit tells that there is more.
            let limit = u64::try_from(limit).unwrap();
            let found = unpacked("a", gz.clone(), limit).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(found.len(), expected.min(usize::try_from(limit).unwrap() + 1), "{limit}");
        }
        let error = unpacked("a.gz", gz[..gz.len() / 2].to_vec(), 20_000).unwrap_err();
        assert!(error.to_string().starts_with("`a.gz` is compressed and damaged"), "{error}");
        assert_eq!(unpacked("a", b"plain".to_vec(), 20_000).unwrap(), b"plain");
    }
}
