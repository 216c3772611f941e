//! The examples of RFC 7541, appendix C: bytes to fields for all of them, fields to bytes where our encoder makes
//! the choices of the RFC.

mod common;

use common::{Owned, decode, encode, hex, owned};
use lws_hpack::{Decoder, Encoder, Limits};
use lws_wire::Out;

fn decoder() -> Decoder {
    Decoder::new(Limits::default())
}

/// Decodes one block, then reads the whole dynamic table through its indices.
fn check(decoder: &mut Decoder, block: &str, fields: &[(&str, &str)], size: usize, table: &[(&str, &str)]) {
    let list = |pairs: &[(&str, &str)]| -> Vec<Owned> { pairs.iter().map(|(n, v)| owned(n, v)).collect() };
    assert_eq!(decode(decoder, &hex(block)).expect(block).0, list(fields), "{block}");
    assert_eq!(decoder.table_size(), size, "{block}");
    let indices: Vec<u8> = (0..table.len()).map(|position| 0x80 | (62 + position) as u8).collect();
    assert_eq!(
        decode(decoder, &indices).expect("indices of the table").0,
        list(table),
        "table after {block}"
    );
}

/// A decoder with the table of 256 bytes that C.5 and C.6 assume.
fn small_decoder() -> Decoder {
    let mut decoder = decoder();
    decode(&mut decoder, &[0x3f, 0xe1, 0x01]).expect("an update");
    decoder
}

#[test]
fn c_1_integers() {
    for (size, octets) in [(10, "2a"), (30, "3e"), (31, "3f00"), (1337, "3f9a0a"), (4096, "3fe11f")] {
        let mut decoder = decoder();
        decode(&mut decoder, &hex(octets)).unwrap();
        let mut encoder = Encoder::new(size);
        encoder.set_table_bytes(size);
        let told = encode(&mut encoder, &[]);
        // 4096 is where both begin, so there is nothing to tell.
        assert_eq!(told, if size == 4096 { vec![] } else { hex(octets) });
        // The decoder took it as that size: an entry as large fits, one byte more does not.
        for (len, expect) in [(size.saturating_sub(34), true), (size.saturating_sub(33), false)] {
            if size < 100 {
                continue;
            }
            let mut block = vec![0x40, 2, b'x', b'y', 0x7f];
            let mut rest = len - 127;
            while rest > 127 {
                block.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            block.push(rest as u8);
            block.extend(vec![b'v'; len]);
            decode(&mut decoder, &block).unwrap();
            assert_eq!(decoder.table_size() > 0, expect, "{size}, value of {len}");
        }
    }
}

#[test]
fn c_2_field_representations() {
    let custom = [("custom-key", "custom-header")];
    let block = "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572";
    check(&mut decoder(), block, &custom, 55, &custom);
    check(&mut decoder(), "040c 2f73 616d 706c 652f 7061 7468", &[(":path", "/sample/path")], 0, &[]);
    check(&mut decoder(), "82", &[(":method", "GET")], 0, &[]);
    let secret = decode(&mut decoder(), &hex("1008 7061 7373 776f 7264 0673 6563 7265 74")).unwrap().0;
    assert_eq!(secret, [(b"password".to_vec(), b"secret".to_vec(), true)]);
    assert_eq!(encode(&mut Encoder::default(), &[owned(":method", "GET")]), hex("82"));
}

const REQUESTS: [&[(&str, &str)]; 3] = [
    &[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")],
    &[
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "www.example.com"),
        ("cache-control", "no-cache"),
    ],
    &[
        (":method", "GET"),
        (":scheme", "https"),
        (":path", "/index.html"),
        (":authority", "www.example.com"),
        ("custom-key", "custom-value"),
    ],
];
const REQUEST_TABLE: [(&str, &str); 3] =
    [("custom-key", "custom-value"), ("cache-control", "no-cache"), (":authority", "www.example.com")];

fn check_requests(blocks: [&str; 3]) {
    let mut decoder = decoder();
    for (nth, (block, size)) in blocks.into_iter().zip([57, 110, 164]).enumerate() {
        check(&mut decoder, block, REQUESTS[nth], size, &REQUEST_TABLE[2 - nth..]);
    }
}

#[test]
fn c_3_requests_without_huffman() {
    check_requests([
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ]);
}

const HUFFMAN_REQUESTS: [&str; 3] = [
    "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
    "8286 84be 5886 a8eb 1064 9cbf",
    "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
];

#[test]
fn c_4_requests_with_huffman() {
    check_requests(HUFFMAN_REQUESTS);
}

#[test]
fn c_4_is_what_the_encoder_writes() {
    let mut encoder = Encoder::default();
    for (fields, block) in REQUESTS.into_iter().zip(HUFFMAN_REQUESTS) {
        let fields: Vec<Owned> = fields.iter().map(|(name, value)| owned(name, value)).collect();
        assert_eq!(encode(&mut encoder, &fields), hex(block), "{block}");
    }
    assert_eq!(encoder.table_size(), 164);
}

const DATE_21: (&str, &str) = ("date", "Mon, 21 Oct 2013 20:13:21 GMT");
const DATE_22: (&str, &str) = ("date", "Mon, 21 Oct 2013 20:13:22 GMT");
const LOCATION: (&str, &str) = ("location", "https://www.example.com");
const PRIVATE: (&str, &str) = ("cache-control", "private");
const COOKIE: (&str, &str) = ("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");

fn check_responses(blocks: [&str; 3]) {
    let mut decoder = small_decoder();
    let found = (":status", "302");
    let redirect = (":status", "307");
    let gzip = ("content-encoding", "gzip");
    check(
        &mut decoder,
        blocks[0],
        &[found, PRIVATE, DATE_21, LOCATION],
        222,
        &[LOCATION, DATE_21, PRIVATE, found],
    );
    check(
        &mut decoder,
        blocks[1],
        &[redirect, PRIVATE, DATE_21, LOCATION],
        222,
        &[redirect, LOCATION, DATE_21, PRIVATE],
    );
    check(
        &mut decoder,
        blocks[2],
        &[(":status", "200"), PRIVATE, DATE_22, LOCATION, gzip, COOKIE],
        215,
        &[COOKIE, gzip, DATE_22],
    );
}

#[test]
fn c_5_responses_without_huffman() {
    check_responses([
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d
         546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f
         6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b
         2076 6572 7369 6f6e 3d31",
    ]);
}

#[test]
fn c_6_responses_with_huffman() {
    check_responses([
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7
         8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335
         dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
    ]);
}

/// C.6.1 up to the `location`, which our encoder does not index: it hardly ever comes twice.
#[test]
fn c_6_1_begins_as_the_encoder_writes_it() {
    let mut encoder = Encoder::new(256);
    let mut room = [0; 256];
    let mut out = Out::new(&mut room);
    assert!(encoder.start(&mut out));
    assert_eq!(out.written(), hex("3fe101"));
    for (name, value) in [(":status", "302"), PRIVATE, DATE_21, LOCATION] {
        assert!(encoder.field(&mut out, &common::field(&owned(name, value))));
    }
    let block =
        "3fe101 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff
        0f1f 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3";
    assert_eq!(out.written(), hex(block));
}
