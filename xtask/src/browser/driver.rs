//! A browser held by ChromeDriver, over the W3C WebDriver protocol: JSON over plain HTTP/1.
//!
//! Only what the checks use. Text is read by scripts in the page; clicks and keys go through WebDriver, which does what
//! a person's would, or fails where a person could not.

use crate::client;
use crate::server::{PATIENCE, Server, Url};
use crate::sh;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The Enter key, as WebDriver writes it.
pub(super) const ENTER: char = '\u{e007}';
/// The member that holds an element's id (WebDriver §12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What the browser is started with: no window, no traffic of its own, any certificate.
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox", // which cannot be set up inside a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--ignore-certificate-errors",
];

/// A browser. Dropping it closes its windows and ends the driver.
pub(super) struct Browser {
    /// `/session/…`
    session: String,
    url: Url,
    profile: PathBuf,
    _driver: Server,
}

impl Browser {
    /// Starts ChromeDriver and, through it, a browser with a new, empty profile. Logs and profile are put into `dir`,
    /// what the browser did on the network into `network`.
    pub(super) fn start(dir: &Path, network: &Path) -> Result<Browser, String> {
        let log = dir.join("chromedriver.log");
        let mut driver = Server::start(Command::new("chromedriver").arg("--port=0"), &log)?;
        driver.says("started successfully on port")?;
        let said = sh::text(&log);
        let (_, port) = said.rsplit_once("on port ").ok_or("chromedriver names no port")?;
        let port: String = port.chars().take_while(char::is_ascii_digit).collect();
        let url = Url { tls: false, authority: format!("127.0.0.1:{port}"), path: "/".to_owned() };
        let profile = dir.join("profile");
        let _ = std::fs::remove_dir_all(&profile); // that of a run that was killed
        let mut flags = FLAGS.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", profile.display()));
        flags.push(format!("--log-net-log={}", network.display()));
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let made = command(&url, "POST", "/session", &wanted)?;
        let id = made["sessionId"].as_str().ok_or_else(|| format!("no session: {made}"))?;
        Ok(Browser { session: format!("/session/{id}"), url, profile, _driver: driver })
    }

    /// Loads a page and waits until it has.
    pub(super) fn go(&self, address: &str) -> Result<(), String> {
        self.post("/url", &json!({ "url": address })).map(drop)
    }

    /// Where the current window is.
    pub(super) fn address(&self) -> Result<String, String> {
        let address = command(&self.url, "GET", &format!("{}/url", self.session), &Value::Null)?;
        address.as_str().map(str::to_owned).ok_or_else(|| "no address".to_owned())
    }

    /// Runs the body of a function in the page; answers what it returns.
    pub(super) fn script(&self, body: &str, args: &[&str]) -> Result<Value, String> {
        self.post("/execute/sync", &json!({ "script": body, "args": args }))
    }

