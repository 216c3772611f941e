//! The chunks of an arena, and all `unsafe` of this crate.
//!
//! The model: two singly linked lists of blocks, `used` (newest first, its first one is *current*) and `spare`. The current
//! chunk is filled from `cursor` to `end`; the others remember in their header how far they are filled.
//!
//! Invariants, which the SAFETY comments name:
//! * **Live**: every [`Chunk`] in either list is one live block of `size` bytes, aligned to [`ALIGN`], that starts with its
//!   header and is in no other list. Blocks are freed by `&mut self` only.
//! * **Filled**: in each used chunk, bytes below `used` (in the current chunk: below `cursor`) belong to objects handed out,
//!   each byte to one; bytes above belong to nobody. `HEADER <= used <= size`.
//! * **Cursor**: `cursor <= end`, both in the current chunk with the provenance of its block; without one, both are the same
//!   dangling pointer.
//! * **Epoch**: a [`Ref`] whose epoch equals the memory's was made by it since the last reset, so its object is still there.
//!   A Ref's object is reached through Refs only: shared through `&self`, exclusively through `&mut self`.
//! * **Plain**: objects have no destructor, and an object behind a Ref is `Send + Sync + 'static`.
//!
//! Fields that change through `&self` are `Cell`s, so nothing here is `Sync`, except [`Frozen`], through which nothing changes.
#![allow(unsafe_code)] // an arena hands out parts of its own blocks; the rest of the crate is safe code on top of this file

use alloc::alloc::{alloc, dealloc};
use core::alloc::Layout;
use core::cell::Cell;
use core::num::{NonZeroU64, NonZeroUsize};
use core::ptr::NonNull;

use crate::handle::{Ref, next_epoch};
use crate::{Config, Error, Usage, limits};

/// Alignment of blocks, and of the first object in each.
const ALIGN: usize = 16;
const HEADER: usize = size_of::<Header>();
const _: () = assert!(HEADER.is_multiple_of(ALIGN) && HEADER <= 32 && limits::MIN_CHUNK > HEADER);

#[repr(C, align(16))]
struct Header {
    next: Cell<Option<Chunk>>,
    /// Bytes of the whole block, this header included.
    size: usize,
    /// Bytes filled, this header included; not kept up to date while the chunk is current.
    used: Cell<usize>,
}

/// One block of the global allocator (see *Live*).
#[derive(Clone, Copy)]
struct Chunk(NonNull<Header>);

impl Chunk {
    fn allocate(size: usize) -> Result<Self, Error> {
        debug_assert!(size > HEADER, "a chunk has room behind its header");
        let layout = Layout::from_size_align(size, ALIGN).map_err(|_| Error::Overflow)?;
        // SAFETY: `layout` is not of zero size: every caller asks for more than HEADER.
        let block = NonNull::new(unsafe { alloc(layout) }).ok_or(Error::OutOfMemory)?.cast::<Header>();
        let header = Header { next: Cell::new(None), size, used: Cell::new(HEADER) };
        // SAFETY: the block is fresh, large enough for a header and aligned for one (ALIGN is Header's alignment).
        unsafe { block.write(header) };
        Ok(Self(block))
    }

    /// # Safety
    /// The chunk is in no list any more, and nothing borrows from it.
    unsafe fn free(self) {
        // ALIGN was valid in `allocate`, with the same size.
        let layout =
            Layout::from_size_align(self.header().size, ALIGN).expect("the layout it was allocated with");
        // SAFETY: *Live*: the block came from `alloc` with this layout; the caller gives it up.
        unsafe { dealloc(self.0.as_ptr().cast(), layout) };
    }

    fn header(&self) -> &Header {
        // SAFETY: *Live*: a header was written there and is changed through its Cells only.
        unsafe { self.0.as_ref() }
    }

    /// The pointer `offset` bytes into the block; `offset <= size`.
    fn at(self, offset: usize) -> NonNull<u8> {
        debug_assert!(offset <= self.header().size, "inside the block");
        // SAFETY: *Live*: the block has `size` bytes, and one past the end may be pointed at.
        unsafe { self.0.cast::<u8>().add(offset) }
    }

