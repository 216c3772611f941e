//! The contract between protocols and whoever hosts them
