//! Files of certificates named on the command line.

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::manifests::read_bytes;
use crate::cli::passphrase::PassphraseArgs;
use crate::pki::container;
use crate::pki::container::Container;
use crate::pki::container::ContainerError;
use crate::pki::container::Entry;
use crate::pki::svid::Role;

/// Reads a file in whatever form it is, or standard input when it is `-`. The user is asked for a passphrase only when the file needs one.
pub(in crate::cli) fn read_container(path: &str, passphrase: &PassphraseArgs, env: &mut Env<'_>) -> Result<Container, Error> {
    let bytes = Zeroizing::new(read_bytes(path, env)?);
    let given = passphrase.given(env)?;
    match container::read(&bytes, given.as_ref().map(|text| text.as_str())) {
        Err(ContainerError::PassphraseMissing) => {
            let asked = passphrase.existing(env)?;
            container::read(&bytes, Some(&asked))
        }
        read => read,
    }
    .map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &str, error: &ContainerError) -> Error {
    let path = if path == "-" { "standard input" } else { path };
    let message = match std::error::Error::source(error) {
        Some(cause) => format!("`{path}`: {error}: {cause}"),
        None => format!("`{path}`: {error}"),
    };
    let help = match error {
        ContainerError::PassphraseMissing => Some("give `--password-file FILE`, or set MESHSEC_PASSWORD"),
        ContainerError::PassphraseWrong => Some("check the passphrase in `--password-file` or MESHSEC_PASSWORD"),
        ContainerError::Empty | ContainerError::Unknown { .. } | ContainerError::Document(_) | ContainerError::Kind(_) => Some(
            "PEM, DER, PKCS#12, a Secret, the output of `istioctl proxy-config secret -o json` and of Envoy's `/certs` are read",
        ),
        ContainerError::Part { .. } | ContainerError::Base64 { .. } | ContainerError::Pkcs12(_) => None,
    };
    Error::question(message, help.map(str::to_owned))
}

/// The part of a file that holds a workload's chain.
pub(in crate::cli) fn chain_of(path: &str, container: Container) -> Result<Entry, Error> {
    if container.entries.iter().any(|entry| !entry.listed.is_empty()) {
        return Err(Error::question(
            format!("`{path}` lists facts about certificates without the certificates, so nothing can be verified"),
            "ask the proxy for its secrets instead: `istioctl proxy-config secret POD -o json`".to_owned(),
        ));
    }
    let has_leaf = |entry: &Entry| entry.chain.iter().any(|certificate| matches!(Role::of(certificate), Role::Svid | Role::Leaf));
    let mut entries: Vec<Entry> = container.entries.into_iter().filter(|entry| !entry.chain.is_empty()).collect();
    if entries.iter().any(has_leaf) {
        entries.retain(has_leaf);
    }
    match entries.len() {
        0 => Err(Error::question(format!("`{path}` holds no certificate"), "name the file with the workload's chain".to_owned())),
        1 => Ok(entries.swap_remove(0)),
        _ => {
            let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
            Err(Error::question(
                format!("`{path}` holds the chains of several workloads: {}", names.join(", ")),
                "give the one that is meant in a file of its own".to_owned(),
            ))
        }
    }
}

/// `--at`, or now.
pub(in crate::cli) fn parse_time(text: Option<&str>, now: Timestamp) -> Result<Timestamp, Error> {
    let Some(text) = text else { return Ok(now) };
    text.parse().map_err(|_| {
        Error::question(format!("`--at {text}` is no RFC 3339 time"), "write it like 2026-11-22T12:00:00Z".to_owned())
    })
}
