//! Programs that a test starts on the loopback, and that end with it.

use std::net::{TcpListener, TcpStream};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server in a process of its own. Dropping it ends that process, by its handle.
pub struct Service {
    child: Child,
    log: PathBuf,
}

impl Service {
    /// Starts a server: `command` writes its settings for a port and gives the command. Between finding a port and
    /// using it somebody else may take it, so several are tried.
    pub fn start(log: &Path, package: &str, command: impl Fn(u16) -> Command) -> (Self, u16) {
        let mut said = String::new();
        for _ in 0..5 {
            let port = free_port();
            let file = std::fs::File::create(log).unwrap();
            let mut command = command(port);
            let name = command.get_program().display().to_string();
            command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
            let child = command.spawn().unwrap_or_else(|error| {
                panic!("{name} could not be started ({error}); install {package} or run cargo xtask test")
            });
            let mut service = Self { child, log: log.to_owned() };
            if service.answers(port) {
                return (service, port);
            }
            said = service.log();
        }
        panic!("a server did not come up:\n{said}");
    }

    fn answers(&mut self, port: u16) -> bool {
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until && self.child.try_wait().unwrap().is_none() {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                // Who answers may be a stranger whose port our child has just been refused.
                std::thread::sleep(Duration::from_millis(50));
                return self.child.try_wait().unwrap().is_none();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Something expensive that tests which run at the same time use together. A static is never dropped, so the last one
/// to leave ends it; whoever comes later starts it anew.
pub struct Shared<T>(Mutex<(usize, Option<Arc<T>>)>);

/// One test's share.
pub struct Lease<T: 'static> {
    held: Option<Arc<T>>,
    of: &'static Shared<T>,
}

impl<T> Shared<T> {
    /// Not yet started.
    pub const fn new() -> Self {
        Self(Mutex::new((0, None)))
    }

    fn lock(&self) -> MutexGuard<'_, (usize, Option<Arc<T>>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a share, and starts it when nobody has one.
    pub fn lease(&'static self, start: impl FnOnce() -> T) -> Lease<T> {
        let mut state = self.lock();
        if state.1.is_none() {
            state.1 = Some(Arc::new(start()));
        }
        state.0 += 1;
        Lease { held: state.1.clone(), of: self }
    }
}

impl<T> Deref for Lease<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.held.as_ref().unwrap()
    }
}

impl<T> Drop for Lease<T> {
    fn drop(&mut self) {
        // It ends while the lock is held: a successor must not meet what is still stopping.
        let mut state = self.of.lock();
        self.held = None;
        state.0 -= 1;
        if state.0 == 0 {
            state.1 = None;
        }
    }
}
