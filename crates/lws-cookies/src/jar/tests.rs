use super::*;

const NOW: u64 = 1_000_000;

fn place(url: &str) -> Place<'_> {
    let (scheme, rest) = url.split_once("://").unwrap();
    let at = rest.find('/').unwrap();
    Place { host: &rest[..at], path: &rest[at..], secure: scheme == "https" }
}

/// Stores `field` from `from`; what `to` gets then.
fn check(from: &str, field: &str, to: &str, expected: Result<Option<&str>, Refused>) {
    let mut jar = Jar::new().public_suffixes(|domain| domain == "co.uk");
    let stored = jar.store(&place(from), field.as_bytes(), NOW);
    let got = stored.map(|()| jar.header(&place(to), NOW));
    assert_eq!(got, expected.map(|e| e.map(String::from)), "{from} {field:?} {to}");
}

/// RFC 6265bis, case by case: who stores what, and who gets it.
#[test]
fn cli_07_domains_and_paths() {
    let (a, b) = ("http://a.example.com/", "http://b.example.com/");
    for (from, field, to, expected) in [
        // Domains.
        (a, "n=v", a, Ok(Some("n=v"))),
        (a, "n=v", b, Ok(None)),
        (a, "n=v", "http://x.a.example.com/", Ok(None)),
        (a, "n=v; Domain=example.com", b, Ok(Some("n=v"))),
        (a, "n=v; Domain=.EXAMPLE.com", "http://example.com/", Ok(Some("n=v"))),
        (a, "n=v; domain=a.example.com", "http://x.a.example.com/", Ok(Some("n=v"))),
        (a, "n=v; Domain=example.com", "http://badexample.com/", Ok(None)),
        (a, "n=v; Domain=", b, Ok(None)),
        (a, "n=v; Domain=b.example.com", b, Err(Refused::Domain)),
        (a, "n=v; Domain=x.a.example.com", a, Err(Refused::Domain)),
        (a, "n=v; Domain=ample.com", a, Err(Refused::Domain)),
        (a, "n=v; Domain=com", a, Err(Refused::Domain)),
        (a, "n=v; Domain=com.", a, Err(Refused::Domain)),
        (a, "n=v; Domain=.", a, Ok(Some("n=v"))),
        ("http://x.co.uk/", "n=v; Domain=co.uk", "http://y.co.uk/", Err(Refused::Domain)),
        ("http://co.uk/", "n=v; Domain=co.uk", "http://x.co.uk/", Ok(None)),
        ("http://localhost/", "n=v; Domain=localhost", "http://localhost/", Ok(Some("n=v"))),
        ("http://localhost/", "n=v; Domain=localhost", "http://x.localhost/", Ok(None)),
        ("http://127.0.0.1/", "n=v; Domain=127.0.0.1", "http://127.0.0.1/", Ok(Some("n=v"))),
        ("http://127.0.0.1/", "n=v; Domain=0.0.1", "http://127.0.0.1/", Err(Refused::Domain)),
        ("http://1.127.0.0.1/", "n=v; Domain=127.0.0.1", "http://127.0.0.1/", Ok(Some("n=v"))),
        // Paths.
        ("http://a.b/x/y", "n=v", "http://a.b/x/z", Ok(Some("n=v"))),
        ("http://a.b/x/y", "n=v", "http://a.b/x", Ok(Some("n=v"))),
        ("http://a.b/x/y", "n=v", "http://a.b/xy", Ok(None)),
        ("http://a.b/x/y?/z/z", "n=v", "http://a.b/x/?q", Ok(Some("n=v"))),
        ("http://a.b/x", "n=v", "http://a.b/", Ok(Some("n=v"))),
        ("http://a.b/", "n=v; Path=/x", "http://a.b/x/y", Ok(Some("n=v"))),
        ("http://a.b/", "n=v; Path=/x/", "http://a.b/x", Ok(None)),
        ("http://a.b/", "n=v; Path=/x", "http://a.b/xy", Ok(None)),
        ("http://a.b/x/y", "n=v; Path=z", "http://a.b/x/", Ok(Some("n=v"))),
        ("http://a.b/", "n=v; Path=/x; Path=/y", "http://a.b/y", Ok(Some("n=v"))),
    ] {
        check(from, field, to, expected);
    }
}

#[test]
fn cli_07_secure_ages_and_syntax() {
    let a = "http://a.example.com/";
    for (from, field, to, expected) in [
        // Secure.
        ("https://a.b/", "n=v; Secure", "https://a.b/", Ok(Some("n=v"))),
        ("https://a.b/", "n=v; SECURE; HttpOnly", "http://a.b/", Ok(None)),
        ("https://a.b/", "n=v", "http://a.b/", Ok(Some("n=v"))),
        ("http://a.b/", "n=v; Secure", "https://a.b/", Err(Refused::Insecure)),
        ("https://a.b/", "__Secure-n=v; Secure", "https://a.b/", Ok(Some("__Secure-n=v"))),
        ("https://a.b/", "__secure-n=v", "https://a.b/", Err(Refused::Prefix)),
        ("https://a.b/", "__Host-n=v; Secure; Path=/", "https://a.b/", Ok(Some("__Host-n=v"))),
        ("https://a.b/", "__Host-n=v; Secure", "https://a.b/", Err(Refused::Prefix)),
        ("https://a.b/", "__Host-n=v; Path=/", "https://a.b/", Err(Refused::Prefix)),
        ("https://a.b/", "__Host-n=v; Secure; Path=/; Domain=a.b", "https://a.b/", Err(Refused::Prefix)),
        // Ages.
        (a, "n=v; Max-Age=1", a, Ok(Some("n=v"))),
        (a, "n=v; Max-Age=0", a, Ok(None)),
        (a, "n=v; Max-Age=-5", a, Ok(None)),
        (a, "n=v; Max-Age=99999999999999999999999", a, Ok(Some("n=v"))),
        (a, "n=v; Max-Age=soon", a, Ok(Some("n=v"))),
        (a, "n=v; Expires=Thu, 01 Jan 1970 00:00:01 GMT", a, Ok(None)),
        (a, "n=v; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=9", a, Ok(Some("n=v"))),
        (a, "n=v; Expires=never", a, Ok(Some("n=v"))),
        // Syntax.
        (a, " n = v w ; x", a, Ok(Some("n=v w"))),
        (a, "n=a=b", a, Ok(Some("n=a=b"))),
        (a, "n=", a, Ok(Some("n="))),
        (a, "n=\"v\"", a, Ok(Some("n=\"v\""))),
        (a, "n", a, Err(Refused::Syntax)),
        (a, "=v", a, Err(Refused::Syntax)),
        (a, "", a, Err(Refused::Syntax)),
        (a, "n=v\r\nX: y", a, Err(Refused::Syntax)),
        (a, "n=v\0", a, Err(Refused::Syntax)),
        (a, "n=v\tw", a, Err(Refused::Syntax)),
    ] {
        check(from, field, to, expected);
    }
}

