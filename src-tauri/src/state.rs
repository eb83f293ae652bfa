//! What the desktop holds between calls: the open engagement, the run that is going on, what it remembers.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use plimsoll_workbench::catalog::Language;
use plimsoll_workbench::settings::Settings;
use plimsoll_workbench::{Job, Session, WorkbenchError};

/// The state behind the window.
#[derive(Debug)]
pub struct Desktop {
    session: Mutex<Option<Session>>,
    run: Mutex<Option<Job>>,
    advisories: Mutex<Option<Job>>,
    settings: Mutex<Settings>,
}

/// A lock that outlives a panic elsewhere: what it guards is consistent between calls.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desktop {
    /// Opens what the command line names.
    pub fn from_arguments(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let desktop = Self {
            session: Mutex::new(None),
            run: Mutex::new(None),
            advisories: Mutex::new(None),
            settings: Mutex::new(Settings::load()),
        };
        let mut arguments = arguments.peekable();
        if let Some(argument) = arguments.next() {
            if arguments.peek().is_some() {
                return Err("give at most one engagement to open".to_owned());
            }
            let opened = match argument.to_str() {
                Some("--sample") => Session::sample(Language::En),
                _ => Session::open(&PathBuf::from(argument), Language::En),
            };
            desktop.put(opened.map_err(|error| error.to_string())?);
        }
        Ok(desktop)
    }

    /// Works with the open engagement.
    pub fn with<T>(&self, work: impl FnOnce(&mut Session) -> Result<T, WorkbenchError>) -> Result<T, WorkbenchError> {
        let mut session = lock(&self.session);
        work(session.as_mut().ok_or(WorkbenchError::NoEngagement)?)
    }

    /// Closes the open engagement, so that another can be opened. Not while a run is going on.
    pub fn close(&self) -> Result<(), WorkbenchError> {
        if lock(&self.run).is_some() {
            return Err(WorkbenchError::Busy);
        }
        *lock(&self.session) = None;
        Ok(())
    }

    /// Makes an engagement the open one, and remembers it.
    pub fn put(&self, session: Session) {
        {
            let details = session.engagement().details();
            let mut settings = lock(&self.settings);
            if !details.sample {
                settings.opened(session.engagement().path(), &details.title, &details.client);
                settings.auditor.clone_from(&details.auditor);
                settings.organization.clone_from(&details.organization);
            }
            // Not to remember is no reason not to work.
            let _ = settings.save();
        }
        *lock(&self.session) = Some(session);
    }

    /// Whether an engagement is open at a path.
    pub fn is_open(&self, path: &Path) -> bool {
        lock(&self.session).as_ref().is_some_and(|session| session.engagement().path() == path)
    }

    /// Begins a run; there is only one at a time.
    pub fn begin_run(&self, job: &Job) -> Result<(), WorkbenchError> {
        let mut run = lock(&self.run);
        if run.is_some() {
            return Err(WorkbenchError::Busy);
        }
        *run = Some(job.clone());
        Ok(())
    }

    /// Notes that the run has ended.
    pub fn end_run(&self) {
        *lock(&self.run) = None;
    }

    /// Stops the run, if one is going on.
    pub fn cancel_run(&self) {
        if let Some(job) = lock(&self.run).as_ref() {
            job.cancel();
        }
    }

    /// Begins to write the advisory database; false while that is going on already. It belongs to no engagement.
    pub fn begin_advisories(&self, job: &Job) -> bool {
        let mut writing = lock(&self.advisories);
        if writing.is_some() {
            return false;
        }
        *writing = Some(job.clone());
        true
    }

    /// Notes that the advisory database is written no more.
    pub fn end_advisories(&self) {
        *lock(&self.advisories) = None;
    }

    /// Stops the writing of the advisory database, if it is going on.
    pub fn cancel_advisories(&self) {
        if let Some(job) = lock(&self.advisories).as_ref() {
            job.cancel();
        }
    }

    /// What is remembered.
    pub fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    /// Changes what is remembered.
    pub fn remember(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = lock(&self.settings);
        change(&mut settings);
        let _ = settings.save();
    }
}
