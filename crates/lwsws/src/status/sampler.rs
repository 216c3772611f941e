//! From counters to a picture of the moment.
//!
//! Totals are read each time; rates, the longest turn and the memory are those of the last window of at least
//! [`RATE_WINDOW`], so that several readers do not take them from one another.

use crate::json::Object;
use crate::limits::RATE_WINDOW;
use crate::rss;
use crate::writer::Log;
use lws::http::date;
use lws::{Metrics, Time};

/// Turns the counters of one loop into [`Snapshot`]s.
pub(crate) struct Sampler {
    log: Log,
    began: Time,
    /// Where the last window ended.
    last: Reading,
    window: Window,
}

/// Counters that rates are made of.
#[derive(Clone, Copy, Default)]
struct Reading {
    at: Time,
    requests: u64,
    rx_bytes: u64,
    tx_bytes: u64,
}

/// What is known of the last window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Window {
    pub(crate) interval_s: f64,
    pub(crate) requests_per_s: f64,
    pub(crate) rx_bytes_per_s: f64,
    pub(crate) tx_bytes_per_s: f64,
    pub(crate) longest_turn_us: u64,
    pub(crate) rss_bytes: Option<u64>,
}

/// A picture of the moment.
pub(crate) struct Snapshot<'a> {
    pub(crate) unix_s: u64,
    pub(crate) uptime_s: f64,
    pub(crate) log_dropped: u64,
    pub(crate) window: Window,
    pub(crate) metrics: &'a Metrics,
}

impl Sampler {
    pub(crate) fn new(log: Log) -> Self {
        Self { log, began: Time::ZERO, last: Reading::default(), window: Window::default() }
    }

    /// The loop begins: nothing has been counted yet.
    pub(crate) fn begin(&mut self, now: Time) {
        self.began = now;
        self.last = Reading { at: now, ..Reading::default() };
    }

    /// The moment `now`, `unix_s` on the wall. Longest turns are taken from `metrics`.
    pub(crate) fn sample<'a>(&mut self, now: Time, unix_s: u64, metrics: &'a mut Metrics) -> Snapshot<'a> {
        let elapsed = now.since(self.last.at);
        if elapsed >= RATE_WINDOW || self.window.rss_bytes.is_none() {
            self.window.rss_bytes = rss::bytes();
        }
        if elapsed >= RATE_WINDOW {
            let reading = Reading {
                at: now,
                requests: metrics.requests,
                rx_bytes: metrics.rx_bytes,
                tx_bytes: metrics.tx_bytes,
            };
            let interval_s = elapsed.as_secs_f64();
            // Counters wrap.
            let rate = |new: u64, old: u64| new.wrapping_sub(old) as f64 / interval_s;
            self.window = Window {
                interval_s,
                requests_per_s: rate(reading.requests, self.last.requests),
                rx_bytes_per_s: rate(reading.rx_bytes, self.last.rx_bytes),
                tx_bytes_per_s: rate(reading.tx_bytes, self.last.tx_bytes),
                longest_turn_us: metrics.take_longest_turn_us(),
                rss_bytes: self.window.rss_bytes,
            };
            self.last = reading;
        }
        Snapshot {
            unix_s,
            uptime_s: now.since(self.began).as_secs_f64(),
            log_dropped: self.log.dropped(),
            window: self.window,
            metrics,
        }
    }
}

