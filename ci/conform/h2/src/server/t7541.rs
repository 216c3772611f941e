//! RFC 7541 §2 to §4 and §6: tables, indices, size updates, representations.
//!
//! What an entry really holds is seen by `:path`: one entry is the usual resource, another one what is absent.

use super::{Case, case};
use crate::case::{Flaw, Outcome};
use crate::hpack::{Form, indexed, literal, named, size_update};
use crate::session::Session;
use crate::wire;

const BOUNDS: &str = "§2.3.3: Indices strictly greater than the sum of the lengths of both tables MUST be treated as a \
    decoding error.";
const BEGINNING: &str = "§4.2: A dynamic table size update MUST occur at the beginning of the first header block \
    following the change to the dynamic table size.";
const LIMIT: &str = "§6.3: The new maximum size MUST be lower than or equal to the limit determined by the protocol; a \
    value that exceeds this limit MUST be treated as a decoding error.";
const NOT_ADDED: &str = "§6.2.2, §6.2.3: a literal without indexing is not added to the dynamic table.";

/// The first entry of the dynamic table.
const NEWEST: u64 = 62;

pub(super) const CASES: &[Case] = &[
    case("7541/2.3.1/1", "The static table: the entries a request can have whole.", |c| {
        let scheme = if c.target.tls.is_some() { 7 } else { 6 };
        let mut block = [indexed(2), indexed(scheme)].concat();
        block.extend(named(Form::Plain, 4, c.target.path.as_bytes()));
        block.extend(named(Form::Plain, 1, c.target.authority.as_bytes()));
        block.extend(indexed(16));
        let stream = c.ask_block(block);
        c.success(stream)
    }),
    case("7541/2.3.1/2", "The same: POST is entry 3.", |c| {
        let mut block = [indexed(3), c.post().without(":method").block()].concat();
        block.extend(named(Form::Plain, 28, "0"));
        let stream = c.ask_block(block);
        c.success(stream)
    }),
    case(
        "7541/2.3.1/3",
        "The same: names of regular fields, 15 to 61, as far as any value is good for a request.",
        |c| {
            let mut block = c.get().block();
            // Not those that change the answer, are about conditions, or are malformed here.
            let odd = [28, 30, 35, 38, 39, 40, 41, 42, 43, 50, 57];
            for index in (15..=61).filter(|i| !odd.contains(i)) {
                block.extend(named(Form::Plain, index, "1"));
            }
            let stream = c.ask_block(block);
            c.response(stream).map(|_| ())
        },
    ),
    case("7541/2.3.2/1", "The first, newest entry in a dynamic table is at the lowest index.", |c| {
        let absent = c.get_absent()?;
        let (old, new) =
            (absent.value(":path").unwrap_or_default().to_vec(), c.target.path.clone().into_bytes());
        insert_paths(c, &[&old, &new])?;
        path_is(c, NEWEST, true)?;
        path_is(c, NEWEST + 1, false)
    }),
    case("7541/2.3.2/2", "The dynamic table can contain duplicate entries.", |c| {
        let path = c.target.path.clone().into_bytes();
        insert_paths(c, &[&path, &path, &path])?;
        path_is(c, NEWEST, true)?;
        path_is(c, NEWEST + 2, true)
    }),
    case("7541/2.3.3/1", BOUNDS, |c| {
        c.ask_block([c.get().block(), indexed(NEWEST)].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/2.3.3/2", BOUNDS, |c| {
        c.ask_block([c.get().block(), named(Form::Plain, NEWEST, "x")].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/2.3.3/3", BOUNDS, |c| {
        let entry = literal(Form::Incremental, "x-test", "1");
        c.ask_block([c.get().block(), entry, indexed(NEWEST + 1)].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/2.3.3/4", BOUNDS, |c| {
        c.ask_block([c.get().block(), indexed(1 << 20)].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/2.3.3/5", BOUNDS, |c| {
        c.ask_block([c.get().block(), named(Form::Incremental, 4096, "x")].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case(
        "7541/4.1/1",
        "The size of an entry is the sum of its name's length, its value's length, and 32: two of 50 fit in 100.",
        |c| {
            let stream = two_of_fifty(c, 100);
            c.success(stream)
        },
    ),
    case("7541/4.1/2", "The same: they do not fit in 99, the older one is gone.", |c| {
        two_of_fifty(c, 99);
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/4.2/1", BEGINNING, |c| {
        let stream = c.ask_block([size_update(1000), c.get().block()].concat());
        c.success(stream)
    }),
    case("7541/4.2/2", "The same for two updates, the smaller one first.", |c| {
        let stream = c.ask_block([size_update(0), size_update(4096), c.get().block()].concat());
        c.success(stream)
    }),
    case("7541/4.2/3", BEGINNING, |c| {
        c.ask_block([c.get().block(), size_update(1000)].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/4.2/4", BEGINNING, |c| {
        let mut block = indexed(2);
        block.extend(size_update(1000));
        block.extend(c.get().without(":method").block());
        c.ask_block(block);
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/4.2/5", "The same in the CONTINUATION frame: the block is one.", |c| {
        let stream = c.stream();
        c.send(wire::HEADERS, wire::END_STREAM, stream, c.get().block());
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, size_update(100));
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/4.3/1", "Whenever the maximum size is reduced, entries are evicted from the end.", |c| {
        let path = c.target.path.clone().into_bytes();
        insert_paths(c, &[&path])?;
        c.ask_block([size_update(0), indexed(NEWEST), c.get().without(":path").block()].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/4.3/2", "A table of size 0 clears it, and it can be used again afterwards.", |c| {
        let path = c.target.path.clone().into_bytes();
        insert_paths(c, &[&path])?;
        let stream = c.ask_block([size_update(0), size_update(4096), c.get().block()].concat());
        c.success(stream)?;
        insert_paths(c, &[&path])?;
        path_is(c, NEWEST, true)
    }),
    case(
        "7541/4.4/1",
        "An attempt to add an entry larger than the maximum size is not an error; it empties the table.",
        |c| {
            let path = c.target.path.clone().into_bytes();
            insert_paths(c, &[&path])?;
            let block =
                [size_update(60), c.get().block(), literal(Form::Incremental, "x-test", vec![b'a'; 100])];
            let stream = c.ask_block(block.concat());
            c.success(stream)?;
            c.ask_block([indexed(NEWEST), c.get().without(":path").block()].concat());
            c.connection_error(&[wire::COMPRESSION_ERROR])
        },
    ),
    case(
        "7541/4.4/2",
        "A new entry can reference the name of an entry that is evicted when it is added.",
        |c| {
            // 4 + 5 + 32 octets fit in 80 once, not twice.
            let first = [size_update(80), c.get().block(), literal(Form::Incremental, "x-ab", "value")];
            let stream = c.ask_block(first.concat());
            c.success(stream)?;
            let second = [c.get().block(), named(Form::Incremental, NEWEST, "other"), indexed(NEWEST)];
            let stream = c.ask_block(second.concat());
            c.success(stream)
        },
    ),
    case("7541/6.1/1", "The index value of 0 is not used. It MUST be treated as a decoding error.", |c| {
        c.ask_block([c.get().block(), indexed(0)].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/6.1/2", "The same as the first instruction.", |c| {
        c.ask_block([indexed(0), c.get().block()].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/6.2.1/1", "A literal with incremental indexing is added to the dynamic table.", |c| {
        let path = c.target.path.clone().into_bytes();
        insert_paths(c, &[&path])?;
        path_is(c, NEWEST, true)
    }),
    case("7541/6.2.1/2", "The same with the name of a dynamic entry.", |c| {
        let absent = c.get_absent()?;
        let old = absent.value(":path").unwrap_or_default().to_vec();
        insert_paths(c, &[&old])?;
        let path = named(Form::Incremental, NEWEST, c.target.path.as_bytes());
        let stream = c.ask_block([c.get().without(":path").block(), path].concat());
        c.success(stream)?;
        path_is(c, NEWEST, true)
    }),
    case("7541/6.2.1/3", "The same from trailers.", |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::HEADERS, wire::WHOLE, stream, literal(Form::Incremental, "x-sum", "1"));
        c.success(stream)?;
        let stream = c.ask_block([c.get().block(), indexed(NEWEST)].concat());
        c.success(stream)
    }),
    case("7541/6.2.2/1", NOT_ADDED, |c| {
        c.ask_block([c.get().block(), literal(Form::Plain, "x-test", "1"), indexed(NEWEST)].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/6.2.3/1", NOT_ADDED, |c| {
        c.ask_block([c.get().block(), literal(Form::Never, "x-test", "1"), indexed(NEWEST)].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/6.2.3/2", "A literal never indexed is a field like others.", |c| {
        let fields = c.get().without(":path").block();
        let path = named(Form::Never, 4, c.target.path.as_bytes());
        let secret = literal(Form::Never, "authorization", "Basic Og==");
        let stream = c.ask_block([fields, path, secret].concat());
        c.response(stream).map(|_| ())
    }),
    case("7541/6.3/1", LIMIT, |c| {
        let limit = table_limit(c);
        c.ask_block([size_update(limit + 1), c.get().block()].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/6.3/2", LIMIT, |c| {
        c.ask_block([size_update(1 << 31), c.get().block()].concat());
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("7541/6.3/3", "The limit itself is a good size.", |c| {
        let limit = table_limit(c);
        let stream = c.ask_block([size_update(limit), c.get().block()].concat());
        c.success(stream)
    }),
];

/// The table that the server allows.
fn table_limit(c: &Session<'_>) -> u64 {
    c.referee.theirs.value(wire::HEADER_TABLE_SIZE).map_or(4096, u64::from)
}

/// One request after the other, each of which puts its `:path` into the table.
fn insert_paths(c: &mut Session<'_>, paths: &[&[u8]]) -> Result<(), Flaw> {
    for path in paths {
        let block = [c.get().without(":path").block(), named(Form::Incremental, 4, path)].concat();
        let stream = c.ask_block(block);
        c.response(stream)?;
    }
    Ok(())
}

/// The entry at `index` is the path of the usual resource, or of what is absent.
fn path_is(c: &mut Session<'_>, index: u64, there: bool) -> Outcome {
    let stream = c.ask_block([c.get().without(":path").block(), indexed(index)].concat());
    let good = (200..300).contains(&c.response(stream)?);
    if good == there { Ok(()) } else { Err(c.wrong("the answer that belongs to the entry's :path")) }
}

/// A table of `size` octets, two entries of 5 + 13 + 32 = 50 octets each, and a reference to the older one.
fn two_of_fifty(c: &mut Session<'_>, size: u64) -> u32 {
    let entry = |name: &str| literal(Form::Incremental, name, "0123456789abc");
    let block =
        [size_update(size), c.get().block(), entry("x-one"), entry("x-two"), indexed(NEWEST + 1)].concat();
    c.ask_block(block)
}
