//! One file fetched from a source to the disk: bounded in size and time, only over TLS unless the auditor named a plain
//! address, not at all when the source says that it has not changed.

use std::path::Path;
use std::time::Duration;

use reqwest::header::{ETAG, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use crate::error::WorkbenchError;
use crate::job::Job;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(20);
/// How long nothing may arrive.
const IDLE: Duration = Duration::from_secs(60);
/// One file may be at most this many bytes: 2 GiB.
const LIMIT: u64 = 2 << 30;
/// Redirects that are followed.
const REDIRECTS: usize = 5;
/// Attempts when the other side does not answer or is overloaded.
const TRIES: u32 = 3;
/// A mark longer than this is not kept.
const MARK_LIMIT: usize = 1_000;

/// What a source said of a file when it was fetched last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Mark {
    /// HTTP's `ETag`.
    pub(crate) etag: Option<String>,
    /// HTTP's `Last-Modified`.
    pub(crate) last_modified: Option<String>,
    /// When it was fetched, RFC 3339.
    pub(crate) at: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub(crate) sha256: String,
    /// The feeds of the database that hold what was in it: without them it is fetched again, whatever the source says.
    pub(crate) feeds: Vec<String>,
}

/// How a source answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// With the file, which is on the disk now.
    New(Mark),
    /// It is as it was.
    Unchanged,
    /// There is no such file.
    Missing,
}

fn failed(url: &Url, reason: impl std::fmt::Display) -> WorkbenchError {
    WorkbenchError::Fetch { url: shown(url), reason: reason.to_string() }
}

/// An address without what may be secret in it.
pub(crate) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

/// The whole chain of causes in one line: the outer message alone says little.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Follows a redirect only to the host that was asked, and never out of TLS: nobody else is contacted.
fn policy() -> Policy {
    Policy::custom(|attempt| {
        if attempt.previous().len() > REDIRECTS {
            return attempt.error("that is one redirect too many");
        }
        let from = attempt.previous().last().map(|url| (url.scheme() == "https", url.host_str().map(str::to_owned)));
        let to = (attempt.url().scheme().to_owned(), attempt.url().host_str().map(str::to_owned));
        match (from, to.0.as_str()) {
            (Some((true, _)), "http") => attempt.error("the redirect would leave TLS"),
            (Some((_, host)), "https" | "http") if host == to.1 => attempt.follow(),
            _ => {
                let to = to.1.unwrap_or_default();
                attempt.error(format!("it redirects to {to}, which was not among the hosts that were named"))
            }
        }
    })
}

/// The client for an address. The system's proxy is used, but for addresses of this machine.
pub(crate) fn client(url: &Url) -> Result<Client, WorkbenchError> {
    let build = |system_roots: bool| {
        let builder = Client::builder()
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .redirect(policy())
            .referer(false)
            .connect_timeout(CONNECT)
            .read_timeout(IDLE);
        let builder = if system_roots { builder } else { builder.tls_certs_only(Vec::new()) };
        if is_loopback(url) { builder.no_proxy().build() } else { builder.build() }
    };
    // A bare machine has no roots at all; it may still ask a mirror in plain HTTP, and trusts nobody else.
    build(true).or_else(|_| build(false)).map_err(|error| failed(url, chain(&error)))
}

/// Whether another attempt may help.
fn may_pass(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

async fn ask(client: &Client, url: &Url, known: Option<&Mark>) -> Result<Response, reqwest::Error> {
    let mut request = client.get(url.clone());
    if let Some(mark) = known {
        request = match (&mark.etag, &mark.last_modified) {
            (Some(etag), _) => request.header(IF_NONE_MATCH, etag),
            (None, Some(moment)) => request.header(IF_MODIFIED_SINCE, moment),
            (None, None) => request,
        };
    }
    request.send().await
}

/// Fetches a file. `known` is what the source said of it before.
///
/// # Errors
/// When the source cannot be reached, does not have it or refuses it, or the file is too large; or the job is cancelled.
pub(crate) async fn fetch(
    client: &Client,
    url: &Url,
    known: Option<&Mark>,
    to: &Path,
    job: &Job,
) -> Result<Answer, WorkbenchError> {
    let mut tried = 1;
    let response = loop {
        let answer = tokio::select! {
            biased;
            () = job.token().cancelled() => return Err(WorkbenchError::Cancelled),
            answer = ask(client, url, known) => answer,
        };
        let again = match &answer {
            Ok(response) => may_pass(response.status()),
            Err(error) => error.is_connect() || error.is_timeout(),
        };
        if !again || tried >= TRIES {
            break answer.map_err(|error| failed(url, chain(&error)))?;
        }
        tokio::select! {
            biased;
            () = job.token().cancelled() => return Err(WorkbenchError::Cancelled),
            () = tokio::time::sleep(Duration::from_secs(u64::from(tried))) => {}
        }
        tried += 1;
    };
    match response.status() {
        StatusCode::NOT_MODIFIED if known.is_some() => Ok(Answer::Unchanged),
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Answer::Missing),
        StatusCode::OK => take(response, url, to, job).await.map(Answer::New),
        other => Err(failed(url, format!("the source answered {other}"))),
    }
}

/// Writes an answer's body to the disk.
async fn take(mut response: Response, url: &Url, to: &Path, job: &Job) -> Result<Mark, WorkbenchError> {
    let write = |source| WorkbenchError::Write { path: to.to_owned(), source };
    let total = response.content_length().unwrap_or(0);
    let too_large = || failed(url, format!("it is larger than {LIMIT} bytes"));
    if total > LIMIT {
        return Err(too_large());
    }
    let mark = |name: HeaderName| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok())?;
        (value.len() <= MARK_LIMIT).then(|| value.to_owned())
    };
    let (etag, last_modified) = (mark(ETAG), mark(LAST_MODIFIED));
    if let Some(folder) = to.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(write)?;
    }
    let mut file = tokio::fs::File::create(to).await.map_err(write)?;
    let mut hash = Sha256::new();
    let (mut done, mut told) = (0_u64, 0_u64);
    loop {
        let chunk = tokio::select! {
            biased;
            () = job.token().cancelled() => return Err(WorkbenchError::Cancelled),
            chunk = response.chunk() => chunk.map_err(|error| failed(url, chain(&error)))?,
        };
        let Some(chunk) = chunk else { break };
        done = done.saturating_add(chunk.len() as u64);
        if done > LIMIT {
            return Err(too_large());
        }
        hash.update(&chunk);
        file.write_all(&chunk).await.map_err(write)?;
        if done.saturating_sub(told) >= 1 << 20 {
            told = done;
            job.tell("Fetching advisories", done, total.max(done));
        }
    }
    file.flush().await.map_err(write)?;
    Ok(Mark { etag, last_modified, at: crate::collect::now(), sha256: hex::encode(hash.finalize()), feeds: Vec::new() })
}
