//! A token from the command line, a file or standard input.

use std::fs::File;
use std::io::Read;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::jose::PasteError;
use crate::jose::PastedToken;

/// Larger input is no token.
const SIZE_LIMIT: u64 = 16 << 20;

/// Reads `TOKEN`, `@FILE`, `-` or `@-`.
pub(in crate::cli) fn read_token(argument: &str, env: &mut Env<'_>) -> Result<PastedToken, Error> {
    let bytes = match argument {
        "-" | "@-" => limited(&mut *env.stdin, "<stdin>")?,
        _ => match argument.strip_prefix('@') {
            Some(path) => {
                let file = File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
                limited(file, path)?
            }
            None => argument.as_bytes().to_vec(),
        },
    };
    PastedToken::from_bytes(&bytes).map_err(|error| {
        let help = match error {
            PasteError::Empty => "give the token itself, `@FILE`, or `-` for standard input",
            PasteError::NotText { .. } => "a token is ASCII text: three base64url pieces between two dots",
            PasteError::Refused(_) => "ask for the token again with the right credentials",
            PasteError::NoTokenMember => "give the token itself, or an answer with `access_token` or `id_token`",
        };
        Error::question(error.to_string(), help.to_owned())
    })
}

fn limited(source: impl Read, name: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    source.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(|source| Error::Read { path: name.to_owned(), source })?;
    if bytes.len() as u64 > SIZE_LIMIT {
        let message = format!("`{name}` is larger than {} MiB", SIZE_LIMIT >> 20);
        return Err(Error::question(message, "that is no token: a header of a request holds some KiB".to_owned()));
    }
    Ok(bytes)
}
