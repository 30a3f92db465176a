//! Random numbers from a seed, and the requests made of them.

/// A small generator: the same seed gives the same traffic.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((self.next() >> 11) % bound as u64) as usize
    }

    /// One of them.
    pub(crate) fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    /// True this often of a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// Who calls, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Plain,
    /// Mutual TLS of a sidecar as `ns/shop/sa/client`, or `ns/web/sa/front`, or `ns/shop/sa/other`.
    Mesh(usize),
    /// Mutual TLS with another authority's certificate.
    Foreign,
    /// Mutual TLS with a certificate that has expired.
    Expired,
    /// TLS without a certificate, with Istio's protocols.
    Anonymous,
    /// Mutual TLS without Istio's protocols.
    OwnProtocols,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) caller: Caller,
    pub(crate) source: &'static str,
    /// Index of the port.
    pub(crate) port: usize,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) host: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: &'static str,
}

const SOURCES: [&str; 3] = ["10.1.2.3", "10.2.2.3", "192.0.2.9"];
const METHODS: [&str; 8] = ["GET", "GET", "GET", "POST", "HEAD", "DELETE", "OPTIONS", "PUT"];
const PATHS: [&str; 20] = [
    "/",
    "/open",
    "/open/a",
    "/open?x=1",
    "/admin",
    "/admin/x",
    "/a/../admin",
    "/%61dmin",
    "/open//b",
    "/open/%2e%2e/admin",
    "/admin/",
    "/ADMIN",
    "/a%00b",
    "/a%2fb",
    "/open\\b",
    "/api/v1/items",
    "/api/v2/items?token=x",
    "*",
    "http://other.example/admin",
    "/open;x/..;/admin",
];
const HOSTS: [&str; 5] = ["web.shop", "web.shop.svc.cluster.local:80", "other.example", "WEB.shop", "web_x"];

/// A request at random; `tokens` are values for `authorization`.
pub(crate) fn request(random: &mut Random, ports: usize, tokens: &[String]) -> Request {
    let caller = match random.below(20) {
        0..=6 => Caller::Plain,
        7..=15 => Caller::Mesh(random.below(3)),
        16 => Caller::Foreign,
        17 => Caller::Expired,
        18 => Caller::Anonymous,
        _ => Caller::OwnProtocols,
    };
    let mut headers = Vec::new();
    for (name, values, percent) in [
        ("x-team", &["red", "blue", "", "red,blue"][..], 40),
        ("x-forwarded-for", &["203.0.113.7", "203.0.113.7, 198.51.100.1", "nonsense"], 15),
        ("x-forwarded-client-cert", &["By=x;URI=spiffe://cluster.local/ns/web/sa/front"], 10),
        ("x-forwarded-proto", &["https", "http", "ftp"], 10),
        ("x-request-id", &["given"], 10),
        ("x-envoy-retry-on", &["5xx"], 5),
        ("te", &["trailers", "gzip"], 5),
        ("referer", &["https://shop.example/", "no url"], 5),
        ("content-type", &["application/grpc", "application/grpc+proto", "text/plain"], 15),
        ("cookie", &["a=1"], 10),
        ("user-agent", &["curl/8"], 20),
    ] {
        if random.chance(percent) {
            headers.push((name, (*random.pick(values)).to_owned()));
        }
    }
    if !tokens.is_empty() && random.chance(60) {
        headers.push(("authorization", random.pick(tokens).clone()));
    }
    let method = *random.pick(&METHODS);
    Request {
        caller,
        source: SOURCES[random.below(SOURCES.len())],
        port: random.below(ports),
        method,
        path: random.pick::<&str>(&PATHS),
        host: random.pick::<&str>(&HOSTS),
        headers,
        body: if matches!(method, "POST" | "PUT") { "some body" } else { "" },
    }
}

impl Request {
    /// As HTTP/1.1.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\nhost: {}\r\n", self.method, self.path, self.host);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.body.is_empty() {
            text.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        format!("{text}\r\n{}", self.body).into_bytes()
    }

    /// The line that precedes it where the proxy is told the addresses.
    pub(crate) fn proxy_header(&self, port: u16) -> String {
        format!("PROXY TCP4 {} 10.0.0.1 40000 {port}\r\n", self.source)
    }
}
