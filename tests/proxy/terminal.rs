//! What one sees on a terminal, on one of its own.

use std::fs::File;
use std::io::Read;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use nix::pty::Winsize;
use nix::pty::openpty;
use nix::sys::signal::Signal;
use nix::sys::signal::kill;
use nix::sys::termios::LocalFlags;
use nix::sys::termios::tcgetattr;
use nix::unistd::Pid;

use crate::admin;
use crate::process::PATIENCE;
use crate::process::wait_until;

/// A shell that waits after the program ended: the terminal is gone when its first program is.
const SHELL: &str = r#""$@"; echo "code $?"; read -r line"#;

/// A proxy on a terminal that nobody else has. It ends with the test: without a terminal it cannot write.
struct Terminal {
    child: Child,
    keyboard: File,
    slave: OwnedFd,
    seen: Arc<Mutex<String>>,
}

impl Terminal {
    /// Starts it; without `setsid` the test says that it is skipped.
    fn start(test: &str, folder: &Path, columns: u16, variables: &[(&str, &str)]) -> Option<Self> {
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(Some(&size), None).unwrap();
        let end = || Stdio::from(pair.slave.try_clone().unwrap());
        let mut command = Command::new("setsid");
        command.args(["--ctty", "sh", "-c", SHELL, "shell", env!("CARGO_BIN_EXE_meshsec")]);
        command.args(["simulate", "proxy", "-f", "mesh.yaml", "-w", "shop/web"]);
        command.args(["--listen", "127.0.0.1:0", "--echo", "--ui", "127.0.0.1:0"]).current_dir(folder);
        command.env_remove("NO_COLOR").env_remove("COLUMNS").envs(variables.iter().copied());
        let Ok(child) = command.stdin(end()).stdout(end()).stderr(end()).spawn() else {
            std::io::stderr().write_all(format!("SKIPPED {test}: no setsid\n").as_bytes()).unwrap();
            return None;
        };
        let keyboard = File::from(pair.master);
        let mut screen = keyboard.try_clone().unwrap();
        let seen: Arc<Mutex<String>> = Arc::default();
        let writer = Arc::clone(&seen);
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = screen.read(&mut chunk) {
                writer.lock().unwrap().push_str(&String::from_utf8_lossy(&chunk[..length]));
            }
        });
        Some(Self { child, keyboard, slave: pair.slave, seen })
    }

    fn seen(&self) -> String {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until this is on the screen, and returns what comes before it and after.
    fn wait_for(&self, text: &str) -> (String, String) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some((before, after)) = self.seen().split_once(text) {
                return (before.to_owned(), after.to_owned());
            }
            assert!(Instant::now() < deadline, "no {text:?} on the screen, but {:?}", self.seen());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn type_in(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    fn ask(&self, path: &str) {
        let (_, after) = self.wait_for(" -> listening ");
        let address = after.split_whitespace().next().unwrap().parse().unwrap();
        assert!([200, 403].contains(&admin::get(address, path).status));
    }

    /// Whether keys are shown and come line by line, as a shell wants it.
    fn is_as_before(&self) -> bool {
        tcgetattr(&self.slave).unwrap().local_flags.contains(LocalFlags::ECHO | LocalFlags::ICANON)
    }

    /// Waits until what is drawn below the lines is so.
    fn wait_below(&self, holds: impl Fn(&str) -> bool) {
        wait_until("what is drawn", || self.seen().rsplit("\r\u{1b}[K").next().is_some_and(&holds));
    }

    fn signal(&self, signal: Signal) {
        let shell = self.child.id();
        let programs = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
        kill(Pid::from_raw(programs.trim().parse().unwrap()), signal).unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn rates_stand_below_the_lines_and_keys_filter_and_end() {
    let folder = tempfile::tempdir().unwrap();
    admin::write_mesh(folder.path(), "");
    let test = "rates_stand_below_the_lines_and_keys_filter_and_end";
    let Some(mut terminal) = Terminal::start(test, folder.path(), 120, &[]) else { return };
    terminal.wait_for("0 connections   q ends, / filters");
    assert!(!terminal.is_as_before());
    terminal.ask("/one");
    let (before, _) = terminal.wait_for("GET /one");
    assert!(before.ends_with(":8080 ") && before.contains("/s   "), "{before:?}");
    terminal.wait_for("0.2/s   0.2/s allowed   0.0/s refused");
    terminal.type_in("/dex\u{7f}nied");
    terminal.wait_for("/denied_   Enter filters");
    terminal.type_in("\r");
    terminal.wait_for("filter `denied`: 0 of 0 shown");
    terminal.ask("/two");
    terminal.ask("/admin");
    terminal.wait_for("GET /admin");
    terminal.wait_for("filter `denied`: 1 of 2 shown");
    terminal.type_in("\u{1b}");
    terminal.wait_below(|drawn| !drawn.contains("filter `"));
    terminal.ask("/three");
    terminal.wait_for("GET /three");
    terminal.type_in("q");
    terminal.wait_for("code 0");
    assert!(terminal.is_as_before());
    let (before, _) = terminal.wait_for("4 decisions: 3 allowed, 1 denied");
    assert!(!before.contains("GET /two"), "{before:?}");
    assert!(before.contains("\u{1b}[1;32mallowed\u{1b}[0m"), "{before:?}");
}

#[test]
fn the_terminal_is_given_back_whatever_ends_the_program() {
    let test = "the_terminal_is_given_back_whatever_ends_the_program";
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGQUIT] {
        let folder = tempfile::tempdir().unwrap();
        admin::write_mesh(folder.path(), "");
        let Some(terminal) = Terminal::start(test, folder.path(), 120, &[]) else { return };
        terminal.wait_for("q ends, / filters");
        assert!(!terminal.is_as_before(), "{signal}");
        terminal.signal(signal);
        terminal.wait_for("code 0");
        assert!(terminal.is_as_before(), "{signal}");
        terminal.wait_for("0 decisions");
    }
}

#[test]
fn there_are_no_colours_where_none_are_wanted_and_no_line_is_too_long() {
    let folder = tempfile::tempdir().unwrap();
    admin::write_mesh(folder.path(), "");
    let test = "there_are_no_colours_where_none_are_wanted_and_no_line_is_too_long";
    let Some(mut terminal) = Terminal::start(test, folder.path(), 30, &[("NO_COLOR", "1")]) else { return };
    terminal.wait_for("0.0/s   0.0/s allowed   0.0/s");
    terminal.ask("/admin");
    terminal.wait_for("denied 403");
    terminal.type_in("q");
    terminal.wait_for("code 0");
    let seen = terminal.seen();
    assert!(!seen.contains("\u{1b}[1") && !seen.contains("\u{1b}[2m") && !seen.contains("q ends"), "{seen:?}");
}
