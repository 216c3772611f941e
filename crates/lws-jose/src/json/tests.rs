use super::*;
use alloc::format;
use alloc::vec;

fn fault(text: &str) -> (JsonFault, usize) {
    let error = Value::parse(text.as_bytes()).expect_err(text);
    (error.fault, error.offset)
}

#[test]
fn what_is_json() {
    for (text, again) in [
        ("null", "null"),
        (" true ", "true"),
        ("false", "false"),
        ("0", "0"),
        ("-0.5e+10", "-0.5e+10"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        (r#""""#, r#""""#),
        (r#""a\"\\\/\b\f\n\r\t\u0041\u00e9""#, "\"a\\\"\\\\/\\u0008\\u000c\\u000a\\u000d\\u0009A\u{e9}\""),
        (r#""\ud83d\ude00""#, "\"\u{1f600}\""),
        ("[ ]", "[]"),
        ("[1 ,2,[3]]", "[1,2,[3]]"),
        ("{ }", "{}"),
        ("{\"a\" : 1 ,\r\n\t\"b\":{\"a\":[]}}", r#"{"a":1,"b":{"a":[]}}"#),
    ] {
        let value = Value::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(format!("{value}"), again);
        assert_eq!(Value::parse(again.as_bytes()).as_ref(), Ok(&value), "{again}");
    }
}

#[test]
fn what_is_not() {
    use JsonFault::*;
    for (text, expected, offset) in [
        ("", Truncated, 0),
        (" ", Truncated, 1),
        ("nul", Truncated, 3),
        ("nulL", Unexpected, 3),
        ("True", Unexpected, 0),
        ("+1", Unexpected, 0),
        ("01", Trailing, 1),
        ("1.", Truncated, 2),
        (".5", Unexpected, 0),
        ("-", Truncated, 1),
        ("1e", Truncated, 2),
        ("1ex", Unexpected, 2),
        ("0x10", Trailing, 1),
        ("NaN", Unexpected, 0),
        ("Infinity", Unexpected, 0),
        ("'a'", Unexpected, 0),
        ("\"a", Truncated, 2),
        ("\"a\nb\"", Unexpected, 2),
        ("\"a\0b\"", Unexpected, 2),
        (r#""\x41""#, Escape, 1),
        (r#""\u12G4""#, Escape, 1),
        (r#""\u123"#, Escape, 1),
        (r#""\ud800""#, Escape, 1),
        (r#""\udc00""#, Escape, 1),
        (r#""\ud800\u0041""#, Escape, 1),
        ("\"\\", Escape, 1),
        ("\"\\\u{e9}\"", Escape, 1),
        ("[1,]", Unexpected, 3),
        ("[1 2]", Unexpected, 3),
        ("[", Truncated, 1),
        ("[1}", Unexpected, 2),
        ("{\"a\":1,}", Unexpected, 7),
        ("{\"a\"}", Unexpected, 4),
        ("{a:1}", Unexpected, 1),
        ("{\"a\":1 \"b\":2}", Unexpected, 7),
        ("{\"a\":1", Truncated, 6),
        ("{\"a\":1}}", Trailing, 7),
        ("{} x", Trailing, 3),
        ("{}\0", Trailing, 2),
        ("\u{feff}{}", Unexpected, 0),
        ("{}//", Trailing, 2),
        ("{\"a\":1,\"a\":1}", Duplicate, 7),
        ("{\"a\":1,\"\\u0061\":1}", Duplicate, 7),
        ("{\"x\":{\"b\":1,\"c\":2,\"b\":3}}", Duplicate, 18),
    ] {
        assert_eq!(fault(text), (expected, offset), "{text:?}");
    }
    assert_eq!(Value::parse(b"{\"a\":\"\xff\"}"), Err(JsonError { offset: 6, fault: NotUtf8 }));
}

#[test]
fn a_duplicate_among_many_is_found() {
    let mut members: Vec<String> = (0..200).map(|i| format!("\"n{i}\":{i}")).collect();
    let whole = |members: &[String]| format!("{{{}}}", members.join(","));
    assert!(Value::parse(whole(&members).as_bytes()).is_ok());
    members.push("\"n3\":0".into());
    assert_eq!(fault(&whole(&members)).0, JsonFault::Duplicate);
}

#[test]
fn depth_and_size() {
    let nest = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(Value::parse(nest(16).as_bytes()).is_ok());
    assert_eq!(fault(&nest(17)), (JsonFault::TooDeep, 16));
    let deeper = Limits::new().depth(100_000); // bounded by DEPTH_ASKED_MAX
    assert!(Value::parse_within(nest(128).as_bytes(), deeper).is_ok());
    assert!(Value::parse_within(nest(129).as_bytes(), deeper).is_err());
    // Siblings are not depth.
    assert!(Value::parse(format!("[{}[]]", "[],".repeat(100)).as_bytes()).is_ok());
    let long = format!("\"{}\"", "a".repeat(65_534));
    assert!(Value::parse(long.as_bytes()).is_ok());
    assert_eq!(fault(&format!("{long} ")).0, JsonFault::TooLong);
    assert!(Value::parse_within(format!("{long} ").as_bytes(), Limits::new().bytes(70_000)).is_ok());
}

#[test]
fn every_cut_is_refused() {
    let text = r#"{"a":[1.5e3,true,null,"x\u00e9\ud83d\ude00y"],"b":{"c":-1}}"#;
    assert!(Value::parse(text.as_bytes()).is_ok());
    for at in 0..text.len() {
        assert!(Value::parse(&text.as_bytes()[..at]).is_err(), "{at}");
    }
}

#[test]
fn no_change_of_one_byte_panics() {
    let text = br#"{"a":[1.5e3,true,null,"x\u00e9\ud83d\ude00y"],"b":{"c":-1}}"#;
    for at in 0..text.len() {
        for byte in 0..=255 {
            let mut other = text.to_vec();
            other[at] = byte;
            // What is accepted is read the same after it was written.
            if let Ok(value) = Value::parse(&other) {
                let again = format!("{value}");
                assert_eq!(Value::parse(again.as_bytes()).as_ref(), Ok(&value));
            }
        }
    }
}

#[test]
fn objects_are_built_and_read() {
    let object =
        Object::new().with("iss", "joe").with("exp", 5u64).with("aud", vec!["a", "b"]).with("iss", "jim");
    assert_eq!(format!("{object}"), r#"{"iss":"jim","exp":5,"aud":["a","b"]}"#);
    let value = Value::from(object);
    assert_eq!(value["exp"].as_u64(), Some(5));
    assert_eq!(value["aud"].as_array().map(<[Value<'_>]>::len), Some(2));
    assert_eq!(value["nothing"]["at all"], Value::Null);
    assert_eq!(Value::parse(b"1e400").unwrap().as_f64(), None);
    assert_eq!(Value::parse(b"1.5e1").unwrap().as_f64(), Some(15.0));
    assert_eq!(Object::parse(b"[]").unwrap_err().fault, JsonFault::NotAnObject);
}
