//! What the encoder chooses, and that it writes all or nothing.

mod common;

use common::{Owned, Random, decode, encode, field, hex, owned, random_list};
use lws_hpack::{Decoder, Encoder, Field, Limits};
use lws_wire::Out;

/// The first octet of a field in the first block and in the second: how it was represented.
fn check(name: &str, value: &str, expect: [u8; 2]) {
    let mut encoder = Encoder::default();
    let list = [owned(name, value)];
    let first = encode(&mut encoder, &list)[0];
    let second = encode(&mut encoder, &list)[0];
    assert_eq!([first, second], expect, "{name}: {value}");
}

#[test]
fn what_repeats_is_indexed() {
    check(":method", "GET", [0x82, 0x82]);
    check(":method", "PUT", [0x42, 0xbe]);
    check(":path", "/index.html", [0x85, 0x85]);
    check("user-agent", "curl", [0x7a, 0xbe]);
    check("accept-encoding", "gzip, deflate", [0x90, 0x90]);
    check("vary", "", [0xbb, 0xbb]);
    check("x-own", "1", [0x40, 0xbe]);
    check("cookie", "sid=0123456789abcdef", [0x60, 0xbe]);
}

#[test]
fn what_varies_is_not_indexed() {
    check(":path", "/a", [0x04, 0x04]);
    check("content-length", "17", [0x0f, 0x0f]);
    check("set-cookie", "a=b", [0x0f, 0x0f]);
    check("last-modified", "Mon, 21 Oct 2013 20:13:21 GMT", [0x0f, 0x0f]);
    // Three quarters of the table is the most that one field may take.
    check("x-large", &"\u{1}".repeat(3072 - 39), [0x40, 0xbe]);
    check("x-large", &"\u{1}".repeat(3072 - 38), [0x00, 0x00]);
}

/// RFC 7541 §7.1.3: secrets that somebody could guess by trial are literals that no hop may index.
#[test]
fn rfc_7541_7_1_3_secrets_are_never_indexed() {
    check("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", [0x1f, 0x1f]);
    check("proxy-authorization", "Basic eDp5", [0x1f, 0x1f]);
    check("cookie", "pin=1234", [0x1f, 0x1f]);
    check("cookie", "", [0x1f, 0x1f]);
}

/// RFC 7541 §6.2.3: who passes a field on uses the same representation, even for what the tables know.
#[test]
fn rfc_7541_6_2_3_a_never_indexed_field_stays_one() {
    let mut encoder = Encoder::default();
    let known = [owned("x-token", "visible"), owned(":method", "GET")];
    encode(&mut encoder, &known);
    let size = encoder.table_size();
    let secret = |(name, value, _): Owned| (name, value, true);
    let secrets = known.map(secret);
    let block = encode(&mut encoder, &secrets);
    // The name of the first is taken from the dynamic table, that of the second from the static one.
    assert_eq!((&block[..3], &block[8..]), (&hex("1f2f 85")[..], &hex("12 03 474554")[..]), "{block:02x?}");
    assert_eq!(encoder.table_size(), size);
    let mut decoder = Decoder::new(Limits::default());
    decode(&mut decoder, &[0x40, 7, b'x', b'-', b't', b'o', b'k', b'e', b'n', 0]).unwrap();
    assert_eq!(decode(&mut decoder, &block).unwrap().0, secrets);
}

#[test]
fn huffman_code_is_used_only_when_shorter() {
    let lengths = |value: &str| {
        let block = encode(&mut Encoder::new(0), &[owned(":path", value)]);
        // 20: no table; 04: the name
        assert_eq!(block[..2], [0x20, 0x04]);
        (block[2] & 0x80 != 0, block.len() - 3)
    };
    assert_eq!(lengths("aaaa"), (true, 3));
    assert_eq!(lengths("a"), (false, 1), "one octet either way");
    assert_eq!(lengths("~~~~"), (false, 4));
    assert_eq!(lengths("\u{1}"), (false, 1));
}

/// With too little room nothing is written and nothing is remembered, at any room.
#[test]
fn a_field_is_written_whole_or_not_at_all() {
    let mut random = Random::new(1);
    for _ in 0..60 {
        let lists = [random_list(&mut random), random_list(&mut random)];
        let mut fluent = Encoder::default();
        let blocks = lists.each_ref().map(|list| encode(&mut fluent, list));
        let mut starved = Encoder::default();
        for (list, expect) in lists.iter().zip(&blocks) {
            let mut block = Vec::new();
            for owned in list {
                let mut room = vec![0; expect.len()];
                let size = starved.table_size();
                for len in 0..=expect.len() {
                    let mut out = Out::new(&mut room[..len]);
                    if starved.field(&mut out, &field(owned)) {
                        block.extend_from_slice(out.written());
                        assert_eq!(out.room(), 0, "the first room that is large enough is filled");
                        break;
                    }
                    assert!(out.is_empty());
                    assert_eq!(starved.table_size(), size);
                }
            }
            assert_eq!(block, *expect);
        }
    }
}

