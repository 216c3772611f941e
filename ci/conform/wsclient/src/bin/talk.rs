//! Says to a server that echoes what is in the files of a folder, and compares:
//! `URL FOLDER [--plain | --takeover] [--server-bits N] [--client-bits N]`.
//!
//! Files that end in `.bin` are binary messages, others are texts.

use lws::blocking::{Agent, Received};
use lws::ws::{DeflateOptions, Kind, WindowBits};
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (url, folder) = args.next().zip(args.next()).ok_or("usage: URL FOLDER [options]")?;
    let mut options = DeflateOptions::default();
    if has("--takeover") {
        options = options.server_no_context_takeover(false).client_no_context_takeover(false);
    }
    if let Some(bits) = bits("--server-bits")? {
        options = options.server_max_window_bits(bits);
    }
    if let Some(bits) = bits("--client-bits")? {
        options = options.client_max_window_bits(bits);
    }
    let agent = Agent::new()?;
    let agent = if has("--plain") { agent } else { agent.deflate(options) };
    let mut socket = agent.websocket(&url)?;
    let mut files = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<PathBuf>, _>>()?;
    files.sort();
    // Twice over: a context that is kept is used.
    for file in files.iter().chain(&files) {
        let data = std::fs::read(file)?;
        let kind = if file.extension().is_some_and(|e| e == "bin") { Kind::Binary } else { Kind::Text };
        match kind {
            Kind::Text => socket.send_text(std::str::from_utf8(&data)?)?,
            Kind::Binary => socket.send_binary(&data)?,
        }
        if socket.receive()? != (Received { kind, data }) {
            return Err(format!("{} came back changed", file.display()).into());
        }
    }
    socket.close()?;
    Ok(())
}

fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}

fn bits(name: &str) -> Result<Option<WindowBits>, Box<dyn Error>> {
    let Some(value) = std::env::args().skip_while(|arg| arg != name).nth(1) else { return Ok(None) };
    let bits = WindowBits::new(value.parse()?).ok_or("window bits are 8 to 15")?;
    Ok(Some(bits))
}
