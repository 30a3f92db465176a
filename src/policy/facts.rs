use std::net::IpAddr;

use serde_json::Value;

/// A fact of a request that may not have been given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<T> {
    /// Given or derived.
    Yes(T),
    /// Not given; the text names it, such as `source address`.
    No(&'static str),
}

/// What the proxy in front of the workload knows about one request or connection when authorization runs.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Names in the caller's certificate, in order: URI SANs, DNS SANs, subject. Empty without mutual TLS.
    pub peer: &'a [String],
    /// Peer address of the connection.
    pub source_ip: Known<IpAddr>,
    /// Client address after X-Forwarded-For rules.
    pub remote_ip: Known<IpAddr>,
    /// Address the connection arrived at.
    pub destination_ip: Known<IpAddr>,
    /// Port the connection arrived at.
    pub destination_port: u16,
    /// Server name of the connection; empty when there is none.
    pub sni: Known<&'a str>,
    /// The request; `None` on a TCP chain.
    pub http: Option<HttpFacts<'a>>,
}

/// What is known of an HTTP request, after the proxy's own edits and path normalization.
#[derive(Debug, Clone, Copy)]
pub struct HttpFacts<'a> {
    /// `:method`.
    pub method: &'a str,
    /// `:authority`.
    pub authority: &'a str,
    /// `:path` with its query; `None` for a plain CONNECT.
    pub path: Option<&'a str>,
    /// `:scheme`.
    pub scheme: &'a str,
    /// All other headers.
    pub headers: &'a Headers,
    /// Payload of the verified token.
    pub claims: Option<&'a Value>,
    /// What was not kept of a request that is looked at again; `None` while it is there.
    pub withheld: Option<&'a Withheld>,
}

/// What a log left out of a request: it was there or not, and nothing tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Withheld {
    /// Headers (in lower case) that were kept, or are known to be absent; any other is not known.
    pub kept_headers: Vec<String>,
    /// The query of the path.
    pub query: bool,
    /// Claims of the token, but for `iss` and `sub`.
    pub claims: bool,
}

impl Withheld {
    /// Whether it is not known what a header condition looks at.
    pub(super) fn hides_header(&self, name: &str) -> bool {
        match name {
            ":path" => self.query,
            ":method" | ":authority" | ":scheme" => false,
            _ => !self.kept_headers.iter().any(|kept| kept == name),
        }
    }
}

/// Request headers in order, names in lower case, without pseudo headers. A name may occur several times.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    entries: Vec<(String, String)>,
    /// Texts of headers that are gone, whose memory is used again.
    spare: Vec<(String, String)>,
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Eq for Headers {}

impl Headers {
    /// Appends one header; the name is turned to lower case.
    pub fn append(&mut self, name: &str, value: impl AsRef<str>) {
        let entry = self.entry(name, value.as_ref());
        self.entries.push(entry);
    }

    fn entry(&mut self, name: &str, value: &str) -> (String, String) {
        let (mut key, mut text) = self.spare.pop().unwrap_or_default();
        key.clear();
        key.push_str(name);
        key.make_ascii_lowercase();
        text.clear();
        text.push_str(value);
        (key, text)
    }

    /// Removes every header of this (lower-case) name and says whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.entries.len();
        self.spare.extend(self.entries.extract_if(.., |(key, _)| key == name));
        self.entries.len() != before
    }

    /// Replaces every header of this (lower-case) name by one value at the place of the first, or appends it.
    pub fn set(&mut self, name: &str, value: impl AsRef<str>) {
        let position = self.entries.iter().position(|(key, _)| key == name);
        self.remove(name);
        let at = position.unwrap_or(self.entries.len()).min(self.entries.len());
        let entry = self.entry(name, value.as_ref());
        self.entries.insert(at, entry);
    }

    /// Values of a (lower-case) name, in order.
    pub fn values<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> {
        self.entries.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a (lower-case) name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.entries.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every header in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Removes all headers, keeping the memory.
    pub fn clear(&mut self) {
        self.spare.append(&mut self.entries);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
