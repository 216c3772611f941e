//! The ready-made server
