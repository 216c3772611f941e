//! PEM (RFC 7468): what is read and written again is read as the same; no text is read in more time than it is long.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lws_x509::pem;

fuzz_target!(|data: &[u8]| {
    let mut last = 0;
    for block in pem::blocks(data) {
        let Ok(block) = block else { break };
        assert!(block.line > last && block.der.len() <= data.len());
        last = block.line;
        let text = pem::encode(block.label, &block.der);
        let again: Vec<_> = pem::blocks(text.as_bytes()).collect();
        assert_eq!(again, [Ok(pem::Block { line: 1, ..block })]);
    }
    let _ = (lws_x509::PublicKey::from_pem(data), lws_x509::PrivateKey::from_pem(data));
});
