//! Few distinct words, so that what policies want and what requests have meet.

pub const PRINCIPALS: &[&str] = &[
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
    "td1/ns/foo/sa/web",
    "*/ns/foo/sa/web",
];
pub const NAMESPACES: &[&str] =
    &["a", "b", "*", "a*", "*a", "*sa", "a*b", "*a*", "a/sa", "", "**", "*/sa", "ns", "a*/sa", "foo", "*b*a", "f*o"];
pub const ACCOUNTS: &[&str] = &["b", "a/b", "b/a", "foo/web", "a/b/c", "a/", "/b", "sa", "ns/ns", "*", "a/*", "web", ""];
pub const DOMAINS: &[&str] =
    &["*", "td1", "td2", "cluster.local", "td*", "*1", "t*1", "*-td", "", "td1/ns", "*.*", "t*/ns/a", "td", "*/ns"];
pub const BLOCKS: &[&str] = &[
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
pub const ADDRESSES: &[&str] = &[
    "10.0.0.9",
    "10.0.0.8",
    "192.168.1.1",
    "2001:db8::1",
    "::ffff:10.0.0.9",
    "10.0.1.1",
    "8.8.8.8",
    "::1",
    "255.255.255.255",
    "0.0.0.0",
];
pub const REQUEST_PRINCIPALS: &[&str] =
    &["*", "i/s", "i/*", "*/s", "i*", "*s", "https://i/s", "https://i/a/b", "*/*", "i", "i/", "*i/s", "i/s*", "", "/"];
pub const HOSTS: &[&str] = &[
    "*",
    "a.example",
    "*.example",
    "A.Example",
    "a.*",
    "*:80",
    "a.example:*",
    "web.foo",
    "",
    "*a*",
    "web.foo.svc.cluster.local",
];
pub const METHODS: &[&str] = &["*", "GET", "POST", "P*", "*T", "get", "", "PUT"];
pub const PATHS: &[&str] = &[
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
    "/{a}/{*}",
    "/a%2fb/{*}",
];
pub const SENT_PATHS: &[&str] = &[
    "/", "/a", "/a/b", "/a/b/c", "/ab", "/a?x=1", "/a/b#f", "/a//c", "/a/", "?x", "/a b", "//a", "/a*b", "/b/b/", "/A", "/a/%20",
    "/a%2fb", "/a/../b", "",
];
pub const PORTS: &[&str] = &["80", "8080", "0", "http", "08080", "65535", "70000", "5432"];
pub const TEXTS: &[&str] = &["*", "x", "xy", "x*", "*y", "a,b", "", "y", "*x*", "X", "x\ny"];
pub const METADATA: &[&str] = &["v", "*", "[v]", "[]"];
pub const PEERS: &[&str] = &[
    "spiffe://td1/ns/a/sa/b",
    "spiffe://td2/ns/b/sa/a",
    "spiffe://cluster.local/ns/a/sa/b",
    "spiffe://td1/ns/a/x/sa/b/y",
    "spiffe://td1/ns/ns/ns/sa/sa/sa/b",
    "spiffe://td1",
    "spiffe://",
    "x.example",
    "",
    "spiffe://a-td/ns/foo/sa/web",
    "spiffe:///ns/a/sa/b",
    "spiffe://t/ns/a/sa/b/",
    "O=x,CN=b",
    "spiffe://td1/ns/a/ns/b/sa/a",
    "spiffe://td1/ns//sa/",
    "spiffe://td1/ns/a/b/sa/b/sa/c",
    "spiffe://td1/ns/a\n/sa/b",
    "spiffe://cluster.local/ns/foo/sa/web",
];
/// Keys of conditions with the words their values are made of. The last two lose rules or conditions.
pub const KEYS: &[(&str, &[&str])] = &[
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
