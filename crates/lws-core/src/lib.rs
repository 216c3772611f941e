//! The event loop: the only crate that touches sockets and clocks
