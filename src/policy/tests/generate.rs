//! Random policies and requests from a tape of numbers, with few distinct words so that they meet.

use serde_json::Value;
use serde_json::json;

use crate::policy::Headers;
use crate::policy::Known;
use crate::policy::tests::facts::Request;

/// Choices to be made, read one after another; zeros after the end.
#[derive(Debug)]
pub(super) struct Tape<'t> {
    choices: std::slice::Iter<'t, u16>,
}

impl<'t> Tape<'t> {
    pub(super) fn new(choices: &'t [u16]) -> Self {
        Self { choices: choices.iter() }
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::from(self.choices.next().copied().unwrap_or_default()) % limit
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// True once in so many times; zero is false, so that a short tape makes a small case.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }
}

const PRINCIPALS: &[&str] = &[
    "*",
    "cluster.local/ns/a/sa/b",
    "td1/ns/a/sa/b",
    "td2/ns/b/sa/a",
    "td1/ns/*",
    "*/sa/b",
    "*b",
    "td*",
    "*/ns/a/sa/b",
    "cluster.local/ns/a/sa/*",
    "*-td/ns/a/sa/b",
    "x.example",
    "",
    "spiffe://td1/ns/a/sa/b",
    "**",
    "cluster.local/*",
];
const NAMESPACES: &[&str] =
    &["a", "b", "*", "a*", "*a", "*sa", "a*b", "*a*", "a/sa", "", "**", "*/sa", "ns", "a*/sa", "team-*-x", "*b*a", "."];
const ACCOUNTS: &[&str] = &["b", "a/b", "b/a", "foo/b", "a/b/c", "a/", "/b", "sa", "ns/ns", "*", "a/*", "a.b", ""];
const DOMAINS: &[&str] =
    &["*", "td1", "td2", "cluster.local", "td*", "*1", "t*1", "*-td", "", "td1/ns", "*.*", "t*/ns/a", "td", "*/ns"];
const BLOCKS: &[&str] = &[
    "10.0.0.0/8",
    "10.0.0.9",
    "10.0.0.8/29",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/32",
    "2001:db8::1",
    "10.0.0.5/24",
    "192.168.0.0/16",
    "bad",
    "::ffff:10.0.0.9",
    "10.0.1.0/24",
    "128.0.0.0/1",
    "10.0.0.9/31",
];
const REQUEST_PRINCIPALS: &[&str] =
    &["*", "i/s", "i/*", "*/s", "i*", "*s", "https://i/s", "https://i/a/b", "*/*", "i", "i/", "*i/s", "i/s*", "", "/"];
const HOSTS: &[&str] = &["*", "a.example", "*.example", "A.Example", "a.*", "*:80", "a.example:*", "b.example", "", "*a*"];
const METHODS: &[&str] = &["*", "GET", "POST", "P*", "*T", "get", "", "PUT"];
const PATHS: &[&str] = &[
    "/",
    "/a",
    "/a*",
    "/a/b",
    "*/b",
    "*",
    "/a/{*}",
    "/a/{**}",
    "/{**}",
    "/a/{*}/c",
    "/a/{**}/c",
    "/{*}/{*}",
    "*b",
    "/a/{**}/",
    "/ab*",
    "/a/b*",
    "*a*",
    "/A",
    "",
    "/a?x",
    "/{*}/b/{**}",
    "/a b",
    "//a",
    "/a*b",
];
const PORTS: &[&str] = &["80", "8080", "0", "http", "08080", "65535", "70000"];
const TEXTS: &[&str] = &["*", "x", "xy", "x*", "*y", "*", "a,b", "", "y", "*x*", "X"];
const METADATA: &[&str] = &["v", "*", "[v]", "[]"];

fn list(tape: &mut Tape<'_>, words: &[&str]) -> Value {
    let length = if tape.once_in(3) { tape.below(5) } else { tape.below(2) + 1 };
    (0..length).map(|_| Value::from(tape.pick(words))).collect()
}

fn pair(tape: &mut Tape<'_>, into: &mut Value, field: &str, negative: &str, words: &[&str]) {
    let how = tape.below(4);
    if how < 3 {
        into[field] = list(tape, words);
    }
    if how >= 2 {
        into[negative] = list(tape, words);
    }
}

fn source(tape: &mut Tape<'_>) -> Value {
    let mut source = json!({});
    for _ in 0..tape.below(3) {
        let fields = [
            ("principals", "notPrincipals", PRINCIPALS),
            ("namespaces", "notNamespaces", NAMESPACES),
            ("serviceAccounts", "notServiceAccounts", ACCOUNTS),
            ("trustDomains", "notTrustDomains", DOMAINS),
            ("ipBlocks", "notIpBlocks", BLOCKS),
            ("remoteIpBlocks", "notRemoteIpBlocks", BLOCKS),
            ("requestPrincipals", "notRequestPrincipals", REQUEST_PRINCIPALS),
        ];
        let (field, negative, words) = tape.pick(&fields);
        pair(tape, &mut source, field, negative, words);
    }
    source
}

fn operation(tape: &mut Tape<'_>) -> Value {
    let mut operation = json!({});
    for _ in 0..tape.below(3) {
        let fields = [
            ("hosts", "notHosts", HOSTS),
            ("methods", "notMethods", METHODS),
            ("paths", "notPaths", PATHS),
            ("ports", "notPorts", PORTS),
        ];
        let (field, negative, words) = tape.pick(&fields);
        pair(tape, &mut operation, field, negative, words);
    }
    operation
}

fn condition(tape: &mut Tape<'_>) -> Value {
    let keys: [(&str, &[&str]); 22] = [
        ("source.principal", PRINCIPALS),
        ("source.namespace", NAMESPACES),
        ("source.serviceAccount", ACCOUNTS),
        ("source.trustDomain", DOMAINS),
        ("source.ip", BLOCKS),
        ("remote.ip", BLOCKS),
        ("destination.ip", BLOCKS),
        ("destination.port", PORTS),
        ("connection.sni", TEXTS),
        ("request.headers[X-A]", TEXTS),
        ("request.headers[x-b]", TEXTS),
        ("request.headers[host]", HOSTS),
        ("request.headers[:path]", PATHS),
        ("request.headers[:method]", METHODS),
        ("request.auth.principal", REQUEST_PRINCIPALS),
        ("request.auth.audiences", TEXTS),
        ("request.auth.presenter", TEXTS),
        ("request.auth.claims[g]", TEXTS),
        ("request.auth.claims[n][g]", TEXTS),
        ("experimental.envoy.filters.f[k]", METADATA),
        ("request.headersX[a]", TEXTS),
        ("unknown", TEXTS),
    ];
    // The last two lose rules or conditions; less often.
    let limit = if tape.once_in(4) { keys.len() } else { keys.len() - 2 };
    let (key, words) = keys[tape.below(limit)];
    let mut condition = json!({"key": key});
    pair(tape, &mut condition, "values", "notValues", words);
    condition
}

fn rule(tape: &mut Tape<'_>) -> Value {
    if tape.once_in(40) {
        return Value::Null;
    }
    let mut rule = json!({});
    let mut entries = |tape: &mut Tape<'_>, field: &str, make: fn(&mut Tape<'_>) -> Value| {
        let length = if tape.once_in(6) { 2 + tape.below(3) } else { tape.below(2) };
        rule[field] = (0..length).map(|_| make(tape)).collect();
    };
    entries(tape, "from", source);
    entries(tape, "to", operation);
    entries(tape, "when", condition);
    rule
}

