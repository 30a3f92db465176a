//! `meshsec jwk serve`: an issuer's public face on this machine.

mod http;
mod published;
mod server;

use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::ToSocketAddrs as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use crate::cli::duration::parse_ttl;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::cli::jwk::input::note;
use crate::cli::jwk::input::warn;
use crate::cli::jwk::serve::published::Published;
use crate::cli::jwk::serve::server::Event;
use crate::cli::jwk::serve::server::Server;
use crate::cli::stop::Stop;

/// Serve a key set and OpenID discovery over HTTP: a local issuer for tests
///
/// Answers `/jwks.json`, `/.well-known/jwks.json` and `/.well-known/openid-configuration` with the `jwks.json` of a directory, or all its
/// `*.public.jwk.json` when there is none. Changed files are served with the next request; a file that cannot be used leaves the
/// last good set in place. Nothing private is ever served. Ends with SIGTERM or Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ServeArgs {
    /// Directory with `jwks.json`, as `jwk generate` writes it
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    listen: String,
    /// Issuer that the discovery document names; `http://ADDRESS` when absent
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// How long clients may keep the set
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_ttl)]
    max_age: SignedDuration,
    /// Listen on an address that other machines can reach; there is no TLS
    #[arg(long)]
    allow_remote: bool,
}

const EXAMPLES: &str = "Examples:
  meshsec jwk serve --dir keys/
  meshsec jwk serve --dir keys/ --listen 127.0.0.1:0 --issuer https://issuer.example --max-age 10s";

/// How often the wish to end is looked at.
const GLANCE: Duration = Duration::from_millis(100);
/// Answers under way get this long when the program ends.
const FAREWELL: Duration = Duration::from_secs(2);

impl ServeArgs {
    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let addresses = self.addresses()?;
        let listener = TcpListener::bind(addresses.as_slice()).and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = listener.map_err(|source| Error::Listen { address: self.listen.clone(), source })?;
        let issuer = self.issuer.unwrap_or_else(|| format!("http://{address}"));
        require_url(&issuer)?;
        let published = Arc::new(Published::open(self.dir.clone(), issuer.clone(), self.max_age.as_secs())?);
        let directory = self.dir.display().to_string();
        let count = published.usable();
        if count == 0 {
            warn(env, &directory, "there is no usable key: every token is refused")?;
        }
        if !address.ip().is_loopback() {
            note(env, "other machines can reach this address, and there is no TLS: whoever is between can exchange the keys")?;
        }
        let stop = Stop::listen()?;
        let (sender, events) = mpsc::channel();
        let server = Server::start(listener, published, sender);
        let plural = if count == 1 { "" } else { "s" };
        writeln!(env.stdout, "serving {count} key{plural} of {directory} on http://{address}/jwks.json, issuer {issuer}")?;
        env.stdout.flush()?;
        while !stop.is_set() {
            match events.recv_timeout(GLANCE) {
                Ok(Event::Unusable(error)) => warn(env, &directory, &format!("{error}; the last good set stays"))?,
                Ok(Event::Answered(line)) if !env.quiet => writeln!(env.stderr, "{line}")?,
                Ok(Event::Answered(_)) | Err(mpsc::RecvTimeoutError::Timeout) => {}
                // The accepting thread never ends before this one.
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        server.wait(FAREWELL);
        Ok(Outcome::Yes)
    }

    /// The addresses that the name stands for, all of which must be this machine's own.
    fn addresses(&self) -> Result<Vec<SocketAddr>, Error> {
        let wrong = |message| Error::question(message, "write it like 127.0.0.1:8081".to_owned());
        let found = self.listen.to_socket_addrs().map_err(|error| wrong(format!("`--listen {}`: {error}", self.listen)))?;
        let addresses: Vec<SocketAddr> = found.collect();
        if addresses.is_empty() {
            return Err(wrong(format!("`--listen {}` stands for no address", self.listen)));
        }
        if let Some(remote) = addresses.iter().find(|address| !address.ip().is_loopback())
            && !self.allow_remote
        {
            return Err(Error::question(
                format!("other machines can reach {remote}"),
                "listen on 127.0.0.1, or say `--allow-remote`".to_owned(),
            ));
        }
        Ok(addresses)
    }
}

/// The issuer becomes a prefix of addresses, so it must be one without query (OpenID Connect Discovery section 3).
fn require_url(issuer: &str) -> Result<(), Error> {
    let rest = issuer.strip_prefix("https://").or_else(|| issuer.strip_prefix("http://"));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'"' | b'\\'));
    if rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && is_plain(rest)) {
        return Ok(());
    }
    Err(Error::question(
        format!("`--issuer {issuer}` is no address that keys can be found under"),
        "write an http or https URL without query, such as https://issuer.example".to_owned(),
    ))
}