#[test]
fn a_block_is_written_whole_or_not_at_all() {
    let list = [owned("x-a", "some value"), owned("x-b", "\u{1}"), owned(":status", "404")];
    let bound = Encoder::block_bound(list.iter().map(field));
    let mut encoder = Encoder::default();
    encoder.set_table_bytes(100);
    for len in 0..bound {
        let mut room = vec![0; len];
        let mut out = Out::new(&mut room);
        assert!(!encoder.block(&mut out, list.iter().map(field)), "{len}");
        assert!(out.is_empty());
        assert_eq!(encoder.table_size(), 0);
    }
    let block = encode(&mut encoder, &list);
    assert_eq!(block[..2], hex("3f45"), "the change is still told");
    assert!(block.len() <= bound);
    // The start of a block in pieces is all or nothing, too.
    encoder.set_table_bytes(0);
    encoder.set_table_bytes(90);
    for len in 0..3 {
        let mut room = vec![0; len];
        let mut out = Out::new(&mut room);
        assert!(!encoder.start(&mut out));
        assert!(out.is_empty());
    }
    assert_eq!(encode(&mut encoder, &[]), hex("20 3f3b"));
}

#[test]
fn the_bound_holds_for_the_worst_text() {
    for len in [0, 1, 14, 15, 16, 126, 127, 128, 254, 255, 16_383, 16_510, 16_511, 70_000] {
        let text = vec![1; len];
        for (name, value) in
            [(&text[..], &b""[..]), (b"x", &text), (b"www-authenticate", &text), (&text, &text)]
        {
            let list = [Field::new(name, value), Field::new(name, value).sensitive()];
            let mut room = vec![0; Encoder::block_bound(list)];
            for table in [0, 4096, 65_536] {
                let mut encoder = Encoder::new(table);
                encoder.set_table_bytes(table);
                assert!(encoder.block(&mut Out::new(&mut room), list), "{len} octets, table of {table}");
            }
        }
    }
}

/// Browser headers: as small as the encoders of other servers make them, and tiny when they come again.
#[test]
fn browser_headers_become_small() {
    let list: Vec<Owned> = BROWSER.iter().map(|(name, value)| owned(name, value)).collect();
    let mut encoder = Encoder::default();
    let sizes = [(); 2].map(|()| encode(&mut encoder, &list).len());
    assert_eq!(sizes, [262, 34]);
}

const BROWSER: [(&str, &str); 11] = [
    (":method", "GET"),
    (":scheme", "https"),
    (":authority", "www.example.com"),
    (":path", "/assets/app/main.js?v=20240117"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    ),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("accept-encoding", "gzip, deflate, br"),
    ("accept-language", "en-US,en;q=0.9"),
    ("referer", "https://www.example.com/index.html"),
    ("cookie", "session=8d3f1c9a4b7e2f60; theme=dark"),
    ("cache-control", "max-age=0"),
];

#[test]
fn a_content_length_is_all_or_nothing_and_reads_back() {
    for n in [0, 9, 10, 13, 65_535, 1 << 40, u64::MAX] {
        let mut encoder = Encoder::default();
        let changes = encoder.changes();
        let mut room = [0; 32];
        let mut out = Out::new(&mut room);
        assert!(encoder.content_length(&mut out, n));
        let len = out.len();
        let list = decode(&mut Decoder::new(Limits::default()), out.written()).unwrap().0;
        assert_eq!(list, [owned("content-length", &n.to_string())]);
        let mut short = Out::new(&mut room[..len - 1]);
        assert!(!encoder.content_length(&mut short, n) && short.is_empty());
        assert_eq!((encoder.changes(), encoder.table_size()), (changes, 0));
    }
}

#[test]
fn changes_are_counted() {
    let mut encoder = Encoder::default();
    let mut seen = vec![encoder.changes()];
    let mut encode = |encoder: &mut Encoder, value: &str| {
        let mut room = [0; 64];
        assert!(encoder.block(&mut Out::new(&mut room), [Field::new(b"name", value.as_bytes())]));
        let changed = seen.last() != Some(&encoder.changes());
        seen.push(encoder.changes());
        changed
    };
    assert!(encode(&mut encoder, "one") && !encode(&mut encoder, "one") && encode(&mut encoder, "two"));
    encoder.set_table_bytes(4096);
    assert!(!encode(&mut encoder, "one"), "as large as before");
    encoder.set_table_bytes(100);
    let told = encoder.changes();
    assert!(encode(&mut encoder, "two") && encoder.changes() != told, "the block begins with an update");
    assert!(!encode(&mut encoder, "two"));
}