    /// The texts of all elements that match a CSS selector, in the page's order.
    pub(super) fn texts(&self, css: &str) -> Result<Vec<String>, String> {
        let body = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent.trim())";
        let texts = self.script(body, &[css])?;
        Ok(texts.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Clicks the link that is called `text`.
    pub(super) fn follow(&self, text: &str) -> Result<(), String> {
        let element = self.element("link text", text)?;
        self.post(&format!("/element/{element}/click"), &json!({})).map(drop)
    }

    /// Types into the element that matches a CSS selector.
    pub(super) fn write(&self, css: &str, text: &str) -> Result<(), String> {
        let element = self.element("css selector", css)?;
        self.post(&format!("/element/{element}/value"), &json!({ "text": text })).map(drop)
    }

    /// Opens another window, which becomes the current one; answers its name.
    pub(super) fn open_window(&self) -> Result<String, String> {
        let window = self.post("/window/new", &json!({ "type": "window" }))?;
        let name = window["handle"].as_str().ok_or("no window")?.to_owned();
        self.switch(&name)?;
        Ok(name)
    }

    /// Makes a window the current one.
    pub(super) fn switch(&self, window: &str) -> Result<(), String> {
        self.post("/window", &json!({ "handle": window })).map(drop)
    }

    /// The names of all windows.
    pub(super) fn windows(&self) -> Result<Vec<String>, String> {
        let windows = command(&self.url, "GET", &format!("{}/window/handles", self.session), &Value::Null)?;
        Ok(windows.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The errors that pages have reported since the last call, refused resources and scripts among them.
    pub(super) fn complaints(&self) -> Result<Vec<String>, String> {
        let log = self.post("/se/log", &json!({ "type": "browser" }))?;
        let severe = log.as_array().into_iter().flatten().filter(|entry| entry["level"] == "SEVERE");
        let said = severe.filter_map(|entry| entry["message"].as_str()).map(str::to_owned);
        // Browsers ask for an icon unasked.
        Ok(said.filter(|message| !message.contains("/favicon.ico")).collect())
    }

    /// Writes a picture of the current window.
    pub(super) fn picture(&self, path: &Path) -> Result<(), String> {
        let picture = command(&self.url, "GET", &format!("{}/screenshot", self.session), &Value::Null)?;
        let png = picture.as_str().and_then(base64).ok_or("no picture")?;
        std::fs::write(path, png).map_err(|e| format!("cannot write {}: {e}", path.display()))
    }

    /// Asks `look` again and again until it finds something; pages change on their own time.
    pub(super) fn wait<T>(
        what: &str,
        mut look: impl FnMut() -> Result<Option<T>, String>,
    ) -> Result<T, String> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Some(found) = look()? {
                return Ok(found);
            }
            std::thread::sleep(Duration::from_millis(20)); // WebDriver has no notification
        }
        Err(format!("waited {} s for {what}", PATIENCE.as_secs()))
    }

    /// Closes all windows: the browser ends, and its logs are whole. Does nothing where it has ended.
    pub(super) fn end(&self) {
        // An error says that there is no such session any more, which is what is wanted.
        let _ = command(&self.url, "DELETE", &self.session, &Value::Null);
    }

    fn element(&self, using: &str, value: &str) -> Result<String, String> {
        let element = self.post("/element", &json!({ "using": using, "value": value }))?;
        element[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| format!("no element {value}"))
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        command(&self.url, "POST", &format!("{}{path}", self.session), body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Without this the browser would outlive its driver.
        self.end();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// One command: its `value`, or its error in words.
fn command(url: &Url, method: &str, path: &str, body: &Value) -> Result<Value, String> {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let answer = client::http(url, method, path, &["Content-Type: application/json".to_owned()], &text)?;
    let mut json: Value =
        serde_json::from_slice(&answer.body).map_err(|e| format!("{method} {path}: {e}"))?;
    let value = json["value"].take();
    if answer.status == 200 {
        return Ok(value);
    }
    let message = value["message"].as_str().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    Err(format!("{}: {message}", value["error"].as_str().unwrap_or("WebDriver error")))
}

/// Decodes RFC 4648 §4, padded; `None` for anything else.
fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    for quad in text.as_bytes().chunks(4) {
        let padding = quad.iter().rev().take_while(|b| **b == b'=').count();
        let mut bits = 0_u32;
        for b in quad.get(..4)? {
            let digit = if *b == b'=' { 0 } else { ALPHABET.iter().position(|a| a == b)? };
            bits = bits << 6 | u32::try_from(digit).ok()?;
        }
        out.extend_from_slice(bits.to_be_bytes().get(1..4_usize.checked_sub(padding)?)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_decoded() {
        for (text, bytes) in
            [("", &b""[..]), ("Zg==", b"f"), ("Zm8=", b"fo"), ("Zm9v", b"foo"), ("/+8A", b"\xff\xef\0")]
        {
            assert_eq!(base64(text).as_deref(), Some(bytes), "{text}");
        }
        assert_eq!((base64("Zg"), base64("Z*==")), (None, None));
    }
}