    /// Free bytes of a chunk that is not current.
    fn room(self) -> usize {
        self.header().size - self.header().used.get()
    }

    /// Takes room for `layout` out of a chunk that is not current, if it has that much.
    fn carve(self, layout: Layout) -> Option<NonNull<u8>> {
        let used = self.header().used.get();
        let pad = padding(self.at(used), layout.align());
        if pad + layout.size() > self.room() {
            return None;
        }
        self.header().used.set(used + pad + layout.size());
        Some(self.at(used + pad))
    }
}

/// A list of chunks; the last one pushed is the first.
struct List(Cell<Option<Chunk>>);

impl List {
    fn push(&self, chunk: Chunk) {
        chunk.header().next.set(self.0.replace(Some(chunk)));
    }

    fn pop(&self) -> Option<Chunk> {
        let first = self.0.get()?;
        self.0.set(first.header().next.take());
        Some(first)
    }

    fn iter(&self) -> impl Iterator<Item = Chunk> {
        core::iter::successors(self.0.get(), |chunk| chunk.header().next.get())
    }

    /// Unlinks the first chunk of at least `size` bytes.
    fn take_fitting(&self, size: usize) -> Option<Chunk> {
        let mut before: Option<Chunk> = None;
        for chunk in self.iter() {
            if chunk.header().size >= size {
                let rest = chunk.header().next.take();
                match before {
                    Some(before) => before.header().next.set(rest),
                    None => self.0.set(rest),
                }
                return Some(chunk);
            }
            before = Some(chunk);
        }
        None
    }
}

/// Bytes from `at` to the next multiple of `align`, a power of two.
#[inline]
fn padding(at: NonNull<u8>, align: usize) -> usize {
    at.addr().get().wrapping_neg() & (align - 1)
}

pub(crate) struct Memory {
    cursor: Cell<NonNull<u8>>,
    end: Cell<NonNull<u8>>,
    used: List,
    spare: List,
    /// Sum of `size` over both lists; `<= config.budget`.
    reserved: Cell<usize>,
    /// Size of the next regular chunk; `<= config.max_chunk`.
    next_size: Cell<usize>,
    /// Set when the first Ref since the last reset is made.
    epoch: Cell<Option<NonZeroU64>>,
    config: Config,
}

