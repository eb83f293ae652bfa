//! Running the program and its judges.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use plimsoll_workbench::sample;

/// The passphrase of all test identities.
pub const PASSPHRASE: &str = "a passphrase for tests";

/// Use cases whose outcome depends on where an image lies, not on what it is.
pub const OF_THE_PLACE: [&str; 4] = ["A1", "A2", "C1", "C2"];

/// A binary of ours, beside the test in the target folder.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test.ancestors().nth(2).unwrap().join(name);
    assert!(path.is_file(), "{} is not built; run cargo xtask test", path.display());
    path
}

/// Where pictures for people go.
pub fn artifacts() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/artifacts");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A home of its own for the program: nothing of the person who runs the tests is read or changed.
pub struct Home {
    /// Its folder.
    pub folder: tempfile::TempDir,
}

impl Home {
    /// An empty one.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command that lives in it.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("DOCKER_CONFIG", self.path("docker"))
            .env_remove("DOCKER_CONTENT_TRUST")
            .env_remove("DOCKER_CONTENT_TRUST_SERVER")
            .env_remove("PLIMSOLL_PASSPHRASE")
            .env_remove("DOCKER_HOST")
            .env("DOCKER_HOST", format!("unix://{}", self.path("no-daemon.sock").display()));
        command
    }

    /// Runs `plimsoll`.
    pub fn plimsoll(&self, arguments: &[&str]) -> Output {
        self.command(binary("plimsoll")).args(arguments).env("PLIMSOLL_PASSPHRASE", PASSPHRASE).output().unwrap()
    }

    /// Makes an identity; its file.
    pub fn identity(&self) -> PathBuf {
        let path = self.path("identity.p12");
        let arguments = [
            "identity",
            "new",
            "--name",
            "Ada Auditor",
            "--organization",
            "Example Audit",
            "--out",
            path.to_str().unwrap(),
        ];
        succeed(&self.plimsoll(&arguments));
        path
    }

    /// Makes the sample; its folder, with `shop.tar`, `worker.tar`, `shop/Dockerfile`, `reports/Dockerfile`.
    pub fn sample(&self) -> PathBuf {
        let folder = self.path("sample");
        std::fs::create_dir_all(&folder).unwrap();
        drop(sample::open(&folder).unwrap());
        folder
    }
}

/// Standard output of a run that must have gone well.
pub fn succeed(output: &Output) -> String {
    assert!(output.status.success(), "{}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Runs a judge that `cargo xtask test` installs.
pub fn judge(program: impl AsRef<OsStr>, package: &str, arguments: &[&str]) -> (bool, String) {
    let program = program.as_ref();
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| {
        panic!("{} could not be started ({error}); install {package} or run cargo xtask test", program.display())
    });
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), said)
}
