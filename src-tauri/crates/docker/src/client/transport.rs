//! The one gate through which every request passes: only GET without a body is ever sent. Answers are bounded in size,
//! time and depth.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bollard::BollardRequest;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::dial::Dialer;
use super::error::DockerError;
use super::target::{Target, Way};
use super::trouble::{Trouble, wire};

/// Largest answer, bytes.
pub(crate) const LARGEST: usize = 64 << 20;

/// Most parts of an answer. In memory each takes many times what it takes on the wire.
const PARTS: usize = 4_000_000;

/// Sends requests over connections that are kept open.
#[derive(Clone)]
pub(crate) struct Transport {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client<Dialer, Empty<Bytes>>,
    dialer: Dialer,
    /// `http://HOST`: what stands before each path.
    base: String,
    /// Requests at one time. Each may need a connection of its own, and over SSH a process.
    permits: Semaphore,
    ssh: bool,
    largest: usize,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("base", &self.inner.base).finish_non_exhaustive()
    }
}

/// The only place where a request is made.
fn request(uri: Uri) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = uri;
    request
}

impl Transport {
    /// Gets ready; connects to nobody yet.
    pub(crate) fn new(target: &Target, dialer: Dialer, largest: usize) -> Self {
        let ssh = matches!(target.way, Way::Ssh(_));
        let base = match &target.way {
            Way::Tcp { .. } => format!("http://{}", target.endpoint.trim_start_matches("tcp://")),
            _ => "http://api.moby.localhost".to_owned(),
        };
        let at_once = if ssh { 4 } else { 16 };
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(at_once).build(dialer.clone());
        Self { inner: Arc::new(Inner { client, dialer, base, permits: Semaphore::new(at_once), ssh, largest }) }
    }

    /// Asks and reads the whole answer as JSON. The time counts from when the request may go out.
    pub(crate) async fn get(&self, path: &str, limit: Duration, cancel: &CancellationToken) -> Result<Value, Trouble> {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(Trouble::Cancelled),
            answer = self.answer(path, limit) => answer,
        }
    }

    async fn answer(&self, path: &str, limit: Duration) -> Result<Value, Trouble> {
        let uri: Uri = format!("{}{path}", self.inner.base).parse().map_err(|_| Trouble::Address)?;
        let _permit = self.inner.permits.acquire().await.map_err(|_| Trouble::Cancelled)?;
        let (status, body) = match tokio::time::timeout(limit, self.body(uri)).await {
            Ok(answer) => answer?,
            Err(_) => return Err(Trouble::Slow(limit.as_secs())),
        };
        if !(200..300).contains(&status) {
            return Err(Trouble::status(status, &body));
        }
        if body.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() > PARTS {
            return Err(Trouble::Many(PARTS));
        }
        // serde_json itself ends what is nested more than 128 deep.
        serde_json::from_slice(&body).map_err(|error| Trouble::NotJson(error.to_string()))
    }

    async fn body(&self, uri: Uri) -> Result<(u16, Bytes), Trouble> {
        let response = match self.inner.client.request(request(uri)).await {
            Ok(response) => response,
            Err(error) => {
                let trouble = wire(&error);
                return Err(self.failed(trouble).await);
            }
        };
        let status = response.status().as_u16();
        match Limited::new(response.into_body(), self.inner.largest).collect().await {
            Ok(body) => Ok((status, body.to_bytes())),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Trouble::Large(self.inner.largest)),
            Err(error) => {
                let trouble = wire(&*error);
                Err(self.failed(trouble).await)
            }
        }
    }

    /// Why a connection failed. What `ssh` wrote tells more than that it closed.
    async fn failed(&self, trouble: Trouble) -> Trouble {
        if !self.inner.ssh {
            return trouble;
        }
        for _ in 0..20 {
            if self.inner.dialer.last_words().is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Trouble::Ssh(self.inner.dialer.last_words().unwrap_or_else(|| trouble.reason()))
    }

    /// One request of bollard's, through the same gate.
    async fn pass(self, asked: BollardRequest) -> Result<Response<Incoming>, bollard::errors::Error> {
        if asked.method() != Method::GET {
            let refused = std::io::Error::other(format!("{} is never sent: only GET is", asked.method()));
            return Err(refused.into());
        }
        Ok(self.inner.client.request(request(asked.uri().clone())).await?)
    }

    /// bollard over this transport, speaking one version of the API.
    pub(crate) fn bollard(&self, api: (usize, usize), timeout: Duration) -> Result<bollard::Docker, DockerError> {
        let version = bollard::ClientVersion { major_version: api.0, minor_version: api.1 };
        let transport = self.clone();
        bollard::Docker::connect_with_custom_transport(
            move |asked| transport.clone().pass(asked),
            Some(self.inner.base.as_str()),
            timeout.as_secs(),
            &version,
        )
        .map_err(|error| DockerError::Engine { act: "be spoken to".into(), reason: error.to_string() })
    }
}
