use super::*;
use std::string::String;
use zlib_rs::{Deflate, DeflateFlush};

/// Compresses; `bits` as zlib has it: 15 zlib, 31 gzip, and without a header bare DEFLATE.
fn deflated(header: bool, bits: u8, data: &[u8]) -> Vec<u8> {
    let mut out = vec![0; data.len() + 1000];
    let config = zlib_rs::DeflateConfig {
        window_bits: if header { i32::from(bits) } else { -i32::from(bits) },
        ..zlib_rs::DeflateConfig::new(6)
    };
    let mut engine = Deflate::new_with_config(config);
    engine.compress(data, &mut out, DeflateFlush::Finish).unwrap();
    out.truncate(engine.total_out() as usize);
    out
}

fn gzip(data: &[u8]) -> Vec<u8> {
    deflated(true, 31, data)
}

fn text() -> Vec<u8> {
    b"hello, hello, hello\n".repeat(50)
}

/// `text` in brotli, as node makes it.
#[cfg(feature = "brotli")]
const BROTLI: &str = "1be703f88d946ede44095286d60a2c6c6f2a9ec62a811174b5744c";

fn decode(codings: &[&str], body: &[u8], piece: usize, room: usize) -> Result<Vec<u8>, Error> {
    let mut decoder = Decoder::new(codings.iter().map(|c| c.as_bytes()))?.expect("it is coded");
    let (mut got, mut block) = (Vec::new(), vec![0; room]);
    for part in body.chunks(piece.max(1)) {
        let mut rest = part;
        loop {
            let moved = decoder.decode(rest, &mut block)?;
            got.extend_from_slice(&block[..moved.produced]);
            rest = &rest[moved.consumed..];
            if moved == Moved::default() {
                break;
            }
        }
        assert!(rest.is_empty(), "with room, all is taken");
    }
    decoder.finish()?;
    Ok(got)
}

#[test]
fn every_coding_at_every_split_and_room() {
    let text = text();
    let bodies: &[(&[&str], Vec<u8>)] = &[
        (&["gzip"], gzip(&text)),
        (&["X-GZIP"], gzip(&text)),
        (&["deflate"], deflated(true, 15, &text)),
        (&["deflate"], deflated(false, 15, &text)),
        (&["identity", "gzip"], gzip(&text)),
        (&["gzip", "gzip"], gzip(&gzip(&text))),
        (&["deflate", "gzip"], gzip(&deflated(true, 15, &text))),
        (&["gzip"; 5], gzip(&gzip(&gzip(&gzip(&gzip(&text)))))),
        (&["gzip"], [gzip(&text[..30]), gzip(&text[30..])].concat()),
        #[cfg(feature = "brotli")]
        (&["br"], unhex(BROTLI)),
        #[cfg(feature = "brotli")]
        (&["br", "gzip"], gzip(&unhex(BROTLI))),
    ];
    for (codings, body) in bodies {
        for piece in [1, 2, 3, 7, 10_000] {
            for room in [1, 2, 100, 10_000] {
                assert_eq!(
                    decode(codings, body, piece, room).as_ref(),
                    Ok(&text),
                    "{codings:?} {piece} {room}"
                );
            }
        }
    }
}

#[cfg(feature = "brotli")]
fn unhex(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16).unwrap())
        .collect()
}

#[test]
fn empty_bodies() {
    assert_eq!(decode(&["gzip"], &gzip(b""), 1, 1), Ok(Vec::new()));
    assert_eq!(decode(&["deflate"], &deflated(true, 15, b""), 1, 1), Ok(Vec::new()));
    // The answer to HEAD.
    assert_eq!(decode(&["gzip"], b"", 1, 1), Ok(Vec::new()));
    assert!(Decoder::new([]).unwrap().is_none());
    assert!(Decoder::new([&b"identity"[..], b""]).unwrap().is_none());
}

