//! Several threads, each with a loop that is not lws's own: a tokio runtime, in which one loop of the server is a task.

use lws::http::respond;
use lws::{Context, Service, Shard, Vhost, h1};
use std::error::Error;
use std::os::fd::AsFd;
use std::thread::{self, Builder};
use std::time::{Duration, Instant};
use tokio::io::{Interest, unix::AsyncFd};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let threads: usize = flag("--threads").unwrap_or_else(|| "2".into()).parse()?;
    let whoami = respond(|_, reply| {
        reply.text(format!("hello from {}\n", thread::current().name().unwrap_or_default()));
    });
    let vhost = Vhost::new("localhost").mount("/", whoami);
    let context = Context::new().threads(threads).listen(&format!("127.0.0.1:{port}"), h1(vhost));
    // The sockets are bound here; each shard is then sent to the thread where it lives.
    let shards = context.shards()?;
    let addresses: Vec<_> = shards[0].addresses().cloned().collect();
    let start = |(n, shard)| Builder::new().name(format!("tokio-{n}")).spawn(move || in_tokio(shard));
    let running = shards.into_iter().enumerate().map(start).collect::<Result<Vec<_>, _>>()?;
    for address in addresses {
        println!("http://{address}/");
    }
    for thread in running {
        thread.join().map_err(|_| "a thread panicked")??;
    }
    Ok(())
}

/// A task among others on tokio's current-thread runtime.
fn in_tokio(shard: Shard) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let mut service = shard.build()?;
        let fd = service.as_fd().try_clone_to_owned()?;
        // SAFETY: the descriptor is our own duplicate and stays open until `fd` is dropped.
        let fd = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE)? };
        loop {
            // Until there is something to do, other tasks run.
            if let Ok(ready) = tokio::time::timeout(wait(&service), fd.readable()).await {
                // Cleared before the turn: what arrives during it makes the descriptor readable again.
                ready?.clear_ready();
            }
            if !service.turn(Some(Duration::ZERO))? {
                return Ok(());
            }
        }
    })
}

/// How long the loop may sleep if nothing becomes readable; an hour is as good as for ever.
fn wait(service: &Service) -> Duration {
    let left = service.next_deadline().map(|at| at.saturating_duration_since(Instant::now()));
    left.unwrap_or(Duration::from_secs(3600))
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
