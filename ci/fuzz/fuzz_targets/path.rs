//! Path normalisation (RFC 3986 §5.2.4): the result stays below the root, and normalising it again changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lws_head::path;

fuzz_target!(|raw: &str| {
    let (mut out, mut strict) = (Vec::new(), Vec::new());
    let Ok(normal) = path::normalise(raw, &mut out) else {
        assert!(path::normalise_strict(raw, &mut strict).is_err(), "strict is not laxer");
        return;
    };
    assert!(normal.starts_with('/') && normal.len() <= raw.len());
    assert!(!normal.contains(['\\', '\0']) && !normal.chars().any(|c| c.is_ascii_control()));
    let segments: Vec<&str> = normal[1..].split('/').collect();
    assert!(segments.iter().all(|s| !matches!(*s, "." | "..")), "{normal}");
    assert!(segments[..segments.len() - 1].iter().all(|s| !s.is_empty()), "{normal}");
    if let Ok(same) = path::normalise_strict(raw, &mut strict) {
        assert_eq!(same, normal);
    }
    let (mut encoded, mut again) = (Vec::new(), Vec::new());
    path::encode(normal, &mut encoded);
    let encoded = str::from_utf8(&encoded).expect("escaped text is ASCII");
    assert_eq!(path::normalise(encoded, &mut again), Ok(normal));
});
