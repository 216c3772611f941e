//! `cargo xtask browser`: a real browser on our pages, over http, https and HTTP/2 alone.
//!
//! | check | what a person would do |
//! |---|---|
//! | listing | opens a folder that `lwsws serve` lists, follows links, comes back |
//! | status | watches the numbers of `/.lws/status` change without a reload |
//! | chat | opens `minimal-ws-server` twice and talks both ways |
//! | deflate | opens `minimal-ws-server-pmd`: messages, short and long, are compressed and come back |
//! | h2 | status and chat where ALPN offers h2 alone; the network log must show a WebSocket inside HTTP/2 |
//!
//! A check that fails leaves a picture of each window in `target/conform`. Errors that a page reports (a script, a
//! refused resource, the content security policy) fail the check too.

mod driver;
mod network_log;

use crate::conform::folder;
use crate::server::{Server, Url};
use crate::{client, examples, sh};
use driver::{Browser, ENTER};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const CHAT: &str = "minimal-examples/ws-server/minimal-ws-server";
const PMD: &str = "minimal-examples/ws-server/minimal-ws-server-pmd";
const CHAT_H2: &str = "minimal-examples/ws-server/minimal-ws-server-h2";
/// Served by the listing check: name and text. The last one has everything that needs escaping somewhere.
const FILES: [(&str, &str); 3] = [
    ("hello.txt", "hello from a file"),
    ("sub/inner.txt", "one folder down"),
    ("50% <b>&amp; \"ü\" #1?.txt", "a name full of traps"),
];

/// One check: what is built is in `Programs`, what is opened is in `Browser`.
type Check = fn(&Programs, &Browser, &Path, Over) -> Result<(), String>;

/// What is between the browser and the pages.
#[derive(Clone, Copy, PartialEq)]
enum Over {
    Http,
    Https,
    /// TLS whose ALPN has `h2` and nothing else.
    H2,
}

impl Over {
    const fn name(self) -> &'static str {
        match self {
            Over::Http => "http",
            Over::Https => "https",
            Over::H2 => "h2",
        }
    }
}

struct Programs {
    lwsws: PathBuf,
    chat: PathBuf,
    chat_h2: PathBuf,
    pmd: PathBuf,
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(unknown) = args.first() {
        return Err(format!("browser has no option `{unknown}`"));
    }
    for program in ["chromium", "chromedriver"] {
        if !sh::have(program) {
            println!("skipped: no {program}; apt-get install chromium chromium-driver");
            return Ok(());
        }
    }
    sh::must("lwsws-build", sh::cargo().args(["build", "--package", "lwsws"]))?;
    let lwsws = sh::target_dir().join("debug/lwsws");
    let chat_at = |path: &str| examples::build(&sh::root().join(path), "dev", &[]);
    let programs = Programs { lwsws, chat: chat_at(CHAT)?, chat_h2: chat_at(CHAT_H2)?, pmd: chat_at(PMD)? };
    let dir = folder()?;
    let all = &[Over::Http, Over::Https, Over::H2][..];
    let checks: [(&str, Check, &[Over]); 4] = [
        ("listing", listing, all),
        ("status", status, all),
        ("chat", chat, all),
        ("deflate", deflate, &[Over::Http]),
    ];
    let mut failed = 0;
    for (name, check, over) in checks {
        for over in over.iter().copied() {
            failed += usize::from(!one(&format!("{name}-{}", over.name()), check, &programs, &dir, over)?);
        }
    }
    let sum: usize = checks.iter().map(|(_, _, over)| over.len()).sum();
    println!("{} passed, {failed} failed, 0 skipped", sum - failed);
    if failed == 0 { Ok(()) } else { Err(format!("browser: {failed} checks failed")) }
}

