//! Long work: its progress, and stopping it.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

/// What a job is doing at the moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which subject, from 1.
    pub subject: usize,
    /// Of how many.
    pub subjects: usize,
    /// Its name.
    pub name: String,
    /// What is being done.
    pub step: &'static str,
    /// Bytes done.
    pub done: u64,
    /// Bytes in all; 0 when unknown.
    pub total: u64,
}

/// A handle on long work. Cloning it gives another handle on the same work.
#[derive(Clone)]
pub struct Job {
    cancel: CancellationToken,
    report: Arc<dyn Fn(&Step) + Send + Sync>,
    place: (usize, usize),
    name: String,
}

impl Job {
    /// A job whose steps go to `report`.
    pub fn new(report: impl Fn(&Step) + Send + Sync + 'static) -> Self {
        Self { cancel: CancellationToken::new(), report: Arc::new(report), place: (1, 1), name: String::new() }
    }

    /// A job that tells nobody.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    /// Stops the work at the next opportunity.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Whether it was stopped.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// The token that asynchronous work waits on.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        &self.cancel
    }

    /// The same job, at one of its subjects.
    #[must_use]
    pub fn at(&self, subject: usize, subjects: usize, name: &str) -> Self {
        Self { place: (subject, subjects), name: name.to_owned(), ..self.clone() }
    }

    /// Tells what is being done.
    pub fn tell(&self, step: &'static str, done: u64, total: u64) {
        let (subject, subjects) = self.place;
        (self.report)(&Step { subject, subjects, name: self.name.clone(), step, done, total });
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("place", &self.place).field("name", &self.name).finish_non_exhaustive()
    }
}

/// The image reader's hooks, tied to a job. Steps are told at most once per mebibyte.
pub(crate) struct ReadingHooks<'a> {
    pub(crate) job: &'a Job,
    pub(crate) told: std::sync::atomic::AtomicU64,
}

impl plimsoll_image::Hooks for ReadingHooks<'_> {
    fn progress(&self, done: u64, total: u64) {
        use std::sync::atomic::Ordering::Relaxed;
        let told = self.told.load(Relaxed);
        if done >= total || done.saturating_sub(told) >= 1 << 20 {
            self.told.store(done, Relaxed);
            self.job.tell("Reading layers", done, total);
        }
    }

    fn cancelled(&self) -> bool {
        self.job.is_cancelled()
    }
}
