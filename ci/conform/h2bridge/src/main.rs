//! `h2bridge URL [--insecure | --roots FILE] [--port N]`: takes WebSockets at `ws://127.0.0.1:PORT/`, which it prints, and
//! carries them to URL, over one HTTP/2 connection that is opened anew when it is gone.

use lws_conform_h2bridge::bridge::Bridge;
use lws_conform_h2bridge::{Dial, Trust};
use lws_core::Context;
use lws_http::Vhost;
use lws_role_h1::h1;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut url, mut trust, mut port) = (None, Trust::Platform, 0_u16);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--insecure" => trust = Trust::Anybody,
            "--roots" => trust = Trust::File(args.next().ok_or("--roots wants a file after it")?),
            "--port" => port = args.next().ok_or("--port wants a number after it")?.parse()?,
            other => url = Some(other.to_owned()),
        }
    }
    let dial = Dial::new(&url.ok_or("which URL?")?, &trust)?;
    let vhost = Vhost::new("localhost").upgrade("/", Bridge(dial));
    let mut service = Context::new().listen(&format!("127.0.0.1:{port}"), h1(vhost)).build()?;
    for address in service.addresses() {
        println!("ws://{address}/");
    }
    Ok(service.run()?)
}
