//! A headless Chromium on a pipe: the DevTools protocol, JSON messages that end in a zero byte.
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any pause of a busy machine.
const PATIENCE: Duration = Duration::from_mins(3);

/// The browser of this machine, if it has one.
pub(crate) fn binary() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = || std::env::split_paths(&path);
    let known = ["chromium", "chromium-browser", "google-chrome"];
    named.or_else(|| {
        known.iter().flat_map(|name| places().map(move |dir| dir.join(name))).find(|it| it.is_file())
    })
}

/// A browser; it ends with its value.
pub(crate) struct Browser {
    process: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    n_calls: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    pub(crate) fn start(binary: &Path) -> Self {
        let profile = TempDir::new().unwrap();
        // the protocol speaks on the descriptors 3 and 4
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1"])
            .arg(binary)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
            ])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--hide-scrollbars", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = process.stdin.take().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let (send, from) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while lines.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                message.pop();
                let Ok(value) = serde_json::from_slice(&message) else { break };
                if send.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        Self { process, to, from, n_calls: 0, events: Vec::new(), _profile: profile }
    }

    #[track_caller]
    fn call(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        self.n_calls += 1;
        let mut message = json!({ "id": self.n_calls, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        self.to.write_all(&bytes).unwrap();
        self.to.flush().unwrap();
        loop {
            let answer = self
                .from
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|_| panic!("{method}: the browser is silent"));
            if answer["id"] == self.n_calls {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    /// Opens a file in a tab of its own and waits until it is whole, fonts and all.
    #[track_caller]
    pub(crate) fn open(&mut self, file: &Path, scripts: bool) -> Tab<'_> {
        let target = self.call(None, "Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session =
            self.call(None, "Target.attachToTarget", &attach)["sessionId"].as_str().unwrap().to_owned();
        self.events.clear();
        let mut tab = Tab { browser: self, session, target: target["targetId"].clone() };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.call(&format!("{domain}.enable"), &json!({}));
        }
        tab.call("Emulation.setScriptExecutionDisabled", &json!({ "value": !scripts }));
        tab.size(1400, 900);
        tab.media("", "light");
        tab.call("Page.navigate", &json!({ "url": format!("file://{}", file.display()) }));
        tab.await_load();
        tab
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A page that is open.
pub(crate) struct Tab<'b> {
    browser: &'b mut Browser,
    session: String,
    target: Value,
}

impl Tab<'_> {
    #[track_caller]
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        let session = self.session.clone();
        self.browser.call(Some(&session), method, parameters)
    }

    #[track_caller]
    fn await_load(&mut self) {
        while !self.browser.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.browser.from.recv_timeout(PATIENCE).expect("the page never loads");
            self.browser.events.push(event);
        }
        self.run("document.fonts.ready.then(() => 1)");
    }

    /// The value of an expression; promises are awaited. The page's own scripts may be off.
    #[track_caller]
    pub(crate) fn run(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let found = self.call("Runtime.evaluate", &parameters);
        assert!(found["exceptionDetails"].is_null(), "{expression}: {found}");
        found["result"]["value"].clone()
    }

    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }

    pub(crate) fn media(&mut self, media: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features }));
    }

    /// Moves the mouse to the middle of what an expression finds, into view first.
    #[track_caller]
    pub(crate) fn point_at(&mut self, element: &str) -> (f64, f64) {
        // a page hears of a scroll a frame later, and then takes its tips away
        let place = self.run(&format!(
            "(async () => {{ const e = {element}; \
             e.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }}); \
             const frame = () => new Promise(requestAnimationFrame); await frame(); await frame(); \
             const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; }})()"
        ));
        let (x, y) = (place[0].as_f64().unwrap(), place[1].as_f64().unwrap());
        self.mouse("mouseMoved", (x, y), 0);
        (x, y)
    }

    #[track_caller]
    pub(crate) fn click(&mut self, element: &str) {
        let place = self.point_at(element);
        self.mouse("mousePressed", place, 1);
        self.mouse("mouseReleased", place, 1);
    }

    fn mouse(&mut self, kind: &str, (x, y): (f64, f64), clicks: u32) {
        let button = if clicks > 0 { "left" } else { "none" };
        let event = json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": clicks });
        self.call("Input.dispatchMouseEvent", &event);
    }

    pub(crate) fn press_enter(&mut self) {
        for kind in ["keyDown", "keyUp"] {
            let key = json!({
                "type": kind, "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13,
            });
            self.call("Input.dispatchKeyEvent", &key);
        }
    }

    /// Errors of scripts and of the console, and requests beyond the file itself.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // events that came late are told with the answer
        self.run("new Promise((done) => setTimeout(() => done(1), 100))");
        let mut n_pages = 0;
        let mut found = Vec::new();
        for event in &self.browser.events {
            let told = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" => {
                    found
                        .push(format!("exception: {}", told["exceptionDetails"]["exception"]["description"]));
                }
                "Runtime.consoleAPICalled" => found.push(format!("console: {}", told["args"])),
                "Log.entryAdded" => found.push(format!("log: {}", told["entry"]["text"])),
                "Network.requestWillBeSent" => {
                    let url = told["request"]["url"].as_str().unwrap_or_default();
                    n_pages += usize::from(url.starts_with("file:"));
                    if !url.starts_with("data:") && (n_pages > 1 || !url.starts_with("file:")) {
                        found.push(format!("request: {url}"));
                    }
                }
                _ => {}
            }
        }
        if n_pages != 1 {
            found.push(format!("{n_pages} requests of the page itself"));
        }
        found
    }

    fn keep(&mut self, method: &str, parameters: &Value, path: &Path) {
        let data = self.call(method, parameters)["data"].as_str().unwrap().to_owned();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes(&data)).unwrap();
    }

    pub(crate) fn screenshot(&mut self, path: &Path) {
        self.keep("Page.captureScreenshot", &json!({ "format": "png" }), path);
    }

    pub(crate) fn pdf(&mut self, path: &Path) {
        self.keep("Page.printToPDF", &json!({ "preferCSSPageSize": true }), path);
    }

    pub(crate) fn close(self) {
        self.browser.call(None, "Target.closeTarget", &json!({ "targetId": self.target }));
    }
}

/// Bytes of a text in base 64.
fn bytes(text: &str) -> Vec<u8> {
    let digit = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let letters: Vec<u8> = text.bytes().filter(|letter| *letter != b'=').collect();
    let group = |four: &[u8]| {
        let word = four.iter().fold(0_u32, |word, letter| word << 6 | u32::from(digit(*letter)))
            << (6 * (4 - four.len()));
        word.to_be_bytes()[1..four.len()].to_vec()
    };
    letters.chunks(4).flat_map(group).collect()
}
