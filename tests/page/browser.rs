//! A headless Chromium that shows one page, driven by the DevTools protocol over a pipe.
//!
//! What the tests need is a dozen commands, so this file is the whole client. `headless_chrome` brings 113 crates and
//! `chromiumoxide` 151, each with all of the protocol as generated code; `fantoccini` (126) needs a `chromedriver` of the very
//! version beside it, and sees neither console nor network. Over the pipe there is no port to guard and no WebSocket to speak.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use std::{fs, thread};

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any command takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the page is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) dark: bool,
}

/// A window on a desk, in daylight.
pub(crate) const DESK: Look = Look { width: 1440, height: 1000, dark: false };
/// A phone.
pub(crate) const PHONE: Look = Look { width: 390, height: 844, dark: false };

/// A running browser with one page; it ends with this value.
#[derive(Debug)]
pub(crate) struct Browser {
    child: Child,
    input: Option<ChildStdin>,
    answers: Receiver<Value>,
    session: Option<String>,
    calls: u64,
    /// Errors of the page: exceptions, `console.error`, refusals of the content security policy.
    pub(crate) errors: Vec<String>,
    /// Addresses that the page asked for, its own among them.
    pub(crate) requests: Vec<String>,
    folder: TempDir,
}

/// The browser of this machine.
pub(crate) fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
}

impl Browser {
    /// Opens a page, at an address behind its `#`, and waits until it is put together.
    pub(crate) fn open(page: &str, fragment: &str, look: Look) -> Self {
        let mut browser = Self::start();
        browser.look(look);
        browser.show(page, fragment);
        browser.wait("document.documentElement.dataset.ready === 'true'");
        browser
    }

