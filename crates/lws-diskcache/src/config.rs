//! How large a cache may become, and what it is doing.

use std::time::Duration;

use crate::limits;

/// The bounds of a cache.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Bytes on disk; default [`limits::LIMIT`].
    pub limit: u64,
    /// Number of objects; default [`limits::MAX_OBJECTS`].
    pub max_objects: u32,
    /// Bytes of one object; default [`limits::MAX_OBJECT`].
    pub max_object: u64,
    /// How long ago the last mark on disk of an object's use must be for a new one; default [`limits::TOUCH_AFTER_S`].
    pub touch_after: Duration,
    /// Whether an object is on stable storage before it is published; default no. Without it a power failure may cost the
    /// latest objects (a broken one is noticed when it is read first, and dropped); with it each commit waits for the disk.
    pub durable: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limit: limits::LIMIT,
            max_objects: limits::MAX_OBJECTS,
            max_object: limits::MAX_OBJECT,
            touch_after: Duration::from_secs(limits::TOUCH_AFTER_S),
            durable: false,
        }
    }
}

impl Config {
    /// Sets [`Config::limit`], in bytes.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Sets [`Config::max_objects`].
    pub fn max_objects(mut self, objects: u32) -> Self {
        self.max_objects = objects;
        self
    }

    /// Sets [`Config::max_object`], in bytes.
    pub fn max_object(mut self, bytes: u64) -> Self {
        self.max_object = bytes;
        self
    }

    /// Sets [`Config::touch_after`].
    pub fn touch_after(mut self, age: Duration) -> Self {
        self.touch_after = age;
        self
    }

    /// Sets [`Config::durable`].
    pub fn durable(mut self, on: bool) -> Self {
        self.durable = on;
        self
    }
}

/// What a cache holds, and what has become of its users' questions since it was opened by this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Objects this process knows.
    pub objects: u32,
    /// Bytes they take on disk, in whole blocks.
    pub bytes: u64,
    /// Whether the directory is still being counted: objects are found, but none stored, if this process counts alone.
    pub counting: bool,
    /// Answers [`Lookup::Hit`](crate::Lookup::Hit).
    pub hits: u64,
    /// Answers [`Lookup::Miss`](crate::Lookup::Miss).
    pub misses: u64,
    /// Answers [`Lookup::Wait`](crate::Lookup::Wait).
    pub waits: u64,
    /// Answers [`Lookup::Bypass`](crate::Lookup::Bypass).
    pub bypassed: u64,
    /// Objects published.
    pub stored: u64,
    /// Objects evicted.
    pub evicted: u64,
    /// Objects found broken, and dropped.
    pub broken: u64,
}
