//! The command line.

use crate::case::Title;
use crate::client;
use crate::pipe;
use crate::run::{self, Options};
use crate::served::Clients;
use crate::server;
use crate::session::Target;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

const USAGE: &str = "\
conform-h2 server --url URL [options]   cases against a server; http:// is prior knowledge, https:// is TLS with ALPN
conform-h2 client --get COMMAND [options] cases against a client: the command GETs {url} and ends with 0 if it took it
conform-h2 list [--only PREFIX]         the cases

  --only PREFIX      only cases whose id begins so: 9113/5.1, 7541, usual (may be repeated)
  --large PATH       a resource of 256 KiB or more
  --post PATH        takes POST with 2xx (the URL's path); of a client: the command that POSTs {file} to {url}
  --no-exit-code     the client's exit code tells nothing
  --tls              a client is given https:// URLs, with a certificate made for this run
  --websocket PATH   echoes WebSocket messages by extended CONNECT
  --lenient          also good: generic error codes, a close without GOAWAY (RFC 9113 \u{a7}5.4)
  --timeout-ms N     the longest wait for what must come (3000)
  --jobs N           cases at once (8)
  --verbose          a line for each case
";

/// A resource that servers do not have.
const ABSENT: &str = "/lws-conform-absent";

/// Octets that a client uploads: more than three initial windows.
const UPLOAD: usize = 200_000;

/// A server that answers POST without its content does so within this.
const EARLY: Duration = Duration::from_millis(300);

/// Runs a command line; answers whether all is good.
pub(crate) fn main(args: impl Iterator<Item = String>) -> Result<bool, String> {
    let mut args = args;
    let command = args.next().unwrap_or_default();
    let given = Given::parse(args)?;
    match command.as_str() {
        "server" => against_server(&given),
        "client" => against_client(&given),
        "list" => {
            let cases = server::cases();
            let clients = client::cases();
            let titles = cases.iter().map(|c| c.title).chain(clients.iter().map(|c| c.title));
            titles.filter(|t| given.options.wants(t.id)).for_each(|t| println!("{}  {}", t.id, t.rule));
            Ok(true)
        }
        "--help" | "-h" => {
            print!("{USAGE}");
            Ok(true)
        }
        other => Err(format!("no command `{other}`\n\n{USAGE}")),
    }
}

/// What the options say.
struct Given {
    options: Options,
    url: Option<String>,
    get: Option<String>,
    tls: bool,
    exit_code: bool,
    large: Option<String>,
    post: Option<String>,
    websocket: Option<String>,
    patience: Duration,
}

impl Given {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Given, String> {
        let mut given = Given {
            options: Options { only: Vec::new(), lenient: false, jobs: 8, verbose: false },
            url: None,
            get: None,
            tls: false,
            exit_code: true,
            large: None,
            post: None,
            websocket: None,
            patience: Duration::from_secs(3),
        };
        while let Some(option) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{option} wants a value after it"));
            match option.as_str() {
                "--url" => given.url = Some(value()?),
                "--get" => given.get = Some(value()?),
                "--tls" => given.tls = true,
                "--no-exit-code" => given.exit_code = false,
                "--only" => given.options.only.push(value()?),
                "--large" => given.large = Some(value()?),
                "--post" => given.post = Some(value()?),
                "--websocket" => given.websocket = Some(value()?),
                "--lenient" => given.options.lenient = true,
                "--verbose" => given.options.verbose = true,
                "--timeout-ms" => given.patience = Duration::from_millis(number(&value()?)?),
                "--jobs" => given.options.jobs = usize::try_from(number(&value()?)?).unwrap_or(1),
                _ => return Err(format!("no option `{option}`\n\n{USAGE}")),
            }
        }
        Ok(given)
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

fn against_server(given: &Given) -> Result<bool, String> {
    let target = target(given)?;
    let cases: Vec<server::Case> =
        server::cases().into_iter().filter(|c| given.options.wants(c.title.id)).collect();
    let titles: Vec<Title> = cases.iter().map(|c| c.title).collect();
    let sum = run::all(&titles, &given.options, |at| cases[at].run(&target));
    Ok(sum.failed == 0)
}

fn against_client(given: &Given) -> Result<bool, String> {
    let get = given.get.clone().ok_or("which client? --get 'curl -sf --http2-prior-knowledge {url}'")?;
    let file = std::env::temp_dir().join(format!("conform-h2-{}.upload", std::process::id()));
    std::fs::write(&file, vec![b'u'; UPLOAD]).map_err(|e| format!("{}: {e}", file.display()))?;
    let tls = if given.tls { Some(pipe::server_config()?) } else { None };
    let (post, patience) = (given.post.clone(), given.patience);
    let clients = Clients { get, post, file, tls, exit_code: given.exit_code, patience };
    let cases: Vec<client::Case> =
        client::cases().into_iter().filter(|c| given.options.wants(c.title.id)).collect();
    let titles: Vec<Title> = cases.iter().map(|c| c.title).collect();
    let sum = run::all(&titles, &given.options, |at| cases[at].run(&clients));
    let _ = std::fs::remove_file(&clients.file); // it is in a folder for such files
    Ok(sum.failed == 0)
}

/// The server that the options name, known to answer.
fn target(given: &Given) -> Result<Target, String> {
    let url = given.url.as_ref().ok_or("which server? --url http://127.0.0.1:PORT/")?;
    let (tls, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err(format!("`{url}` is no http:// or https:// URL")),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = if path.is_empty() { "/" } else { path };
    let mut target = Target {
        address: resolve(authority, tls)?,
        authority: authority.to_owned(),
        tls: if tls { Some(pipe::client_config(pipe::USUAL)?) } else { None },
        path: path.to_owned(),
        post: given.post.clone().unwrap_or_else(|| path.to_owned()),
        large: given.large.clone(),
        websocket: given.websocket.clone(),
        absent: None,
        early: false,
        patience: given.patience,
    };
    let good = ask(&target, &target.path).map_err(|e| format!("GET {url} fails: {e}"))?;
    if !(200..300).contains(&good) {
        return Err(format!("GET {url} has status {good}, 2xx is wanted"));
    }
    if ask(&target, ABSENT).is_ok_and(|status| !(200..300).contains(&status)) {
        target.absent = Some(ABSENT.to_owned());
    }
    target.early = answers_early(&target);
    Ok(target)
}

/// Whether POST is answered while its content is still to come.
fn answers_early(target: &Target) -> bool {
    let Ok(mut session) = target.open(&[]) else { return false };
    let fields = session.post();
    session.patience = EARLY;
    let stream = session.begin_ask(&fields);
    session.head(stream).is_ok()
}

fn resolve(authority: &str, tls: bool) -> Result<SocketAddr, String> {
    let with_port = match authority.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => authority.to_owned(),
        _ => format!("{authority}:{}", if tls { 443 } else { 80 }),
    };
    let mut addresses = with_port.to_socket_addrs().map_err(|e| format!("{with_port}: {e}"))?;
    addresses.next().ok_or_else(|| format!("{with_port} has no address"))
}

/// The status of a GET; an error tells what was seen.
fn ask(target: &Target, path: &str) -> Result<u16, String> {
    let mut session = target.open(&[]).map_err(|flaw| format!("{flaw:?}"))?;
    let fields = session.get().set(":path", path);
    let stream = session.ask(&fields);
    session.response(stream).map_err(|flaw| format!("{flaw:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_there_are_enough() {
        let (server, client) = (server::cases(), client::cases());
        assert!(server.len() >= 146 && client.len() >= 60, "{} {}", server.len(), client.len());
        let mut ids: Vec<&str> = server.iter().map(|c| c.title.id).collect();
        ids.extend(client.iter().map(|c| c.title.id));
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn options_are_read() {
        let args =
            ["--url", "http://h:1/", "--only", "9113/5", "--jobs", "2", "--lenient"].map(str::to_owned);
        let given = Given::parse(args.into_iter()).unwrap();
        assert_eq!((given.url.as_deref(), given.options.jobs), (Some("http://h:1/"), 2));
        assert!(given.options.lenient && given.options.wants("9113/5.1/1"));
        for bad in [&["--url"][..], &["--jobs", "x"], &["--nothing"]] {
            assert!(Given::parse(bad.iter().map(|a| (*a).to_owned())).is_err(), "{bad:?}");
        }
    }
}
