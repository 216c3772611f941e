//! The server inside a loop that is not its own: poll(2) by hand, or tokio. One descriptor and one deadline are all
//! that the loop has to know.

use lws::http::respond;
use lws::{Context, Service, Vhost, h1};
use std::error::Error;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let host = flag("--loop").unwrap_or_else(|| "poll".into());
    let greeting = format!("hello from {host}\n");
    let vhost = Vhost::new("localhost").mount("/", respond(move |_, reply| reply.text(greeting.clone())));
    let service = Context::new().listen(&format!("127.0.0.1:{port}"), h1(vhost)).build()?;
    for address in service.addresses() {
        println!("http://{address}/");
    }
    match host.as_str() {
        "poll" => in_poll(service),
        "tokio" => in_tokio(service),
        other => Err(format!("--loop {other}: there are poll and tokio").into()),
    }
}

/// A loop of one's own around poll(2).
fn in_poll(mut service: Service) -> Result<(), Box<dyn Error>> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    loop {
        let timeout = wait(&service).map(Timespec::try_from).transpose()?;
        // Other descriptors of the program go into the same list.
        let mut fds = [PollFd::new(&service, PollFlags::IN)];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        if !service.turn(Some(Duration::ZERO))? {
            return Ok(());
        }
    }
}

/// A task among others on tokio's current-thread runtime.
fn in_tokio(mut service: Service) -> Result<(), Box<dyn Error>> {
    use tokio::io::{Interest, unix::AsyncFd};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let fd = service.as_fd().try_clone_to_owned()?;
        // SAFETY: the descriptor is our own duplicate and stays open until `fd` is dropped.
        let fd = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE)? };
        loop {
            let far = Duration::from_secs(3600);
            // Until there is something to do, other tasks run.
            if let Ok(ready) = tokio::time::timeout(wait(&service).unwrap_or(far), fd.readable()).await {
                // Cleared before the turn: what arrives during it makes the descriptor readable again.
                ready?.clear_ready();
            }
            if !service.turn(Some(Duration::ZERO))? {
                return Ok(());
            }
        }
    })
}

/// How long the loop may sleep if nothing becomes readable; `None`: for ever.
fn wait(service: &Service) -> Option<Duration> {
    service.next_deadline().map(|at| at.saturating_duration_since(Instant::now()))
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
