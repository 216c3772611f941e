//! A frozen arena that many may read.

use alloc::sync::Arc;
use core::fmt;

use crate::handle::Ref;
use crate::memory::Frozen;
use crate::{Arena, Usage};

/// A frozen arena: read through [`Ref`]s, from any thread; the last clone frees it.
///
/// This is what lws does with `lwsac_reference`, `lwsac_unreference` and `lwsac_detach`: a clone is a reference, dropping it
/// is the unreference, and dropping the owner's one while others read is the detach.
#[doc(alias = "lwsac_reference")]
#[doc(alias = "lwsac_unreference")]
#[doc(alias = "lwsac_detach")]
#[derive(Clone)]
pub struct Shared(Arc<Frozen>);

impl Shared {
    pub(crate) fn new(frozen: Frozen) -> Self {
        Self(Arc::new(frozen))
    }

    /// The object behind a handle; `None` if the handle is of another arena, or from before a reset.
    pub fn get<T: ?Sized>(&self, handle: Ref<T>) -> Option<&T> {
        self.0.get(handle)
    }

    /// What it holds, in bytes.
    pub fn usage(&self) -> Usage {
        self.0.usage()
    }

    /// The arena back, with everything in it and all handles valid, if this is the last clone.
    ///
    /// # Errors
    /// Gives `self` back while other clones exist.
    pub fn thaw(self) -> Result<Arena, Self> {
        Arc::try_unwrap(self.0).map(|frozen| Arena::from_memory(frozen.into_memory())).map_err(Self)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shared").field(&self.usage()).finish()
    }
}
