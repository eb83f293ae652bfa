//! How a caller watches a reading and ends it early.

/// Both methods are called from several threads, often; they should return at once.
pub trait Hooks: Sync {
    /// `done` of `total` stored bytes of the layers have been read.
    fn progress(&self, done: u64, total: u64) {
        let _ = (done, total);
    }

    /// Polled between chunks; `true` ends the reading with [`crate::ImageError::Cancelled`].
    fn cancelled(&self) -> bool {
        false
    }
}

/// Hooks that watch nothing and never cancel.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {}
