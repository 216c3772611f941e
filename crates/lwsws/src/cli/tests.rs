use super::*;
use crate::{Protocols, TlsSource};

fn parsed(line: &str) -> Result<Command, Message> {
    parse(line.split_whitespace().map(OsString::from))
}

fn options(line: &str) -> Options {
    match parsed(line) {
        Ok(Command::Serve(options)) => options,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn flags_set_options() {
    let check = |line: &str, wanted: Options| assert_eq!(options(line), wanted, "{line}");
    let plain = Options::default;
    check("serve", plain());
    check("serve www", Options { dir: "www".into(), ..plain() });
    check("serve --port 80 www", Options { dir: "www".into(), port: 80, ..plain() });
    check("serve www --port=0", Options { dir: "www".into(), port: 0, ..plain() });
    check("serve --port 1 --port 65535", Options { port: 65535, ..plain() });
    check("serve --public --quiet", Options { public: true, quiet: true, ..plain() });
    check("serve --json --qr", Options { json: true, qr: true, ..plain() });
    check("serve --no-listing", Options { listing: false, ..plain() });
    check("serve --no-listing --listing", plain());
    check("serve --status-token -x", Options { status_token: Some("-x".into()), ..plain() });
    check("serve --status-token=a=b", Options { status_token: Some("a=b".into()), ..plain() });
    check("serve --alpn h2", Options { protocols: Protocols::Http2, ..plain() });
    check("serve --alpn=http/1.1", Options { protocols: Protocols::Http1, ..plain() });
    check("serve --tls self", Options { tls: Some(TlsSource::SelfSigned), ..plain() });
    let files = TlsSource::Files { chain: "a.pem".into(), key: "b,c.pem".into() };
    check("serve --tls a.pem,b,c.pem", Options { tls: Some(files), ..plain() });
    check("serve -- --port", Options { dir: "--port".into(), ..plain() });
}

#[test]
fn a_folder_need_not_be_utf_8() {
    use std::os::unix::ffi::OsStringExt as _;
    let name = OsString::from_vec(b"\xff".to_vec());
    match parse([OsString::from("serve"), name.clone()]) {
        Ok(Command::Serve(options)) => assert_eq!(options.dir.as_os_str(), name),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_understood_is_explained() {
    let check = |line: &str, wanted: &str| {
        let message = parsed(line).unwrap_err();
        assert_eq!(message.to_string(), wanted, "{line}");
        assert_eq!(message.exit_code(), 2, "{line}");
    };
    check("serve --prot 80", "error: there is no flag '--prot'\nhelp: did you mean --port?");
    check("serve --list", "error: there is no flag '--list'\nhelp: did you mean --listing?");
    check("serve --no-list", "error: there is no flag '--no-list'\nhelp: did you mean --no-listing?");
    check("serve -x", "error: there is no flag '-x'\nhelp: lwsws serve --help lists them");
    check("serve --Public=1", "error: there is no flag '--Public'\nhelp: did you mean --public?");
    check(
        "serve --port",
        "error: --port needs a value\nhelp: --port N: listen on port N; 0: any free one (default: 7681)",
    );
    check(
        "serve --port --public",
        "error: --port needs a value\nhelp: --port N: listen on port N; 0: any free one (default: 7681)",
    );
    check(
        "serve --port 65536",
        "error: --port needs a number from 0 to 65535, not '65536'\n\
         help: try --port 7681, or --port 0 for any free port",
    );
    check(
        "serve --port +1",
        "error: --port needs a number from 0 to 65535, not '+1'\n\
         help: try --port 7681, or --port 0 for any free port",
    );
    check(
        "serve --public=yes",
        "error: --public takes no value\nhelp: --public: listen on all addresses, not on loopback alone",
    );
    check(
        "serve --tls cert.pem",
        "error: --tls needs 'self' or two files, not 'cert.pem'\n\
         help: try --tls self, or --tls cert.pem,key.pem (one file that has both: name it twice)",
    );
    check(
        "serve --alpn h3",
        "error: --alpn needs h2, http/1.1 or both, not 'h3'\nhelp: try --alpn h2, or --alpn h2,http/1.1",
    );
    check(
        "serve --status-token=",
        "error: --status-token needs a token that is not empty\nhelp: make one up: openssl rand -hex 16",
    );
    check(
        "serve a b",
        "error: one folder can be served, and 'a' is one already\nhelp: serve the folder that both are in",
    );
    check("srve", "error: there is no command 'srve'\nhelp: did you mean lwsws serve?");
    check("frobnicate", "error: there is no command 'frobnicate'\nhelp: lwsws --help lists the commands");
    check("./www", "error: there is no command './www'\nhelp: to serve that folder: lwsws serve ./www");
    check("--port=80", "error: --port=80 needs a command in front of it\nhelp: try lwsws serve --port=80");
}

#[test]
fn help_and_version_are_printed() {
    for line in ["", "--help", "-h", "help", "serve --help", "serve --bad-is-later -h"] {
        if line.contains("bad") {
            assert!(parsed(line).is_err(), "flags are read in order");
            continue;
        }
        let Ok(Command::Print(text)) = parsed(line) else { panic!("{line}") };
        assert!(FLAGS.iter().all(|f| text.contains(f.name) && text.contains(f.help)), "{line}: {text}");
        assert!(text.lines().all(|l| l.len() <= 100), "{text}");
    }
    for line in ["--version", "-V", "serve --version"] {
        let Ok(Command::Print(text)) = parsed(line) else { panic!("{line}") };
        assert!(text.starts_with("lwsws 0.") && text.contains("rustls"), "{line}: {text}");
    }
}

#[test]
fn distances() {
    for (a, b, wanted) in [
        ("", "", 0),
        ("", "abc", 3),
        ("port", "port", 0),
        ("prot", "port", 1),
        ("pot", "port", 1),
        ("porrt", "port", 1),
        ("bort", "port", 1),
        ("kitten", "sitting", 3),
        ("ca", "abc", 3),
    ] {
        assert_eq!(distance(a, b), wanted, "{a} {b}");
        assert_eq!(distance(b, a), wanted, "{b} {a}");
    }
    assert_eq!(nearest("zzzzzz", ["serve"].into_iter()), None);
}