/// Runs a check in a browser of its own; true where it passes.
fn one(name: &str, check: Check, programs: &Programs, dir: &Path, over: Over) -> Result<bool, String> {
    let start = Instant::now();
    let network = dir.join(format!("{name}-network.json"));
    let browser = Browser::start(dir, &network)?;
    let outcome =
        check(programs, &browser, dir, over).and_then(|()| match browser.complaints()?.as_slice() {
            [] => Ok(()),
            said => Err(format!("the page reports: {}", said.join("; "))),
        });
    let outcome = outcome.and_then(|()| {
        // Every check but the listing has a WebSocket. The log is whole when the browser has ended.
        browser.end();
        let asked = network_log::asks_for_websocket_over_h2(&network)?;
        match (name.starts_with("listing"), over) {
            (false, Over::H2) if !asked => Err("no `:protocol: websocket` in the network log".to_owned()),
            (_, Over::Http) | (true, _) if asked => Err("an extended CONNECT nobody asked for".to_owned()),
            _ => Ok(()),
        }
    });
    let Err(why) = outcome else {
        sh::line("PASS", name, start.elapsed(), "");
        return Ok(true);
    };
    sh::line("FAIL", name, start.elapsed(), &why);
    for (number, window) in browser.windows().unwrap_or_default().iter().enumerate() {
        let path = dir.join(format!("{name}-{number}.png"));
        // A browser that cannot be asked any more must not hide why the check failed.
        if browser.switch(window).and_then(|()| browser.picture(&path)).is_ok() {
            println!("      picture: {}", path.display());
        }
    }
    Ok(false)
}

/// Starts a server; answers it, its URL, and that as a browser wants it.
fn serve(command: &mut Command, log: &Path, over: Over) -> Result<(Server, Url, String), String> {
    let tls = over != Over::Http;
    command.args(["--port", "0"]).args(if tls { &["--tls", "self"][..] } else { &[] });
    let mut server = Server::start(command, log)?;
    let scheme = if tls { "https" } else { "http" };
    let url = server.url(&format!("{scheme}://"))?;
    let address = format!("{scheme}://{}", url.authority);
    Ok((server, url, address))
}

fn lwsws(programs: &Programs, dir: &Path, over: Over) -> Result<(Server, Url, String), String> {
    let site = dir.join("browser-site");
    for (name, text) in FILES {
        let path = site.join(name);
        let parent = path.parent().unwrap_or(&site);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|e| format!("{}: {e}", path.display()))?;
    }
    let mut command = Command::new(&programs.lwsws);
    command.arg("serve").arg(&site).arg("--listing");
    if over == Over::H2 {
        command.args(["--alpn", "h2"]);
    }
    serve(&mut command, &dir.join("browser-lwsws.log"), over)
}

fn listing(programs: &Programs, browser: &Browser, dir: &Path, over: Over) -> Result<(), String> {
    let (_server, _, address) = lwsws(programs, dir, over)?;
    browser.go(&format!("{address}/"))?;
    for (name, text) in FILES {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let top = if folder.is_empty() { file.to_owned() } else { format!("{folder}/") };
        let shown = browser.texts("a")?;
        if !shown.contains(&top) {
            return Err(format!("the listing shows {shown:?}, not {top}"));
        }
        for link in [top.as_str(), file] {
            browser.follow(link)?;
            if link == file {
                break;
            }
        }
        Browser::wait(&format!("the text of {name}"), || {
            Ok(browser.texts("body")?.contains(&text.to_owned()).then_some(()))
        })?;
        browser.go(&format!("{address}/"))?;
    }
    let there = browser.address()?;
    if there == format!("{address}/") { Ok(()) } else { Err(format!("ended at {there}")) }
}

