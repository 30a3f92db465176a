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
/// The first port that is listened on when every workload is served.
const FIRST: u16 = 20000;

/// Where ports are served, and what is behind them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Addresses")]
pub(super) struct ListenArgs {
    /// Address to listen on, for one port of the workload or for all: `127.0.0.1`, `80=127.0.0.1:8081`; repeatable. By default 127.0.0.1
    /// and the workload's port plus 15000, or any free one; with `--all` the ports from 20000 on, in order of names
    #[arg(long, value_name = "[PORT=]ADDRESS[:PORT]")]
    listen: Vec<String>,
    /// Address of the application, for one port of the workload or for all: `127.0.0.1:8080`, `80=localhost:8080`, with `--all`
    /// `shop/web:80=localhost:8080`; repeatable
    #[arg(long, value_name = "[PORT=]ADDRESS:PORT", required_unless_present_any = ["echo", "all", "caller"])]
    upstream: Vec<String>,
    /// Answer with what was received, on every port that no `--upstream` names; with `--all` it is so anyway
    #[arg(long)]
    echo: bool,
    /// Listen on addresses that other machines reach: they get what the workload's rules let them
    #[arg(long)]
    pub(super) expose: bool,
    /// Expect every connection to begin with a PROXY header (version 1): it tells whom the connection is from and to
    #[arg(long)]
    pub(super) proxy_protocol: bool,
}

/// What was given for one port, or for all.
struct Given<K, T> {
    all: Option<T>,
    by_port: BTreeMap<K, T>,
}

impl<K: Ord, T: Copy> Given<K, T> {
    fn read(
        flag: &str,
        texts: &[String],
        parse_key: impl Fn(&str) -> Option<K>,
        parse: impl Fn(&str) -> Result<T, Error>,
    ) -> Result<Self, Error> {
        let mut given = Self { all: None, by_port: BTreeMap::new() };
        for text in texts {
            let twice = || Error::question(format!("`{flag} {text}` says again what was said before"), "give it once".to_owned());
            match text.split_once('=') {
                None if given.all.is_some() => return Err(twice()),
                None => given.all = Some(parse(text)?),
                Some((port, rest)) => {
                    let port = parse_key(port).ok_or_else(|| {
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

    fn of(&self, port: &K) -> Option<T> {
        self.by_port.get(port).copied().or(self.all)
    }
}

impl ListenArgs {
    /// How these ports of the workload are served, and others that `--listen` names.
    pub(super) fn ports(&self, declared: &[u16]) -> Result<Vec<PortOptions>, Error> {
        let listen = Given::read("--listen", &self.listen, parse_port, parse_listen)?;
        let upstream = Given::read("--upstream", &self.upstream, parse_port, parse_upstream)?;
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

    /// How the ports of every workload are served: each workload with its ports, in order.
    pub(super) fn ports_of_all(&self, workloads: &[(String, Vec<u16>)]) -> Result<Vec<Vec<PortOptions>>, Error> {
        let listen = Given::read("--listen", &self.listen, |_| None::<u16>, parse_listen)?;
        let address = match listen.all {
            Some((_, Some(port))) => {
                return Err(Error::question(
                    format!("`--listen ..:{port}` is one port, and with `--all` there are many"),
                    "name the address alone".to_owned(),
                ));
            }
            Some((address, None)) => address,
            None => IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        self.require_permission("--listen", address)?;
        let upstream = Given::read("--upstream", &self.upstream, parse_workload_port, parse_upstream)?;
        let is_known = |(name, port): &(String, u16)| workloads.iter().any(|(own, ports)| own == name && ports.contains(port));
        if let Some((name, port)) = upstream.by_port.keys().find(|key| !is_known(key)) {
            return Err(Error::question(
                format!("`--upstream {name}:{port}=..`: no workload of this name that is served has such a port"),
                "see the table that is printed without it".to_owned(),
            ));
        }
        let mut next = FIRST;
        let mut one = |name: &str, number: u16| {
            let listen = SocketAddr::new(address, next);
            next = next.checked_add(1).unwrap_or(0);
            let application = upstream.of(&(name.to_owned(), number)).map_or(Application::Echo, Application::At);
            PortOptions { number, listen, or_elsewhere: true, application }
        };
        Ok(workloads.iter().map(|(name, ports)| ports.iter().map(|port| one(name, *port)).collect()).collect())
    }

    fn port(
        &self,
        number: u16,
        listen: &Given<u16, (IpAddr, Option<u16>)>,
        upstream: &Given<u16, SocketAddr>,
    ) -> Result<PortOptions, Error> {
        let (address, port) = listen.of(&number).unwrap_or((IpAddr::V4(Ipv4Addr::LOCALHOST), None));
        self.require_permission("--listen", address)?;
        let application = match (upstream.of(&number), self.echo) {
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

    /// An address that other machines reach is listened on only when that was said.
    pub(super) fn require_permission(&self, flag: &str, address: IpAddr) -> Result<(), Error> {
        if address.is_loopback() || self.expose {
            return Ok(());
        }
        Err(Error::question(
            format!("`{flag} {address}` is reached from other machines"),
            "add `--expose` if they are to reach what is behind this proxy".to_owned(),
        ))
    }
}

fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port > 0)
}

/// `namespace/name:port`.
pub(super) fn parse_workload_port(text: &str) -> Option<(String, u16)> {
    let (name, port) = text.rsplit_once(':')?;
    let (namespace, bare) = name.split_once('/')?;
    let is_name = !namespace.is_empty() && !bare.is_empty() && !bare.contains('/');
    is_name.then_some(()).and(parse_port(port)).map(|port| (name.to_owned(), port))
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

pub(super) fn parse_upstream(text: &str) -> Result<SocketAddr, Error> {
    let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    found.ok_or_else(|| {
        Error::question(format!("`{text}` is no address"), "write `127.0.0.1:8080` or `localhost:8080`".to_owned())
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
