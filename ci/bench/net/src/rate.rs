//! Messages at a fixed rate, whatever the server does; latency counts from the time a message was due, so that a server
//! that stands still is not spared the messages that were due meanwhile.

use crate::crowd::Crowd;
use crate::peer::Peer;
use crate::report::{Asked, Report, spent_ns};
use std::collections::VecDeque;
use std::error::Error;
use std::time::{Duration, Instant};

/// Has an idle crowd ask `r` times a second, its connections in turn: server CPU per message, and after how many microseconds
/// half of them, 99 of 100 and 999 of 1000 were answered.
///
/// # Errors
/// No `r` in the argument; of the crowd; the server has ended.
pub fn run(
    asked: &Asked,
    server: &Peer,
    mut crowd: Crowd,
    answer: &'static str,
) -> Result<Report, Box<dyn Error>> {
    let rate = asked.number('r').ok_or("how many a second?")?;
    let seconds = if asked.quick { 1 } else { 3 };
    let gap = Duration::from_secs(1) / u32::try_from(rate)?;
    let warm = rate / 4;
    let all = warm + rate * seconds;
    // For each connection when its messages were due that have not been answered.
    let mut due = vec![VecDeque::new(); crowd.len()];
    let mut latencies = Vec::with_capacity(usize::try_from(all)?);
    let (mut sent, mut answered, mut before) = (0_u64, 0_u64, 0);
    let start = Instant::now();
    while answered < all {
        let now = start.elapsed();
        while sent < all && gap * u32::try_from(sent)? <= now {
            let which = usize::try_from(sent)? % crowd.len();
            due[which].push_back(gap * u32::try_from(sent)?);
            crowd.ask(which, 1)?;
            sent += 1;
            if sent == warm {
                crowd.trust();
                before = spent_ns(server.pid())?;
            }
        }
        let wait =
            if sent < all { (gap * u32::try_from(sent)?).saturating_sub(start.elapsed()) } else { gap };
        crowd.turn(Some(wait), |which, answers| {
            let now = start.elapsed();
            for at in due[which].drain(..answers) {
                answered += 1;
                if answered > warm {
                    latencies.push(now.saturating_sub(at));
                }
            }
            0
        })?;
    }
    let spent = spent_ns(server.pid())? - before;
    latencies.sort_unstable();
    let quantile = |part: f64| {
        let at = ((latencies.len() - 1) as f64 * part) as usize;
        latencies[at].as_nanos() as f64 / 1000.0
    };
    let report = Report::new(answer).per_request(spent, rate * seconds);
    Ok(report.with("p50", quantile(0.5)).with("p99", quantile(0.99)).with("p999", quantile(0.999)))
}