/// One policy of the given action in `foo` or the root namespace.
pub(super) fn policy(tape: &mut Tape<'_>, action: &str) -> Value {
    let mut policy = json!({"action": action, "ns": tape.pick(&["foo", "foo", "istio-system"])});
    let rules = if tape.once_in(12) {
        0
    } else if tape.once_in(30) {
        60 + tape.below(80)
    } else {
        1 + tape.below(4)
    };
    policy["rules"] = (0..rules).map(|_| rule(tape)).collect();
    policy
}

/// The mesh's own trust domain and its aliases.
pub(super) fn trust_domains(tape: &mut Tape<'_>) -> Vec<String> {
    let choices: [&[&str]; 4] = [&["cluster.local"], &["td1"], &["td1", "td2"], &["a-td", "td2"]];
    tape.pick(&choices).iter().map(|&domain| domain.to_owned()).collect()
}

const PEERS: &[&str] = &[
    "spiffe://td1/ns/a/sa/b",
    "spiffe://td2/ns/b/sa/a",
    "spiffe://cluster.local/ns/a/sa/b",
    "spiffe://td1/ns/a/x/sa/b/y",
    "spiffe://td1/ns/ns/ns/sa/sa/sa/b",
    "spiffe://td1",
    "spiffe://",
    "x.example",
    "",
    "spiffe://a-td/ns/foo/sa/b",
    "spiffe:///ns/a/sa/b",
    "spiffe://t/ns/a/sa/b/",
    "O=x,CN=b",
    "spiffe://td1/ns/team-1-x/sa/b",
    "spiffe://td1/ns/a/ns/b/sa/a",
    "spiffe://td1/ns//sa/",
    "spiffe://td1/ns/a/b/sa/b/sa/c",
    "spiffe://td1/ns/a\n/sa/b",
];