impl Snapshot<'_> {
    /// Connections that are open. A TLS connection counts once, though the role inside of it is one, too.
    pub(crate) fn connections(&self) -> u64 {
        let roles = self.metrics.roles().iter();
        let (tls, others) = roles.fold((0, 0), |(tls, others), role| match role.name {
            "tls" => (tls + role.open, others),
            _ => (tls, others + role.open),
        });
        // Either all listeners speak TLS or none does.
        tls.max(others)
    }

    /// For the page and for programs. Rates are per second, sizes in bytes, times in seconds unless the name says
    /// otherwise.
    pub(crate) fn json(&self) -> String {
        let (metrics, window) = (self.metrics, &self.window);
        let roles = metrics.roles().iter().fold(Object::new(), |o, role| o.value(role.name, role.open)).end();
        let time = date::format_rfc3339(self.unix_s);
        Object::new()
            .text("version", env!("CARGO_PKG_VERSION"))
            .text("time", std::str::from_utf8(&time).unwrap_or_default())
            .value("uptime_s", format_args!("{:.1}", self.uptime_s))
            .value("interval_s", format_args!("{:.3}", window.interval_s))
            .value("connections", self.connections())
            .value("roles", roles)
            .value("requests", metrics.requests)
            .value("requests_per_s", format_args!("{:.1}", window.requests_per_s))
            .value("rx_bytes", metrics.rx_bytes)
            .value("tx_bytes", metrics.tx_bytes)
            .value("rx_bytes_per_s", format_args!("{:.0}", window.rx_bytes_per_s))
            .value("tx_bytes_per_s", format_args!("{:.0}", window.tx_bytes_per_s))
            .value("messages_in", metrics.messages_in)
            .value("messages_out", metrics.messages_out)
            .maybe("rss_bytes", window.rss_bytes)
            .value("longest_turn_us", window.longest_turn_us)
            .value("turns", metrics.turns)
            .value("accepted", metrics.accepted)
            .value("refused", metrics.refused)
            .value("timeouts", metrics.timeouts)
            .value("protocol_errors", metrics.protocol_errors)
            .value("panics", metrics.panics)
            .value("log_dropped", self.log_dropped)
            .end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Style;

    fn at(ms: u64) -> Time {
        Time::from_micros(ms * 1000)
    }

    fn sampler() -> Sampler {
        let mut sampler =
            Sampler::new(Log::start(Style::Plain, false, std::io::sink(), std::io::sink()).unwrap());
        sampler.begin(at(5000));
        sampler
    }

    #[test]
    fn rates_are_those_of_a_whole_window() {
        let (mut sampler, mut metrics) = (sampler(), Metrics::default());
        metrics.requests = 10;
        metrics.longest_turn_us = 70;
        let first = sampler.sample(at(5100), 0, &mut metrics);
        assert_eq!((first.window.requests_per_s, first.window.longest_turn_us), (0.0, 0), "too soon to tell");
        assert_eq!((first.uptime_s, first.metrics.requests), (0.1, 10));

        metrics.rx_bytes = 4000;
        let second = sampler.sample(at(7000), 0, &mut metrics).window;
        assert_eq!((second.requests_per_s, second.rx_bytes_per_s, second.interval_s), (5.0, 2000.0, 2.0));
        assert_eq!(second.longest_turn_us, 70);

        // Another reader in the same window takes nothing from the first.
        metrics.requests = 1000;
        metrics.longest_turn_us = 90;
        assert_eq!(sampler.sample(at(7899), 0, &mut metrics).window, second);
        let third = sampler.sample(at(8000), 0, &mut metrics).window;
        assert_eq!((third.requests_per_s, third.longest_turn_us), (990.0, 90));
        assert_eq!(sampler.sample(at(9000), 0, &mut metrics).window.longest_turn_us, 0);
    }

    #[test]
    fn json_has_every_number() {
        let (mut sampler, mut metrics) = (sampler(), Metrics::default());
        (metrics.requests, metrics.tx_bytes, metrics.panics) = (3, u64::MAX, 1);
        let json = sampler.sample(at(6000), 784_111_777, &mut metrics).json();
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["time"], "1994-11-06T08:49:37Z");
        assert_eq!(read["requests"], 3);
        assert_eq!(read["requests_per_s"], 3.0);
        assert_eq!(read["tx_bytes"], u64::MAX);
        assert_eq!(read["uptime_s"], 1.0);
        assert_eq!((&read["panics"], &read["connections"]), (&1.into(), &0.into()));
        assert!(read["rss_bytes"].is_u64() || !cfg!(target_os = "linux"));
        assert!(read["roles"].is_object());
    }
}
