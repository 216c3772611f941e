//! The arena.

use core::fmt;

use crate::grow::Grow;
use crate::handle::Ref;
use crate::memory::{Frozen, Memory};
use crate::{Config, Error, Shared, Usage};

/// Many small objects in few chunks, freed all at once.
///
/// Objects are allocated through `&self`, so several can be written at once, and stay where they are until
/// [`reset`](Self::reset) or the end of the arena: both need the arena exclusively, so no reference can dangle.
///
/// There are two kinds of allocation. `try_alloc*` answers a plain reference: nothing is faster, and the borrow checker looks
/// after it. `try_insert*` answers a [`Ref`]: it borrows nothing, survives [`freeze`](Self::freeze) and may be stored
/// anywhere, also in other objects of the arena.
///
/// A type with a destructor does not compile here, because nobody would run it:
///
/// ```compile_fail
/// lwsac::Arena::default().try_alloc(String::new());
/// ```
///
/// Nor does a handle let a short-lived reference pass for a long-lived one:
///
/// ```compile_fail
/// let mut arena = lwsac::Arena::default();
/// let handle = arena.try_insert("static").unwrap();
/// let short = String::from("short");
/// *arena.get_mut(handle).unwrap() = short.as_str();
/// drop(short);
/// arena.get(handle);
/// ```
#[doc(alias = "lwsac")]
pub struct Arena {
    memory: Memory,
}

/// Nothing is taken from the allocator before the first object.
impl Default for Arena {
    fn default() -> Self {
        Self::new(Config::default())
    }
}

impl Arena {
    /// An empty arena. Nothing is taken from the allocator before the first object.
    pub const fn new(config: Config) -> Self {
        Self { memory: Memory::new(config) }
    }

    pub(crate) const fn from_memory(memory: Memory) -> Self {
        Self { memory }
    }

    /// Stores `value` until the arena is reset.
    ///
    /// # Errors
    /// Any [`Error`]; the value is lost then.
    #[doc(alias = "lwsac_use")]
    #[inline]
    #[allow(clippy::mut_from_ref)] // each call returns another object
    pub fn try_alloc<T>(&self, value: T) -> Result<&mut T, Error> {
        self.memory.alloc(value)
    }

    /// Stores a copy of `values`.
    ///
    /// # Errors
    /// Any [`Error`].
    #[allow(clippy::mut_from_ref)] // each call returns another object
    pub fn try_alloc_slice<T: Copy>(&self, values: &[T]) -> Result<&mut [T], Error> {
        self.memory.alloc_copy(values)
    }

    /// Stores `len` values, made by `make` from their index. `make` may use the arena too.
    ///
    /// ```
    /// let arena = lwsac::Arena::default();
    /// assert_eq!(arena.try_alloc_with(3, |i| i * i)?, [0, 1, 4]);
    /// # Ok::<(), lwsac::Error>(())
    /// ```
    ///
    /// # Errors
    /// Any [`Error`]; `make` was not called then.
    #[doc(alias = "lwsac_use_zero")]
    #[allow(clippy::mut_from_ref)] // each call returns another object
    pub fn try_alloc_with<T>(&self, len: usize, make: impl FnMut(usize) -> T) -> Result<&mut [T], Error> {
        self.memory.alloc_with(len, make)
    }

    /// Stores a copy of `text`.
    ///
    /// # Errors
    /// Any [`Error`].
    #[allow(clippy::mut_from_ref)] // each call returns another object
    pub fn try_alloc_str(&self, text: &str) -> Result<&mut str, Error> {
        self.memory.alloc_str(text)
    }

    /// Stores formatted text.
    ///
    /// ```
    /// let arena = lwsac::Arena::default();
    /// assert_eq!(arena.try_alloc_fmt(format_args!("{}-{}", 7, "x"))?, "7-x");
    /// # Ok::<(), lwsac::Error>(())
    /// ```
    ///
    /// # Errors
    /// Any [`Error`].
    ///
    /// # Panics
    /// If a `Display` of the arguments fails although the arena did not, as [`alloc::format!`] does.
    #[allow(clippy::mut_from_ref)] // each call returns another object
    pub fn try_alloc_fmt(&self, args: fmt::Arguments<'_>) -> Result<&mut str, Error> {
        let mut text = self.grow();
        text.try_fmt(args)?;
        Ok(text.finish_str())
    }

    /// A slice that grows at the end of the arena; see [`Grow`].
    #[doc(alias = "lwsac_extend")]
    pub fn grow<T: Copy>(&self) -> Grow<'_, T> {
        Grow::new(&self.memory)
    }

    /// Stores `value` and answers a handle to it.
    ///
    /// # Errors
    /// Any [`Error`]; the value is lost then.
    #[inline]
    pub fn try_insert<T: Send + Sync + 'static>(&self, value: T) -> Result<Ref<T>, Error> {
        self.memory.insert(value)
    }

    /// Stores a copy of `values` and answers a handle to it.
    ///
    /// # Errors
    /// Any [`Error`].
    pub fn try_insert_slice<T>(&self, values: &[T]) -> Result<Ref<[T]>, Error>
    where
        T: Copy + Send + Sync + 'static,
    {
        self.memory.insert_copy(values)
    }

    /// Stores a copy of `text` and answers a handle to it.
    ///
    /// # Errors
    /// Any [`Error`].
    pub fn try_insert_str(&self, text: &str) -> Result<Ref<str>, Error> {
        self.memory.insert_str(text)
    }

    /// The object behind a handle; `None` if the handle is of another arena, or from before a reset.
    #[inline]
    pub fn get<T: ?Sized>(&self, handle: Ref<T>) -> Option<&T> {
        self.memory.get(handle)
    }

    /// As [`get`](Self::get), to change the object.
    #[inline]
    pub fn get_mut<T: ?Sized>(&mut self, handle: Ref<T>) -> Option<&mut T> {
        self.memory.get_mut(handle)
    }

    /// Gives up all objects. Keeps chunks of up to [`Config::keep`] bytes, so that the next use needs no allocator call.
    pub fn reset(&mut self) {
        let keep = self.memory.config().keep;
        self.memory.reset(keep);
    }

    /// Gives up all objects and all memory.
    #[doc(alias = "lwsac_free")]
    pub fn free(&mut self) {
        self.memory.reset(0);
    }

    /// Makes the arena read-only and shareable. Handles stay valid.
    #[doc(alias = "lwsac_detach")]
    pub fn freeze(self) -> Shared {
        Shared::new(Frozen::new(self.memory))
    }

    /// What it holds, in bytes. Takes time in proportion to the number of chunks.
    #[doc(alias = "lwsac_info")]
    pub fn usage(&self) -> Usage {
        self.memory.usage()
    }

    /// The sizes it was made with (chunk sizes too small to use are raised).
    pub fn config(&self) -> &Config {
        self.memory.config()
    }
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Arena").field(&self.usage()).finish()
    }
}
