use alloc::string::ToString;
use alloc::{format, vec};

use lws_head::FieldPos;

use super::*;

fn of(value: &str, length: u64) -> Selection {
    lines(&[value], length)
}

/// One `Range` line for each value.
fn lines(values: &[&str], length: u64) -> Selection {
    let mut block = "range".to_string();
    let index: Vec<_> = values
        .iter()
        .map(|v| {
            let (value, value_len) = (block.len() as u16, v.len() as u16);
            block += v;
            FieldPos { name: 0, name_len: 5, value, value_len }
        })
        .collect();
    select(Fields::new(block.as_bytes(), &index), length)
}

/// `None` is 200, an empty list 416.
fn check(value: &str, length: u64, expect: Option<&[(u64, u64)]>) {
    let got = match of(value, length) {
        Selection::Whole => None,
        Selection::Single(range) => Some(vec![range]),
        Selection::Multiple(ranges) => {
            assert!(ranges.len() > 1);
            Some(ranges)
        }
        Selection::Unsatisfiable => Some(Vec::new()),
    };
    let got = got.map(|ranges| ranges.iter().map(|r| (r.first(), r.last())).collect::<Vec<_>>());
    assert_eq!(got.as_deref(), expect, "{value} of {length}");
}

#[test]
fn rfc_9110_14_1_2_examples() {
    check("bytes=0-499", 10_000, Some(&[(0, 499)]));
    check("bytes=500-999", 10_000, Some(&[(500, 999)]));
    check("bytes=-500", 10_000, Some(&[(9500, 9999)]));
    check("bytes=9500-", 10_000, Some(&[(9500, 9999)]));
    check("bytes=0-0,-1", 10_000, Some(&[(0, 0), (9999, 9999)]));
    check("bytes= 0-999, 4500-5499, -1000", 10_000, Some(&[(0, 999), (4500, 5499), (9000, 9999)]));
    check("bytes=500-600,601-999", 10_000, Some(&[(500, 999)]));
    check("bytes=500-700,601-999", 10_000, Some(&[(500, 999)]));
}

#[test]
fn the_ends_of_the_representation() {
    check("bytes=0-", 10, Some(&[(0, 9)]));
    check("bytes=0-9", 10, Some(&[(0, 9)]));
    check("bytes=0-10", 10, Some(&[(0, 9)]));
    check("bytes=9-", 10, Some(&[(9, 9)]));
    check("bytes=10-", 10, Some(&[]));
    check("bytes=10-20", 10, Some(&[]));
    check("bytes=-1", 1, Some(&[(0, 0)]));
    check("bytes=-10", 10, Some(&[(0, 9)]));
    check("bytes=-11", 10, Some(&[(0, 9)]));
    check("bytes=10-,0-0", 10, Some(&[(0, 0)]));
    check("bytes=10-,11-,-0", 10, Some(&[]));
}

#[test]
fn an_empty_representation_is_sent_whole() {
    for value in ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "bytes=5-9"] {
        check(value, 0, None);
    }
}

#[test]
fn absent_or_doubled_is_no_range() {
    assert_eq!(lines(&[], 10), Selection::Whole);
    assert_eq!(lines(&["bytes=0-1", "bytes=0-1"], 10), Selection::Whole);
}

#[test]
fn rfc_9110_14_2_what_is_not_understood_is_ignored() {
    for value in [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes= , ,",
        "bytes=-",
        "bytes=--1",
        "bytes=1",
        "bytes=a-b",
        "bytes=0-a",
        "bytes=+0-1",
        "bytes=0 -1",
        "bytes=0- 1",
        "bytes=5-4",
        "bytes=0-1,5-4",
        "bytes=0-1;2-3",
        "bytes =0-1",
        "items=0-1",
        "0-1",
        "bytes:0-1",
        "bytes=0x0-0x1",
        "bytes=0-1-2",
        "bytes=0-1,bytes=2-3",
        "bytes=\u{663}-",
    ] {
        check(value, 10, None);
    }
}

