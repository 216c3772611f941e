//! Prometheus text exposition format 0.0.4.
//!
//! Counters as totals: rates are Prometheus's own business. The longest turn is that of the last window of about a
//! second that somebody looked at.

use super::sampler::Snapshot;
use std::fmt::{Display, Write as _};

/// `Content-Type` of the text.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The snapshot as text.
pub(crate) fn text(snapshot: &Snapshot<'_>) -> String {
    let (m, window) = (snapshot.metrics, &snapshot.window);
    let mut text = Text(String::new());
    text.begin(
        "lwsws_role_streams",
        "gauge",
        "Streams that speak a role now; a TLS connection has two roles.",
    );
    for role in m.roles() {
        text.value(format_args!("lwsws_role_streams{{role=\"{}\"}}", role.name), role.open);
    }
    text.one("lwsws_connections", "gauge", "Connections that are open now.", snapshot.connections());
    text.one("lwsws_accepted_total", "counter", "Connections accepted.", m.accepted);
    text.one("lwsws_refused_total", "counter", "Connections refused because of a limit.", m.refused);
    text.one("lwsws_http_requests_total", "counter", "HTTP requests begun.", m.requests);
    text.one("lwsws_messages_received_total", "counter", "WebSocket messages received.", m.messages_in);
    text.one("lwsws_messages_sent_total", "counter", "WebSocket messages sent.", m.messages_out);
    text.one("lwsws_received_bytes_total", "counter", "Bytes received from the transport.", m.rx_bytes);
    text.one("lwsws_sent_bytes_total", "counter", "Bytes handed to the transport.", m.tx_bytes);
    text.one("lwsws_timeouts_total", "counter", "Streams ended by a deadline.", m.timeouts);
    let help = "Streams ended because the peer broke a protocol or a limit.";
    text.one("lwsws_protocol_errors_total", "counter", help, m.protocol_errors);
    text.one("lwsws_panics_total", "counter", "Panics caught; each cost one connection.", m.panics);
    text.one("lwsws_loop_turns_total", "counter", "Turns of the event loop.", m.turns);
    let longest_turn_s = window.longest_turn_us as f64 / 1e6;
    text.one("lwsws_loop_turn_max_seconds", "gauge", "The longest turn lately.", longest_turn_s);
    let help = "Log lines dropped because their reader was too slow.";
    text.one("lwsws_log_dropped_total", "counter", help, snapshot.log_dropped);
    text.one("lwsws_uptime_seconds", "gauge", "Time since the loop began.", snapshot.uptime_s);
    if let Some(bytes) = window.rss_bytes {
        text.one("process_resident_memory_bytes", "gauge", "Resident memory of the process.", bytes);
    }
    text.0
}

struct Text(String);

impl Text {
    fn begin(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn value(&mut self, name: impl Display, value: impl Display) {
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.begin(name, kind, help);
        self.value(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::sampler::Window;
    use lws::Metrics;
    use std::collections::HashSet;

    #[test]
    fn every_line_is_as_the_format_wants_it() {
        let mut metrics = Metrics::default();
        metrics.requests = 7;
        let window = Window { longest_turn_us: 1500, rss_bytes: Some(4096), ..Window::default() };
        let snapshot = Snapshot { unix_s: 0, uptime_s: 1.5, log_dropped: 2, window, metrics: &metrics };
        let text = text(&snapshot);
        let mut typed = HashSet::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert!(typed.insert(name), "twice: {name}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            } else if !line.starts_with("# HELP ") {
                let (name, value) = line.rsplit_once(' ').unwrap();
                assert!(typed.contains(name.split('{').next().unwrap()), "{line}");
                assert!(value.parse::<f64>().is_ok(), "{line}");
            }
        }
        assert!(text.ends_with('\n'));
        assert!(text.contains("\nlwsws_http_requests_total 7\n"), "{text}");
        assert!(text.contains("\nlwsws_loop_turn_max_seconds 0.0015\n"), "{text}");
        assert!(text.contains("\nprocess_resident_memory_bytes 4096\n"), "{text}");
    }
}