fn address(tape: &mut Tape<'_>, name: &'static str) -> Known<std::net::IpAddr> {
    if tape.once_in(6) {
        return Known::No(name);
    }
    let choices = ["10.0.0.9", "10.0.0.8", "192.168.1.1", "2001:db8::1", "::ffff:10.0.0.9", "10.0.1.1", "8.8.8.8", "::1"];
    Known::Yes(tape.pick(&choices).parse().unwrap())
}

fn claim(tape: &mut Tape<'_>) -> Value {
    let choices = [
        json!("x"),
        json!("xy"),
        json!(""),
        json!(["x", "y"]),
        json!([]),
        json!(1),
        json!(true),
        json!(null),
        json!({"g": "x"}),
        json!({"g": ["xy", 1]}),
        json!([["x"]]),
        json!("x\ny"),
        json!([1, "y"]),
        json!("a,b"),
    ];
    tape.pick(&choices)
}

pub(super) fn request(tape: &mut Tape<'_>) -> Request {
    let mut request = Request::plain();
    let peers = if tape.once_in(4) { tape.below(4) } else { 1 };
    request.peer = (0..peers).map(|_| tape.pick(PEERS).to_owned()).collect();
    request.source_ip = address(tape, "source address");
    request.remote_ip = address(tape, "client address");
    request.destination_ip = address(tape, "destination address");
    request.destination_port = tape.pick(&[8080, 80, 0, 65535]);
    request.sni = if tape.once_in(6) { Err("server name") } else { Ok(tape.pick(&["", "x", "xy", "y"]).to_owned()) };
    request.method = tape.pick(&["GET", "POST", "PUT", ""]).to_owned();
    request.authority = tape.pick(&["a.example", "A.EXAMPLE:80", "b.example", "", "a"]).to_owned();
    let paths = [
        "/", "/a", "/a/b", "/a/b/c", "/ab", "/a?x=1", "/a/b#f", "/a//c", "/a/", "?x", "/a b", "//a", "/a*b", "/b/b/", "/A",
        "/a/%20",
    ];
    request.path = if tape.once_in(12) { None } else { Some(tape.pick(&paths).to_owned()) };
    request.headers = Headers::default();
    for _ in 0..tape.below(4) {
        let name = tape.pick(&["x-a", "X-B", "accept", "host", "x-a"]);
        let value = tape.pick(&["x", "xy", "", "a,b", "X", "y"]);
        request.headers.append(name, value);
    }
    if !tape.once_in(3) {
        let mut claims = json!({"g": claim(tape), "n": claim(tape), "aud": claim(tape), "azp": claim(tape)});
        if !tape.once_in(5) {
            claims["iss"] = tape.pick(&[json!("i"), json!("https://i"), json!(""), json!(1)]);
        }
        if !tape.once_in(5) {
            claims["sub"] = tape.pick(&[json!("s"), json!("a/b"), json!("*"), json!(""), json!("s\n")]);
        }
        request.claims = Some(claims);
    }
    request.is_http = !tape.once_in(8);
    request
}

/// The same request with every open fact given.
pub(super) fn completed(tape: &mut Tape<'_>, request: &Request) -> Request {
    let mut request = request.clone();
    for known in [&mut request.source_ip, &mut request.remote_ip, &mut request.destination_ip] {
        while matches!(known, Known::No(_)) {
            *known = address(tape, "address");
        }
    }
    if request.sni.is_err() {
        request.sni = Ok(tape.pick(&["", "x", "xy", "y"]).to_owned());
    }
    request
}
