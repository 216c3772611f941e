//! The thread that writes, so that nobody who does not read can hold the loop up (LOG-03).
//!
//! ```text
//!   loop ──try_send──▶ queue of LOG_QUEUE_LINES ──▶ writer thread ─┬─▶ stdout: access lines
//!          full: dropped and counted                               └─▶ stderr: notices
//! ```

use crate::access::{Entry, Style};
use crate::json::Object;
use crate::limits::{LOG_BATCH_BYTES, LOG_FLUSH, LOG_GATHER, LOG_QUEUE_LINES};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

enum Line {
    Access(Entry),
    Notice(String),
    /// Nothing of interest follows; tell when everything before is written.
    End(SyncSender<()>),
}

/// The way to the writer; never blocks. Clones lead to the same one.
#[derive(Clone)]
pub(crate) struct Log {
    queue: SyncSender<Line>,
    quiet: bool,
    dropped: Arc<AtomicU64>,
}

impl Log {
    /// Starts the thread. Access lines go to `out`, notices to `err`; if `quiet`, only notices that warn.
    pub(crate) fn start(
        style: Style,
        quiet: bool,
        out: impl Write + Send + 'static,
        err: impl Write + Send + 'static,
    ) -> io::Result<Self> {
        let (queue, lines) = sync_channel(LOG_QUEUE_LINES);
        let dropped = Arc::new(AtomicU64::new(0));
        let writer =
            Writer { lines, dropped: dropped.clone(), told: 0, style, last: String::new(), again: 0 };
        thread::Builder::new().name("log".into()).spawn(move || writer.run(out, err))?;
        Ok(Self { queue, quiet, dropped })
    }

    /// One request.
    pub(crate) fn access(&self, entry: Entry) {
        self.push(Line::Access(entry));
    }

    /// Something that goes as it should.
    pub(crate) fn info(&self, text: impl Into<String>) {
        if !self.quiet {
            self.push(Line::Notice(text.into()));
        }
    }

    /// Something that does not.
    pub(crate) fn warn(&self, text: impl AsRef<str>) {
        self.push(Line::Notice(format!("warning: {}", text.as_ref())));
    }

    /// Lines that were dropped because the queue was full.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits, but not for ever, until what was said is written.
    pub(crate) fn finish(self) {
        let (written, when_written) = sync_channel(1);
        // The queue may be full and its reader stalled: the waiting for room is not done here.
        let sender = thread::Builder::new().spawn(move || self.queue.send(Line::End(written)));
        if sender.is_ok() {
            // Too late is as good as never: the program ends.
            let _ = when_written.recv_timeout(LOG_FLUSH);
        }
    }

