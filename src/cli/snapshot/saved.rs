//! Snapshots among the texts that were named.

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::manifest::yaml;
use crate::snapshot;
use crate::snapshot::Head;

/// How far into a text its first document's kind is looked for.
const BEGINNING: usize = 1024;

/// The head of a text that is a snapshot; `None` for anything else.
///
/// # Errors
/// It is a snapshot that cannot be used: answers from a part of it would be wrong.
pub(in crate::cli) fn head(sources: &SourceMap, id: SourceId) -> Result<Option<Head>, Error> {
    let Some(source) = sources.get(id) else { return Ok(None) };
    let beginning = source.text.as_bytes().get(..BEGINNING).unwrap_or(source.text.as_bytes());
    if memchr::memmem::find(beginning, b"kind: Snapshot\n").is_none() {
        return Ok(None);
    }
    let first = yaml::documents(id, &source.text).next().and_then(|document| document.root);
    let Some(document) = first.filter(Head::is_head) else { return Ok(None) };
    let head = Head::read(&document).map_err(|error| {
        let help = "save it again with `meshsec snapshot save`, or read it with the version that saved it".to_owned();
        Error::question(format!("snapshot `{}` cannot be used: {error}", source.name), help)
    })?;
    if !snapshot::is_whole(&source.text, &head) {
        let message = format!("snapshot `{}` is cut off: of its {} objects some are missing", source.name, head.objects);
        return Err(Error::question(message, "get the whole file once more".to_owned()));
    }
    Ok(Some(head))
}

/// Says what snapshots lack.
pub(in crate::cli) fn warn(heads: &[Head], env: &mut Env<'_>) -> Result<(), Error> {
    let warning = env.style.warning("warning:");
    for unread in heads.iter().flat_map(|head| &head.unread) {
        writeln!(env.stderr, "{warning} {unread} could not be read when the snapshot was saved: {}", unread.why)?;
    }
    Ok(())
}
