//! From names to addresses.

use crate::limits::{ADDRESSES, RESOLVERS, RESOLVING};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};

/// What a resolver says: the addresses in the order to try them, or why there are none.
pub type Addresses = Result<Vec<SocketAddr>, String>;

/// Finds the addresses of hosts, without making the loop wait.
pub trait Resolver {
    /// Calls `done`, from any thread and exactly once. Not from within this call. Dropping it means failure.
    fn resolve(&mut self, host: &str, port: u16, done: Box<dyn FnOnce(Addresses) + Send>);
}

/// The system's resolver (`getaddrinfo`), on a few threads that are started when they are first needed: a name server
/// that does not answer holds up that many names, not all.
#[derive(Debug, Default)]
pub struct SystemResolver {
    queue: Option<SyncSender<Query>>,
}

struct Query {
    host: String,
    port: u16,
    done: Box<dyn FnOnce(Addresses) + Send>,
}

impl Resolver for SystemResolver {
    fn resolve(&mut self, host: &str, port: u16, done: Box<dyn FnOnce(Addresses) + Send>) {
        let queue = self.queue.get_or_insert_with(|| {
            let (queue, queries) = sync_channel::<Query>(RESOLVING);
            let queries = Arc::new(Mutex::new(queries));
            for _ in 0..RESOLVERS {
                let queries = queries.clone();
                // Without any thread the queue is closed, and the first query finds out.
                let thread = std::thread::Builder::new().name("lws-resolver".into());
                let _ = thread.spawn(move || {
                    while let Some(query) = next(&queries) {
                        (query.done)(look_up(&query.host, query.port));
                    }
                });
            }
            queue
        });
        match queue.try_send(Query { host: host.into(), port, done }) {
            // `done` posts to the loop, which takes it after we have returned.
            Err(TrySendError::Full(query)) => (query.done)(Err("too many names are waiting".into())),
            Err(TrySendError::Disconnected(query)) => (query.done)(Err("there is no resolver".into())),
            Ok(()) => {}
        }
    }
}

/// The next name to look up; `None` when there will be none.
fn next(queries: &Mutex<Receiver<Query>>) -> Option<Query> {
    queries.lock().ok()?.recv().ok()
}

fn look_up(host: &str, port: u16) -> Addresses {
    let found = (host, port).to_socket_addrs().map_err(|e| e.to_string())?;
    Ok(interleave(found.take(4 * ADDRESSES).collect()))
}

/// RFC 8305 §4: the families take turns, so that one which does not work costs only every other try.
pub(crate) fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|a| a.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut order = Vec::new();
    while order.len() < ADDRESSES {
        let before = order.len();
        order.extend(first.next());
        order.extend(second.next());
        if order.len() == before {
            break;
        }
    }
    order.truncate(ADDRESSES);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cli_09_the_families_take_turns_and_there_is_a_bound() {
        let list = |s: &str| s.split(' ').map(|a| a.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let mixed = list("[::1]:1 [::2]:1 [::3]:1 1.1.1.1:1 2.2.2.2:1");
        assert_eq!(interleave(mixed), list("[::1]:1 1.1.1.1:1 [::2]:1 2.2.2.2:1 [::3]:1"));
        let many = (0..1000).map(|port| SocketAddr::from(([127, 0, 0, 1], port))).collect();
        assert_eq!(interleave(many).len(), ADDRESSES);
        assert_eq!(interleave(Vec::new()), []);
    }
}