/// Whatever a server says, the jar keeps its promises.
#[test]
fn nothing_that_a_server_says_is_too_much() {
    let words = [
        "a",
        "=",
        "; ",
        "Domain=",
        ".",
        "example.com",
        "Path=/",
        "Max-Age=",
        "-9",
        "99999999999999999999",
        "Expires=",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Secure",
        "__Host-",
        "HttpOnly",
        "\u{e4}",
        "\"",
        "Jan 1 00:00:00 70",
        "\u{7f}",
    ];
    let (mut jar, mut state) = (Jar::new(), 1u32);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as usize
    };
    let mut kept = 0;
    for _ in 0..20_000 {
        let field: String = (0..next() % 12).map(|_| words[next() % words.len()]).collect();
        kept += usize::from(jar.store(&place("https://a.example.com/x"), field.as_bytes(), NOW).is_ok());
        assert!(jar.len() <= 2 * limits::PER_DOMAIN, "two domains at most can be meant");
        assert!(jar.header(&place("https://example.org/x"), NOW).is_none());
    }
    assert!(kept > 100);
}

#[test]
fn order_and_replacement() {
    let mut jar = Jar::new();
    let at = place("http://a.b/x/y");
    for field in ["a=1; Path=/", "b=2; Path=/x", "c=3; Path=/", "a=4; Path=/"] {
        jar.store(&at, field.as_bytes(), NOW).unwrap();
    }
    // Longer paths first, then the older; the replaced one keeps its place.
    assert_eq!(jar.header(&at, NOW).unwrap(), "b=2; a=4; c=3");
    jar.store(&at, b"c=; Path=/; Max-Age=0", NOW).unwrap();
    assert_eq!(jar.header(&at, NOW).unwrap(), "b=2; a=4");
    jar.clear();
    assert!(jar.is_empty() && jar.header(&at, NOW).is_none());
}

/// RFC 6265bis §5.6: a cookie in plain text neither replaces nor hides a secure one.
#[test]
fn cli_07_secure_cookies_are_not_overlaid() {
    let mut jar = Jar::new();
    jar.store(&place("https://a.example.com/"), b"n=good; Secure; Domain=example.com; Path=/x", NOW).unwrap();
    for field in ["n=bad; Path=/x", "n=bad; Path=/x/y", "n=bad; Domain=example.com; Path=/x"] {
        let refused = jar.store(&place("http://b.example.com/"), field.as_bytes(), NOW);
        assert_eq!(refused, Err(Refused::Insecure), "{field}");
    }
    // Elsewhere it may.
    jar.store(&place("http://b.example.com/"), b"n=other; Path=/z", NOW).unwrap();
    assert_eq!(jar.header(&place("https://b.example.com/x"), NOW).unwrap(), "n=good");
}

#[test]
fn cli_07_sizes_and_numbers() {
    let at = place("http://a.b/");
    let mut jar = Jar::new();
    let fits = format!("n={}", "v".repeat(limits::COOKIE_BYTES - 1));
    jar.store(&at, fits.as_bytes(), NOW).unwrap();
    assert_eq!(jar.store(&at, format!("{fits}v").as_bytes(), NOW), Err(Refused::Size));
    // An attribute that is too long is none.
    jar.store(&at, format!("p=1; Path=/{}", "x".repeat(2000)).as_bytes(), NOW).unwrap();
    assert!(jar.header(&at, NOW).unwrap().ends_with("p=1"));
    jar.clear();
    for i in 0..60 {
        jar.store(&at, format!("c{i}=v; Path=/{i}").as_bytes(), NOW).unwrap();
        // The first one is in use.
        assert!(jar.header(&place("http://a.b/0"), NOW).is_some());
    }
    assert_eq!(jar.len(), limits::PER_DOMAIN);
    assert!(jar.iter().any(|c| c.name == "c0") && !jar.iter().any(|c| c.name == "c1"));
    for i in 0..4000 {
        let host = format!("h{i}.example");
        jar.store(&Place { host: &host, ..at }, b"n=v", NOW).unwrap();
    }
    assert_eq!(jar.len(), limits::COOKIES);
    // 400 days at most.
    jar.clear();
    jar.store(&at, b"n=v; Expires=Fri, 31 Dec 9999 00:00:00 GMT", NOW).unwrap();
    assert_eq!(jar.iter().next().unwrap().expires_s, Some(NOW + limits::AGE_S));
}
