//! HTTP/1 as slices in, events out: head and chunked parsers and encoders (RFC 9112)
