//! What a registry gives to somebody without credentials: tags, manifests, blobs, and tokens with their scopes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::Value;

use crate::ask::{Ask, MANIFEST_LIMIT, MANIFEST_TYPES};
use crate::digest::Hash;
use crate::error::{RegistryError, quoted};
use crate::facts::{Answer, Asked};
use crate::probe::{Prober, counted, status};
use crate::reference::{is_digest, is_tag};
use crate::token::Server;
use crate::wire::{Sent, shown};

/// Bytes of a token server's answer.
const TOKEN: u64 = 1 << 20;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Document {
    config: Option<Blob>,
    manifests: Option<Vec<Blob>>,
}

#[derive(Deserialize, Clone)]
struct Blob {
    digest: String,
    #[serde(default)]
    size: u64,
}

/// Asks for tags, a manifest, a blob and tokens of each repository.
pub(crate) async fn probes(prober: &mut Prober<'_>, repositories: &[String]) {
    if repositories.is_empty() {
        let reason = "no repository is known; name one in the registry's connection";
        for asked in [Asked::Tags, Asked::Manifest, Asked::Blob, Asked::PullToken, Asked::PushToken] {
            let request = prober.request(&Method::GET, "");
            prober.add(asked, request, Answer::NotAsked(reason.into()));
        }
    }
    for repository in repositories {
        if prober.cancel.is_cancelled() {
            return;
        }
        let tag = tags(prober, repository).await;
        let blob = manifest(prober, repository, &tag).await;
        take_blob(prober, repository, blob).await;
        for (asked, actions) in [(Asked::PullToken, "pull"), (Asked::PushToken, "pull,push")] {
            let scope = format!("repository:{repository}:{actions}");
            let (request, answer) = token(prober, &scope).await;
            prober.add(asked, request, answer);
        }
    }
}

fn pull(repository: &str) -> String {
    format!("repository:{repository}:pull")
}

fn one_of(tags: Vec<String>) -> Option<String> {
    let mut usable = tags.into_iter().filter(|tag| is_tag(tag));
    let first = usable.next()?;
    if first == "latest" || usable.any(|tag| tag == "latest") { Some("latest".into()) } else { Some(first) }
}

/// The tags; returns one that is there, or the one that everybody tries.
async fn tags(prober: &mut Prober<'_>, repository: &str) -> String {
    #[derive(Deserialize)]
    struct Tags {
        tags: Option<Vec<String>>,
    }
    let (path, scope) = (format!("{repository}/tags/list?n=100"), pull(repository));
    let ask = || Ask { scope: Some(&scope), accept: &["application/json"], ..Ask::get(&path) };
    let read = |bytes: &[u8]| serde_json::from_slice::<Tags>(bytes).ok().map(|tags| tags.tags.unwrap_or_default());
    let mut found = None;
    let answer = match prober.anonymous.send(ask(), prober.cancel).await {
        Ok(answer) if answer.status == 200 => match read(&answer.bytes) {
            Some(tags) => {
                let words = counted(tags.len(), "tag", "tags");
                found = one_of(tags);
                status(&answer, words)
            }
            None => status(&answer, "what came is no list of tags"),
        },
        Ok(answer) => status(&answer, ""),
        Err(error) => Answer::Failed(error.to_string()),
    };
    // A tag that is there makes the next question mean something.
    if let (None, Some(auditor)) = (&found, &prober.auditor)
        && let Ok(answer) = auditor.send(ask(), prober.cancel).await
        && answer.status == 200
    {
        found = read(&answer.bytes).and_then(one_of);
    }
    let request = prober.request(&Method::GET, &path);
    prober.add(Asked::Tags, request, answer);
    found.unwrap_or_else(|| "latest".into())
}