impl Memory {
    pub(crate) const fn new(mut config: Config) -> Self {
        if config.first_chunk < limits::MIN_CHUNK {
            config.first_chunk = limits::MIN_CHUNK;
        }
        if config.max_chunk < config.first_chunk {
            config.max_chunk = config.first_chunk;
        }
        Self {
            cursor: Cell::new(NonNull::dangling()),
            end: Cell::new(NonNull::dangling()),
            used: List(Cell::new(None)),
            spare: List(Cell::new(None)),
            reserved: Cell::new(0),
            next_size: Cell::new(config.first_chunk),
            epoch: Cell::new(None),
            config,
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Room for `layout`, owned by the caller until the next reset.
    #[inline]
    fn reserve(&self, layout: Layout) -> Result<NonNull<u8>, Error> {
        if let Some(at) = self.bump(layout) { Ok(at) } else { self.grow(layout) }
    }

    #[inline]
    fn bump(&self, layout: Layout) -> Option<NonNull<u8>> {
        let cursor = self.cursor.get();
        let pad = padding(cursor, layout.align());
        // Neither wraps: a Layout's size with padding to its alignment is below isize::MAX, and *Cursor*: cursor <= end.
        let need = pad.wrapping_add(layout.size());
        if need > self.room() {
            return None;
        }
        // SAFETY: *Cursor*: `pad + size` bytes are left between cursor and end, inside one block (or the need is 0).
        let (at, next) = unsafe { (cursor.add(pad), cursor.add(need)) };
        self.cursor.set(next);
        Some(at)
    }

    /// Free bytes of the current chunk.
    #[inline]
    fn room(&self) -> usize {
        self.end.get().addr().get().wrapping_sub(self.cursor.get().addr().get())
    }

    /// `reserve` when the current chunk is full: a hole, a spare chunk, a new chunk.
    #[cold]
    #[inline(never)]
    fn grow(&self, layout: Layout) -> Result<NonNull<u8>, Error> {
        if layout.size() == 0 {
            // Nothing is stored there, so any aligned address will do.
            let align = NonZeroUsize::new(layout.align()).expect("an alignment is a power of two");
            return Ok(NonNull::without_provenance(align));
        }
        if self.config.backfill {
            let mut older = self.used.iter().skip(1).take(limits::BACKFILL_CHUNKS);
            if let Some(at) = older.find_map(|chunk| chunk.carve(layout)) {
                return Ok(at);
            }
        }
        // A block is aligned to ALIGN; what wants more may have to skip so much.
        let slack = layout.align().saturating_sub(ALIGN);
        let need = layout.size().checked_add(HEADER + slack).ok_or(Error::Overflow)?;
        let chunk = match self.spare.take_fitting(need) {
            Some(chunk) => chunk,
            None => self.fresh(need)?,
        };
        let at = chunk.carve(layout).expect("the chunk was made for it");
        self.adopt(chunk);
        Ok(at)
    }

    /// A new chunk with at least `need` bytes, within the budget.
    fn fresh(&self, need: usize) -> Result<Chunk, Error> {
        if need > self.config.budget - self.reserved.get() {
            // Chunks without objects are too small for it, but must not be what keeps it out.
            self.retire_empty();
            self.free_spare_beyond(0);
        }
        let left = self.config.budget - self.reserved.get();
        if need > left {
            return Err(Error::Budget);
        }
        let regular = self.next_size.get();
        let size = need.max(regular).min(left);
        let chunk = Chunk::allocate(size)?;
        self.reserved.set(self.reserved.get() + size);
        if size == regular {
            self.next_size.set(regular.saturating_mul(2).min(self.config.max_chunk));
        }
        Ok(chunk)
    }

    /// Puts a chunk among the used ones; the one with more room left is the current one afterwards.
    fn adopt(&self, chunk: Chunk) {
        match self.used.0.get() {
            Some(current) if self.room() >= chunk.room() => {
                chunk.header().next.set(current.header().next.replace(Some(chunk)));
            }
            current => {
                if let Some(current) = current {
                    current.header().used.set(current.header().size - self.room());
                }
                self.used.push(chunk);
                self.go_on_in_first();
            }
        }
    }

    /// Sets the cursor to where the first used chunk is filled.
    fn go_on_in_first(&self) {
        match self.used.0.get() {
            Some(chunk) => {
                self.cursor.set(chunk.at(chunk.header().used.get()));
                self.end.set(chunk.at(chunk.header().size));
            }
            None => {
                self.cursor.set(NonNull::dangling());
                self.end.set(NonNull::dangling());
            }
        }
    }

    /// Makes the current chunk a spare one if it holds no object, as after a reset.
    fn retire_empty(&self) {
        let empty = |current: &Chunk| self.room() == current.header().size - HEADER;
        if self.used.0.get().as_ref().is_some_and(empty)
            && let Some(current) = self.used.pop()
        {
            current.header().used.set(HEADER);
            self.spare.push(current);
            self.go_on_in_first();
        }
    }

    /// Frees spare chunks except the first ones, of up to `keep` bytes in all.
    #[inline]
    fn free_spare_beyond(&self, keep: usize) {
        if self.spare.0.get().is_none() {
            return;
        }
        let all = List(Cell::new(self.spare.0.take()));
        let mut kept = 0;
        while let Some(chunk) = all.pop() {
            let size = chunk.header().size;
            if size <= keep - kept {
                kept += size;
                self.spare.push(chunk);
            } else {
                self.reserved.set(self.reserved.get() - size);
                // SAFETY: popped, so in no list; spare chunks hold no objects: nothing borrows from it, and no Ref of a
                // current epoch reaches into it.
                unsafe { chunk.free() };
            }
        }
    }

    /// Gives up all objects; keeps chunks of up to `keep` bytes in all.
    #[inline]
    pub(crate) fn reset(&mut self, keep: usize) {
        self.epoch.set(None);
        match self.used.0.get() {
            // The usual case once warm: one chunk, which stays the current one.
            Some(only) if only.header().next.get().is_none() && only.header().size <= keep => {
                self.cursor.set(only.at(HEADER));
                self.free_spare_beyond(keep - only.header().size);
            }
            _ => self.reset_lists(keep),
        }
    }

    #[cold]
    fn reset_lists(&mut self, keep: usize) {
        while let Some(chunk) = self.used.pop() {
            chunk.header().used.set(HEADER);
            self.spare.push(chunk);
        }
        self.go_on_in_first();
        self.free_spare_beyond(keep);
        if let Some(first) = self.spare.pop() {
            self.adopt(first);
        }
        if self.reserved.get() == 0 {
            self.next_size.set(self.config.first_chunk);
        }
    }

    pub(crate) fn usage(&self) -> Usage {
        let filled = |chunk: Chunk| chunk.header().used.get() - HEADER;
        let older: usize = self.used.iter().skip(1).map(filled).sum();
        let current = self.used.0.get().map_or(0, |chunk| chunk.header().size - HEADER - self.room());
        Usage {
            used: older + current,
            reserved: self.reserved.get(),
            chunks: self.used.iter().count(),
            spare: self.spare.iter().count(),
        }
    }

    /// Stores `value`.
    #[inline]
    fn put<T>(&self, value: T) -> Result<NonNull<T>, Error> {
        const { assert!(!core::mem::needs_drop::<T>(), "an arena runs no destructors: store types without one") };
        let at = self.reserve(Layout::new::<T>())?.cast::<T>();
        // SAFETY: `reserve` gave room for a T, aligned for it, that belongs to nobody else.
        unsafe { at.write(value) };
        Ok(at)
    }

    /// Stores `len` values made one by one.
    fn put_with<T>(&self, len: usize, mut make: impl FnMut(usize) -> T) -> Result<NonNull<[T]>, Error> {
        const { assert!(!core::mem::needs_drop::<T>(), "an arena runs no destructors: store types without one") };
        let at = self.reserve(array::<T>(len)?)?.cast::<T>();
        for i in 0..len {
            // SAFETY: `reserve` gave room for `len` Ts, and i < len. `make` may use the arena: the room is ours already.
            unsafe { at.add(i).write(make(i)) };
        }
        Ok(NonNull::slice_from_raw_parts(at, len))
    }

    /// Stores a copy of `values`.
    fn put_copy<T: Copy>(&self, values: &[T]) -> Result<NonNull<[T]>, Error> {
        let at = self.reserve(Layout::for_value(values))?.cast::<T>();
        // SAFETY: `reserve` gave room for as many Ts that belongs to nobody else, so it does not overlap `values`.
        unsafe { at.copy_from_nonoverlapping(NonNull::from(values).cast(), values.len()) };
        Ok(NonNull::slice_from_raw_parts(at, values.len()))
    }

    #[inline]
    #[allow(clippy::mut_from_ref)] // each call returns another object: *Filled*
    pub(crate) fn alloc<T>(&self, value: T) -> Result<&mut T, Error> {
        // SAFETY: `put` initialised it, and nobody else has a pointer to it; it stays until `&mut self` or the drop.
        self.put(value).map(|mut at| unsafe { at.as_mut() })
    }

    #[allow(clippy::mut_from_ref)] // as `alloc`
    pub(crate) fn alloc_with<T>(&self, len: usize, make: impl FnMut(usize) -> T) -> Result<&mut [T], Error> {
        // SAFETY: as in `alloc`; `put_with` initialised all `len` values.
        self.put_with(len, make).map(|mut at| unsafe { at.as_mut() })
    }

    #[allow(clippy::mut_from_ref)] // as `alloc`
    pub(crate) fn alloc_copy<T: Copy>(&self, values: &[T]) -> Result<&mut [T], Error> {
        // SAFETY: as in `alloc`; `put_copy` initialised all values.
        self.put_copy(values).map(|mut at| unsafe { at.as_mut() })
    }

    #[allow(clippy::mut_from_ref)] // as `alloc`
    pub(crate) fn alloc_str(&self, text: &str) -> Result<&mut str, Error> {
        // SAFETY: a copy of a str's bytes is a str.
        self.alloc_copy(text.as_bytes()).map(|bytes| unsafe { core::str::from_utf8_unchecked_mut(bytes) })
    }

    pub(crate) fn insert<T: Send + Sync + 'static>(&self, value: T) -> Result<Ref<T>, Error> {
        let epoch = self.epoch()?;
        self.put(value).map(|at| Ref { at: at.as_ptr(), epoch })
    }

    pub(crate) fn insert_copy<T>(&self, values: &[T]) -> Result<Ref<[T]>, Error>
    where
        T: Copy + Send + Sync + 'static,
    {
        let epoch = self.epoch()?;
        self.put_copy(values).map(|at| Ref { at: at.as_ptr(), epoch })
    }

    pub(crate) fn insert_str(&self, text: &str) -> Result<Ref<str>, Error> {
        // The cast keeps the length, and a copy of a str's bytes is a str.
        self.insert_copy(text.as_bytes()).map(|Ref { at, epoch }| Ref { at: at as *mut str, epoch })
    }

    #[inline]
    pub(crate) fn get<T: ?Sized>(&self, handle: Ref<T>) -> Option<&T> {
        if self.epoch.get() != Some(handle.epoch) {
            return None;
        }
        // SAFETY: *Epoch*: the object is still there, and changed through `&mut self` only.
        Some(unsafe { &*handle.at })
    }

    #[inline]
    pub(crate) fn get_mut<T: ?Sized>(&mut self, handle: Ref<T>) -> Option<&mut T> {
        if self.epoch.get() != Some(handle.epoch) {
            return None;
        }
        // SAFETY: *Epoch*: the object is still there, and `&mut self` proves that nobody else reads it.
        Some(unsafe { &mut *handle.at })
    }

    fn epoch(&self) -> Result<NonZeroU64, Error> {
        if let Some(epoch) = self.epoch.get() {
            return Ok(epoch);
        }
        let epoch = next_epoch().ok_or(Error::Overflow)?;
        self.epoch.set(Some(epoch));
        Ok(epoch)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.reset(0);
    }
}

// SAFETY: a Memory owns its blocks. Who moves it to another thread holds no borrow of an object; what Refs can still reach
// there is Send (*Plain*).
unsafe impl Send for Memory {}

fn array<T>(len: usize) -> Result<Layout, Error> {
    Layout::array::<T>(len).map_err(|_| Error::Overflow)
}

// SAFETY: the pointer is followed only through an arena of the same epoch, and what it points to is Send + Sync (*Plain*).
unsafe impl<T: ?Sized> Send for Ref<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized> Sync for Ref<T> {}

/// A memory in which nothing changes any more.
pub(crate) struct Frozen(Memory);

// SAFETY: only `get` and `usage` are reachable through `&Frozen`; they read Cells that nobody writes, and objects that are
// Sync (*Plain*).
unsafe impl Sync for Frozen {}

impl Frozen {
    pub(crate) fn new(memory: Memory) -> Self {
        Self(memory)
    }

