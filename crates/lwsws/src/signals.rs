//! What signals do.
//!
//! | signal | first | again |
//! |---|---|---|
//! | INT (Ctrl-C), TERM | finish what is in flight, then end with 0 | end at once with 128 + its number |
//! | HUP | read the certificate files again; with the terminal gone, as TERM | the same |

use crate::tls::Reload;
use crate::writer::Log;
use lws::Stop;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{self, IsTerminal as _};
use std::thread;

/// Starts the thread that waits for signals.
pub(crate) fn watch(stop: Stop, reload: Option<Reload>, log: Log) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let at_terminal = io::stdout().is_terminal();
    thread::Builder::new().name("signals".into()).spawn(move || {
        let mut stopping = false;
        for signal in signals.forever() {
            let terminal_gone = at_terminal && !io::stdout().is_terminal();
            if signal == SIGHUP && !terminal_gone {
                match &reload {
                    Some(reload) => reload.now(&log),
                    None => log.info("nothing to read again: no certificate files are in use"),
                }
                continue;
            }
            if std::mem::replace(&mut stopping, true) {
                // Not through the loop: it may be what hangs.
                std::process::exit(128 + signal);
            }
            log.info("finishing what is in flight; once more ends at once");
            stop.stop();
        }
    })?;
    Ok(())
}