fn status(programs: &Programs, browser: &Browser, dir: &Path, over: Over) -> Result<(), String> {
    let (_server, url, address) = lwsws(programs, dir, over)?;
    browser.go(&format!("{address}/.lws/status"))?;
    let number = |css: &str| -> Result<Option<u64>, String> {
        Ok(browser.texts(css)?.first().and_then(|text| text.parse().ok()))
    };
    let requests = Browser::wait("a number in #requests", || number("#requests"))?;
    let connections = Browser::wait("a number in #connections", || number("#connections"))?;
    browser.script("window.notReloaded = true", &[])?;
    for _ in 0..3 {
        browser.script("fetch('/hello.txt')", &[])?;
    }
    let more = || Ok(number("#requests")?.filter(|n| *n >= requests + 3));
    Browser::wait(&format!("#requests to reach {}", requests + 3), more)?;
    let _held = [client::Stream::connect(&url)?, client::Stream::connect(&url)?];
    let more = || Ok(number("#connections")?.filter(|n| *n > connections));
    Browser::wait(&format!("#connections to exceed {connections}"), more)?;
    match browser.script("return window.notReloaded === true", &[])?.as_bool() {
        Some(true) => Ok(()),
        _ => Err("the page was loaded again".to_owned()),
    }
}

fn chat(programs: &Programs, browser: &Browser, dir: &Path, over: Over) -> Result<(), String> {
    let (program, home) = match over {
        Over::H2 => (&programs.chat_h2, CHAT_H2),
        _ => (&programs.chat, CHAT),
    };
    let mut command = Command::new(program);
    command.current_dir(sh::root().join(home));
    let (_server, _, address) = serve(&mut command, &dir.join("browser-chat.log"), over)?;
    let first = browser.windows()?.into_iter().next().ok_or("no window")?;
    let connected = || Ok(browser.texts("#state")?.contains(&"connected".to_owned()).then_some(()));
    browser.go(&format!("{address}/"))?;
    Browser::wait("the first page to connect", connected)?;
    let second = browser.open_window()?;
    browser.go(&format!("{address}/"))?;
    Browser::wait("the second page to connect", connected)?;
    // Markup must arrive as text, and twice the same line as two lines.
    for (from, to, line) in [
        (&first, &second, "one to two"),
        (&second, &first, "two to one"),
        (&first, &second, "<b id=x>bold</b> & ü 日本"),
        (&second, &first, "two to one"),
    ] {
        let count = || Ok::<_, String>(browser.texts("#log > *")?.iter().filter(|l| *l == line).count());
        browser.switch(to)?;
        let before = count()?;
        browser.switch(from)?;
        browser.write("#input", &format!("{line}{ENTER}"))?;
        for window in [to, from] {
            browser.switch(window)?;
            Browser::wait(&format!("`{line}` in #log"), || Ok((count()? > before).then_some(())))?;
        }
    }
    Ok(())
}

/// What the page sends in one message: compressible, and longer than any buffer on the way.
const LONG: &str = "Array.from({ length: 20000 }, (_, n) => n * 7919 % 10007).join()";

fn deflate(programs: &Programs, browser: &Browser, dir: &Path, over: Over) -> Result<(), String> {
    // The last one shows that the page tells the difference.
    for (args, agreed) in [(&[][..], "extensions: permessage-deflate"), (&["-n"], "extensions: none")] {
        let mut command = Command::new(&programs.pmd);
        command.args(args);
        let (_server, _, address) = serve(&mut command, &dir.join("browser-pmd.log"), over)?;
        browser.go(&format!("{address}/"))?;
        Browser::wait(&format!("`{agreed}` on the page"), || {
            Ok(browser.texts("#state")?.iter().any(|state| state.starts_with(agreed)).then_some(()))
        })?;
        for line in ["short", "ü 日本", "short"] {
            browser.write("#input", &format!("{line}{ENTER}"))?;
            shows(browser, &format!("'{line}\\n'"))?;
        }
        for _ in 0..3 {
            browser.script(&format!("socket.send({LONG})"), &[])?;
            shows(browser, LONG)?;
        }
    }
    Ok(())
}

/// Waits until the log begins with what a script's `expression` says, and forgets it.
fn shows(browser: &Browser, expression: &str) -> Result<(), String> {
    let look = format!(
        "const found = log.textContent.startsWith({expression}); if (found) log.textContent = ''; return found"
    );
    Browser::wait(&format!("{expression} in #log"), || {
        Ok(browser.script(&look, &[])?.as_bool().filter(|found| *found))
    })
    .map(drop)
}
