//! Request and response heads (RFC 9112): a head offered whole and offered in pieces is the same head, or the same error.
//!
//! The first byte of the data is the size of the pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lws_h1::{Error, HeadIndex, Limits, RequestParser, ResponseParser};
use lws_head::Method;

fuzz_target!(|data: &[u8]| {
    let Some((step, input)) = data.split_first() else { return };
    let step = usize::from(*step).max(1);
    let limits = Limits::default();
    let request = |step| {
        let (mut parser, mut index) = (RequestParser::new(), HeadIndex::new());
        offer(input, step, |part| {
            let found = parser.parse(part, &mut index, &limits)?;
            Ok(found.map(|request| (request.len, format!("{request:?}"))))
        })
    };
    let response = |step| {
        let (mut parser, mut index) = (ResponseParser::new(), HeadIndex::new());
        offer(input, step, |part| {
            let found = parser.parse(part, &mut index, &limits, Method::Get)?;
            Ok(found.map(|response| (response.len, format!("{response:?}"))))
        })
    };
    assert_eq!(request(input.len().max(1)), request(step));
    assert_eq!(response(input.len().max(1)), response(step));
});

/// What comes of the input, as text, when each offer is `step` bytes longer than the one before.
fn offer(
    input: &[u8],
    step: usize,
    mut parse: impl FnMut(&[u8]) -> Result<Option<(usize, String)>, Error>,
) -> String {
    let mut end = 0;
    loop {
        end = (end + step).min(input.len());
        match parse(&input[..end]) {
            Ok(Some((len, text))) => {
                assert!(len <= end);
                return text;
            }
            Ok(None) if end == input.len() => return "more".to_owned(),
            Ok(None) => {}
            Err(error) => return format!("{error:?}"),
        }
    }
}
