//! RFC 7541 §5: integers and strings.

use super::{Case, case};
use crate::case::Outcome;
use crate::hpack::{Form, huffman, integer, literal, string};
use crate::session::Session;
use crate::wire;

const LIMITS: &str = "§5.1: Integer encodings that exceed implementation limits, in value or octet length, MUST be treated \
    as decoding errors.";
const PADDING: &str = "§5.2: A padding strictly longer than 7 bits MUST be treated as a decoding error.";
const EOS_BITS: &str = "§5.2: A padding not corresponding to the most significant bits of the code for the EOS symbol MUST \
    be treated as a decoding error.";
const EOS: &str =
    "§5.2: A Huffman-encoded string literal containing the EOS symbol MUST be treated as a decoding error.";

/// `custom-key` and `custom-value` of RFC 7541 §C.4.3.
const CUSTOM_KEY: &[u8] = b"\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f";
const CUSTOM_VALUE: &[u8] = b"\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf";

pub(super) const CASES: &[Case] = &[
    case("7541/5.1/1", LIMITS, |c| {
        // An index of more than 2^32, in ten octets.
        broken(c, b"\xff\x80\x80\x80\x80\x80\x80\x80\x80\x01")
    }),
    case("7541/5.1/2", LIMITS, |c| broken(c, &[&[0xff][..], &[0x80; 200], &[0]].concat())),
    case("7541/5.1/3", LIMITS, |c| broken(c, &[&[0xff][..], &[0xff; 12], &[0x7f]].concat())),
    case("7541/5.1/4", "The same for the length of a string.", |c| {
        broken(c, &[&b"\x00\x7f"[..], &[0xff; 9], &[0x7f]].concat())
    }),
    case("7541/5.1/5", "The same for a table size.", |c| {
        let update = [&[0x3f][..], &[0xff; 9], &[0x7f]].concat();
        c.ask_block([update, c.get().block()].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/5.1/6", "§5.1: an integer that the block ends in is no integer.", |c| broken(c, b"\xff\x80")),
    case("7541/5.1/7", "The same for an integer of which only the prefix is there.", |c| broken(c, b"\x7f")),
    case("7541/5.1/8", "Lengths at the edges of the prefix: 126, 127, 128, 254, 255.", |c| {
        let mut fields = c.get();
        for size in [126, 127, 128, 254, 255] {
            fields = fields.with(format!("x-{size}"), vec![b'v'; size]);
        }
        let stream = c.ask(&fields);
        c.success(stream)
    }),
    case("7541/5.1/9", "The same where the length of a name needs more than its prefix.", |c| {
        let stream = c.ask(&c.get().with(format!("x-{}", "n".repeat(200)), "v"));
        c.success(stream)
    }),
    case("7541/5.2/1", PADDING, |c| {
        // `a` is 00011, then three bits and one whole octet of padding.
        broken_string(c, b"\x1f\xff")
    }),
    case("7541/5.2/2", PADDING, |c| broken_string(c, b"\xff")),
    case("7541/5.2/3", EOS_BITS, |c| {
        // `a`, padded with zeros.
        broken_string(c, b"\x18")
    }),
    case("7541/5.2/4", EOS_BITS, |c| {
        // `a`, padded with 110.
        broken_string(c, b"\x1e")
    }),
    case("7541/5.2/5", EOS, |c| broken_string(c, b"\xff\xff\xff\xff")),
    case("7541/5.2/6", "The same behind a symbol.", |c| {
        // `a`, the 30 ones of EOS, padding.
        broken_string(c, b"\x1f\xff\xff\xff\xff")
    }),
    case("7541/5.2/7", "The same in a name.", |c| {
        let field = [vec![0], huffman(b"\xff\xff\xff\xff"), string("v")].concat();
        broken(c, &field)
    }),
    case("7541/5.2/8", "A string literal that is longer than the block is none.", |c| {
        broken(c, b"\x00\x01x\x05abc")
    }),
    case("7541/5.2/9", "The same for a name.", |c| broken(c, b"\x00\x20x")),
    case("7541/5.2/10", "Strings in Huffman code are strings.", |c| {
        let field = [vec![0], huffman(CUSTOM_KEY), huffman(CUSTOM_VALUE)].concat();
        let stream = c.ask_block([c.get().block(), field].concat());
        c.success(stream)
    }),
    case("7541/5.2/11", "The same for what a request needs: `:path` as Huffman code.", |c| {
        if c.target.path != "/" {
            return Err(crate::case::Flaw::skip("the path is not `/`"));
        }
        // `/` is 011000, padded with 11.
        let path = [vec![4], huffman(&[0x63])].concat();
        let stream = c.ask_block([c.get().without(":path").block(), path].concat());
        c.success(stream)
    }),
    case("7541/5.2/12", "A padding of 7 bits is a padding.", |c| {
        // `01:` is 00000 00001 1011100.
        let field = [vec![0], string("x-test"), huffman(b"\x00\x6e\x7f")].concat();
        let stream = c.ask_block([c.get().block(), field].concat());
        c.success(stream)
    }),
    case("7541/5.2/13", "An empty string may be in Huffman code.", |c| {
        let field = [vec![0], string("x-test"), vec![0x80]].concat();
        let stream = c.ask_block([c.get().block(), field].concat());
        c.success(stream)
    }),
    case(
        "7541/5.2/14",
        "Codes of 30 bits decode: the value has LF, so the request is malformed and HPACK is not.",
        |c| {
            // LF is 0x3ffffffc in 30 bits.
            let field = [vec![0], string("x-test"), huffman(b"\xff\xff\xff\xf3")].concat();
            let stream = c.ask_block([c.get().block(), field].concat());
            c.malformed(stream)
        },
    ),
    case("7541/5.2/15", "A block cut inside an integer, a name and a Huffman code (RFC 9113 §4.3).", |c| {
        let name = format!("x-{}", "n".repeat(150));
        let field =
            [literal(Form::Incremental, name, "v"), vec![0], huffman(CUSTOM_KEY), huffman(CUSTOM_VALUE)];
        let block = [c.get().block(), field.concat()].concat();
        let start = c.get().block().len();
        let stream = c.stream();
        c.send(wire::HEADERS, wire::END_STREAM, stream, &block[..start + 2]);
        c.send(wire::CONTINUATION, 0, stream, &block[start + 2..start + 50]);
        c.send(wire::CONTINUATION, 0, stream, &block[start + 50..block.len() - 4]);
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, &block[block.len() - 4..]);
        c.success(stream)
    }),
    case("7541/5.2/16", "The prefix of an integer may be all that is left of it in HEADERS.", |c| {
        let value = "v".repeat(300);
        let (head, length) = (c.get().block(), integer(0, 7, 300));
        let stream = c.stream();
        c.send(
            wire::HEADERS,
            wire::END_STREAM,
            stream,
            [head, vec![0], string("x"), length[..1].to_vec()].concat(),
        );
        let rest = [length[1..].to_vec(), value.into_bytes()].concat();
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, rest);
        c.success(stream)
    }),
];

/// A good request with such an instruction behind it cannot be decoded.
fn broken(c: &mut Session<'_>, instruction: &[u8]) -> Outcome {
    c.ask_block([c.get().block(), instruction.to_vec()].concat());
    c.connection_error(&[wire::COMPRESSION_ERROR])
}

/// The same for a value in Huffman code.
fn broken_string(c: &mut Session<'_>, code: &[u8]) -> Outcome {
    let field = [vec![0], string("x-test"), huffman(code)].concat();
    broken(c, &field)
}
