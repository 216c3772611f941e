use super::*;
use alloc::format;
use alloc::vec;

fn lengthy<const N: usize>(contents: &[u8]) -> Vec<u8> {
    let len = contents.len().to_be_bytes();
    [&len[len.len() - N..], contents].concat()
}

fn extension(kind: u8, value: &[u8]) -> Vec<u8> {
    [&[0, kind][..], &lengthy::<2>(value)].concat()
}

fn sni(name: &[u8]) -> Vec<u8> {
    extension(0, &lengthy::<2>(&[&[0][..], &lengthy::<2>(name)].concat()))
}

fn alpn_of(names: &[&[u8]]) -> Vec<u8> {
    let list: Vec<u8> = names.iter().flat_map(|name| lengthy::<1>(name)).collect();
    extension(16, &lengthy::<2>(&list))
}

/// A hello with these extensions, in records of `size` bytes.
fn hello(extensions: &[Vec<u8>], size: usize) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend(lengthy::<1>(&[9; 32]));
    body.extend(lengthy::<2>(&[0x13, 1]));
    body.extend(lengthy::<1>(&[0]));
    body.extend(lengthy::<2>(&extensions.concat()));
    let message = [&[1][..], &lengthy::<3>(&body)].concat();
    message.chunks(size).flat_map(|piece| [&[22, 3, 1][..], &lengthy::<2>(piece)].concat()).collect()
}

fn asked(extensions: &[Vec<u8>]) -> Result<Option<String>, Error> {
    peek(&hello(extensions, 16_000)).map(|hello| hello.unwrap().server_name)
}

#[test]
fn whole_at_every_split_and_fragment_size() {
    // As large as a hello with a post-quantum share: more than a segment.
    let padding = extension(21, &[0; 1_600]);
    let extensions = [sni(b"WWW.Example.com."), alpn_of(&[b"h2", b"http/1.1"]), padding];
    for size in [1, 2, 5, 100, 1_400, 16_000] {
        let wire = hello(&extensions, size);
        for cut in 0..wire.len() {
            assert_eq!(peek(&wire[..cut]), Ok(None), "size {size}, cut {cut}");
            if size < 5 && cut > 400 {
                break;
            }
        }
        let found = peek(&wire).unwrap().unwrap();
        assert_eq!(found.server_name.as_deref(), Some("www.example.com"));
        assert_eq!(found.alpn, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    }
}

#[test]
fn what_is_no_host_name_is_no_name() {
    for name in [&b"127.0.0.1"[..], b"::1", b"a b", b"", b"a..b", b"\xff\xfe", b"a\0.example.com", b"."] {
        assert_eq!(asked(&[sni(name)]), Ok(None), "{name:?}");
    }
    assert_eq!(asked(&[]), Ok(None));
}

#[test]
fn two_of_a_kind_are_refused() {
    let malformed = Err(peer(Cause::Malformed));
    assert_eq!(asked(&[sni(b"a.org"), sni(b"b.org")]), malformed);
    assert_eq!(asked(&[alpn_of(&[b"a"]), alpn_of(&[b"a"])]), malformed);
    let entry = |name: &[u8]| [&[0][..], &lengthy::<2>(name)].concat();
    let two = extension(0, &lengthy::<2>(&[entry(b"a.org"), entry(b"b.org")].concat()));
    assert_eq!(asked(&[two]), malformed);
    assert_eq!(asked(&[alpn_of(&[b""])]), malformed);
    assert_eq!(asked(&[alpn_of(&[])]), malformed);
    assert_eq!(asked(&[extension(0, &[])]), malformed);
}

#[test]
fn tls_09_bounded() {
    // A message that announces more than there may be.
    let record = [&[22, 3, 1][..], &lengthy::<2>(&[1, 0xff, 0xff, 0xff])].concat();
    assert_eq!(peek(&record), Err(Error::HandshakeTooLarge));
    // One that announces less, in records that carry little.
    let mut wire = [&[22, 3, 1][..], &lengthy::<2>(&[1, 0, 0x80, 0])].concat();
    while wire.len() <= HELLO_MAX {
        assert_eq!(peek(&wire), Ok(None));
        for _ in 0..100 {
            wire.extend([22, 3, 1, 0, 1, 0]);
        }
    }
    assert_eq!(peek(&wire), Err(Error::HandshakeTooLarge));
}

#[test]
fn other_messages_are_refused() {
    for (record, cause) in [
        (&[22, 3, 1, 0, 4, 2, 0, 0, 0][..], not_hello()),
        (&[22, 3, 1, 0, 1, 2], not_hello()),
        (&[22, 3, 1, 0, 0], Cause::Malformed),
        (&[21, 3, 1, 0, 2, 1, 0], not_hello()),
        (b"GET / HTTP/1.1\r\n", Cause::NotTls { http: true }),
    ] {
        assert_eq!(peek(record), Err(peer(cause)), "{record:?}");
    }
}

#[test]
fn flipped_and_cut_hellos_never_panic() {
    let wire = hello(&[sni(b"a.example.com"), alpn_of(&[b"h2"])], 16_000);
    for at in 0..wire.len() {
        for bit in 0..8 {
            let mut bytes = wire.clone();
            bytes[at] ^= 1 << bit;
            let first = format!("{:?}", peek(&bytes));
            // The verdict does not depend on what follows.
            if peek(&bytes) != Ok(None) {
                bytes.push(0);
                assert_eq!(format!("{:?}", peek(&bytes)), first);
            }
        }
    }
}
