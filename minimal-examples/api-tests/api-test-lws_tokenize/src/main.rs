//! What the tokenizer makes of header values, lists, Greek and broken inputs, or of a text on the command line.

use std::process::ExitCode;

use lws_tokenize::{Error, Grammar, Kind::*};

/// Words may have `-` in them, and `name:` is one element.
static HEADER: Grammar = Grammar::new().inside(b"-").colon_names();
static LIST: Grammar = Grammar::new().comma_list();
static RFC7230: Grammar = Grammar::rfc7230();
static RFC7230_MINUS: Grammar = Grammar::rfc7230().inside(b"-");
static PLAIN: Grammar = Grammar::new();
static DOT: Grammar = Grammar::new().inside(b".");
static DOT_NO_FLOATS: Grammar = Grammar::new().inside(b".").no_floats();
static NO_FLOATS: Grammar = Grammar::new().no_floats();
static NO_INTEGERS: Grammar = Grammar::new().no_integers();
static COMMENTS: Grammar = Grammar::new().hash_comments();

/// An input, and its elements as text: `token`, `,` for a delimiter, `1i`, `0.9f`, `name=`, `name:`, `"string"`. What is wrong
/// with it comes last, after a `!`.
const CASES: &[(&Grammar, &[u8], &[&str])] = &[
    (
        &HEADER,
        b" protocol-1, protocol_2\t,\tprotocol3\n",
        &["protocol-1", ",", "protocol_2", ",", "protocol3"],
    ),
    (
        &HEADER,
        b"Accept-Language: fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5",
        &[
            "Accept-Language:",
            "fr-CH",
            ",",
            "fr",
            ";",
            "q=",
            "0.9f",
            ",",
            "en",
            ";",
            "q=",
            "0.8f",
            ",",
            "*",
            ";",
            "q=",
            "0.5f",
        ],
    ),
    (&HEADER, b"quoted = \"things:\", 1234", &["quoted=", "\"things:\"", ",", "1234i"]),
    (&LIST, b", brokenlist1", &["!list"]),
    (&LIST, b"brokenlist2,,", &["brokenlist2", ",", "!list"]),
    (&LIST, b"brokenlist3,", &["brokenlist3", ",", "!list"]),
    (
        &RFC7230,
        b"fr-CH, fr;q=0.9, *;q=0.5",
        &["fr", "-", "CH", ",", "fr", ";", "q=", "0.9f", ",", "*", ";", "q=", "0.5f"],
    ),
    (
        &RFC7230,
        " Οὐχὶ ταὐτὰ παρίσταταί μοι, ὦ ἄνδρες".as_bytes(),
        &["Οὐχὶ", "ταὐτὰ", "παρίσταταί", "μοι", ",", "ὦ", "ἄνδρες"],
    ),
    // The search for a `=` comes upon the broken byte before the word is reported.
    (&RFC7230_MINUS, b"badutf8-1 \x80...", &["!utf8"]),
    (&RFC7230_MINUS, b"badutf8-2 \xed\x9f\xbf,\x80...", &["badutf8-2", "\u{d7ff}", ",", "!utf8"]),
    (&PLAIN, b"1.myserver.com", &["1.myserver", ".", "com"]),
    (&DOT, b"1.myserver.com", &["1.myserver.com"]),
    (&DOT_NO_FLOATS, b"1.myserver.com", &["1.myserver.com"]),
    (&NO_FLOATS, b"1.myserver.com", &["1i", ".", "myserver", ".", "com"]),
    (&LIST, b"close,  Upgrade", &["close", ",", "Upgrade"]),
    (&NO_INTEGERS, b"a=5", &["a=", "5"]),
    (&COMMENTS, b"# comment1\r\nhello #comment2\r\n#comment3", &["hello"]),
];

/// The elements of an input, in the notation of `CASES`.
fn elements(grammar: &Grammar, input: &[u8]) -> Vec<String> {
    grammar
        .tokens(input)
        .map(|element| match element {
            Ok(e) => match e.kind {
                Token | Delimiter => e.text.to_owned(),
                Integer => format!("{}i", e.text),
                Float => format!("{}f", e.text),
                NameEquals => format!("{}=", e.text),
                NameColon => format!("{}:", e.text),
                QuotedString => format!("{:?}", e.text),
            },
            Err(Error::CommaList(_)) => "!list".to_owned(),
            Err(Error::BrokenUtf8(_)) => "!utf8".to_owned(),
            Err(error) => format!("!{error}"),
        })
        .collect()
}

/// Prints the elements of a text.
fn show(text: &str) -> ExitCode {
    for element in PLAIN.tokens(text.as_bytes()) {
        match element {
            Ok(element) => println!("{:13} {}", format!("{:?}", element.kind), element.text),
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    if let Some(text) = std::env::args().nth(1) {
        return show(&text);
    }
    let mut failed = 0;
    for (grammar, input, expected) in CASES {
        let got = elements(grammar, input);
        let shown = input.escape_ascii();
        if got == *expected {
            println!("ok  \"{shown}\"");
        } else {
            failed += 1;
            println!("BAD \"{shown}\": {got:?} instead of {expected:?}");
        }
    }
    let verdict = if failed == 0 { "PASS" } else { "FAIL" };
    println!("Completed: {verdict}: {}, FAIL: {failed}", CASES.len() - failed);
    ExitCode::from(u8::from(failed > 0))
}
