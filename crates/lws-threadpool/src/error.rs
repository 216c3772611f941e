//! What can go wrong.

use std::{fmt, io};

/// The task's work is not wanted any more: its connection closed, or the pool shuts down. Tasks pass it on with `?`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task was cancelled")
    }
}

impl std::error::Error for Cancelled {}

/// Why there is no result.
#[non_exhaustive]
#[derive(Debug)]
pub enum Error {
    /// As many tasks wait as the pool may hold: come back later, or answer "busy".
    QueueFull,
    /// As many tasks of this connection wait as one may have.
    ConnectionFull,
    /// The pool takes no tasks any more.
    Closed,
    /// The task was cancelled before it had a result.
    Cancelled,
    /// The task panicked; with its message.
    Panicked(String),
    /// A thread could not be started.
    Thread(io::Error),
    /// So many tasks did not end although they were cancelled.
    Unfinished(usize),
}

impl From<Cancelled> for Error {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueFull => f.write_str("the pool's queue is full"),
            Self::ConnectionFull => f.write_str("this connection has too many tasks waiting"),
            Self::Closed => f.write_str("the pool is closed"),
            Self::Cancelled => Cancelled.fmt(f),
            Self::Panicked(message) => write!(f, "the task panicked: {message}"),
            Self::Thread(error) => write!(f, "cannot start a thread of the pool: {error}"),
            Self::Unfinished(tasks) => write!(f, "{tasks} tasks did not end when they were cancelled"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Thread(error) => Some(error),
            _ => None,
        }
    }
}
