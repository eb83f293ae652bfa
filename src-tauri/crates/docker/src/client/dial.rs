//! Opening one connection to an engine: socket, TCP, TLS, or the ends of an `ssh` process.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStderr, Command};
use tower_service::Service;

use super::error::DockerError;
use super::surroundings::Surroundings;
use super::target::{SshWay, Target, Way};
use super::tls;

/// How long a connection may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);
/// Most that is kept of what `ssh` writes.
const WORDS: usize = 8 << 10;

/// Opens connections.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    way: Arc<Ready>,
    /// What `ssh` last wrote to its standard error.
    words: Arc<Mutex<String>>,
}

#[derive(Debug)]
enum Ready {
    Unix(PathBuf),
    Tcp { host: String, port: u16, tls: Option<(Arc<ClientConfig>, ServerName<'static>)> },
    Ssh { program: PathBuf, arguments: Vec<String> },
}

impl Dialer {
    /// Gets ready: files for TLS are read here.
    pub(crate) fn new(target: &Target, around: &Surroundings) -> Result<Self, DockerError> {
        let ready = match &target.way {
            Way::Unix(path) => Ready::Unix(around.at(path)),
            Way::Tcp { host, port, tls } => {
                let tls = match tls {
                    Some(files) => {
                        let name = ServerName::try_from(host.clone()).map_err(|_| DockerError::Tls {
                            host: target.endpoint.clone(),
                            reason: "the host's name is none that a certificate could bear".into(),
                        })?;
                        Some((tls::client_config(files)?, name))
                    }
                    None => None,
                };
                Ready::Tcp { host: host.clone(), port: *port, tls }
            }
            Way::Ssh(way) => ssh(way, around),
        };
        Ok(Self { way: Arc::new(ready), words: Arc::default() })
    }

    /// The last line that `ssh` wrote, if it wrote any.
    pub(crate) fn last_words(&self) -> Option<String> {
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        words.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
    }

    async fn dial(self) -> std::io::Result<Wire> {
        match &*self.way {
            #[cfg(unix)]
            Ready::Unix(path) => Ok(Wire::new(tokio::net::UnixStream::connect(path).await?)),
            #[cfg(not(unix))]
            Ready::Unix(_) => Err(std::io::Error::other("this system has no unix sockets")),
            Ready::Tcp { host, port, tls } => {
                let stream = tokio::net::TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                match tls {
                    Some((config, name)) => {
                        let connector = tokio_rustls::TlsConnector::from(config.clone());
                        Ok(Wire::new(connector.connect(name.clone(), stream).await?))
                    }
                    None => Ok(Wire::new(stream)),
                }
            }
            Ready::Ssh { program, arguments } => {
                let mut child = Command::new(program)
                    .args(arguments)
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .kill_on_drop(true)
                    .spawn()?;
                let gone = || std::io::Error::other("ssh has no standard input and output");
                let (input, output) = child.stdin.take().zip(child.stdout.take()).ok_or_else(gone)?;
                if let Some(errors) = child.stderr.take() {
                    tokio::spawn(listen(errors, self.words.clone()));
                }
                Ok(Wire { stream: Box::pin(tokio::io::join(output, input)), _process: Some(child) })
            }
        }
    }
}

fn ssh(way: &SshWay, around: &Surroundings) -> Ready {
    Ready::Ssh { program: around.ssh.clone(), arguments: way.arguments(CONNECT.as_secs()) }
}

/// Keeps the end of what `ssh` writes, and reads on so that it never waits for us.
async fn listen(mut errors: ChildStderr, words: Arc<Mutex<String>>) {
    let mut buffer = [0_u8; 1024];
    while let Ok(count) = errors.read(&mut buffer).await {
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
        words.push_str(&String::from_utf8_lossy(bytes));
        if words.len() > WORDS {
            let cut = (words.len() - WORDS / 2..words.len()).find(|at| words.is_char_boundary(*at));
            *words = cut.and_then(|at| words.get(at..)).unwrap_or_default().to_owned();
        }
    }
}

impl Service<Uri> for Dialer {
    type Response = TokioIo<Wire>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let dialer = self.clone();
        Box::pin(async move {
            match tokio::time::timeout(CONNECT, dialer.dial()).await {
                Ok(wire) => wire.map(TokioIo::new),
                Err(_) => Err(std::io::Error::new(
                    std::io::ErrorKind::TimedOut,
                    format!("no connection within {} seconds", CONNECT.as_secs()),
                )),
            }
        })
    }
}

trait Stream: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

/// One open connection.
pub(crate) struct Wire {
    stream: Pin<Box<dyn Stream>>,
    /// Ended when the connection is dropped.
    _process: Option<Child>,
}

impl Wire {
    fn new(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::pin(stream), _process: None }
    }
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        self.stream.as_mut().poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }
}
