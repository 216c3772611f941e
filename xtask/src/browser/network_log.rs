//! Chromium's network log (`--log-net-log`): JSON with one event a line.

use std::path::Path;
use std::time::Instant;

use crate::server::PATIENCE;

/// Whether a WebSocket was opened as a stream of an HTTP/2 connection (RFC 8441 §4): a HEADERS frame that was sent
/// names `:protocol: websocket`.
///
/// # Errors
/// There is no log, or the browser has not finished it.
pub(super) fn asks_for_websocket_over_h2(log: &Path) -> Result<bool, String> {
    let end = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(log).map_err(|e| format!("{}: {e}", log.display()))?;
        if text.trim_end().ends_with('}') {
            return Ok(text.lines().any(asks));
        }
        if Instant::now() > end {
            return Err(format!("{} was never finished", log.display()));
        }
        std::thread::sleep(std::time::Duration::from_millis(20)); // the browser tells nobody
    }
}

/// One event.
fn asks(line: &str) -> bool {
    line.contains("\":method: CONNECT\"") && line.contains("\":protocol: websocket\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_extended_connect_for_a_websocket_counts() {
        let event = |headers: &str| format!("{{\"params\":{{\"headers\":[{headers}]}},\"type\":255}},");
        assert!(asks(&event("\":method: CONNECT\",\":protocol: websocket\",\":path: /\"")));
        assert!(!asks(&event("\":method: GET\",\":path: /\",\"x: :protocol: websocket\"")));
        assert!(!asks(&event("\":method: CONNECT\",\":authority: a:1\"")));
    }
}
