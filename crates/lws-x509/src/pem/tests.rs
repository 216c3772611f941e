use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use super::*;

/// Labels, lines and objects; or the line of the error, and which.
type Read = Result<Vec<(String, usize, Vec<u8>)>, (usize, Fault)>;

fn read(text: &str) -> Read {
    let mut found = Vec::new();
    for block in blocks(text.as_bytes()) {
        match block {
            Ok(block) => found.push((block.label.to_string(), block.line, block.der)),
            Err(Error::Pem { line, fault }) => return Err((line, fault)),
            Err(other) => panic!("{other}"),
        }
    }
    Ok(found)
}

fn one(label: &str, line: usize, der: &[u8]) -> Read {
    Ok(vec![(label.to_string(), line, der.to_vec())])
}

#[test]
fn every_length_round_trips() {
    for length in (0..200).chain([4095, 4096, PEM_BLOCK_BYTES]) {
        let der: Vec<u8> = (0..length).map(|at| (at * 7 + length) as u8).collect();
        let text = encode("X", &der);
        assert_eq!(read(&text), one("X", 1, &der), "{length}");
        assert!(text.lines().all(|line| line.len() <= 64 || line.starts_with('-')));
        assert_eq!(read(&text.replace('\n', "\r\n")), one("X", 1, &der));
        assert_eq!(read(&text.replace('\n', "\r")), one("X", 1, &der));
        assert_eq!(read(&text.replace('\n', " \t\n\n ")), one("X", 1, &der));
    }
}

#[test]
fn lines_may_have_any_length() {
    let der: Vec<u8> = (0..100).collect();
    let base64: String = encode("X", &der).lines().filter(|line| !line.starts_with('-')).collect();
    for width in 1..=base64.len() {
        let lines: Vec<&str> =
            base64.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect();
        let text = format!("-----BEGIN X-----\n{}\n-----END X-----", lines.join("\n"));
        assert_eq!(read(&text), one("X", 1, &der), "{width}");
    }
}

#[test]
fn several_blocks_with_text_between() {
    let text = format!(
        "\u{feff}subject: who\n{}some: words\n-----BEGIN\n{}\0",
        encode("CERTIFICATE", b"one"),
        encode("PRIVATE KEY", b"two")
    );
    let expected = vec![
        ("CERTIFICATE".to_string(), 2, b"one".to_vec()),
        ("PRIVATE KEY".to_string(), 7, b"two".to_vec()),
    ];
    assert_eq!(read(&text), Ok(expected));
    assert_eq!(all(text.as_bytes(), PRIVATE_KEY), Ok(vec![b"two".to_vec()]));
    assert_eq!(all(text.as_bytes(), PUBLIC_KEY), Err(Error::Pem { line: 0, fault: Fault::Missing }));
    assert_eq!(read(""), Ok(vec![]));
    assert_eq!(read("no PEM here"), Ok(vec![]));
}

#[test]
fn what_is_wrong_and_on_which_line() {
    let block = |lines: &str| format!("\n-----BEGIN X-----\n{lines}\n-----END X-----\n");
    for (text, expected) in [
        (block("QUJD"), one("X", 2, b"ABC")),
        (block("QUI="), one("X", 2, b"AB")),
        (block("Q\nUI\n="), one("X", 2, b"AB")),
        (block(""), one("X", 2, b"")),
        // Padding that is missing, wrong or in the middle; bits that should be zero.
        (block("QUI"), Err((4, Fault::Base64))),
        (block("QUJ="), Err((3, Fault::Base64))),
        (block("QQ==QUJD"), Err((3, Fault::Base64))),
        (block("QQ==\nQUJD"), Err((4, Fault::Base64))),
        (block("QQ==\n===="), Err((4, Fault::Base64))),
        (block("QQ=="), one("X", 2, b"A")),
        (block("Q==="), Err((3, Fault::Base64))),
        (block("===="), Err((3, Fault::Base64))),
        (block("QU JD"), Err((3, Fault::Base64))),
        (block("QUJD\nQ*JD"), Err((4, Fault::Base64))),
        (block("QUJ-"), Err((3, Fault::Base64))),
        (block("QUJ\0"), Err((3, Fault::Base64))),
        (block("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nQUJD"), Err((3, Fault::Encrypted))),
        ("-----BEGIN X-----\nQUJD\n".into(), Err((2, Fault::NoEnd))),
        ("-----BEGIN X-----".into(), Err((1, Fault::NoEnd))),
        ("-----BEGIN X-----\nQUJD\n-----END Y-----".into(), Err((3, Fault::NoEnd))),
        ("-----BEGIN X-----\nQUJD\n-----BEGIN X-----\nQUJD\n-----END X-----".into(), Err((3, Fault::NoEnd))),
        ("-----BEGIN X-----\nQUJD\n-----END X----".into(), Err((3, Fault::NoEnd))),
        ("-----BEGIN A  B-----\n".into(), Err((1, Fault::Label))),
        ("-----BEGIN  A-----\n".into(), Err((1, Fault::Label))),
        ("-----BEGIN \u{e9}-----\n".into(), Err((1, Fault::Label))),
        (format!("-----BEGIN {}-----\n", "A".repeat(65)), Err((1, Fault::Label))),
        (block(&"QUJD".repeat(PEM_BLOCK_BYTES / 3 + 1)), Err((3, Fault::BlockTooLong))),
        ("x".repeat(PEM_BYTES + 1), Err((0, Fault::TextTooLong))),
    ] {
        assert_eq!(read(&text), expected, "{:?}", &text[..text.len().min(80)]);
    }
}

#[test]
fn after_an_error_there_is_nothing() {
    let text = format!("-----BEGIN X-----\n*\n{}", encode("Y", b"one"));
    let mut found = blocks(text.as_bytes());
    assert!(found.next().is_some_and(|block| block.is_err()));
    assert_eq!(found.next(), None);
}

#[test]
fn cut_off_or_changed_anywhere_nothing_panics() {
    let text = format!("{}\n{}", encode("A", &[1; 70]), encode("B B", &[2; 5])).into_bytes();
    for end in 0..text.len() {
        blocks(&text[..end]).for_each(drop);
        blocks(&text[end..]).for_each(drop);
        for byte in [0, b'\n', b'\r', b'-', b'=', b':', b'A', 0x80, 0xff] {
            let mut changed = text.clone();
            changed[end] = byte;
            assert!(blocks(&changed).count() <= 2);
        }
    }
}

/// A secret does not move while it is decoded: its vector has room for all of it from the start.
#[test]
fn jose_14_no_copy_is_left_behind() {
    for length in [1, 47, 48, 49, 1000, 5000] {
        let text = encode("PRIVATE KEY", &vec![7; length]);
        let block = blocks(text.as_bytes()).next().unwrap().unwrap();
        assert!(block.der.capacity() <= length + 64 + length / 16, "{length}: {}", block.der.capacity());
        assert_eq!(
            format!("{block:?}"),
            format!("Block {{ label: \"PRIVATE KEY\", line: 1, bytes: {length} }}")
        );
    }
}