    pub(crate) fn get<T: ?Sized>(&self, handle: Ref<T>) -> Option<&T> {
        self.0.get(handle)
    }

    pub(crate) fn usage(&self) -> Usage {
        self.0.usage()
    }

    pub(crate) fn into_memory(self) -> Memory {
        self.0
    }
}

/// A run of values at the end of what is filled, that may grow there: `len <= cap`.
pub(crate) struct Run<'m, T: Copy> {
    memory: &'m Memory,
    at: NonNull<T>,
    len: usize,
    cap: usize,
}

impl<'m, T: Copy> Run<'m, T> {
    pub(crate) fn new(memory: &'m Memory) -> Self {
        Self { memory, at: NonNull::dangling(), len: 0, cap: 0 }
    }

    pub(crate) fn as_slice(&self) -> &[T] {
        // SAFETY: the run owns room for `cap` values (or is dangling with none), and the first `len` are initialised.
        unsafe { NonNull::slice_from_raw_parts(self.at, self.len).as_ref() }
    }

    /// Appends a copy of `more`.
    pub(crate) fn extend(&mut self, more: &[T]) -> Result<(), Error> {
        let total = self.len.checked_add(more.len()).ok_or(Error::Overflow)?;
        if total > self.cap && !self.widen(total) {
            // Twice the room, so that a long run moves seldom; exactly enough where the budget allows no more.
            match self.relocate(total.max(self.cap.saturating_mul(2))) {
                Err(Error::Budget | Error::Overflow) => self.relocate(total)?,
                other => other?,
            }
        }
        // SAFETY: `cap >= total`, so there is room behind `len`; it is the run's own, so it does not overlap `more`.
        unsafe { self.at.add(self.len).copy_from_nonoverlapping(NonNull::from(more).cast(), more.len()) };
        self.len = total;
        Ok(())
    }

