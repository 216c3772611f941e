use super::*;

#[test]
fn urls_and_what_they_are_made_of() {
    let check = |text: &str, host: &str, port: u16, target: &str, authority: &str| {
        let url = Url::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!((url.host(), url.port(), url.target()), (host, port, target), "{text}");
        assert_eq!(url.authority_text(), authority, "{text}");
        assert_eq!(Url::parse(&url.to_string()), Ok(url), "{text}");
    };
    check("http://a", "a", 80, "/", "a");
    check("HTTPS://A.Example:443/x?y#z", "a.example", 443, "/x?y", "a.example");
    check("https://a:80/", "a", 80, "/", "a:80");
    check("ws://127.0.0.1:7681?a=b", "127.0.0.1", 7681, "/?a=b", "127.0.0.1:7681");
    check("wss://[::1]/chat", "::1", 443, "/chat", "[::1]");
    check("http://[2001:DB8::1]:8080/", "2001:db8::1", 8080, "/", "[2001:db8::1]:8080");
    check("http+unix://%2Frun%2Fa.sock/x", "%2Frun%2Fa.sock", 0, "/x", "localhost");
    let unix = Url::parse("ws+unix://%2Frun%2Fa.sock").unwrap();
    assert_eq!((unix.socket_path(), unix.is_websocket()), (Some(b"/run/a.sock".to_vec()), true));
}

#[test]
fn cli_05_urls_that_are_none() {
    use UrlError::*;
    for (text, why) in [
        ("", Scheme),
        ("a.example/", Scheme),
        ("ftp://a/", Scheme),
        ("javascript:alert(1)", Scheme),
        ("file:///etc/passwd", Scheme),
        ("http:/a", Host),
        ("http://", Host),
        ("http:///x", Host),
        ("http://a b/", Character),
        ("http://a/b c", Character),
        ("http://a/\r\nX: y", Character),
        ("http://a\\@b/", Character),
        ("http://a/\u{e9}", Character),
        ("http://a/\0", Character),
        ("http://user@a/", UserInfo),
        ("http://user:secret@a/", UserInfo),
        ("http://a:b@c:1/", UserInfo),
        ("http://a:0/", Port),
        ("http://a:65536/", Port),
        ("http://a:+1/", Port),
        ("http://a:/", Port),
        ("http://a:1:2/", Host),
        ("http://[::1/", Host),
        ("http://[::g]/", Host),
        ("http://a%00/", Host),
        ("http+unix:///x", Host),
        ("http+unix://%2Fa%00/", Host),
        ("http+unix://%2/", Host),
    ] {
        assert_eq!(Url::parse(text), Err(why), "{text:?}");
    }
    assert_eq!(Url::parse(&format!("http://a/{}", "x".repeat(URL_BYTES))), Err(TooLong));
}

#[test]
fn cli_02_references_as_in_the_rfc() {
    // RFC 3986 §5.4
    let base = Url::parse("http://a/b/c/d;p?q").unwrap();
    for (reference, expected) in [
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q"),
        ("g#s", "http://a/b/c/g"),
        (";x", "http://a/b/c/;x"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        ("./g/.", "http://a/b/c/g/"),
        ("g/../h", "http://a/b/c/h"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("https://b:1/x", "https://b:1/x"),
    ] {
        let joined = base.join(reference).unwrap_or_else(|e| panic!("{reference}: {e}"));
        assert_eq!(joined.to_string(), expected, "{reference}");
    }
    for (reference, why) in [
        ("g:h", UrlError::Scheme),
        ("javascript:alert(1)", UrlError::Scheme),
        ("file:///etc/passwd", UrlError::Scheme),
        ("//user@b/", UrlError::UserInfo),
        ("http://user@b/", UrlError::UserInfo),
        ("/a\r\nX: y", UrlError::Character),
        ("///x", UrlError::Host),
    ] {
        assert_eq!(base.join(reference), Err(why), "{reference:?}");
    }
}
