//! Names for streams and their deadlines.

/// Names one stream of one loop. `Copy`; users keep it in their lists. A stale one is harmless: the generation no
/// longer matches and whatever is asked of it does nothing.
#[doc(alias = "lws")]
#[doc(alias = "wsi")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Handle {
    /// The connection's slot in the loop.
    pub conn: u32,
    /// How often that slot has been used before.
    pub generation: u32,
    /// The stream within the connection; 0 is the connection itself.
    pub sub: u32,
}

/// The two deadlines each stream has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Timer {
    /// The protocol's own: handshake, keep-alive, validity.
    Role,
    /// The user's.
    App,
}
