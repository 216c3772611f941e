//! 13 bytes for every path, on may_minihttp: one worker. It has no way to ask for TCP_NODELAY, and writes the answers to what
//! it read at once.

use may_minihttp::{HttpServer, HttpService, Request, Response};
use std::net::TcpListener;

#[derive(Clone)]
struct Hello;

impl HttpService for Hello {
    fn call(&mut self, _request: Request<'_, '_, '_>, response: &mut Response<'_>) -> std::io::Result<()> {
        response.header("Content-Type: text/plain").body("Hello, World!");
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    may::config().set_workers(1).set_pool_capacity(20_000).set_stack_size(0x1000);
    // It does not tell its port: one that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let server = HttpServer(Hello).start(address)?;
    println!("{address}");
    server.join().map_err(|_| "the listener has ended")?;
    Ok(())
}
