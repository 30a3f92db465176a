//! `wrk` and `h2load`: one run each, and what they tell of it.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use crate::policies::PATH;
use crate::process::OTHER_CORE;
use crate::process::on_core;
use crate::rows::Body;
use crate::rows::Row;
use crate::rows::Version;

/// Connections that are open at once; fewer where each carries large bodies.
const CONNECTIONS: [&str; 2] = ["32", "8"];
/// Streams of one connection.
const STREAMS: &str = "10";
/// Connections that are opened together where each is for one request.
const BURST: &str = "50";
/// Bytes of a large request.
const LARGE: usize = 1 << 20;

/// Tells what `wrk` counted, on one line.
const SCRIPT: &str = r#"
function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("FIGURES %d %d %d %d %d %d\n", summary.requests, failed, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
"#;
/// Takes another token for each request.
const TOKENS_SCRIPT: &str = r#"
local tokens, at = {}, 0
for token in io.lines("tokens") do tokens[#tokens + 1] = "Bearer " .. token end
function request()
  at = at % #tokens + 1
  wrk.headers["authorization"] = tokens[at]
  return wrk.format()
end
"#;

/// What a generator counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub(crate) requests: u64,
    pub(crate) failed: u64,
    pub(crate) seconds: f64,
    /// Milliseconds that 50, 99 and 99.9 of a hundred requests took at most.
    pub(crate) milliseconds: [f64; 3],
}

/// Asks for this long.
pub(crate) fn run(folder: &Path, row: &Row, address: SocketAddr, seconds: u64) -> Counted {
    match row.version {
        Version::Http1 => wrk(folder, row, address, seconds),
        Version::Http2 => h2load(folder, row, address, seconds),
    }
}

fn url(row: &Row, address: SocketAddr) -> String {
    let end = if row.body == Body::LargeAnswer { crate::application::LARGE } else { "/1k" };
    format!("http://{address}{PATH}{end}")
}

fn wrk(folder: &Path, row: &Row, address: SocketAddr, seconds: u64) -> Counted {
    let mut script = SCRIPT.to_owned();
    if row.body == Body::LargeRequest {
        script.push_str(&format!("wrk.method = \"POST\"\nwrk.body = string.rep(\"x\", {LARGE})\n"));
    }
    if row.new_connections {
        script.push_str("wrk.headers[\"connection\"] = \"close\"\n");
    }
    if row.tokens.is_some() {
        script.push_str(TOKENS_SCRIPT);
    }
    fs::write(folder.join("wrk.lua"), script).expect("a script can be written");
    let connections = CONNECTIONS[usize::from(row.body != Body::Small)];
    let mut command = on_core(OTHER_CORE, "wrk");
    command.args(["-t", "1", "-c", connections, "-d", &format!("{seconds}s"), "--timeout", "30s", "-s", "wrk.lua"]);
    let output = command.arg(url(row, address)).current_dir(folder).output().expect("wrk starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("FIGURES ")).unwrap_or_else(|| {
        panic!("wrk tells no figures: {text}{}", String::from_utf8_lossy(&output.stderr));
    });
    let figures: Vec<u64> = line.split(' ').filter_map(|figure| figure.parse().ok()).collect();
    let &[requests, failed, microseconds, half, most, nearly_all] = figures.as_slice() else { panic!("wrk says {line}") };
    let milliseconds = [half, most, nearly_all].map(|microseconds| microseconds as f64 / 1e3);
    Counted { requests, failed, seconds: microseconds as f64 / 1e6, milliseconds }
}

fn h2load(folder: &Path, row: &Row, address: SocketAddr, seconds: u64) -> Counted {
    if row.body == Body::LargeRequest {
        fs::write(folder.join("body"), vec![b'x'; LARGE]).expect("a body can be written");
    }
    let duration = format!("{seconds}s");
    let connections = CONNECTIONS[usize::from(row.body != Body::Small)];
    let kept: [&str; 6] = ["-c", connections, "-m", STREAMS, "-D", &duration];
    let fresh: [&str; 6] = ["-c", BURST, "-m", "1", "-n", BURST];
    let mut answers = Vec::new();
    let start = Instant::now();
    loop {
        let log = folder.join("h2load.log");
        // It appends to a log that is there.
        let _ = fs::remove_file(&log);
        let mut command = on_core(OTHER_CORE, "h2load");
        command.args(["--log-file", "h2load.log"]).args(if row.new_connections { fresh } else { kept });
        if row.body == Body::LargeRequest {
            command.args(["-d", "body"]);
        }
        let output = command.arg(url(row, address)).current_dir(folder).output().expect("h2load starts");
        let text = fs::read_to_string(log).unwrap_or_default();
        assert!(!text.is_empty(), "h2load made no request: {}", String::from_utf8_lossy(&output.stdout));
        answers.extend(text.lines().filter_map(answer));
        if !row.new_connections || start.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
    }
    let elapsed = start.elapsed().as_secs_f64();
    let mut took: Vec<u64> = answers.iter().map(|(_, microseconds)| *microseconds).collect();
    took.sort_unstable();
    let at =
        |thousandths: usize| took.get(took.len() * thousandths / 1000).map_or(0.0, |microseconds| *microseconds as f64 / 1e3);
    Counted {
        requests: answers.len() as u64,
        failed: answers.iter().filter(|(status, _)| *status != 200).count() as u64,
        seconds: elapsed,
        milliseconds: [at(500), at(990), at(999)],
    }
}

/// Status and microseconds of a line of h2load's log.
fn answer(line: &str) -> Option<(u16, u64)> {
    let mut fields = line.split('\t').skip(1);
    Some((fields.next()?.parse().ok().unwrap_or_default(), fields.next()?.parse().ok()?))
}
