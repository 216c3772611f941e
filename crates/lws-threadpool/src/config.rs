//! How a pool is made.

use crate::limits;

/// The name and the bounds of a pool.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Name of the threads, with a number behind it; default `pool`.
    pub name: String,
    /// Number of threads, from 1 to [`limits::MAX_THREADS`]; default [`limits::THREADS`].
    pub threads: usize,
    /// Tasks that may wait; default [`limits::QUEUE`].
    pub queue: usize,
    /// Tasks of one connection that may wait; default [`limits::PER_CONNECTION`].
    pub per_connection: usize,
    /// Chunks of one task that may wait for its connection, at least 1; default [`limits::CHUNKS`].
    pub chunks: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            name: "pool".to_owned(),
            threads: limits::THREADS,
            queue: limits::QUEUE,
            per_connection: limits::PER_CONNECTION,
            chunks: limits::CHUNKS,
        }
    }
}

impl Config {
    /// Sets [`Config::name`].
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets [`Config::threads`].
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets [`Config::queue`].
    pub fn queue(mut self, tasks: usize) -> Self {
        self.queue = tasks;
        self
    }

    /// Sets [`Config::per_connection`].
    pub fn per_connection(mut self, tasks: usize) -> Self {
        self.per_connection = tasks;
        self
    }

    /// Sets [`Config::chunks`].
    pub fn chunks(mut self, chunks: usize) -> Self {
        self.chunks = chunks;
        self
    }
}
