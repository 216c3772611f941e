//! JOSE on the command line.
fn main() {}
