//! Through which proxy the API server is reached.
//!
//! The kubeconfig's `proxy-url` counts first. Otherwise the environment does, read as Go programs read it: `HTTPS_PROXY` or
//! `https_proxy`, never for loopback addresses, and not for what `NO_PROXY` names.

use std::net::IpAddr;

/// The proxy of the environment for a server with this host and port.
pub(super) fn of_environment(host: &str, port: u16, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let either = |upper: &str, lower: &str| variable(upper).or_else(|| variable(lower)).filter(|value| !value.is_empty());
    let proxy = either("HTTPS_PROXY", "https_proxy")?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return None;
    }
    let exceptions = either("NO_PROXY", "no_proxy").unwrap_or_default();
    let is_excepted = exceptions.split(',').map(str::trim).any(|exception| matches(exception, &host, port, address));
    let proxy = if proxy.contains("://") { proxy } else { format!("http://{proxy}") };
    (!is_excepted).then_some(proxy)
}

fn matches(exception: &str, host: &str, port: u16, address: Option<IpAddr>) -> bool {
    if exception == "*" {
        return true;
    }
    if let (Some((network, bits)), Some(address)) = (exception.split_once('/'), address) {
        return network.parse().is_ok_and(|network| bits.parse().is_ok_and(|bits| contains(network, bits, address)));
    }
    let exception = exception.to_ascii_lowercase();
    let (name, wanted) = match exception.rsplit_once(':') {
        Some((name, digits)) if !name.contains(':') || name.ends_with(']') => (name, digits.parse().ok()),
        _ => (exception.as_str(), None),
    };
    if wanted.is_some_and(|wanted: u16| wanted != port) {
        return false;
    }
    let name = name.trim_start_matches('[').trim_end_matches(']');
    if let Some(address) = address {
        return name.parse::<IpAddr>().is_ok_and(|name| name == address);
    }
    let name = name.strip_prefix('*').unwrap_or(name);
    match name.strip_prefix('.') {
        // With a dot in front it is about names below only.
        Some(domain) => !domain.is_empty() && host.strip_suffix(domain).is_some_and(|below| below.ends_with('.')),
        None => !name.is_empty() && (host == name || host.strip_suffix(name).is_some_and(|below| below.ends_with('.'))),
    }
}

fn contains(network: IpAddr, bits: u32, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::of_environment;

    #[test]
    fn the_environment_names_a_proxy_but_for_what_it_excepts() {
        let cases: &[(&str, u16, &str, bool)] = &[
            ("api.example.com", 443, "", true),
            ("api.example.com", 443, "example.com", false),
            ("api.example.com", 443, ".example.com", false),
            ("example.com", 443, ".example.com", true),
            ("example.com", 443, "*.example.com", true),
            ("badexample.com", 443, "example.com", true),
            ("api.example.com", 443, "other.com, API.example.com", false),
            ("api.example.com", 443, "api.example.com:6443", true),
            ("api.example.com", 6443, "api.example.com:6443", false),
            ("10.1.2.3", 443, "10.0.0.0/8", false),
            ("11.1.2.3", 443, "10.0.0.0/8", true),
            ("10.1.2.3", 443, "10.1.2.3", false),
            ("10.1.2.3", 443, "0.0.0.0/0", false),
            ("fd00::1", 443, "fd00::/8", false),
            ("[fd00::1]", 443, "fd00::1", false),
            ("10.1.2.3", 443, "*", false),
            ("127.0.0.1", 6443, "", false),
            ("localhost", 6443, "", false),
            ("[::1]", 6443, "", false),
        ];
        let mut wrong = Vec::new();
        for (host, port, exceptions, expected) in cases {
            let variable = |name: &str| match name {
                "HTTPS_PROXY" => Some("http://proxy:3128".to_owned()),
                "no_proxy" => Some((*exceptions).to_owned()),
                _ => None,
            };
            if of_environment(host, *port, &variable).is_some() != *expected {
                wrong.push(format!("{host}:{port} with `{exceptions}`: expected a proxy: {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_proxy_without_a_scheme_speaks_http_and_an_empty_variable_names_none() {
        let with = |value: &'static str| move |name: &str| (name == "https_proxy").then(|| value.to_owned());
        assert_eq!(of_environment("a.example", 443, &with("proxy:3128")).as_deref(), Some("http://proxy:3128"));
        assert_eq!(of_environment("a.example", 443, &with("")), None);
    }
}
