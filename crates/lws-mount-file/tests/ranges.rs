//! Ranges, as a file answers them (RFC 9110 §14, §15.3.7).

mod support;

use lws_mount_file::files;
use support::{Answer, Host, pattern, put};
use tempfile::TempDir;

const LEN: usize = 10_000;

fn site() -> (TempDir, Host, Vec<u8>) {
    let dir = tempfile::tempdir().expect("a folder");
    let content = pattern(LEN);
    put(dir.path(), "file.css", &content);
    let host = Host::files(files(dir.path()));
    (dir, host, content)
}

fn range(host: &mut Host, value: &str) -> Answer {
    let answer = host.get_with("/file.css", &[("range", value)]);
    assert!(!answer.aborted && answer.length == Some(answer.body.len() as u64), "{value}");
    answer
}

#[test]
fn one_range() {
    let (_dir, mut host, content) = site();
    for room in [1, 7, 100, 65_536] {
        host.room = room;
        for (value, first, last) in [
            ("bytes=0-499", 0, 499),
            ("bytes=500-999", 500, 999),
            ("bytes=-500", 9500, 9999),
            ("bytes=9500-", 9500, 9999),
            ("bytes=0-", 0, 9999),
            ("bytes=9999-", 9999, 9999),
            ("bytes=-20000", 0, 9999),
            ("bytes=9000-20000", 9000, 9999),
            ("bytes=0-9,10-19", 0, 19),
            ("bytes=5-9,0-5", 0, 9),
            ("bytes=20000-,3-3", 3, 3),
        ] {
            let answer = range(&mut host, value);
            assert_eq!(answer.status, 206, "{value}");
            assert_eq!(answer.field("content-range"), Some(&*format!("bytes {first}-{last}/{LEN}")));
            assert_eq!(answer.field("content-type"), Some("text/css; charset=utf-8"));
            assert!(answer.body == content[first..=last], "{value}");
        }
    }
    for name in ["etag", "last-modified", "cache-control", "accept-ranges"] {
        let (whole, part) = (host.get("/file.css"), range(&mut host, "bytes=0-1"));
        assert!(part.field(name).is_some() && part.field(name) == whole.field(name), "{name}");
    }
}

#[test]
fn rfc_9110_15_5_17_unsatisfiable() {
    let (_dir, mut host, _) = site();
    for value in ["bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=20000-,30000-40000"] {
        let answer = range(&mut host, value);
        assert_eq!((answer.status, answer.field("content-range")), (416, Some("bytes */10000")), "{value}");
        assert!(answer.body.is_empty() && answer.field("content-type").is_none());
        assert_eq!(answer.field("cache-control"), None, "must not be kept in caches");
    }
}

/// A reader of multipart bodies that knows nothing of the writer: RFC 2046 §5.1.1.
fn parts(answer: &Answer) -> Vec<(Vec<String>, Vec<u8>)> {
    let media = answer.field("content-type").expect("sent");
    let boundary = media.strip_prefix("multipart/byteranges; boundary=").expect("multipart");
    assert!(
        !boundary.is_empty() && boundary.len() <= 70 && boundary.bytes().all(|b| b.is_ascii_alphanumeric())
    );
    let delimiter = format!("\r\n--{boundary}");
    let mut body = b"\r\n".to_vec(); // the first delimiter may lack its line break
    body.extend_from_slice(&answer.body);
    let find = |from: usize, what: &[u8]| {
        body[from..].windows(what.len()).position(|w| w == what).map(|at| from + at)
    };
    let mut parts = Vec::new();
    let mut at = find(0, delimiter.as_bytes()).expect("a first delimiter") + delimiter.len();
    while !body[at..].starts_with(b"--") {
        assert!(body[at..].starts_with(b"\r\n"));
        let head_end = find(at, b"\r\n\r\n").expect("the end of a part's head");
        let head = String::from_utf8(body[at + 2..head_end].to_vec()).expect("text");
        let end = find(head_end + 4, delimiter.as_bytes()).expect("another delimiter");
        parts.push((head.split("\r\n").map(str::to_owned).collect(), body[head_end + 4..end].to_vec()));
        at = end + delimiter.len();
    }
    assert_eq!(&body[at..], b"--\r\n", "nothing follows");
    parts
}

#[test]
fn rfc_9110_14_6_several_ranges() {
    let (_dir, mut host, content) = site();
    for room in [1, 2, 3, 10, 77, 100, 65_536] {
        host.room = room;
        for (value, expect) in [
            ("bytes=0-499,1000-1499", &[(0, 499), (1000, 1499)][..]),
            ("bytes=0-0,-1", &[(0, 0), (9999, 9999)]),
            ("bytes=-100, 50-59, 0-0", &[(9900, 9999), (50, 59), (0, 0)]),
            ("bytes=500-509,0-9,505-519", &[(0, 9), (500, 519)]),
            ("bytes=0-1,20000-,4-5", &[(0, 1), (4, 5)]),
        ] {
            let answer = range(&mut host, value);
            assert_eq!(answer.status, 206, "{value}");
            // RFC 9110 §15.3.7.2: no Content-Range in the head of a multipart answer.
            assert_eq!(answer.field("content-range"), None);
            let got = parts(&answer);
            assert_eq!(got.len(), expect.len(), "{value}");
            for ((head, body), (first, last)) in got.iter().zip(expect) {
                let range = format!("content-range: bytes {first}-{last}/{LEN}");
                assert_eq!(*head, ["content-type: text/css; charset=utf-8".into(), range]);
                assert!(*body == content[*first..=*last], "{value} {first}-{last}");
            }
        }
    }
}

#[test]
fn every_boundary_is_another() {
    let (_dir, mut host, _) = site();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..100 {
        let answer = range(&mut host, "bytes=0-0,2-2");
        assert!(seen.insert(answer.field("content-type").expect("sent").to_owned()), "a boundary came twice");
    }
}

#[test]
fn path_09_range_abuse() {
    let (_dir, mut host, content) = site();
    let many = |n: usize, spec: &str| format!("bytes={}", vec![spec; n].join(","));
    let apart = |n: usize| {
        let specs: Vec<_> = (0..n).map(|i| format!("{}-{}", i * 100, i * 100 + 1)).collect();
        format!("bytes={}", specs.join(","))
    };
    for (value, status) in [
        (many(1300, "0-"), 200),
        (many(64, "0-"), 206),
        (many(65, "0-"), 200),
        (many(64, "20000-"), 416),
        (apart(64), 206),
        (apart(65), 200),
        ("bytes=-0".into(), 416),
        ("bytes=-18446744073709551616".into(), 206),
        ("bytes=18446744073709551616-".into(), 416),
        ("bytes=0-18446744073709551616".into(), 206),
        ("bytes=9-3".into(), 200),
        ("bytes=0-9999,-10000,0-,5000-".into(), 206),
    ] {
        let answer = range(&mut host, &value);
        assert_eq!(answer.status, status, "{value}");
        assert!(answer.body.len() <= LEN + 64 * 160, "{} bytes for {value}", answer.body.len());
        if status == 200 {
            assert!(answer.body == content, "{value}");
        }
    }
    assert_eq!(parts(&range(&mut host, &apart(64))).len(), 64);
}

#[test]
fn an_empty_file_has_no_ranges() {
    let (dir, mut host, _) = site();
    put(dir.path(), "empty", "");
    for value in ["bytes=0-", "bytes=-1", "bytes=0-0,2-3"] {
        let answer = host.get_with("/empty", &[("range", value)]);
        assert_eq!((answer.status, answer.length), (200, Some(0)), "{value}");
    }
}