    /// A browser with an empty page.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("/bin/sh");
        // The protocol wants its pipes as descriptors 3 and 4, and the standard library hands out the first three only.
        command.args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"#]);
        command.arg(program().expect("a browser")).args([
            "--headless",
            "--remote-debugging-pipe",
            // Root and most containers have no sandbox of Chromium's; the page is our own.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--hide-scrollbars",
            // Whatever it asks for besides the file: no name leads anywhere.
            "--host-resolver-rules=MAP * ~NOTFOUND",
        ]);
        command.arg(format!("--user-data-dir={}", folder.path().join("profile").display())).arg("about:blank");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("a browser");
        let (input, output) = (child.stdin.take(), child.stdout.take().expect("a pipe"));
        let (sender, answers) = channel();
        thread::spawn(move || {
            for message in BufReader::new(output).split(0) {
                let Ok(message) = message else { return };
                if sender.send(serde_json::from_slice(&message).expect("JSON")).is_err() {
                    return;
                }
            }
        });
        let (errors, requests) = (Vec::new(), Vec::new());
        let mut browser = Self { child, input, answers, session: None, calls: 0, errors, requests, folder };
        let targets = browser.call("Target.getTargets", &json!({}));
        let pages = targets["targetInfos"].as_array().expect("targets");
        let page = pages.iter().find(|target| target["type"] == "page").expect("a page")["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", &json!({"targetId": page, "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for part in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{part}.enable"), &json!({}));
        }
        browser
    }

    /// Leads the window to a page, from a file of its own.
    pub(crate) fn show(&mut self, page: &str, fragment: &str) {
        let file = self.folder.path().join("report.html");
        fs::write(&file, page).expect("a file");
        let address = format!("file://{}{fragment}", file.display());
        self.call("Page.navigate", &json!({"url": address}));
    }

    /// Sets the size of the window and the colours that its owner likes.
    pub(crate) fn look(&mut self, look: Look) {
        let is_phone = look.width < 500;
        let metrics = json!({"width": look.width, "height": look.height, "deviceScaleFactor": if is_phone { 2 } else { 1 },
            "mobile": is_phone});
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = if look.dark { "dark" } else { "light" };
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
    }

    /// Sends a command and returns its result.
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({"id": self.calls, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let input = self.input.as_mut().expect("a browser that was not closed");
        input
            .write_all(format!("{message}\0").as_bytes())
            .and_then(|()| input.flush())
            .expect("a browser that listens");
        let until = Instant::now() + PATIENCE;
        loop {
            match self.answers.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(answer) if answer["id"] == self.calls => {
                    assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                    return answer["result"].clone();
                }
                Ok(event) => self.note(&event),
                Err(RecvTimeoutError::Timeout) => panic!("{method}: no answer in {PATIENCE:?}"),
                Err(RecvTimeoutError::Disconnected) => panic!("{method}: the browser has ended"),
            }
        }
    }

    fn note(&mut self, event: &Value) {
        let about = &event["params"];
        let level = about["entry"]["level"].as_str().or(about["type"].as_str()).unwrap_or_default();
        match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" | "Page.javascriptDialogOpening" => self.errors.push(about.to_string()),
            "Log.entryAdded" | "Runtime.consoleAPICalled" if level == "error" || level == "warning" => {
                self.errors.push(about.to_string());
            }
            "Network.requestWillBeSent" => {
                let address = about["request"]["url"].as_str().unwrap_or_default();
                // The icon is in the page itself.
                if !address.starts_with("data:") {
                    self.requests.push(address.to_owned());
                }
            }
            _ => {}
        }
    }

    /// The value of an expression in the page; a promise is waited for.
    pub(crate) fn js(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", &parameters);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// The same as text.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        self.js(expression).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression is true; where it cannot be asked yet, it is not.
    pub(crate) fn wait(&mut self, condition: &str) {
        let until = Instant::now() + PATIENCE;
        let asked = format!("(() => {{ try {{ return {condition}; }} catch {{ return false; }} }})()");
        while self.js(&asked) != true {
            assert!(Instant::now() < until, "not in {PATIENCE:?}: {condition}\n{:#?}", self.errors);
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Goes to an address behind the `#`, as a bookmark would.
    pub(crate) fn go(&mut self, fragment: &str) {
        self.js(&format!("location.hash = {}", json!(fragment)));
        self.settle();
    }

    /// Waits until what was asked for is on the screen.
    pub(crate) fn settle(&mut self) {
        self.js("new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => done())), 60))");
    }

    /// Clicks the middle of the first element of a selector, with the mouse.
    pub(crate) fn click(&mut self, selector: &str) {
        let place = format!(
            "(() => {{ const found = document.querySelector({}); if (!found) return null;
                found.scrollIntoView({{ block: 'center' }}); const box = found.getBoundingClientRect();
                return [box.left + box.width / 2, box.top + box.height / 2]; }})()",
            json!(selector)
        );
        let place = self.js(&place);
        assert!(place.is_array(), "nothing is {selector}");
        // The page may make rows on its way there.
        self.settle();
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", &event);
        }
        self.settle();
    }

    /// Presses a key, by its name in the standard (`Enter`, `ArrowDown`), or a character.
    pub(crate) fn press(&mut self, key: &str) {
        let text = if key == "Enter" { "\r" } else { key };
        let mut event = json!({"type": "keyDown", "key": key, "code": key});
        if text.chars().count() == 1 {
            event["text"] = json!(text);
        }
        let code = match key {
            "Enter" => 13,
            "Tab" => 9,
            "Escape" => 27,
            "ArrowDown" => 40,
            "ArrowUp" => 38,
            _ => 0,
        };
        event["windowsVirtualKeyCode"] = json!(code);
        self.call("Input.dispatchKeyEvent", &event);
        event["type"] = json!("keyUp");
        self.call("Input.dispatchKeyEvent", &event);
        self.settle();
    }

    /// Types into what has the focus, character by character.
    pub(crate) fn write(&mut self, text: &str) {
        for c in text.chars() {
            self.call("Input.insertText", &json!({"text": c}));
        }
        self.settle();
    }

    /// Keeps a picture under `target/tmp/page`, for people.
    pub(crate) fn picture(&mut self, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
        fs::create_dir_all(&folder).expect("a folder");
        let picture = self.call("Page.captureScreenshot", &json!({"format": "png"}));
        let picture = Base64::decode_vec(picture["data"].as_str().expect("a picture")).expect("base64");
        let path = folder.join(format!("{name}.png"));
        fs::write(&path, picture).expect("a file");
        path
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(mut input) = self.input.take() {
            let _ = input.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0").and_then(|()| input.flush());
        }
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