/// A manifest; returns a blob that it names, if anyone may read it.
async fn manifest(prober: &mut Prober<'_>, repository: &str, tag: &str) -> Option<Blob> {
    let (path, scope) = (format!("{repository}/manifests/{tag}"), pull(repository));
    let ask = Ask { scope: Some(&scope), accept: &MANIFEST_TYPES, ..Ask::get(&path) };
    let mut document = None;
    let answer = match prober.anonymous.send(ask, prober.cancel).await {
        Ok(answer) if answer.status == 200 => match serde_json::from_slice::<Document>(&answer.bytes) {
            Ok(read) if read.config.is_some() || read.manifests.is_some() => {
                document = Some(read);
                status(&answer, format!("{} bytes, {}", answer.bytes.len(), Hash::of("sha256", &answer.bytes)))
            }
            _ => status(&answer, "what came is no manifest"),
        },
        Ok(answer) => status(&answer, ""),
        Err(error) => Answer::Failed(error.to_string()),
    };
    let request = prober.request(&Method::GET, &path);
    prober.add(Asked::Manifest, request, answer);
    let reader = match (&document, &prober.auditor) {
        (None, Some(auditor)) => {
            let manifest = auditor.manifest(repository, tag, prober.cancel).await.ok()?;
            document = serde_json::from_slice(&manifest.bytes).ok();
            auditor
        }
        _ => &prober.anonymous,
    };
    let document = document?;
    let blob = match document.config {
        Some(config) => config,
        None => {
            let first = document.manifests?.into_iter().find(|entry| is_digest(&entry.digest))?;
            let inner = reader.manifest(repository, &first.digest, prober.cancel).await.ok()?;
            serde_json::from_slice::<Document>(&inner.bytes).ok()?.config?
        }
    };
    Some(blob).filter(|blob| is_digest(&blob.digest))
}

async fn take_blob(prober: &mut Prober<'_>, repository: &str, blob: Option<Blob>) {
    let Some(blob) = blob else {
        let request = prober.request(&Method::GET, &format!("{repository}/blobs/"));
        let reason = "no blob of it is known, as no manifest could be read";
        prober.add(Asked::Blob, request, Answer::NotAsked(reason.into()));
        return;
    };
    let (path, scope) = (format!("{repository}/blobs/{}", blob.digest), pull(repository));
    let method = if blob.size > MANIFEST_LIMIT { Method::HEAD } else { Method::GET };
    // Where the registry keeps its blobs elsewhere, that it sends there is what counts.
    let ask = Ask { method: method.clone(), scope: Some(&scope), stay: true, ..Ask::get(&path) };
    let answer = match prober.anonymous.send(ask, prober.cancel).await {
        Ok(answer) if answer.status == 200 && method == Method::GET => {
            let right = Hash::of(&blob.digest, &answer.bytes) == blob.digest;
            let words = if right { "its digest is right" } else { "what came has another digest" };
            Answer::Status { code: 200, detail: format!("{} bytes, {words}", answer.bytes.len()) }
        }
        Ok(answer) if matches!(answer.status, 301..=303 | 307 | 308) => {
            let from = Url::parse(&answer.url).ok();
            let to = from.and_then(|from| from.join(answer.header("location")?).ok());
            let to = to.map_or_else(|| "elsewhere".to_owned(), |to| shown(&to));
            status(&answer, format!("it sends its clients to {to}"))
        }
        Ok(answer) => status(&answer, ""),
        Err(error) => Answer::Failed(error.to_string()),
    };
    let request = prober.request(&method, &path);
    prober.add(Asked::Blob, request, answer);
}

/// Asks the token server for a scope as nobody, and reads what was granted. The token itself is dropped.
async fn token(prober: &Prober<'_>, scope: &str) -> (String, Answer) {
    let Some(challenge) = prober.challenge.as_ref().filter(|challenge| challenge.scheme == "bearer") else {
        return (prober.request(&Method::GET, ""), Answer::NotAsked("the registry works without tokens".into()));
    };
    let wire = &prober.anonymous.wire;
    let server = Server { wire, network: prober.network, held: None, tls: prober.anonymous.is_tls() };
    let mut url = match server.realm(challenge) {
        Ok(url) => url,
        Err(error) => return (prober.request(&Method::GET, ""), Answer::Failed(error.to_string())),
    };
    let request = format!("GET {}?scope={scope}", shown(&url));
    {
        let mut query = url.query_pairs_mut();
        if let Some(service) = challenge.get("service").filter(|service| !service.is_empty()) {
            query.append_pair("service", service);
        }
        query.append_pair("scope", scope);
    }
    let what = "a token";
    let accept: &[&str] = &["application/json"];
    let sent = Sent { method: Method::GET, url, accept, from: 0, authorization: None, body: None, stay: false, what };
    let asking = async {
        let (response, url) = wire.go(&sent, prober.cancel).await.map_err(|trouble| trouble.error)?;
        if response.status() != 200 && !crate::wire::same_origin(&url, &sent.url) {
            return Err(wire.elsewhere(what, &url, response.status().as_u16()));
        }
        let code = response.status().as_u16();
        let body = crate::body::whole(response, TOKEN, what, wire, prober.cancel).await;
        Ok::<_, RegistryError>((code, body.map_err(|trouble| trouble.error)?))
    };
    let answer = match asking.await {
        Ok((200, body)) => Answer::Status { code: 200, detail: granted(&body) },
        Ok((code, _)) => Answer::Status { code, detail: "no token for somebody without credentials".into() },
        Err(error) => Answer::Failed(error.to_string()),
    };
    (request, answer)
}

