//! The two probes that use a writing method, each only with the auditor's consent: an upload that is opened without
//! credentials and cancelled at once, and the deletion of a digest that cannot exist.

use reqwest::{Method, Url};
use tokio_util::sync::CancellationToken;

use crate::ask::{self, Ask};
use crate::facts::{Answer, Asked};
use crate::probe::{Prober, status};

/// No content has this digest.
const NOTHING: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

pub(crate) async fn probes(prober: &mut Prober<'_>, repository: Option<&String>) {
    let consent = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let push = consent(&prober.connection.push_probe);
    let delete = consent(&prober.connection.delete_probe);
    let unknown = "no repository is known; name one in the registry's connection";
    let shown = repository.map_or("NAME", String::as_str).to_owned();
    let path = format!("{shown}/blobs/uploads/");
    let request = prober.request(&Method::POST, &path);
    let answer = match (push, repository) {
        (false, _) => Answer::NotAsked("no consent to an upload that is opened and cancelled".into()),
        (true, None) => Answer::NotAsked(unknown.into()),
        (true, Some(repository)) => open_upload(prober, repository, &path).await,
    };
    prober.add(Asked::Push, request, answer);
    let path = format!("{shown}/manifests/{NOTHING}");
    let request = prober.request(&Method::DELETE, &path);
    let answer = match (delete, repository) {
        (false, _) => Answer::NotAsked("no consent to the deletion of a digest that cannot exist".into()),
        (true, None) => Answer::NotAsked(unknown.into()),
        (true, Some(repository)) => delete_nothing(prober, repository, &path).await,
    };
    prober.add(Asked::Delete, request, answer);
}

/// Opens an upload as nobody, and cancels it. Nothing is uploaded.
async fn open_upload(prober: &Prober<'_>, repository: &str, path: &str) -> Answer {
    let scope = format!("repository:{repository}:pull,push");
    let ask = Ask { method: Method::POST, scope: Some(&scope), ..Ask::get(path) };
    let answer = match prober.anonymous.send(ask, prober.cancel).await {
        Ok(answer) => answer,
        Err(error) => return Answer::Failed(error.to_string()),
    };
    if !matches!(answer.status, 200..=299) {
        return status(&answer, "");
    }
    let cancelled = match upload(&answer, repository) {
        Some(Place::Another) => {
            "it could not be cancelled: it names another place, and stays until the registry drops it".to_owned()
        }
        None => "it could not be cancelled, as the registry did not say where it is".to_owned(),
        Some(Place::Upload(place)) => {
            // distribution asks for the right to delete here; what was opened is cancelled even if the auditor stops.
            let scope = format!("repository:{repository}:delete,pull,push");
            let ask = Ask { method: Method::DELETE, scope: Some(&scope), ..Ask::get(&place) };
            let stays = "and stays until the registry drops it";
            match prober.anonymous.send(ask, &CancellationToken::new()).await {
                Ok(gone) if matches!(gone.status, 200..=299) => {
                    let after = still_there(prober, repository, &place).await;
                    format!("it was cancelled (DELETE answered {}; {after})", gone.status)
                }
                Ok(gone) => format!("it could not be cancelled (DELETE answered {}) {stays}", gone.status),
                Err(error) => format!("it could not be cancelled ({error}) {stays}"),
            }
        }
    };
    Answer::Status { code: answer.status, detail: format!("an upload was opened; {cancelled}") }
}

/// Whether the registry still knows an upload, in words.
async fn still_there(prober: &Prober<'_>, repository: &str, place: &str) -> String {
    let scope = format!("repository:{repository}:pull,push");
    let ask = Ask { scope: Some(&scope), ..Ask::get(place) };
    match prober.anonymous.send(ask, &CancellationToken::new()).await {
        Ok(answer) if answer.status == 404 => "afterwards it is not known there any more, 404".into(),
        Ok(answer) => format!("asked for it afterwards, the registry answers {}", answer.status),
        Err(_) => "whether it is gone could not be asked".into(),
    }
}

/// Where an opened upload is.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Path and query.
    Upload(String),
    /// On another host, or no upload of the repository: whatever it is, it is not to be deleted.
    Another,
}

/// What the registry says of where the upload is. It could name anything, a manifest for one.
fn upload(answer: &ask::Answer, repository: &str) -> Option<Place> {
    let from = Url::parse(&answer.url).ok()?;
    let to = from.join(answer.header("location")?).ok()?;
    let rest = to.path().strip_prefix(&format!("/v2/{repository}/blobs/uploads/")).unwrap_or_default();
    // What is encoded could be decoded to a way out of the folder by what stands behind.
    let lower = rest.to_ascii_lowercase();
    if to.host_str() != from.host_str()
        || rest.is_empty()
        || ["%2f", "%2e", "%5c", "%25"].iter().any(|c| lower.contains(c))
    {
        return Some(Place::Another);
    }
    Some(Place::Upload(match to.query() {
        Some(query) => format!("{}?{query}", to.path()),
        None => to.path().to_owned(),
    }))
}

async fn delete_nothing(prober: &Prober<'_>, repository: &str, path: &str) -> Answer {
    let scope = format!("repository:{repository}:delete");
    let ask = Ask { method: Method::DELETE, scope: Some(&scope), ..Ask::get(path) };
    // Whether deletion is switched on is only told to those who may delete.
    let (who, registry) = match &prober.auditor {
        Some(auditor) => ("with the auditor's credentials", auditor),
        None => ("without credentials", &prober.anonymous),
    };
    match registry.send(ask, prober.cancel).await {
        Ok(answer) => {
            let means = match answer.status {
                405 => "deletion is switched off",
                404 => "deletion is switched on",
                401 | 403 => "it was refused, which tells nothing of deletion",
                _ => "that tells nothing of deletion",
            };
            let codes = answer.codes();
            let codes = if codes.is_empty() { String::new() } else { format!(", {}", codes.join(", ")) };
            Answer::Status { code: answer.status, detail: format!("{means} ({who}{codes})") }
        }
        Err(error) => Answer::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_upload_of_the_repository_is_cancelled() {
        let of = |location: &str| {
            let mut headers = reqwest::header::HeaderMap::new();
            headers.insert("location", location.parse().unwrap());
            let url = "https://r.example/v2/a/b/blobs/uploads/".to_owned();
            upload(&ask::Answer { status: 202, headers, bytes: Vec::new(), url }, "a/b")
        };
        let right = "/v2/a/b/blobs/uploads/1-2?state=x%2Fy";
        assert_eq!(of(right), Some(Place::Upload(right.into())));
        for other in [
            "/v2/a/b/manifests/latest",
            "/v2/a/c/blobs/uploads/1",
            "/v2/a/b/blobs/uploads/",
            "/v2/a/b/blobs/uploads/../../manifests/latest",
            "/v2/a/b/blobs/uploads/%2e%2e/%2E%2E/manifests/latest",
            "/v2/a/b/blobs/uploads/..%2f..%2Fmanifests/latest",
            "https://other.example/v2/a/b/blobs/uploads/1",
        ] {
            assert_eq!(of(other), Some(Place::Another), "{other}");
        }
    }
}