    fn push(&self, line: Line) {
        if self.queue.try_send(line).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What roles and the loop have to say (`log::warn!` and worse) becomes notices.
impl log::Log for Log {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            self.warn(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

struct Writer {
    lines: Receiver<Line>,
    dropped: Arc<AtomicU64>,
    /// So many of `dropped` have been written about. `told <= dropped`
    told: u64,
    style: Style,
    /// The last notice, and how often it came again since.
    last: String,
    again: u64,
}

impl Writer {
    fn run(mut self, mut out: impl Write, mut err: impl Write) {
        let (mut access, mut notices) = (String::new(), String::new());
        while let Ok(first) = self.lines.recv() {
            if let Line::Access(_) = first {
                thread::sleep(LOG_GATHER);
            }
            let mut end = self.put(first, &mut access, &mut notices);
            while end.is_none()
                && access.len() < LOG_BATCH_BYTES
                && let Ok(more) = self.lines.try_recv()
            {
                end = self.put(more, &mut access, &mut notices);
            }
            self.tell_dropped(&mut notices);
            if end.is_some() {
                self.tell_again(&mut notices);
            }
            // A reader that is gone, or a full disk, is no reason to stop serving: the lines are lost.
            let _ = out.write_all(access.as_bytes()).and_then(|()| out.flush());
            let _ = err.write_all(notices.as_bytes()).and_then(|()| err.flush());
            access.clear();
            notices.clear();
            if let Some(written) = end {
                // Nobody waits any more: it took too long.
                let _ = written.send(());
            }
        }
    }

    fn put(&mut self, line: Line, access: &mut String, notices: &mut String) -> Option<SyncSender<()>> {
        match line {
            Line::Access(entry) => {
                entry.write(self.style, access);
                access.push('\n');
            }
            // LOG-01: what is said over and over is said once, and counted.
            Line::Notice(text) if text == self.last => self.again += 1,
            Line::Notice(text) => {
                self.tell_again(notices);
                self.say(&text, notices);
                self.last = text;
            }
            Line::End(written) => return Some(written),
        }
        None
    }

    fn tell_dropped(&mut self, notices: &mut String) {
        let dropped = self.dropped.load(Ordering::Relaxed);
        let more = dropped - self.told;
        if more > 0 {
            self.told = dropped;
            self.say(&format!("warning: {more} log lines were dropped: the reader was too slow"), notices);
        }
    }

    fn tell_again(&mut self, notices: &mut String) {
        let again = std::mem::take(&mut self.again);
        if again > 0 {
            self.say(&format!("(the last message came {again} more times)"), notices);
        }
    }

    fn say(&self, text: &str, notices: &mut String) {
        if self.style == Style::Json {
            notices.push_str(&Object::new().text("event", "notice").text("message", text).end());
        } else {
            // One line, whatever a peer or a file name contributed to it.
            notices.extend(text.chars().map(|c| if c.is_control() { '?' } else { c }));
        }
        notices.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc::{Sender, channel};

    /// Collects what is written.
    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Sink {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Sink {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(buf);
            Ok(buf.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A reader that stalls: each write says that it began and waits for leave.
    struct Stalled {
        began: Sender<()>,
        leave: Receiver<()>,
        sink: Sink,
    }

    impl Write for Stalled {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            let _ = self.began.send(());
            // An error is leave for good: the test has dropped its end.
            let _ = self.leave.recv();
            self.sink.write(buf)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Broken;

    impl Write for Broken {
        fn write(&mut self, _buf: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn log_03_a_stalled_reader_costs_lines_and_nothing_else() {
        let (began, when_began) = channel();
        let (go, leave) = channel::<()>();
        let (sink, err) = (Sink::default(), Sink::default());
        let stalled = Stalled { began, leave, sink: err.clone() };
        let log = Log::start(Style::Plain, false, sink, stalled).unwrap();
        log.info("first");
        when_began.recv().unwrap();
        // From here on nothing is taken out of the queue.
        for i in 0..LOG_QUEUE_LINES + 3 {
            log.info(format!("notice {i}"));
        }
        assert_eq!(log.dropped(), 3);
        drop(go);
        log.finish();
        let text = err.text();
        assert_eq!(text.lines().filter(|l| l.starts_with("notice ")).count(), LOG_QUEUE_LINES);
        assert!(text.contains("warning: 3 log lines were dropped"), "{}", &text[text.len() - 200..]);
    }

    #[test]
    fn log_03_the_end_does_not_wait_for_a_stalled_reader() {
        let (began, when_began) = channel();
        let (go, leave) = channel::<()>();
        let log =
            Log::start(Style::Plain, false, Sink::default(), Stalled { began, leave, sink: Sink::default() })
                .unwrap();
        log.info("first");
        when_began.recv().unwrap();
        log.finish();
        drop(go);
    }

    #[test]
    fn log_03_a_reader_that_is_gone_does_not_end_the_writer() {
        let err = Sink::default();
        let log = Log::start(Style::Plain, false, Broken, err.clone()).unwrap();
        log.info("one");
        log.info("two");
        log.finish();
        assert_eq!(err.text(), "one\ntwo\n");
    }

    #[test]
    fn log_01_notices_are_single_lines_and_not_repeated() {
        let err = Sink::default();
        let log = Log::start(Style::Plain, false, Sink::default(), err.clone()).unwrap();
        for text in ["a\r\nb\u{1b}[2J", "again", "again", "again", "last", "last"] {
            log.info(text);
        }
        log.finish();
        let wanted = "a??b?[2J\nagain\n(the last message came 2 more times)\nlast\n(the last message came 1 more times)\n";
        assert_eq!(err.text(), wanted);
    }

    #[test]
    fn quiet_leaves_warnings() {
        let err = Sink::default();
        let log = Log::start(Style::Plain, true, Sink::default(), err.clone()).unwrap();
        log.info("fine");
        log.warn("not fine");
        log.finish();
        assert_eq!(err.text(), "warning: not fine\n");
    }

    #[test]
    fn json_notices_are_objects() {
        let err = Sink::default();
        let log = Log::start(Style::Json, false, Sink::default(), err.clone()).unwrap();
        log.info("a\nb");
        log.finish();
        let read: serde_json::Value = serde_json::from_str(&err.text()).unwrap();
        assert_eq!(read, serde_json::json!({"event": "notice", "message": "a\nb"}));
    }
}
