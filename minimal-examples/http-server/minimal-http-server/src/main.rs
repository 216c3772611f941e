//! Serves the files in ./mount-origin.

use lws::files::files;
use lws::{Context, Vhost, h1};

fn main() -> Result<(), lws::Error> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let root = flag("--root").unwrap_or_else(|| "./mount-origin".into());
    let vhost = Vhost::new("localhost").security_headers().mount("/", files(root));
    let mut service = Context::new().listen(&format!("127.0.0.1:{port}"), h1(vhost)).build()?;
    for address in service.addresses() {
        println!("http://{address}/");
    }
    service.run()
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
