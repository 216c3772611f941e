use std::string::String;
use std::vec::Vec;

use super::*;

fn lines<'a>(values: &[&'a str]) -> Lines<'a> {
    let mut lines = Lines::default();
    for value in values {
        lines.add(value.as_bytes());
    }
    lines
}

#[test]
fn ws_11_protocols() {
    let check = |values: &[&str], expected: &[Result<&str, Malformed>]| {
        let found: Vec<_> = Protocols::new(lines(values)).collect();
        assert_eq!(found, expected, "{values:?}");
    };
    check(&[], &[]);
    check(&["chat"], &[Ok("chat")]);
    check(&["chat, superchat\t,v1.x-y"], &[Ok("chat"), Ok("superchat"), Ok("v1.x-y")]);
    check(&["a, b", "", "c"], &[Ok("a"), Ok("b"), Ok("c")]);
    check(&[",, a ,,", " ,b"], &[Ok("a"), Ok("b")]);
    check(&["a b"], &[Err(Malformed)]);
    check(&["a, \"b\", c"], &[Ok("a"), Err(Malformed)]);
    check(&["a", "(", "b"], &[Ok("a"), Err(Malformed)]);
    check(&["a;q=1"], &[Err(Malformed)]);
    check(&["\u{e9}"], &[Err(Malformed)]);
}

#[test]
fn ws_11_no_more_than_sixteen_items() {
    for (count, legal) in [(MAX_LIST_ITEMS, true), (MAX_LIST_ITEMS + 1, false), (200, false)] {
        let items: Vec<String> = (0..count).map(|i| std::format!("p{i}")).collect();
        let one_line = items.join(",");
        let many_lines: Vec<&str> = items.iter().map(String::as_str).collect();
        for values in [&[&one_line[..]][..], &many_lines] {
            let found: Vec<_> = Protocols::new(lines(values)).collect();
            assert_eq!(found.iter().all(Result::is_ok), legal, "{count}");
            assert_eq!(found.len(), count.min(MAX_LIST_ITEMS + 1), "ends after the error");
        }
        let params: String = items.iter().map(|item| std::format!("; {item}={item}")).collect();
        let with_params = std::format!("name{params}");
        assert_eq!(Extensions::parse(with_params.as_bytes()).all(|item| item.is_ok()), legal, "{count}");
    }
}

/// An extension as `name; param; param=value`, or `!` for an error.
fn show(values: &[&str]) -> Vec<String> {
    let show_param = |param: Param<'_>| match param.value {
        None => std::format!("; {}", param.name),
        Some(value) => {
            let value: String = value.bytes().map(char::from).collect();
            std::format!("; {}={value}", param.name)
        }
    };
    let show = |item: Result<Extension<'_>, Malformed>| match item {
        Ok(item) => String::from(item.name()) + &item.params().map(show_param).collect::<String>(),
        Err(Malformed) => "!".into(),
    };
    Extensions::new(lines(values)).map(show).collect()
}

#[test]
fn ws_11_extensions() {
    let check = |values: &[&str], expected: &[&str]| assert_eq!(show(values), expected, "{values:?}");
    check(&["permessage-deflate"], &["permessage-deflate"]);
    check(
        &["permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate"],
        &["permessage-deflate; client_max_window_bits; server_max_window_bits=10", "permessage-deflate"],
    );
    // RFC 6455 §9.1: a quoted value is the token inside.
    check(&[r#"x; a="10" ;b = "1\0" ; c"#], &["x; a=10; b=10; c"]);
    check(&["foo", "bar; baz=2"], &["foo", "bar; baz=2"]);
    check(&["foo, , bar"], &["foo", "bar"]);
    for bad in [
        "foo;",
        "foo; ",
        "foo;;a",
        "foo; a=",
        "foo; =b",
        "foo; a=b c",
        "foo bar",
        "=",
        ";",
        "foo/1",
        r#"x; a="""#,
        r#"x; a="b"#,
        r#"x; a="b c""#,
        r#"x; a="b,c""#,
        r#"x; a="\"#,
        r#"x; a="\""#,
        r#"x; a="\\""#,
        r#"x; a="b"c"#,
        r#"x; "a"=b"#,
        r#""x""#,
    ] {
        check(&[bad, "next"], &["!"]);
    }
}

/// A megabyte, where a header is 8 KiB: anything but a linear pass would take hours.
#[test]
fn ws_11_long_values_cost_one_pass() {
    for unit in
        [",", " ", "\"", ";", "=", "\\", "a", "a,", "a;", "a;b=\"", "a;b=\"\\", ", ", "a;b=c;", "a b "]
    {
        let long = unit.repeat((1 << 20) / unit.len());
        assert!(Protocols::new(lines(&[&long])).count() <= MAX_LIST_ITEMS + 1);
        assert!(Extensions::parse(long.as_bytes()).count() <= MAX_LIST_ITEMS + 1);
        let open = std::format!("x; a=\"{long}");
        assert_eq!(Extensions::parse(open.as_bytes()).next(), Some(Err(Malformed)), "{unit}");
        has_token(long.as_bytes(), "upgrade");
    }
}

#[test]
fn tokens_in_lists() {
    for (list, expected) in [
        ("websocket", true),
        ("WebSocket", true),
        ("h2c, websocket ", true),
        ("websocket2", false),
        ("web socket", false),
        ("", false),
        (",", false),
    ] {
        assert_eq!(has_token(list.as_bytes(), "websocket"), expected, "{list}");
    }
}