/// What a token server granted, in words: by the `access` claim of the token (distribution, token specification), or
/// the `scope` beside it. Its signature is not verified.
fn granted(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Issued {
        token: Option<String>,
        access_token: Option<String>,
        scope: Option<String>,
    }
    #[derive(Deserialize)]
    struct Claims {
        access: Option<Vec<Access>>,
    }
    #[derive(Deserialize)]
    struct Access {
        #[serde(rename = "type", default)]
        kind: String,
        #[serde(default)]
        name: String,
        #[serde(default)]
        actions: Option<Vec<Value>>,
    }
    let Ok(issued) = serde_json::from_slice::<Issued>(body) else { return "what came is no token".into() };
    let token = issued.token.or(issued.access_token).filter(|token| !token.is_empty());
    let Some(token) = token else { return "what came holds no token".into() };
    let claims = token.split('.').nth(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok());
    let claims = claims.and_then(|claims| serde_json::from_slice::<Claims>(&claims).ok());
    let scopes: Vec<String> = match (claims, issued.scope) {
        (Some(Claims { access }), _) => {
            let of = |access: Access| {
                let actions = access.actions.unwrap_or_default();
                let actions: Vec<&str> = actions.iter().take(20).filter_map(Value::as_str).collect();
                let text = format!("{}:{}:{}", access.kind, access.name, actions.join(","));
                (!actions.is_empty()).then(|| quoted(&text, 300))
            };
            access.unwrap_or_default().into_iter().take(20).filter_map(of).collect()
        }
        (None, Some(scope)) => scope.split(' ').filter(|scope| !scope.is_empty()).map(|s| quoted(s, 300)).collect(),
        (None, None) => return "a token whose scopes cannot be read".into(),
    };
    match scopes.is_empty() {
        true => "a token that grants nothing (as it says of itself)".into(),
        false => format!("granted, as the token says of itself: {}", scopes.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn jwt(claims: &str) -> String {
        format!(r#"{{"token":"e30.{}.c2ln"}}"#, URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn granted_scopes_are_read_from_the_token_or_beside_it() {
        let both = jwt(r#"{"sub":"hunter2","access":[{"type":"repository","name":"a/b","actions":["pull","push"]}]}"#);
        assert_eq!(granted(both.as_bytes()), "granted, as the token says of itself: repository:a/b:pull,push");
        for nothing in [r#"{"access":[]}"#, r#"{"access":null}"#, "{}", r#"{"access":[{"name":"a","actions":[]}]}"#] {
            assert!(granted(jwt(nothing).as_bytes()).contains("grants nothing"), "{nothing}");
        }
        let beside = r#"{"access_token":"hunter2","scope":"repository:a:pull"}"#;
        assert_eq!(granted(beside.as_bytes()), "granted, as the token says of itself: repository:a:pull");
        for (text, words) in [
            (r#"{"token":"hunter2"}"#, "cannot be read"),
            (r#"{"token":""}"#, "holds no token"),
            ("hunter2", "is no token"),
        ] {
            let told = granted(text.as_bytes());
            assert!(told.contains(words) && !told.contains("hunter2"), "{told}");
        }
    }

    proptest! {
        #[test]
        fn any_token_is_survived(text in ".{0,100}") {
            let _ = granted(text.as_bytes());
            let _ = granted(jwt(&text).as_bytes());
        }
    }
}