    /// Whether the run ends at the cursor, where room can be added and taken back.
    fn is_last(&self) -> bool {
        // Equal addresses are not enough: an empty run may dangle, and a block may end where another one starts.
        self.cap > 0
            && self.memory.used.0.get().is_some_and(|current| {
                let base = current.at(HEADER).addr();
                self.at.addr() >= base && self.end_addr() == self.memory.cursor.get().addr().get()
            })
    }

    fn end_addr(&self) -> usize {
        self.at.addr().get() + self.cap * size_of::<T>()
    }

    /// Adds room in place until there is some for `total` values; whether that was possible.
    fn widen(&mut self, total: usize) -> bool {
        let Some(more) = (total - self.cap).checked_mul(size_of::<T>()) else { return false };
        if !self.is_last() || more > self.memory.room() {
            return false;
        }
        // SAFETY: *Cursor*: `more` bytes are left. The run's pointer has the provenance of the current chunk's block, since
        // it starts and ends in it.
        self.memory.cursor.set(unsafe { self.memory.cursor.get().add(more) });
        self.cap = total;
        true
    }

    /// Moves to new room for `cap` values; the old room is given up.
    fn relocate(&mut self, cap: usize) -> Result<(), Error> {
        let at = self.memory.reserve(array::<T>(cap)?)?.cast::<T>();
        // SAFETY: the new room is larger, and nobody else's, so it does not overlap the old one.
        unsafe { at.copy_from_nonoverlapping(self.at, self.len) };
        (self.at, self.cap) = (at, cap);
        Ok(())
    }

    /// Gives room behind the first `len` values back, if nothing was allocated behind it.
    fn shrink(&mut self, len: usize) {
        if self.is_last() {
            let rest = (self.cap - len) * size_of::<T>();
            // SAFETY: the run ends at the cursor and owns these last bytes of the current chunk.
            self.memory.cursor.set(unsafe { self.memory.cursor.get().sub(rest) });
            self.cap = len;
        }
    }

    /// The values.
    pub(crate) fn finish(mut self) -> &'m mut [T] {
        self.shrink(self.len);
        let (at, len) = (self.at, self.len);
        core::mem::forget(self); // a dropped run gives up its values
        // SAFETY: as in `as_slice`; the run is gone, so nobody else has a pointer to it, and the memory lives for 'm.
        unsafe { NonNull::slice_from_raw_parts(at, len).as_mut() }
    }
}

impl<T: Copy> Drop for Run<'_, T> {
    fn drop(&mut self) {
        self.shrink(0);
    }
}
