//! A real browser without a screen, spoken to over its pipe.

use std::fs::File;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::Value;
use serde_json::json;

/// How long the browser may take for anything that it is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Commands come on descriptor 3, answers go to 4; the browser ends when either does.
const START: &str = r#"exec "$@" 3<commands 4>answers </dev/null >/dev/null 2>chromium.log"#;

/// A browser with one page, that ends with the test.
pub(crate) struct Chromium {
    child: Child,
    commands: Option<File>,
    answers: mpsc::Receiver<Value>,
    session: String,
    last: u64,
}

/// The program; without one the test says that it is skipped.
pub(crate) fn program(test: &str) -> Option<String> {
    let named = std::env::var("CHROMIUM_BIN").ok();
    let known = ["chromium", "chromium-browser", "google-chrome"].map(str::to_owned);
    let found = named.into_iter().chain(known).find(|program| {
        let asked = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    });
    if found.is_none() {
        std::io::stderr().write_all(format!("SKIPPED {test}: no Chromium (CHROMIUM_BIN)\n").as_bytes()).unwrap();
    }
    found
}

impl Chromium {
    /// Opens a page.
    pub(crate) fn open(program: &str, folder: &Path, url: &str) -> Self {
        for name in ["commands", "answers"] {
            mkfifo(&folder.join(name), Mode::S_IRWXU).unwrap();
        }
        let mut command = Command::new("sh");
        command.args([
            "-c",
            START,
            "start",
            program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ]);
        command.args(["--no-first-run", "--disable-background-networking", "--remote-debugging-pipe", "--user-data-dir=profile"]);
        command.env("HOME", folder).current_dir(folder);
        let child = command.spawn().unwrap();
        let commands = File::create(folder.join("commands")).unwrap();
        let reader = File::open(folder.join("answers")).unwrap();
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || {
            for bytes in BufReader::new(reader).split(0).map_while(Result::ok) {
                if sender.send(serde_json::from_slice(&bytes).unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self { child, commands: Some(commands), answers, session: String::new(), last: 0 };
        let target = browser.command("Target.createTarget", &json!({"url": url}));
        let attached = browser.command("Target.attachToTarget", &json!({"targetId": target["targetId"], "flatten": true}));
        attached["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        browser
    }

    /// Sends a command and waits for what comes of it.
    pub(crate) fn command(&mut self, method: &str, parameters: &Value) -> Value {
        self.try_command(method, parameters).unwrap_or_else(|error| panic!("{method} {parameters}: {error}"))
    }

    fn try_command(&mut self, method: &str, parameters: &Value) -> Result<Value, Value> {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let pipe = self.commands.as_mut().unwrap();
        pipe.write_all(message.to_string().as_bytes()).unwrap();
        pipe.write_all(&[0]).unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.answers.recv_timeout(deadline.saturating_duration_since(Instant::now())).unwrap();
            if answer["id"] == self.last {
                return answer.get("error").map_or_else(|| Ok(answer["result"].clone()), |error| Err(error.clone()));
            }
        }
    }

    /// The value of an expression on the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        self.try_value(expression).unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    fn try_value(&mut self, expression: &str) -> Result<Value, Value> {
        let parameters = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let result = self.try_command("Runtime.evaluate", &parameters)?;
        result.get("exceptionDetails").map_or_else(|| Ok(result["result"]["value"].clone()), |thrown| Err(thrown.clone()))
    }

    /// Waits until an expression on the page holds. Before the page is there it does not.
    pub(crate) fn wait_for(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.try_value(expression) != Ok(json!(true)) {
            assert!(Instant::now() < deadline, "never: {expression}\n{}", self.value("document.body.innerText"));
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses a key, such as `Tab`, `Enter`, `ArrowDown`.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "ArrowDown" => (40, ""),
            _ => panic!("the key {key} is unknown"),
        };
        let mut down = json!({"type": if text.is_empty() { "rawKeyDown" } else { "keyDown" }, "key": key, "code": key, "windowsVirtualKeyCode": code});
        if !text.is_empty() {
            down["text"] = json!(text);
        }
        self.command("Input.dispatchKeyEvent", &down);
        self.command("Input.dispatchKeyEvent", &json!({"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code}));
    }

    /// Writes where the keyboard is, in the place of what is there.
    pub(crate) fn write(&mut self, text: &str) {
        let all = json!({"type": "keyDown", "key": "a", "code": "KeyA", "windowsVirtualKeyCode": 65, "modifiers": 2, "commands": ["selectAll"]});
        self.command("Input.dispatchKeyEvent", &all);
        self.command("Input.insertText", &json!({"text": text}));
    }

    /// Goes on with the Tab key until the keyboard is there.
    pub(crate) fn tab_to(&mut self, selector: &str) {
        let is_there = format!("document.activeElement?.matches({})", json!(selector));
        for _ in 0..80 {
            if self.value(&is_there) == true {
                return;
            }
            self.press("Tab");
        }
        panic!("the keyboard does not come to {selector}");
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        drop(self.commands.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
