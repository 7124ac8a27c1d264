//! A headless Chromium, driven over `WebDriver`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

/// A browser window. A drop ends the browser.
pub(crate) struct Browser {
    process: Child,
    /// The address of chromedriver, without its scheme.
    address: String,
    session: String,
    http: reqwest::Client,
}

/// A host name that the browser resolves to this machine. The console treats requests with this
/// name as remote.
pub(crate) const REMOTE_NAME: &str = "console.example";

const MISSING: &str = "chromedriver does not start: install Debian's packages chromium and \
                       chromium-driver, as scripts/test does";

/// Longest time of one step of the browser.
const PATIENCE: Duration = Duration::from_secs(20);

/// The time between two looks at a page.
const POLL: Duration = Duration::from_millis(25);

// === impl Browser ===

impl Browser {
    pub(crate) async fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect(MISSING);
        let port = port_of(&mut process).expect(MISSING);
        let mut browser = Self {
            process,
            address: format!("127.0.0.1:{port}"),
            session: String::new(),
            http: http_client(),
        };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-features=HttpsUpgrades",
            &format!("--host-resolver-rules=MAP {REMOTE_NAME} 127.0.0.1"),
        ];
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let session = browser.send("POST", "/session", &capabilities).await;
        browser.session = session["sessionId"].as_str().unwrap().into();
        browser
    }

    pub(crate) async fn open(&self, url: &str) {
        self.command("/url", &json!({ "url": url })).await;
    }

    /// Opens a tab and switches to it. Returns its handle.
    pub(crate) async fn new_tab(&self) -> String {
        let tab = self.command("/window/new", &json!({"type": "tab"})).await;
        let handle = tab["handle"].as_str().unwrap().to_owned();
        self.switch_to(&handle).await;
        handle
    }

    /// Switches to the tab with this handle.
    pub(crate) async fn switch_to(&self, handle: &str) {
        self.command("/window", &json!({ "handle": handle })).await;
    }

    /// Runs the body of a JavaScript function, and returns its value.
    pub(crate) async fn script(&self, body: &str) -> Value {
        self.command("/execute/sync", &json!({"script": body, "args": []})).await
    }

    /// Looks at the page until the expression is true.
    pub(crate) async fn wait_until(&self, expression: &str) {
        let wait = async {
            while self.script(&format!("return !!({expression})")).await != json!(true) {
                tokio::time::sleep(POLL).await;
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            let page = self.script("return document.body.innerText").await;
            panic!("never true: {expression}\n{}", page.as_str().unwrap_or_default());
        }
    }

    /// Clicks an element that leads to another page, and waits for that page.
    pub(crate) async fn click_through(&self, css: &str) {
        let element = self.find(css).await;
        self.script("window.isOldPage = true").await;
        self.command(&format!("/element/{element}/click"), &json!({})).await;
        self.wait_until("!window.isOldPage && document.readyState === 'complete'").await;
    }

    /// Types the text into the element.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let element = self.find(css).await;
        self.command(&format!("/element/{element}/value"), &json!({ "text": text })).await;
    }

    /// Presses Tab.
    pub(crate) async fn tab(&self) {
        for kind in ["rawKeyDown", "keyUp"] {
            let key =
                json!({"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9});
            self.devtools("Input.dispatchKeyEvent", key).await;
        }
    }

    /// Sends a command of the `DevTools` protocol, and returns its result.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.command("/goog/cdp/execute", &body).await
    }

    /// The whole page as PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        let size = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let size = &size["cssContentSize"];
        let clip =
            json!({"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1});
        let parameters = json!({"captureBeyondViewport": true, "clip": clip});
        let picture = self.devtools("Page.captureScreenshot", parameters).await;
        BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }

    /// The errors and warnings in the browser's console since the last call.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let entries = self.command("/se/log", &json!({"type": "browser"})).await;
        let is_bad = |entry: &&Value| entry["level"] == "SEVERE" || entry["level"] == "WARNING";
        let bad = entries.as_array().unwrap().iter().filter(is_bad);
        bad.map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    /// The addresses of the requests since the last call.
    pub(crate) async fn requested(&self) -> Vec<String> {
        let entries = self.command("/se/log", &json!({"type": "performance"})).await;
        let url = |entry: &Value| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let event = &event["message"];
            let is_request = event["method"] == "Network.requestWillBeSent";
            is_request.then(|| event["params"]["request"]["url"].as_str().unwrap().to_owned())
        };
        entries.as_array().unwrap().iter().filter_map(url).collect()
    }

    async fn find(&self, css: &str) -> String {
        let query = json!({"using": "css selector", "value": css});
        let element = self.command("/element", &query).await;
        element.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    async fn command(&self, path: &str, body: &Value) -> Value {
        self.send("POST", &format!("/session/{}{path}", self.session), body).await
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let request = self
            .http
            .request(method.parse().unwrap(), format!("http://{}{path}", self.address))
            .header("content-type", "application/json")
            .body(body.to_string());
        #[expect(clippy::disallowed_methods, reason = "a test drives the browser")]
        let text = request.send().await.unwrap().text().await.unwrap();
        let mut answer: Value = serde_json::from_str(&text).expect("WebDriver answers in JSON");
        let value = answer["value"].take();
        assert!(
            value.get("error").is_none(),
            "{path} {body}: {}: {}",
            value["error"],
            value["message"]
        );
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The end of the session ends Chromium. The kill ends chromedriver.
        let request = format!(
            "DELETE /session/{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.session, self.address
        );
        if let Ok(mut stream) = TcpStream::connect(&self.address) {
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let _ = stream.write_all(request.as_bytes());
            let _ = stream.read(&mut [0; 64]);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The port that chromedriver chose and printed.
fn port_of(process: &mut Child) -> Option<u16> {
    let output = BufReader::new(process.stdout.take()?);
    let (sender, receiver) = mpsc::channel();
    // Reads to the end, because chromedriver fails if it cannot print.
    std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let port = line.rsplit_once("successfully on port ").map(|(_, port)| port.to_owned());
            // The receiver waits for the first port only.
            port.map(|port| sender.send(port));
        }
    });
    receiver.recv_timeout(PATIENCE).ok()?.trim_end_matches('.').parse().ok()
}

fn http_client() -> reqwest::Client {
    // The first test sets the provider for the process; later tests find it set.
    let _already_set = rustls::crypto::ring::default_provider().install_default();
    #[expect(clippy::disallowed_methods, reason = "a test drives the browser")]
    reqwest::Client::builder().timeout(PATIENCE).build().unwrap()
}
