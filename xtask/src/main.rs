//! What CI and maintainers run: `cargo xtask`.
fn main() {}
