//! RFC 7541 for a client: what its decoder must take, and must not.

use super::{Case, case};
use crate::case::Outcome;
use crate::hpack::{Form, huffman, indexed, literal, named, size_update, string};
use crate::served::Served;
use crate::wire;

/// `:status: 200` of the static table.
const OK: u8 = 0x88;
/// The first entry of the dynamic table.
const NEWEST: u64 = 62;

pub(super) const CASES: &[Case] = &[
    case("c7541/2.3.3/1", "Indices beyond both tables MUST be treated as a decoding error.", |s| {
        broken(s, &indexed(NEWEST))
    }),
    case("c7541/2.3.3/2", "The same for the index of a name.", |s| {
        broken(s, &named(Form::Plain, NEWEST, "x"))
    }),
    case("c7541/2.3.2/1", "Entries that were added can be used, the newest one is the first.", |s| {
        let first =
            [vec![OK], literal(Form::Incremental, "x-one", "1"), literal(Form::Incremental, "x-two", "2")];
        s.send(wire::HEADERS, wire::END_HEADERS, s.stream, first.concat());
        s.content(b"hello", false);
        // Trailers that are entries 63 and 62.
        let trailers = [indexed(NEWEST + 1), indexed(NEWEST), named(Form::Incremental, NEWEST, "3")].concat();
        s.send(wire::HEADERS, wire::WHOLE, s.stream, trailers);
        s.accepted()
    }),
    case("c7541/4.2/1", "A size update stands at the beginning of a block, or is a decoding error.", |s| {
        broken(s, &size_update(100))
    }),
    case("c7541/4.2/2", "Two size updates at the beginning of a block are good.", |s| {
        let block = [size_update(0), size_update(4096), vec![OK]].concat();
        s.send(wire::HEADERS, wire::END_HEADERS, s.stream, block);
        s.content(b"hello", true);
        s.accepted()
    }),
    case("c7541/4.3/1", "A size update to 0 evicts all entries.", |s| {
        let first = [vec![OK], literal(Form::Incremental, "x-one", "1")].concat();
        s.send(wire::HEADERS, wire::END_HEADERS, s.stream, first);
        s.content(b"hello", false);
        s.send(wire::HEADERS, wire::WHOLE, s.stream, [size_update(0), indexed(NEWEST)].concat());
        s.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("c7541/4.4/1", "An entry larger than the table is no error, and empties it.", |s| {
        let block =
            [size_update(40), vec![OK], literal(Form::Incremental, "x-long", vec![b'v'; 100])].concat();
        s.send(wire::HEADERS, wire::END_HEADERS, s.stream, block);
        s.content(b"hello", true);
        s.accepted()
    }),
    case("c7541/5.1/1", "Integers that exceed limits MUST be treated as decoding errors.", |s| {
        broken(s, b"\xff\x80\x80\x80\x80\x80\x80\x80\x80\x01")
    }),
    case("c7541/5.1/2", "The same for the length of a string.", |s| {
        broken(s, b"\x00\x7f\xff\xff\xff\xff\xff\xff\xff\x7f")
    }),
    case("c7541/5.1/3", "An integer that the block ends in is no integer.", |s| broken(s, b"\xff\x80")),
    case("c7541/5.2/1", "A padding strictly longer than 7 bits MUST be treated as a decoding error.", |s| {
        broken_string(s, b"\x1f\xff")
    }),
    case("c7541/5.2/2", "A padding that is not the begin of EOS MUST be treated as a decoding error.", |s| {
        broken_string(s, b"\x18")
    }),
    case("c7541/5.2/3", "A string containing EOS MUST be treated as a decoding error.", |s| {
        broken_string(s, b"\xff\xff\xff\xff")
    }),
    case("c7541/5.2/4", "A string that is longer than the block is none.", |s| {
        broken(s, b"\x00\x01x\x05abc")
    }),
    case(
        "c7541/5.2/5",
        "Huffman code is read: a field, and the status (302 of §C.6.1 and 307 of §C.6.2 are no success of ours).",
        |s| {
            // x: custom-value of §C.4.3, `:status` as the name of entry 8 with 204 by letters.
            let block = [
                named(Form::Plain, 8, "204"),
                vec![0],
                string("x"),
                huffman(b"\x25\xa8\x49\xe9\x5b\xb8\xe8\xb4\xbf"),
            ];
            s.send(wire::HEADERS, wire::WHOLE, s.stream, block.concat());
            s.accepted()
        },
    ),
    case("c7541/6.1/1", "The index value of 0 MUST be treated as a decoding error.", |s| {
        broken(s, &indexed(0))
    }),
    case("c7541/6.2.3/1", "A literal never indexed is a field, and no entry.", |s| {
        let block = [vec![OK], literal(Form::Never, "x-secret", "1"), indexed(NEWEST)].concat();
        s.send(wire::HEADERS, wire::WHOLE, s.stream, block);
        s.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("c7541/6.3/1", "A table size above the limit MUST be treated as a decoding error.", |s| {
        let limit = s.referee.theirs.value(wire::HEADER_TABLE_SIZE).map_or(4096, u64::from);
        s.send(wire::HEADERS, wire::WHOLE, s.stream, [size_update(limit + 1), vec![OK]].concat());
        s.connection_error(&[wire::COMPRESSION_ERROR])
    }),
];

/// A good answer with such an instruction behind it cannot be decoded.
fn broken(s: &mut Served, instruction: &[u8]) -> Outcome {
    s.send(wire::HEADERS, wire::WHOLE, s.stream, [&[OK], instruction].concat());
    s.connection_error(&[wire::COMPRESSION_ERROR])
}

/// The same for a value in Huffman code.
fn broken_string(s: &mut Served, code: &[u8]) -> Outcome {
    let field = [vec![0], string("x-test"), huffman(code)].concat();
    broken(s, &field)
}
