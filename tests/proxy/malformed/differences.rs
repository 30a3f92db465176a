//! Every difference from Envoy, and why it is there. In none of them does a request pass the rules.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Why an outcome is another than Envoy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Envoy ends the HTTP/2 connection for what is no request; the library resets its stream, and other streams go on.
    OnlyTheStream,
    /// The library has no target with such a byte.
    Target,
    /// The library has no such authority.
    Authority,
    /// The library passes over it: the request goes on as if it were not there, to the rules like any other.
    Lax,
    /// The library ends what Envoy passes over.
    Strict,
    /// Longer than the library counts; Envoy waits for it.
    Length,
    /// Of two faults Envoy names the other one.
    Version,
    /// Envoy passes on the length and waits for the application, which waits for the body; here what follows belongs to the tunnel.
    Tunnel,
}

/// Each case that differs.
const LISTED: &[(Why, &[&str])] = &[
    (
        Why::OnlyTheStream,
        &[
            "http2: a stream that depends on itself",
            "http2: authority @",
            "http2: authority angle",
            "http2: authority slash",
            "http2: authority space",
            "http2: authority utf8",
            "http2: connect with path",
            "http2: connect without authority",
            "http2: connect ws",
            "http2: connection",
            "http2: connection keep",
            "http2: empty authority",
            "http2: empty length",
            "http2: empty path",
            "http2: huge length",
            "http2: keep-alive",
            "http2: length behind a space",
            "http2: length that is none",
            "http2: length with a minus",
            "http2: length with a plus",
            "http2: list of lengths",
            "http2: no authority",
            "http2: no header",
            "http2: no method",
            "http2: no path",
            "http2: no pseudo at all",
            "http2: no scheme",
            "http2: path CRLF",
            "http2: path DEL",
            "http2: path absolute",
            "http2: path ctl",
            "http2: path nul",
            "http2: path rel",
            "http2: path space",
            "http2: path star",
            "http2: protocol",
            "http2: proxy-connection",
            "http2: pseudo after",
            "http2: status",
            "http2: te both",
            "http2: te gzip",
            "http2: the same length twice",
            "http2: trailers that do not end",
            "http2: trailers with connection",
            "http2: transfer-encoding",
            "http2: two authorities",
            "http2: two hosts",
            "http2: two lengths",
            "http2: two methods",
            "http2: two paths",
            "http2: two schemes",
            "http2: upgrade",
        ],
    ),
    (
        Why::Target,
        &[
            "http2: path angle",
            "http2: path angle query",
            "http2: path backtick",
            "http2: path latin",
            "line: angle in query",
            "line: quote in query",
        ],
    ),
    (Why::Authority, &["http2: authority %", "http2: authority bad v6"]),
    (Why::Lax, &["http2: empty scheme", "http2: scheme 1x", "http2: trailers with a pseudo header"]),
    (Why::Strict, &["http2: a priority below itself", "http2: a priority of the connection", "http2: an older stream"]),
    (Why::Length, &["framing: length: 2^64-1"]),
    (Why::Version, &["whole: 1.2 and a bad connection"]),
    (Why::Tunnel, &["whole: upgrade with a body"]),
];

impl Why {
    /// Whether a difference is of this kind.
    fn explains(self, of_envoy: &str, of_proxy: &str) -> bool {
        let is_answered = |outcome: &str| outcome.contains("200 {") || outcome.contains("200 [] {");
        let only_the_stream = of_proxy.starts_with("1:  reset , 101: 200 ");
        match self {
            Self::OnlyTheStream => of_envoy == " end" && only_the_stream,
            Self::Target => {
                is_answered(of_envoy)
                    && (only_the_stream || matches!(of_proxy, " end" | "400 [close text/plain] Bad Request end"))
            }
            Self::Authority => is_answered(of_envoy) && only_the_stream,
            Self::Strict => is_answered(of_envoy) && (only_the_stream || of_proxy == " end"),
            Self::Lax => of_envoy == " end" && is_answered(of_proxy),
            Self::Length => of_envoy == " waits" && of_proxy == "400 [close text/plain] Bad Request end",
            Self::Version => of_envoy.starts_with("400 ") && of_proxy.starts_with("426 "),
            Self::Tunnel => of_envoy == " waits" && of_proxy == "200 [close]  end",
        }
    }
}

/// What is not as listed: a difference that is new, of another kind, or gone.
pub(super) fn judge(names: &BTreeSet<&str>, differing: &BTreeMap<&str, (String, String)>) -> Vec<String> {
    let listed: BTreeMap<&str, Why> = LISTED.iter().flat_map(|(why, names)| names.iter().map(|name| (*name, *why))).collect();
    let mut wrong = Vec::new();
    for (name, (of_envoy, of_proxy)) in differing {
        let why = listed.get(name);
        if !why.is_some_and(|why| why.explains(of_envoy, of_proxy)) {
            wrong.push(format!("{name}: listed as {why:?}\n  envoy: {of_envoy}\n  proxy: {of_proxy}"));
        }
    }
    for name in listed.keys() {
        if !names.contains(name) {
            wrong.push(format!("{name}: listed, and no case"));
        } else if !differing.contains_key(name) {
            wrong.push(format!("{name}: listed, and no difference any more"));
        }
    }
    wrong
}