#[test]
fn what_is_cut_off_damaged_or_too_long() {
    let whole = gzip(&text());
    for n in 1..whole.len() {
        assert_eq!(decode(&["gzip"], &whole[..n], 5, 100), Err(Error::Truncated), "{n}");
    }
    for codings in [&["gzip"][..], &["deflate"], &["gzip", "gzip"]] {
        let body = match codings {
            ["deflate"] => deflated(true, 15, &text()),
            ["gzip", "gzip"] => gzip(&whole),
            _ => whole.clone(),
        };
        for surplus in [&b"x"[..], b"\0", b"HTTP/1.1 200 OK"] {
            let error = decode(codings, &[&body, surplus].concat(), 1000, 1000).unwrap_err();
            assert!(matches!(error, Error::Surplus | Error::Corrupt | Error::Truncated), "{error:?}");
        }
    }
    let mut damaged = whole.clone();
    for i in 0..whole.len() {
        damaged[i] ^= 0x55;
        // The time stamp and the system of its maker are nobody's business; all else is checked.
        let harmless = (4..10).contains(&i);
        assert_eq!(decode(&["gzip"], &damaged, 1000, 1000).is_ok(), harmless, "{i}");
        damaged[i] = whole[i];
    }
    for junk in [&b"junk"[..], b"<html>", b"\0\0\0\0\0\0\0\0", b"\xff\xff\xff\xff"] {
        for coding in ["gzip", "deflate", "br"] {
            assert!(decode(&[coding], junk, 1, 10).is_err(), "{coding} {junk:?}");
        }
    }
}

#[test]
fn cli_04_unknown_and_too_many() {
    assert_eq!(Decoder::new([&b"zstd"[..]]).unwrap_err(), Error::Unknown);
    assert_eq!(Decoder::new([&b"gzip"[..], b"compress"]).unwrap_err(), Error::Unknown);
    assert!(Decoder::new([&b"gzip"[..]; 5]).is_ok());
    assert_eq!(Decoder::new([&b"gzip"[..]; 6]).unwrap_err(), Error::TooMany);
}

/// Fed in small pieces, a bomb goes off early.
#[test]
fn cli_04_bombs() {
    let zeros = vec![0; 20_000_000];
    let check = |codings: &[&[u8]], body: &[u8]| {
        let mut decoder = Decoder::new(codings.iter().copied()).unwrap().unwrap();
        let (mut block, mut total, mut fed) = (vec![0; 4096], 0u64, 0u64);
        for byte in body.chunks(1) {
            fed += 1;
            let mut rest = byte;
            loop {
                match decoder.decode(rest, &mut block) {
                    Ok(moved) if moved == Moved::default() => break,
                    Ok(moved) => {
                        total += moved.produced as u64;
                        rest = &rest[moved.consumed..];
                    }
                    Err(error) => {
                        assert_eq!(error, Error::Bomb);
                        assert_eq!(decoder.decode(b"", &mut block), Err(Error::Bomb), "and again");
                        assert_eq!(decoder.finish(), Err(Error::Bomb));
                        return total;
                    }
                }
                assert!(total <= fed * RATIO + ALLOWANCE);
            }
        }
        panic!("{total} bytes from {fed}");
    };
    let once = gzip(&zeros);
    let twice = gzip(&once);
    assert!(check(&[b"gzip", b"gzip"], &twice) < 100 * 1_000_000);
    // A bomb inside, of which next to nothing comes out: a million empty members.
    let members = gzip(b"").repeat(1_000_000);
    check(&[b"gzip", b"gzip", b"gzip"], &gzip(&gzip(&members)));
    // A body that is large but no bomb.
    assert_eq!(decode(&["gzip"], &once[..], 1000, 60_000).map(|got| got.len()), Err(Error::Bomb));
    let fair: Vec<u8> = (0..3_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 30) as u8).collect();
    assert!(decode(&["gzip"], &gzip(&fair), 1000, 60_000).unwrap() == fair);
}
