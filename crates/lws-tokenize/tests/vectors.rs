//! What becomes of an input, as data. Each row is read whole and cut at each place.

use lws_tokenize::{Error, Grammar, Kind, Kind::*, Position, Progress};

type Expected<'a> = &'a [(Kind, &'a str)];

/// The elements of `input`, and the error at its end.
fn whole(grammar: &Grammar, input: &[u8]) -> (Vec<(Kind, String, u64)>, Option<Error>) {
    let mut all = Vec::new();
    for element in grammar.tokens(input) {
        match element {
            Ok(e) => all.push((e.kind, e.text.to_owned(), e.offset)),
            Err(error) => return (all, Some(error)),
        }
    }
    (all, None)
}

/// As `whole`, with the input cut into parts that end at `cuts`.
fn cut(grammar: &Grammar, input: &[u8], cuts: &[usize]) -> (Vec<(Kind, String, u64)>, Option<Error>) {
    let (mut all, mut from, mut start) = (Vec::new(), Progress::default(), 0);
    for (i, &end) in cuts.iter().chain([&input.len()]).enumerate() {
        let mut tokens = grammar.part(from, &input[start..end], i == cuts.len());
        for element in tokens.by_ref() {
            match element {
                Ok(e) => all.push((e.kind, e.text.to_owned(), e.offset)),
                Err(error) => return (all, Some(error)),
            }
        }
        from = tokens.progress();
        start += tokens.consumed();
    }
    (all, None)
}

fn check(grammar: &Grammar, input: &[u8], expected: Expected<'_>, error: Option<Error>) {
    let shown = input.escape_ascii();
    let got = whole(grammar, input);
    let kinds: Vec<(Kind, &str)> = got.0.iter().map(|(kind, text, _)| (*kind, text.as_str())).collect();
    assert_eq!(kinds, expected, "{shown}");
    assert_eq!(got.1, error, "{shown}");
    for (_, text, offset) in &got.0 {
        assert_eq!(&input[*offset as usize..][..text.len()], text.as_bytes(), "{shown}");
    }
    for at in 0..=input.len() {
        assert_eq!(cut(grammar, input, &[at]), got, "{shown} cut at {at}");
    }
    let bytewise: Vec<usize> = (0..input.len()).collect();
    assert_eq!(cut(grammar, input, &bytewise), got, "{shown} byte by byte");
}

fn at(offset: u64, line: u32, column: u32) -> Position {
    Position { offset, line, column }
}

static PLAIN: Grammar = Grammar::new();
static HEADER: Grammar = Grammar::new().inside(b"-").colon_names();
static LIST: Grammar = Grammar::new().comma_list();
static RFC7230: Grammar = Grammar::rfc7230();
static RFC7230_MINUS: Grammar = Grammar::rfc7230().inside(b"-");
static DOTS: Grammar = Grammar::new().inside(b".");
static COMMENTS: Grammar = Grammar::new().hash_comments();

const Q: (Kind, &str) = (NameEquals, "q");
const COMMA: (Kind, &str) = (Delimiter, ",");
const SEMICOLON: (Kind, &str) = (Delimiter, ";");

/// The cases that libwebsockets' own test has.
#[test]
fn lws_vectors() {
    check(
        &HEADER,
        b" protocol-1, protocol_2\t,\tprotocol3\n",
        &[(Token, "protocol-1"), COMMA, (Token, "protocol_2"), COMMA, (Token, "protocol3")],
        None,
    );
    check(
        &HEADER,
        b"Accept-Language: fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5",
        &[
            &[(NameColon, "Accept-Language"), (Token, "fr-CH"), COMMA][..],
            &[(Token, "fr"), SEMICOLON, Q, (Float, "0.9"), COMMA],
            &[(Token, "en"), SEMICOLON, Q, (Float, "0.8"), COMMA],
            &[(Token, "de"), SEMICOLON, Q, (Float, "0.7"), COMMA],
            &[(Delimiter, "*"), SEMICOLON, Q, (Float, "0.5")],
        ]
        .concat(),
        None,
    );
    check(
        &HEADER,
        b"quoted = \"things:\", 1234",
        &[(NameEquals, "quoted"), (QuotedString, "things:"), COMMA, (Integer, "1234")],
        None,
    );
    check(&LIST, b", brokenlist1", &[], Some(Error::CommaList(at(0, 1, 1))));
    let token = (Token, "brokenlist2");
    check(&LIST, b"brokenlist2,,", &[token, COMMA], Some(Error::CommaList(at(12, 1, 13))));
    let token = (Token, "brokenlist3");
    check(&LIST, b"brokenlist3,", &[token, COMMA], Some(Error::CommaList(at(12, 1, 13))));
    check(
        &RFC7230,
        b"fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5",
        &[
            &[(Token, "fr"), (Delimiter, "-"), (Token, "CH"), COMMA][..],
            &[(Token, "fr"), SEMICOLON, Q, (Float, "0.9"), COMMA],
            &[(Token, "en"), SEMICOLON, Q, (Float, "0.8"), COMMA],
            &[(Token, "de"), SEMICOLON, Q, (Float, "0.7"), COMMA],
            &[(Token, "*"), SEMICOLON, Q, (Float, "0.5")],
        ]
        .concat(),
        None,
    );
    check(
        &RFC7230,
        " Οὐχὶ ταὐτὰ παρίσταταί μοι γιγνώσκειν, ὦ ἄνδρες ᾿Αθηναῖοι, greek".as_bytes(),
        &[
            &[
                (Token, "Οὐχὶ"),
                (Token, "ταὐτὰ"),
                (Token, "παρίσταταί"),
                (Token, "μοι"),
                (Token, "γιγνώσκειν"),
            ][..],
            &[COMMA, (Token, "ὦ"), (Token, "ἄνδρες"), (Token, "᾿Αθηναῖοι"), COMMA, (Token, "greek")],
        ]
        .concat(),
        None,
    );
}

/// As above: broken UTF-8, dots, flags.
#[test]
fn lws_vectors_of_single_flags() {
    // The search for a `=` behind the word comes upon the broken byte before the word is reported.
    check(&RFC7230_MINUS, b"badutf8-1 \x80...", &[], Some(Error::BrokenUtf8(at(10, 1, 11))));
    check(
        &RFC7230_MINUS,
        b"badutf8-2 \xed\x9f\xbf,\x80...",
        &[(Token, "badutf8-2"), (Token, "\u{d7ff}"), COMMA],
        Some(Error::BrokenUtf8(at(14, 1, 15))),
    );
    let name = b"1.myserver.com";
    check(&PLAIN, name, &[(Token, "1.myserver"), (Delimiter, "."), (Token, "com")], None);
    check(&DOTS, name, &[(Token, "1.myserver.com")], None);
    check(&DOTS.clone().no_floats(), name, &[(Token, "1.myserver.com")], None);
    check(
        &PLAIN.clone().no_floats(),
        name,
        &[(Integer, "1"), (Delimiter, "."), (Token, "myserver"), (Delimiter, "."), (Token, "com")],
        None,
    );
    check(&LIST, b"close,  Upgrade", &[(Token, "close"), COMMA, (Token, "Upgrade")], None);
    check(&PLAIN.clone().no_integers(), b"a=5", &[(NameEquals, "a"), (Token, "5")], None);
    check(&COMMENTS, b"# comment1\r\nhello #comment2\r\n#comment3", &[(Token, "hello")], None);
}

#[test]
fn numbers() {
    check(&PLAIN, b"0 12 007", &[(Integer, "0"), (Integer, "12"), (Integer, "007")], None);
    check(&PLAIN, b"1.5,0.25", &[(Float, "1.5"), COMMA, (Float, "0.25")], None);
    check(&PLAIN, b"0x6 1e5 5a", &[(Token, "0x6"), (Token, "1e5"), (Token, "5a")], None);
    check(&PLAIN, b"a1.5", &[(Token, "a1"), (Delimiter, "."), (Integer, "5")], None);
    check(&PLAIN, b"in 3. So", &[(Token, "in"), (Integer, "3"), (Delimiter, "."), (Token, "So")], None);
    check(&PLAIN, b"at 3.5.", &[(Token, "at"), (Float, "3.5"), (Delimiter, ".")], None);
    check(&PLAIN, b".5", &[(Delimiter, "."), (Integer, "5")], None);
    check(&PLAIN, b"-5", &[(Delimiter, "-"), (Integer, "5")], None);
    check(
        &DOTS,
        b"1.5 1. .5 1.2.3 1..2",
        &[(Float, "1.5"), (Token, "1."), (Token, ".5"), (Token, "1.2.3"), (Token, "1..2")],
        None,
    );
    check(&PLAIN.clone().no_integers(), b"1.5 3", &[(Float, "1.5"), (Token, "3")], None);
    check(
        &PLAIN.clone().no_floats().no_integers(),
        b"1.5",
        &[(Token, "1"), (Delimiter, "."), (Token, "5")],
        None,
    );
    check(&PLAIN, b"x 0..1", &[(Token, "x")], Some(Error::MalformedFloat(at(4, 1, 5))));
    check(&PLAIN, b"0.1.1", &[], Some(Error::MalformedFloat(at(3, 1, 4))));
    check(&PLAIN, b"0.1..", &[], Some(Error::MalformedFloat(at(3, 1, 4))));
    check(&PLAIN, b"1.myserver.5", &[(Token, "1.myserver"), (Delimiter, "."), (Integer, "5")], None);
}

#[test]
fn names() {
    check(&PLAIN, b"a=b", &[(NameEquals, "a"), (Token, "b")], None);
    check(&PLAIN, b"a \t\r\n = b", &[(NameEquals, "a"), (Token, "b")], None);
    check(&PLAIN, b"a==", &[(NameEquals, "a"), (Delimiter, "=")], None);
    check(&PLAIN, b"=a", &[(Delimiter, "="), (Token, "a")], None);
    check(&PLAIN, b"a:b", &[(Token, "a"), (Delimiter, ":"), (Token, "b")], None);
    check(&HEADER, b"a :b", &[(NameColon, "a"), (Token, "b")], None);
    check(&HEADER, b"12:30", &[(Integer, "12"), (Delimiter, ":"), (Integer, "30")], None);
    check(&PLAIN.clone().inside(b"="), b"a=b", &[(Token, "a=b")], None);
    check(&PLAIN, b"\n 123 =", &[], Some(Error::NumberAsName(at(2, 2, 2))));
    check(&PLAIN, b"0.1=", &[], Some(Error::NumberAsName(at(0, 1, 1))));
    check(&PLAIN, b"a\"b\"=", &[(Token, "a"), (QuotedString, "b"), (Delimiter, "=")], None);
    check(&COMMENTS, b"a#b\n=", &[(Token, "a"), (Delimiter, "=")], None);
}

#[test]
fn strings() {
    check(&PLAIN, b"\"\" \"a b\"c", &[(QuotedString, ""), (QuotedString, "a b"), (Token, "c")], None);
    check(&PLAIN, "\"ü\n,\"".as_bytes(), &[(QuotedString, "ü\n,")], None);
    check(&PLAIN, br#""a\"b"#, &[(QuotedString, "a\\"), (Token, "b")], None);
    let escapes = PLAIN.clone().escapes();
    check(&escapes, br#""a\"b\\" c"#, &[(QuotedString, r#"a\"b\\"#), (Token, "c")], None);
    check(&escapes, "\"\\ü\"".as_bytes(), &[(QuotedString, "\\ü")], None);
    check(&escapes, br#" "a\""#, &[], Some(Error::UnterminatedString(at(1, 1, 2))));
    check(&escapes, br#""a\"#, &[], Some(Error::UnterminatedString(at(0, 1, 1))));
    check(&PLAIN, b"a\n \"b\nc", &[(Token, "a")], Some(Error::UnterminatedString(at(3, 2, 2))));
    check(&PLAIN, b"\"a\nb\" \n \"", &[(QuotedString, "a\nb")], Some(Error::UnterminatedString(at(8, 3, 2))));
    check(&PLAIN, b"\"a\nb\xff\"", &[], Some(Error::BrokenUtf8(at(4, 2, 2))));
}

#[test]
fn lists() {
    check(&LIST, b"", &[], None);
    check(&LIST, b"  ", &[], None);
    check(
        &LIST,
        b"a=5, b=\"x\"",
        &[(NameEquals, "a"), (Integer, "5"), COMMA, (NameEquals, "b"), (QuotedString, "x")],
        None,
    );
    check(&LIST, b"a=,b", &[(NameEquals, "a"), COMMA, (Token, "b")], None);
    check(&LIST, b"a b", &[(Token, "a")], Some(Error::CommaList(at(2, 1, 3))));
    check(&LIST, b"a=b c", &[(NameEquals, "a"), (Token, "b")], Some(Error::CommaList(at(4, 1, 5))));
    check(&LIST, b"a \"b", &[(Token, "a")], Some(Error::CommaList(at(2, 1, 3))));
    check(&LIST, b"a;q", &[(Token, "a")], Some(Error::CommaList(at(1, 1, 2))));
    check(&LIST, b"a,;", &[(Token, "a"), COMMA], Some(Error::CommaList(at(2, 1, 3))));
    check(&LIST, b"a,\n ", &[(Token, "a"), COMMA], Some(Error::CommaList(at(4, 2, 2))));
}

#[test]
fn broken_utf8() {
    // RFC 3629 §3: overlong, surrogate, above U+10FFFF, cut off, continuation without a start.
    for broken in
        [&b"\xc0\xaf"[..], b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xff"]
    {
        for (before, elements) in [(&b""[..], &[][..]), (b"; ", &[SEMICOLON]), (b"ab", &[])] {
            let error = Error::BrokenUtf8(at(before.len() as u64, 1, before.len() as u32 + 1));
            check(&PLAIN, &[before, broken].concat(), elements, Some(error));
            check(&PLAIN, &[before, broken, b" x"].concat(), elements, Some(error));
        }
        let comment = [b"# ", broken, b"\nx"].concat();
        check(&COMMENTS, &comment, &[], Some(Error::BrokenUtf8(at(2, 1, 3))));
    }
}

#[test]
fn delimiters_and_blanks() {
    check(&PLAIN, b"\0\x01\x7f", &[(Delimiter, "\0"), (Delimiter, "\x01"), (Delimiter, "\x7f")], None);
    check(&RFC7230, b"a\x01", &[(Token, "a"), (Delimiter, "\x01")], None);
    check(&PLAIN, b" \t\r\n\x0c", &[], None);
    let separators = b"(),/:;<=>?@[\\]{}";
    let all: Vec<String> = separators.iter().map(|b| char::from(*b).to_string()).collect();
    let all: Vec<(Kind, &str)> = all.iter().map(|text| (Delimiter, text.as_str())).collect();
    check(&RFC7230, separators, &all, None);
    check(&RFC7230, b"!#$%&'*+^_`|~aZ9", &[(Token, "!#$%&'*+^_`|~aZ9")], None);
    check(&COMMENTS, b"a#b", &[(Token, "a")], None);
    check(&COMMENTS, b"\"#\"", &[(QuotedString, "#")], None);
}

#[test]
fn lengths_are_limited() {
    let short = PLAIN.clone().max_token(4);
    check(&short, b"abcd 1.25", &[(Token, "abcd"), (Float, "1.25")], None);
    check(&short, b"\"abcd\"", &[(QuotedString, "abcd")], None);
    check(&short, b" abcde", &[], Some(Error::TooLong(at(1, 1, 2))));
    check(&short, b"abcde\xff", &[], Some(Error::TooLong(at(0, 1, 1))));
    check(&short, b"1.2345", &[], Some(Error::TooLong(at(0, 1, 1))));
    check(&short, b"\"abcde\"", &[], Some(Error::TooLong(at(1, 1, 2))));
    check(&short, b"\"abcde", &[], Some(Error::TooLong(at(1, 1, 2))));
    let blanks = |n: usize| [&b"a"[..], &vec![b' '; n], b"="].concat();
    let limit = lws_tokenize::limits::LOOKAHEAD;
    assert_eq!(whole(&PLAIN, &blanks(limit)).0[0].0, NameEquals);
    assert_eq!(whole(&PLAIN, &blanks(limit + 1)).0[0].0, Token);
    for n in [limit, limit + 1] {
        let input = blanks(n);
        for at in [1, 2, limit, limit + 1, limit + 2] {
            assert_eq!(cut(&PLAIN, &input, &[at]), whole(&PLAIN, &input), "cut at {at} of {n}");
        }
    }
}

#[test]
fn errors_say_where() {
    let error = PLAIN.tokens(b"a\nbb \"").last().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 4: the string that starts here has no closing quote");
    let mut tokens = PLAIN.tokens(b"\xff a");
    assert!(tokens.next().unwrap().is_err());
    assert!(tokens.next().is_none(), "nothing comes after an error");
}

#[test]
fn state_is_small() {
    assert!(size_of::<Progress>() <= 48);
}
