use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use super::configuration::Tls;
use super::configuration::client;
use super::configuration::cluster;
use super::configuration::server;
use super::process::Envoy;
use super::process::eventually;
use super::process::request;

/// One client and one server that want to talk.
pub(crate) struct Link {
    /// What is special about it.
    pub(crate) name: String,
    /// `CommonTlsContext` of the client.
    pub(crate) client: Value,
    /// What the client offers.
    pub(crate) tls: Tls,
    /// `CommonTlsContext` of the server.
    pub(crate) server: Value,
    /// How it must end.
    pub(crate) expected: Expected,
}

/// How the attempt to talk must end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    /// The server answers, and names the client so.
    Accepted(&'static str),
    /// The client refuses the server and says this in its log.
    ByClient(&'static str),
    /// The server refuses the client and says this in its log.
    ByServer(&'static str),
}

/// Two Envoys with a listener and a cluster for each link.
pub(crate) struct Pair {
    pub(crate) client: Envoy,
    pub(crate) server: Envoy,
    folder: tempfile::TempDir,
}

/// What came of one request.
#[derive(Debug)]
pub(crate) struct Answer(String);

impl Answer {
    pub(crate) fn is_good(&self) -> bool {
        self.0.starts_with("HTTP/1.1 200 ")
    }

    fn is_refusal(&self) -> bool {
        self.0.starts_with("HTTP/1.1 503 ")
    }

    /// The identities by which the server knew the client.
    fn peer(&self) -> &str {
        self.0.lines().find_map(|line| line.strip_prefix("x-peer: ")).unwrap_or_default()
    }
}

impl Pair {
    pub(crate) fn start(program: &str, links: &[Link]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: String| folder.path().join(name);
        let (mut servers, mut clients, mut clusters) = (Vec::new(), Vec::new(), Vec::new());
        for (index, link) in links.iter().enumerate() {
            let socket = path(format!("{index}.server"));
            servers.push(server(&socket, &path(format!("{index}.server.failures")), &link.server));
            clients.push(client(&path(format!("{index}.client")), &path(format!("{index}.client.failures")), &index.to_string()));
            clusters.push(cluster(&index.to_string(), &socket, &link.client, link.tls));
        }
        let server = json!({"static_resources": {"listeners": servers}});
        let client = json!({"static_resources": {"listeners": clients, "clusters": clusters}});
        Self {
            server: Envoy::start(program, folder.path(), "server", &server),
            client: Envoy::start(program, folder.path(), "client", &client),
            folder,
        }
    }

    /// Sends a request through the client to the server of a link.
    pub(crate) fn ask(&self, link: usize) -> Answer {
        Answer(request(&self.client_socket(link), "GET", "/").unwrap_or_else(|error| error.to_string()))
    }

    /// Where the client takes plain requests for a link.
    fn client_socket(&self, link: usize) -> PathBuf {
        self.folder.path().join(format!("{link}.client"))
    }

    /// Where the server of a link takes TLS.
    pub(crate) fn server_socket(&self, link: usize) -> PathBuf {
        self.folder.path().join(format!("{link}.server"))
    }

    /// Why handshakes of a link failed until now, as its client or server tells it.
    fn failures(&self, link: usize, side: &str) -> String {
        fs::read_to_string(self.folder.path().join(format!("{link}.{side}.failures"))).unwrap_or_default()
    }

    /// What is wrong with the end of a link; nothing when it is as expected.
    pub(crate) fn disagreement(&self, index: usize, name: &str, expected: Expected) -> Option<String> {
        let sides = ["client", "server"];
        let before = sides.map(|side| self.failures(index, side).len());
        let answer = self.ask(index);
        // What was said about earlier requests does not count.
        let fresh = |side: usize| self.failures(index, sides[side]).get(before[side]..).unwrap_or_default().to_owned();
        let said = |side, reason| eventually(Duration::from_secs(2), || fresh(side).contains(reason));
        let is_as_expected = match expected {
            Expected::Accepted(peer) => answer.is_good() && answer.peer() == peer,
            Expected::ByClient(reason) => answer.is_refusal() && said(0, reason),
            Expected::ByServer(reason) => answer.is_refusal() && said(1, reason),
        };
        let status = answer.0.lines().next().unwrap_or_default();
        let logs = [0, 1].map(|side| format!("\n  {}: {}", sides[side], fresh(side).trim()));
        (!is_as_expected)
            .then(|| format!("{name}: expected {expected:?}, got `{status}`, peer `{}`{}", answer.peer(), logs.concat()))
    }
}

/// Starts the Envoys, tries every link and fails with all that ended otherwise than expected.
pub(crate) fn check(program: &str, links: &[Link]) {
    let pair = Pair::start(program, links);
    let wrong = |(index, link): (usize, &Link)| pair.disagreement(index, &link.name, link.expected);
    let wrong: Vec<String> = links.iter().enumerate().filter_map(wrong).collect();
    assert!(!links.is_empty() && wrong.is_empty(), "{} of {} links:\n{}", wrong.len(), links.len(), wrong.join("\n"));
}
