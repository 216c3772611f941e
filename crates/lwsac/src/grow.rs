//! Slices and texts that grow in place.

use core::fmt;

use crate::Error;
use crate::memory::{Memory, Run};

/// A slice that grows at the end of the arena, until [`finish`](Self::finish) makes it an ordinary one.
///
/// While nothing else is allocated it grows in place, as far as its chunk has room. Otherwise it moves, to twice the room; the
/// old place stays in use until the reset. So other allocations are allowed in between, but cost memory. Dropped unfinished, it
/// gives its place back, if nothing was allocated behind it.
///
/// ```
/// let arena = lwsac::Arena::default();
/// let mut line = arena.grow();
/// line.try_extend(b"GET ")?;
/// line.try_extend(b"/index.html")?;
/// assert_eq!(line.finish(), b"GET /index.html");
/// # Ok::<(), lwsac::Error>(())
/// ```
pub struct Grow<'a, T: Copy> {
    run: Run<'a, T>,
}

impl<'a, T: Copy> Grow<'a, T> {
    pub(crate) fn new(memory: &'a Memory) -> Self {
        Self { run: Run::new(memory) }
    }

    /// Appends a copy of `more`.
    ///
    /// # Errors
    /// Any [`Error`]; what is there stays.
    pub fn try_extend(&mut self, more: &[T]) -> Result<(), Error> {
        self.run.extend(more)
    }

    /// What is there so far.
    pub fn as_slice(&self) -> &[T] {
        self.run.as_slice()
    }

    /// The finished slice.
    pub fn finish(self) -> &'a mut [T] {
        self.run.finish()
    }
}

impl<'a> Grow<'a, u8> {
    /// Appends formatted text; see [`Arena::try_alloc_fmt`](crate::Arena::try_alloc_fmt).
    pub(crate) fn try_fmt(&mut self, args: fmt::Arguments<'_>) -> Result<(), Error> {
        /// Remembers why, which `fmt::Error` cannot tell.
        struct Writer<'w, 'a>(&'w mut Grow<'a, u8>, Option<Error>);
        impl fmt::Write for Writer<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0.try_extend(text.as_bytes()).map_err(|why| {
                    self.1 = Some(why);
                    fmt::Error
                })
            }
        }
        let mut writer = Writer(self, None);
        let result = fmt::write(&mut writer, args);
        match writer.1 {
            Some(why) => Err(why),
            None => {
                result.expect("a Display returned an error although its output was accepted");
                Ok(())
            }
        }
    }

    /// The finished text; nothing but text was appended.
    pub(crate) fn finish_str(self) -> &'a mut str {
        core::str::from_utf8_mut(self.finish()).expect("only whole strs were appended")
    }
}

impl<T: Copy + fmt::Debug> fmt::Debug for Grow<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Grow").field(&self.as_slice()).finish()
    }
}