#[test]
fn units_and_white_space() {
    check("BYTES=0-1", 10, Some(&[(0, 1)]));
    check(" bytes=0-1 ", 10, Some(&[(0, 1)]));
    check("bytes=0-1 ,\t 4-5", 10, Some(&[(0, 1), (4, 5)]));
    check("bytes=,0-1,,4-5,", 10, Some(&[(0, 1), (4, 5)]));
}

#[test]
fn order_is_kept_until_something_overlaps() {
    check("bytes=8-9,0-1,4-5", 10, Some(&[(8, 9), (0, 1), (4, 5)]));
    check("bytes=8-9,0-1,1-5", 10, Some(&[(0, 5), (8, 9)]));
    check("bytes=8-9,0-1,2-5", 10, Some(&[(0, 5), (8, 9)]));
    check("bytes=0-0,0-0", 10, Some(&[(0, 0)]));
    check("bytes=-3,0-", 10, Some(&[(0, 9)]));
    check("bytes=2-3,-100,5-6", 10, Some(&[(0, 9)]));
    check("bytes=0-8,2-3,9-9", 10, Some(&[(0, 9)]));
}

#[test]
fn path_09_range_abuse() {
    check(&format!("bytes={}", vec!["0-"; 1300].join(",")), 100_000, None);
    check(&format!("bytes={}", vec!["0-"; MAX_RANGES].join(",")), 100_000, Some(&[(0, 99_999)]));
    check(&format!("bytes={}", vec!["0-"; MAX_RANGES + 1].join(",")), 100_000, None);
    check(&format!("bytes={}", vec!["200000-"; MAX_RANGES + 1].join(",")), 100_000, None);
    let apart = |n: u64| (0..n).map(|i| format!("{}-{}", i * 4, i * 4 + 1)).collect::<Vec<_>>().join(",");
    let Selection::Multiple(ranges) = of(&format!("bytes={}", apart(64)), 1000) else {
        panic!("64 are allowed")
    };
    assert_eq!(ranges.len(), 64);
    check(&format!("bytes={}", apart(65)), 1000, None);
    check("bytes=-0", 10, Some(&[]));
    check("bytes=18446744073709551615-", 10, Some(&[]));
    check("bytes=18446744073709551616-", 10, Some(&[]));
    check("bytes=99999999999999999999999-999999999999999999999999", 10, Some(&[]));
    check("bytes=0-18446744073709551616", 10, Some(&[(0, 9)]));
    check("bytes=-18446744073709551616", 10, Some(&[(0, 9)]));
    check("bytes=0-,-18446744073709551615", u64::MAX, Some(&[(0, u64::MAX - 1)]));
    check("bytes=18446744073709551613-,0-0", u64::MAX, Some(&[(u64::MAX - 2, u64::MAX - 1), (0, 0)]));
}

/// The invariants of the module, over many fields made of the same few pieces.
#[test]
fn path_09_the_sum_never_exceeds_the_length() {
    let pieces = [
        "0-",
        "-0",
        "-1",
        "-7",
        "0-0",
        "3-5",
        "4-9",
        "6-6",
        "9-",
        "10-",
        "2-18446744073709551616",
        "5-4",
        "",
    ];
    for length in [1, 2, 7, 10, 11, u64::MAX] {
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    let value = format!("bytes={a},{b},{c}");
                    let ranges = match of(&value, length) {
                        Selection::Multiple(ranges) => ranges,
                        Selection::Single(range) => vec![range],
                        Selection::Whole | Selection::Unsatisfiable => continue,
                    };
                    assert!(ranges.iter().all(|r| r.first() <= r.last() && r.last() < length), "{value}");
                    let sum: u128 = ranges.iter().map(|r| u128::from(r.len())).sum();
                    assert!(sum <= u128::from(length), "{value} of {length}: {sum}");
                    assert!(!overlapping(&ranges), "{value} of {length}");
                }
            }
        }
    }
}

#[test]
fn rfc_9110_14_4_content_range() {
    let Selection::Single(range) = of("bytes=42-1233", 1234) else { panic!("one range") };
    assert_eq!(range.content_range(1234).to_string(), "bytes 42-1233/1234");
    assert_eq!(range.len(), 1192);
    assert_eq!(ContentRange::unsatisfied(47_022).to_string(), "bytes */47022");
}
