//! `--listen`, `--upstream`, `--echo`: where each port of the workload is served, and by what.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::net::ToSocketAddrs;

use clap::Args;

use crate::cli::error::Error;
use crate::proxy::Application;
use crate::proxy::PortOptions;

/// Added to a workload's port to get the one that is listened on.
const OFFSET: u16 = 15000;

/// Where ports are served, and what is behind them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Addresses")]
pub(super) struct ListenArgs {
    /// Address to listen on, for one port of the workload or for all: `127.0.0.1`, `80=127.0.0.1:8081`; repeatable. By default 127.0.0.1
    /// and the workload's port plus 15000, or any free one
    #[arg(long, value_name = "[PORT=]ADDRESS[:PORT]")]
    listen: Vec<String>,
    /// Address of the application, for one port of the workload or for all: `127.0.0.1:8080`, `80=localhost:8080`; repeatable
    #[arg(long, value_name = "[PORT=]ADDRESS:PORT", required_unless_present = "echo")]
    upstream: Vec<String>,
    /// Answer with what was received, on every port that no `--upstream` names
    #[arg(long)]
    echo: bool,
    /// Listen on addresses that other machines reach: they get what the workload's rules let them
    #[arg(long)]
    expose: bool,
    /// Expect every connection to begin with a PROXY header (version 1): it tells whom the connection is from and to
    #[arg(long)]
    pub(super) proxy_protocol: bool,
}

/// What was given for one port, or for all.
struct Given<T> {
    all: Option<T>,
    by_port: BTreeMap<u16, T>,
}

impl<T: Copy> Given<T> {
    fn read(flag: &str, texts: &[String], parse: impl Fn(&str) -> Result<T, Error>) -> Result<Self, Error> {
        let mut given = Self { all: None, by_port: BTreeMap::new() };
        for text in texts {
            let twice = || Error::question(format!("`{flag} {text}` says again what was said before"), "give it once".to_owned());
            match text.split_once('=') {
                None if given.all.is_some() => return Err(twice()),
                None => given.all = Some(parse(text)?),
                Some((port, rest)) => {
                    let port: u16 = port.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
                        Error::question(format!("`{flag} {text}`: `{port}` is no port"), "write `PORT=ADDRESS`".to_owned())
                    })?;
                    if given.by_port.insert(port, parse(rest)?).is_some() {
                        return Err(twice());
                    }
                }
            }
        }
        Ok(given)
    }

    fn of(&self, port: u16) -> Option<T> {
        self.by_port.get(&port).copied().or(self.all)
    }
}

impl ListenArgs {
    /// How these ports of the workload are served, and others that `--listen` names.
    pub(super) fn ports(&self, declared: &[u16]) -> Result<Vec<PortOptions>, Error> {
        let listen = Given::read("--listen", &self.listen, parse_listen)?;
        let upstream = Given::read("--upstream", &self.upstream, parse_upstream)?;
        let mut numbers: Vec<u16> = declared.iter().chain(listen.by_port.keys()).copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        if let Some(unknown) = upstream.by_port.keys().find(|port| !numbers.contains(port)) {
            return Err(Error::question(
                format!("`--upstream {unknown}=..`: the workload declares no port {unknown}"),
                format!("serve it all the same with `--listen {unknown}=127.0.0.1`"),
            ));
        }
        numbers.into_iter().map(|number| self.port(number, &listen, &upstream)).collect()
    }

    fn port(
        &self,
        number: u16,
        listen: &Given<(IpAddr, Option<u16>)>,
        upstream: &Given<SocketAddr>,
    ) -> Result<PortOptions, Error> {
        let (address, port) = listen.of(number).unwrap_or((IpAddr::V4(Ipv4Addr::LOCALHOST), None));
        if !address.is_loopback() && !self.expose {
            return Err(Error::question(
                format!("`--listen {address}` is reached from other machines"),
                "add `--expose` if they are to reach the application through this proxy".to_owned(),
            ));
        }
        let application = match (upstream.of(number), self.echo) {
            (Some(address), _) => Application::At(address),
            (None, true) => Application::Echo,
            (None, false) => {
                return Err(Error::question(
                    format!("nothing is behind port {number}"),
                    format!("name its application with `--upstream {number}=ADDRESS:PORT`, or add `--echo`"),
                ));
            }
        };
        let usual = number.checked_add(OFFSET).unwrap_or_default();
        Ok(PortOptions {
            number,
            listen: SocketAddr::new(address, port.unwrap_or(usual)),
            or_elsewhere: port.is_none(),
            application,
        })
    }
}

fn parse_listen(text: &str) -> Result<(IpAddr, Option<u16>), Error> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok((address, None));
    }
    text.parse::<SocketAddr>().map(|address| (address.ip(), Some(address.port()))).map_err(|_| {
        Error::question(
            format!("`--listen {text}` is no address"),
            "write `127.0.0.1`, `127.0.0.1:8081` or `[::1]:8081`".to_owned(),
        )
    })
}

fn parse_upstream(text: &str) -> Result<SocketAddr, Error> {
    let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    found.ok_or_else(|| {
        Error::question(format!("`--upstream {text}` is no address"), "write `127.0.0.1:8080` or `localhost:8080`".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(listen: &[&str], upstream: &[&str], echo: bool) -> ListenArgs {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        ListenArgs { listen: own(listen), upstream: own(upstream), echo, expose: false, proxy_protocol: false }
    }

    #[test]
    fn ports_are_served_where_it_was_said_and_elsewhere_otherwise() {
        let ports = arguments(&["9000=127.0.0.2:1"], &["80=127.0.0.1:8080"], true).ports(&[80]).unwrap();
        let [web, other] = ports.as_slice() else { panic!("{ports:?}") };
        assert_eq!((web.number, web.listen, web.or_elsewhere), (80, "127.0.0.1:15080".parse().unwrap(), true));
        assert_eq!(web.application, Application::At("127.0.0.1:8080".parse().unwrap()));
        assert_eq!((other.number, other.listen, other.or_elsewhere), (9000, "127.0.0.2:1".parse().unwrap(), false));
        assert_eq!(other.application, Application::Echo);
    }

    #[test]
    fn what_cannot_be_served_is_refused_with_the_reason() {
        for (listen, upstream, echo, expected) in [
            (&["0.0.0.0"][..], &[][..], true, "reached from other machines"),
            (&["x"], &[], true, "is no address"),
            (&["0=127.0.0.1"], &[], true, "is no port"),
            (&["127.0.0.1", "127.0.0.2"], &[], true, "said before"),
            (&[], &["81=127.0.0.1:1"], false, "declares no port 81"),
            (&["81=127.0.0.1"], &["80=127.0.0.1:1"], false, "nothing is behind port 81"),
        ] {
            let error = arguments(listen, upstream, echo).ports(&[80]).unwrap_err().to_string();
            assert!(error.contains(expected), "{listen:?} {upstream:?}: {error}");
        }
    }
}
