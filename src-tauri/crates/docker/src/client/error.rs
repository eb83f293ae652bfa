//! Why an engine could not be read: one sentence each, which says what to do.

use std::path::PathBuf;

use thiserror::Error;

/// Why the engine could not be read.
#[derive(Debug, Error)]
pub enum DockerError {
    /// Nobody answers.
    #[error(
        "No Docker daemon answers at {host} ({reason}); start Docker or set DOCKER_HOST, or audit an archive made with docker save"
    )]
    NoDaemon {
        /// Where it was looked for.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// The socket is there, and may not be used.
    #[error(
        "The Docker daemon at {host} refuses this user; add the user to the group docker, or run docker save as root and audit the archive"
    )]
    NoPermission {
        /// Where it was looked for.
        host: String,
    },
    /// It answers too slowly.
    #[error(
        "The Docker daemon at {host} did not answer within {seconds} seconds; see whether docker version works there"
    )]
    Slow {
        /// Where.
        host: String,
        /// The time that it had.
        seconds: u64,
    },
    /// Something answers that is no Docker daemon.
    #[error("What answers at {host} is no Docker daemon ({reason}); check the address")]
    NotDocker {
        /// Where.
        host: String,
        /// How that is known.
        reason: String,
    },
    /// It demands a client certificate and got none that it takes.
    #[error(
        "The Docker daemon at {host} demands a client certificate that it knows; set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem, or name a Docker context that has them"
    )]
    NoClientCertificate {
        /// Where.
        host: String,
    },
    /// Its certificate comes from a CA that is not trusted.
    #[error(
        "The certificate of the Docker daemon at {host} comes from an authority that is not trusted here; put that authority's certificate as ca.pem into the folder that DOCKER_CERT_PATH names"
    )]
    UnknownCa {
        /// Where.
        host: String,
    },
    /// TLS failed for another reason.
    #[error(
        "TLS with the Docker daemon at {host} failed ({reason}); compare its certificate with the address and with your ca.pem"
    )]
    Tls {
        /// Where.
        host: String,
        /// What the library says.
        reason: String,
    },
    /// It speaks TLS and was spoken to without.
    #[error(
        "The Docker daemon at {host} speaks TLS and was asked without it; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or name a Docker context that has the certificates"
    )]
    PlainToTls {
        /// Where.
        host: String,
    },
    /// It was spoken to with TLS and speaks none.
    #[error("What answers at {host} speaks no TLS; unset DOCKER_TLS_VERIFY if the daemon is really served without it")]
    TlsToPlain {
        /// Where.
        host: String,
    },
    /// A certificate or key for the connection cannot be used.
    #[error(
        "The file {path} for the TLS connection cannot be used: {reason}; replace it or set DOCKER_CERT_PATH to another folder"
    )]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// `ssh` did not reach it.
    #[error(
        "ssh did not reach a Docker daemon at {host} ({reason}); try ssh there by hand, without a password, with the command docker version"
    )]
    Ssh {
        /// Where.
        host: String,
        /// The last line that ssh wrote.
        reason: String,
    },
    /// No such context.
    #[error("There is no Docker context \"{name}\"; {known}")]
    NoContext {
        /// As it was named.
        name: String,
        /// Which there are, in words.
        known: String,
    },
    /// The context is there and cannot be used.
    #[error("The Docker context \"{name}\" cannot be used: {reason}; see docker context inspect {name}")]
    BadContext {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// An address from the environment or a context that cannot be used.
    #[error(
        "{what} names the Docker daemon as \"{address}\", which cannot be used: {reason}; write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST"
    )]
    BadAddress {
        /// `DOCKER_HOST`, or which context.
        what: String,
        /// The address.
        address: String,
        /// Why.
        reason: String,
    },
    /// Its API is older than what is understood.
    #[error(
        "The Docker daemon at {host} speaks API {api} at most, and this program needs {needs} or later; collect there by hand with docker inspect, or update the daemon"
    )]
    TooOld {
        /// Where.
        host: String,
        /// Its highest version.
        api: String,
        /// The lowest that is understood.
        needs: String,
    },
    /// Its API is newer than what is understood.
    #[error(
        "The Docker daemon at {host} speaks API {api} at least, and this program knows {knows} at most; get a newer version of this program"
    )]
    TooNew {
        /// Where.
        host: String,
        /// Its lowest version.
        api: String,
        /// The highest that is known.
        knows: String,
    },
    /// The engine has no such image.
    #[error("The Docker daemon has no image \"{0}\"; see docker image ls for its names, or docker pull it first")]
    NoImage(String),
    /// The engine has no such container.
    #[error("The Docker daemon has no container \"{0}\"; see docker container ls --all for its names")]
    NoContainer(String),
    /// The engine said something else.
    #[error("The Docker daemon could not {act}: {reason}")]
    Engine {
        /// What was asked.
        act: String,
        /// What it said.
        reason: String,
    },
    /// A file that the auditor gives cannot be used.
    #[error(
        "The file {path} cannot be used: {reason}; give a daemon.json, a systemd unit or drop-in of docker, or an environment file of it"
    )]
    GivenFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The export could not be written.
    #[error("The image could not be written to {path}: {source}; free some space there or set TMPDIR")]
    Write {
        /// The temporary file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The auditor stopped it.
    #[error("Reading from the Docker daemon was cancelled")]
    Cancelled,
}
