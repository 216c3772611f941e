//! WebSocket as slices in, events out: frames, masking, UTF-8, close, handshake (RFC 6455)
