use crate::mesh::Protocol;

/// Ports whose usual protocols start with the server speaking: sniffing would break them, so without a name they are opaque.
const NEVER_SNIFFED: [u16; 4] = [25, 53, 3306, 27017];

const GRPC_WEB: &str = "grpc-web";

impl Protocol {
    /// The protocol a word names, in any case; [`Protocol::Unset`] for an unknown word.
    ///
    /// Ports of a `ServiceEntry`, a Sidecar or a Gateway name their protocol this way.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "http" => Self::Http,
            "http2" => Self::Http2,
            "grpc" => Self::Grpc,
            GRPC_WEB => Self::GrpcWeb,
            "http_proxy" => Self::HttpProxy,
            "tcp" => Self::Tcp,
            "tls" => Self::Tls,
            "https" => Self::Https,
            "mongo" => Self::Mongo,
            "redis" => Self::Redis,
            "mysql" => Self::MySql,
            "udp" => Self::Udp,
            _ => Self::Unset,
        }
    }

    /// The protocol of a Kubernetes Service port: `appProtocol` when given, else what stands before the first dash of the name.
    ///
    /// An `appProtocol` that names nothing known hides the port's name. Ports 25, 53, 3306 and 27017 are TCP when nothing is said.
    #[must_use]
    pub fn of_service_port(port: u16, name: &str, transport: &str, app_protocol: Option<&str>) -> Self {
        if transport == "UDP" {
            return Self::Udp;
        }
        match app_protocol {
            Some("kubernetes.io/h2c") => return Self::Http2,
            Some("kubernetes.io/ws") => return Self::Http,
            Some("kubernetes.io/wss") => return Self::Https,
            _ => {}
        }
        let word = app_protocol.unwrap_or(name);
        if word.get(..GRPC_WEB.len()).is_some_and(|start| start.eq_ignore_ascii_case(GRPC_WEB)) {
            return Self::GrpcWeb;
        }
        let protocol = Self::parse(word.split_once('-').map_or(word, |(prefix, _)| prefix));
        if protocol == Self::Unset && NEVER_SNIFFED.contains(&port) { Self::Tcp } else { protocol }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_service_port_names_its_protocol() {
        for (port, name, transport, app_protocol, expected) in [
            (80, "http", "TCP", None, Protocol::Http),
            (80, "http-web", "TCP", None, Protocol::Http),
            (80, "HTTP", "TCP", None, Protocol::Http),
            (80, "httpx", "TCP", None, Protocol::Unset),
            (80, "web", "TCP", None, Protocol::Unset),
            (80, "", "TCP", None, Protocol::Unset),
            (443, "", "TCP", None, Protocol::Unset),
            (443, "https", "TCP", None, Protocol::Https),
            (443, "tls-x", "TCP", None, Protocol::Tls),
            (9000, "grpc", "TCP", None, Protocol::Grpc),
            (9000, "grpc-web", "TCP", None, Protocol::GrpcWeb),
            (9000, "grpc-webby", "TCP", None, Protocol::GrpcWeb),
            (9000, "gRPC-WEB-x", "TCP", None, Protocol::GrpcWeb),
            (9000, "http2", "TCP", None, Protocol::Http2),
            (9000, "http_proxy", "TCP", None, Protocol::HttpProxy),
            (9000, "http-proxy", "TCP", None, Protocol::Http),
            (9000, "redis", "TCP", None, Protocol::Redis),
            (9000, "mongo-x", "TCP", None, Protocol::Mongo),
            (9000, "mysql", "TCP", None, Protocol::MySql),
            (9000, "udp", "TCP", None, Protocol::Udp),
            (53, "http", "UDP", Some("http"), Protocol::Udp),
            (25, "", "TCP", None, Protocol::Tcp),
            (53, "dns", "TCP", None, Protocol::Tcp),
            (3306, "db", "TCP", None, Protocol::Tcp),
            (27017, "db", "TCP", Some("custom"), Protocol::Tcp),
            (3306, "http", "TCP", None, Protocol::Http),
            (80, "tcp", "TCP", Some("http"), Protocol::Http),
            (80, "http", "TCP", Some("custom"), Protocol::Unset),
            (80, "http", "TCP", Some(""), Protocol::Unset),
            (80, "http", "TCP", Some("HTTP-x"), Protocol::Http),
            (80, "", "TCP", Some("kubernetes.io/h2c"), Protocol::Http2),
            (80, "", "TCP", Some("kubernetes.io/ws"), Protocol::Http),
            (80, "", "TCP", Some("kubernetes.io/wss"), Protocol::Https),
            (80, "kubernetes.io/ws", "TCP", None, Protocol::Unset),
        ] {
            assert_eq!(
                Protocol::of_service_port(port, name, transport, app_protocol),
                expected,
                "{port} `{name}` {transport} {app_protocol:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_protocol(port: u16, name: String, transport: String, app_protocol: Option<String>) {
            let _ = Protocol::of_service_port(port, &name, &transport, app_protocol.as_deref()).class();
        }

        #[test]
        fn only_the_prefix_of_a_name_counts(word in "[a-z0-9]{0,8}", rest in "[a-z0-9-]{0,8}") {
            prop_assume!(!(word == "grpc" && rest.starts_with("web")));
            let plain = Protocol::of_service_port(8080, &word, "TCP", None);
            prop_assert_eq!(Protocol::of_service_port(8080, &format!("{word}-{rest}"), "TCP", None), plain);
        }
    }
}
