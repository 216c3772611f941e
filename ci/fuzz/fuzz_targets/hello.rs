//! A client's first message, looked at before any TLS library sees it (RFC 8446 §4.1.2): how it is cut into records changes
//! nothing, more bytes do not change an answer, and names are host names.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lws_tls::hello::{self, Hello, Peeker};
use lws_tls::limits::HELLO_MAX;
use lws_tls::{Error, is_host_name, record};

/// The message in records of `size` bytes.
fn records(message: &[u8], size: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    for fragment in message.chunks(size) {
        wire.extend([22, 3, 1]);
        wire.extend(u16::try_from(fragment.len()).expect("at most 16 384").to_be_bytes());
        wire.extend(fragment);
    }
    wire
}

fn check(wire: &[u8]) -> Result<Option<Hello>, Error> {
    let found = hello::peek(wire);
    if let Ok(Some(hello)) = &found {
        assert!(hello.server_name.as_deref().is_none_or(is_host_name));
        assert!(hello.alpn.iter().all(|name| !name.is_empty() && name.len() < 256));
        let longer = [wire, &[0xff; 9]].concat();
        assert_eq!(hello::peek(&longer), found);
    }
    // Record by record it is the same, and what was taken is given back as it was.
    let (mut peeker, mut taken) = (Peeker::new(), 0);
    while let Ok(Some(len)) = record::complete(&wire[taken..]) {
        match peeker.push(&wire[taken..taken + len]) {
            Ok(None) => taken += len,
            Ok(hello) => {
                assert_eq!(Ok(hello), found);
                assert_eq!(peeker.into_wire(), &wire[..taken + len]);
                return found;
            }
            Err(_) => break,
        }
    }
    assert!(!matches!(found, Ok(Some(_))));
    found
}

fuzz_target!(|data: &[u8]| {
    let _ = check(data);
    let Some((size, body)) = data.split_first() else { return };
    let len = u32::try_from(body.len()).expect("libFuzzer's inputs are short");
    let message = [&[1], &len.to_be_bytes()[1..], body].concat();
    let cut = records(&message, usize::from(*size).max(1));
    // Headers count, too.
    if cut.len() <= HELLO_MAX {
        assert_eq!(check(&cut), check(&records(&message, 16_384)));
    }
});
