//! `svid renew --watch`: it renews in time, goes on after failures, and ends when told to.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::identity::authority::Authority;

/// Longer than anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `svid renew --watch`.
struct Watch {
    child: Child,
    lines: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Watch {
    fn start(authority: &Authority, arguments: &[&str]) -> Self {
        let mut command = authority.command(&[&["svid", "renew", "--watch"], arguments].concat());
        Self::spawn(command.stdin(Stdio::null()))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines, seen: Vec::new() }
    }

    /// The next event with these words.
    fn wait_for(&mut self, words: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let rest = end.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(rest) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(error) => panic!("no `{words}` ({error}) in {:#?}", self.seen),
            }
        }
    }

    /// Sends a signal; how long it took to end, and everything it said.
    fn end(mut self, signal: &str) -> (Duration, Vec<String>) {
        let begin = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("sh").args(["-c", &format!("kill -{signal} {pid}")]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let took = begin.elapsed();
        assert_eq!(status.code(), Some(0), "{signal}: {:#?}", self.seen);
        self.seen.extend(self.lines.iter());
        (took, std::mem::take(&mut self.seen))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It has ended already unless the test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_short_life_is_renewed_again_and_again_until_a_signal_ends_it_within_a_second() {
    for signal in ["TERM", "INT"] {
        let authority = Authority::new();
        authority.issue("web", &["--ttl", "4s"]);
        let mut watch = Watch::start(&authority, &["web", "--exec", "echo ran $MESHSEC_SPIFFE_ID"]);
        watch.wait_for("watching 1 directory");
        let mut serials = vec![authority.files("web").serial()];
        for _ in 0..3 {
            watch.wait_for("renewed spiffe://cluster.local/ns/shop/sa/web until");
            serials.push(authority.files("web").serial());
            watch.wait_for("ran spiffe://cluster.local/ns/shop/sa/web");
        }
        let (took, seen) = watch.end(signal);
        assert!(took < Duration::from_secs(1), "{signal}: {took:?}");
        assert!(seen.last().is_some_and(|line| line.contains("ended by a signal")), "{seen:#?}");
        serials.sort();
        serials.dedup();
        assert!(serials.len() >= 3, "{serials:?}");
        authority.files("web");
    }
}

#[test]
fn a_command_that_hangs_keeps_nobody_from_ending_it() {
    let authority = Authority::new();
    authority.issue("web", &["--ttl", "2s"]);
    let mut watch = Watch::start(&authority, &["web", "--exec", "echo begun; exec sleep 30"]);
    watch.wait_for("begun");
    let (took, seen) = watch.end("TERM");
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(seen.iter().any(|line| line.contains("is left to itself")), "{seen:#?}");
}

#[test]
fn new_certificates_and_rotations_are_noticed() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    let mut watch = Watch::start(&authority, &["--all", "--poll", "1s"]);
    watch.wait_for("watching 1 directory");
    authority.issue("late", &["--ttl", "4s"]);
    watch.wait_for("renewed spiffe://cluster.local/ns/shop/sa/late");
    authority.done(&["ca", "intermediate", "--name", "default", "--replace", "-q"]);
    watch.wait_for("sa/web until");
    authority.done(&["ca", "rotate", "prepare", "-q"]);
    watch.wait_for("replaced root-cert.pem of spiffe://cluster.local/ns/shop/sa/web");
    assert_eq!(authority.files("web").roots.len(), 2);
    let (_, seen) = watch.end("TERM");
    assert!(!seen.iter().any(|line| line.contains("error:")), "{seen:#?}");
}

#[test]
fn failures_are_told_and_what_comes_back_is_renewed() {
    let authority = Authority::new();
    for account in ["web", "db"] {
        authority.issue(account, &["--ttl", "4s"]);
    }
    let mut watch = Watch::start(&authority, &["--all", "--poll", "1s", "--exec", "exit 3"]);
    // A file of somebody else stands in the way: the other directory goes on, and the failing one does again once the way is free.
    fs::remove_file(authority.path("web/key.pem")).unwrap();
    fs::write(authority.path("web/key.pem"), "mine").unwrap();
    watch.wait_for("was not written by this program");
    watch.wait_for("sa/db until");
    watch.wait_for("exit code 3");
    watch.wait_for("sa/db until");
    assert_eq!(fs::read_to_string(authority.path("web/key.pem")).unwrap(), "mine");
    fs::remove_file(authority.path("web/key.pem")).unwrap();
    watch.wait_for("sa/web until");
    // The home is away for a while.
    fs::rename(authority.path("home"), authority.path("away")).unwrap();
    watch.wait_for("no authority lives there");
    watch.wait_for("no authority lives there");
    fs::rename(authority.path("away"), authority.path("home")).unwrap();
    watch.wait_for("sa/db until");
    watch.end("TERM");
    authority.files("web");
}
