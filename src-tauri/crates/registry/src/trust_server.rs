//! Fetches Docker Content Trust metadata (Notary v1) as they are served, and ties together what is known of the trust in
//! one image. Neither signatures nor hashes nor dates are judged here.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plimsoll_trust::{Bytes, Looked, Lookup, NotaryFacts, NotaryFile, Pinned, Scheme, TrustFacts};
use reqwest::Url;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::ask::{Ask, Who};
use crate::asking::{looked, nobody_there, now, open};
use crate::client::without_user;
use crate::connection::{Connection, Network, canonical};
use crate::error::quoted;
use crate::facts::ClientFacts;
use crate::reference::Reference;
use crate::signatures::signatures;
use crate::transport::Registry;

/// Docker Hub's trust server, as Docker's client knows it.
const HUB: &str = "https://notary.docker.io";
/// Bytes of one file, files, and bytes of all of them.
const FILE: u64 = 5 << 20;
const FILES: usize = 200;
const BYTES: u64 = 32 << 20;
/// Roots from the first on that are asked for where nothing is pinned, and steps from a pinned root on.
const FIRST_ROOTS: u64 = 20;
const STEPS: u64 = 100;

/// Which trust server speaks for an image: the one that the auditor named in the registry's connection, Docker Hub's for
/// its images, and else the registry's own host. `DOCKER_CONTENT_TRUST_SERVER` of the auditor's shell is a fact of the
/// client and decides nothing: an engagement must not depend on the shell that it was opened from.
#[must_use]
pub fn server_for(reference: &Reference, connection: &Connection) -> String {
    if let Some(server) = named(connection) {
        return server.to_owned();
    }
    match canonical(reference.host()) {
        "docker.io" => HUB.to_owned(),
        host if connection.plain_http => format!("http://{host}"),
        host => format!("https://{host}"),
    }
}

/// The trust server that the auditor named.
fn named(connection: &Connection) -> Option<&str> {
    connection.trust_server.as_deref().map(|text| text.trim().trim_end_matches('/')).filter(|text| !text.is_empty())
}

/// Whether a trust server may be shown the credentials of a registry: it is the registry's own host, the auditor named
/// it for this registry, or it is Docker Hub's for Docker Hub.
fn may_know(network: &Network, registry: &str, plain: bool, host: &str) -> bool {
    let connection = network.connection(registry);
    let named = named(&connection).and_then(parts).is_some_and(|(_, named, _)| named == host);
    let hub = canonical(registry) == "docker.io" && !plain && parts(HUB).is_some_and(|(_, hub, _)| hub == host);
    canonical(registry) == canonical(host) || named || hub
}

/// Whether it is TLS or plain HTTP, host with port, and the path before `/v2/`.
fn parts(server: &str) -> Option<(bool, String, String)> {
    let text = if server.contains("://") { server.to_owned() } else { format!("https://{server}") };
    let url = Url::parse(&text).ok().filter(|url| url.username().is_empty() && url.password().is_none())?;
    let plain = match url.scheme() {
        "https" => false,
        "http" => true,
        _ => return None,
    };
    let host = url.host_str()?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Some((plain, host, url.path().trim_end_matches('/').to_owned()))
}

/// The network as the trust server is reached in it: its own connection, and the CA that Docker keeps for it.
fn towards(network: &Network, host: &str, plain: bool) -> Result<Network, Looked> {
    let mut connection = network.connection(host);
    if plain && !connection.plain_http {
        return Err(Looked::Failed(format!(
            "The trust server {host} is named with plain HTTP; allow that in its connection, or name it with https."
        )));
    }
    connection.plain_http = plain;
    if connection.ca.is_none() {
        // docker/cli, trust: the CA lies under `tls/<host:port>` beside config.json.
        let folder = if cfg!(windows) { host.replace(':', "") } else { host.to_owned() };
        let default: Option<PathBuf> =
            network.places.docker_config.as_ref().map(|place| place.join("tls").join(folder).join("ca.crt"));
        connection.ca = default.filter(|path| path.is_file());
    }
    let mut network = network.clone();
    network.connections.retain(|known| canonical(&known.host) != canonical(host));
    network.connections.push(connection);
    Ok(network)
}

/// Fetches what a trust server says of a repository (`gun`): root, timestamp, snapshot, targets, every delegation, and the
/// roots between the pinned and the present one. The credentials of the repository's registry are used where the trust
/// server is that registry's own host, was named in its connection, or is Docker Hub's; else the server's own, if any.
///
/// A 404 is [`NotaryFacts::absent`], anything else that is no metadata is [`NotaryFacts::failed`].
pub async fn metadata(
    network: &Network,
    server: &str,
    gun: &str,
    pinned: Option<Pinned>,
    cancel: &CancellationToken,
) -> (NotaryFacts, Lookup) {
    let server = server.trim_end_matches('/');
    let mut facts = NotaryFacts { server: without_user(server), gun: gun.to_owned(), pinned, ..NotaryFacts::default() };
    let place = format!("{}/v2/{gun}/_trust/tuf/", facts.server);
    let lookup = |looked: Looked| Lookup { scheme: Scheme::ContentTrust, place: place.clone(), looked };
    if network.offline {
        let reason = crate::connection::not_named(&facts.server);
        return (facts, lookup(Looked::NotTried(reason)));
    }
    let registry = match reach(network, server, gun).await {
        Ok(reached) => reached,
        Err(answer) => {
            if let Looked::Failed(reason) | Looked::Refused(reason) = &answer {
                facts.failed.push(("root".into(), reason.clone()));
            }
            return (facts, lookup(answer));
        }
    };
    let (registry, path) = registry;
    let mut fetch = Fetch { registry, path, gun, cancel, facts, left: BYTES, first: None, down: false };
    fetch.all().await;
    let Fetch { facts, first, .. } = fetch;
    let answer = match first {
        _ if !facts.files.is_empty() => Looked::Found,
        Some(failure) => failure,
        None => Looked::Absent,
    };
    (facts, lookup(answer))
}

/// The trust server, opened, and the path before the names of files.
async fn reach(network: &Network, server: &str, gun: &str) -> Result<(Registry, String), Looked> {
    let nonsense = || Looked::Failed(format!("{} is no address of a trust server.", without_user(server)));
    let (plain, host, prefix) = parts(server).ok_or_else(nonsense)?;
    let network = towards(network, &host, plain)?;
    let of = gun.split('/').next().unwrap_or_default();
    let of = if may_know(&network, of, plain, &host) { of } else { host.as_str() };
    let registry = open(&network, &host, Who::Auditor, of).await.map_err(|error| looked(&error))?;
    Ok((registry, format!("{prefix}/v2/{gun}/_trust/tuf/")))
}

struct Fetch<'a> {
    registry: Registry,
    path: String,
    gun: &'a str,
    cancel: &'a CancellationToken,
    facts: NotaryFacts,
    left: u64,
    /// The first failure.
    first: Option<Looked>,
    /// Nobody answers: nothing else is asked.
    down: bool,
}

impl Fetch<'_> {
    async fn all(&mut self) {
        let root = self.file("root", &["root".into()]).await;
        if self.down {
            return;
        }
        let timestamp = self.file("timestamp", &["timestamp".into()]).await;
        if self.facts.files.is_empty() && self.facts.failed.is_empty() {
            return;
        }
        let snapshot_hash = timestamp.as_ref().and_then(|file| hash_of(file, "snapshot"));
        let snapshot = self.file("snapshot", &names("snapshot", snapshot_hash)).await;
        let listed = |role: &str| snapshot.as_ref().and_then(|file| hash_of(file, role));
        self.file("targets", &names("targets", listed("targets"))).await;
        let mut delegations = snapshot.as_ref().map(delegations).unwrap_or_default();
        if snapshot.is_none() {
            delegations.push("targets/releases".into());
        }
        for role in delegations {
            if self.down {
                return;
            }
            if is_role(&role) {
                self.file(&role, &names(&role, listed(&role))).await;
            } else {
                self.failed(&quoted(&role, 200), Looked::Failed("That is no name of a role.".into()));
            }
        }
        if let Some(current) = root.as_ref().and_then(version) {
            self.roots(current).await;
        }
    }

    /// The roots between the pinned one, or the first, and the present one.
    async fn roots(&mut self, current: u64) {
        let pinned = self.facts.pinned.as_ref().and_then(|pinned| serde_json::from_slice(&pinned.root.0).ok());
        let pinned = pinned.as_ref().and_then(version);
        let (from, most) = match pinned {
            Some(pinned) => (pinned.saturating_add(1), STEPS),
            None => (1, FIRST_ROOTS),
        };
        for number in from..current.min(from.saturating_add(most)) {
            if self.down {
                return;
            }
            let name = format!("{number}.root");
            self.file(&name, std::slice::from_ref(&name)).await;
        }
        if pinned.is_some() && current > from.saturating_add(most) {
            let name = format!("{}.root", from.saturating_add(most));
            let reason = format!("The root is more than {STEPS} versions after the pinned one.");
            self.failed(&name, Looked::Failed(reason));
        }
    }

    fn failed(&mut self, name: &str, answer: Looked) {
        if let Looked::Failed(reason) | Looked::Refused(reason) = &answer {
            self.facts.failed.push((name.to_owned(), reason.clone()));
            self.first.get_or_insert(answer);
        }
    }

    /// Fetches one file by the first of its names that is there.
    async fn file(&mut self, name: &str, names: &[String]) -> Option<Value> {
        if self.down {
            return None;
        }
        for served in names {
            if self.facts.files.len() >= FILES || self.left == 0 {
                let reason = "Plimsoll reads 200 files and 32 MiB of trust metadata, and they were read before it.";
                self.failed(name, Looked::Failed(reason.into()));
                return None;
            }
            let path = format!("{}{served}.json", self.path);
            let scope = format!("repository:{}:pull", self.gun);
            let what = format!("the trust metadata {served} of {}", self.gun);
            let ask = Ask { scope: Some(&scope), limit: FILE.min(self.left), ..Ask::get(&path) };
            let answer = match self.registry.send(ask, self.cancel).await {
                Ok(answer) => answer,
                Err(error) => {
                    self.down = nobody_there(&error);
                    self.failed(name, looked(&error));
                    return None;
                }
            };
            match answer.status {
                200 => {
                    self.left = self.left.saturating_sub(answer.bytes.len() as u64);
                    let read = serde_json::from_slice::<Value>(&answer.bytes).ok().filter(Value::is_object);
                    if read.is_none() {
                        let reason = format!("{} answers with something that is no {what}.", self.registry.host());
                        self.failed(name, Looked::Failed(reason));
                        return None;
                    }
                    self.facts.files.push(NotaryFile { name: name.to_owned(), bytes: Bytes(answer.bytes) });
                    return read;
                }
                404 => (),
                _ => {
                    let error = self.registry.refusal(&answer, &what);
                    self.failed(name, looked(&error));
                    return None;
                }
            }
        }
        self.facts.absent.push(name.to_owned());
        None
    }
}

/// The names that a file is asked for by: with its hash, and without.
fn names(role: &str, hash: Option<String>) -> Vec<String> {
    hash.map(|hash| format!("{role}.{hash}")).into_iter().chain([role.to_owned()]).collect()
}

/// SHA-256 of a role's file, hexadecimal, as timestamp or snapshot list it.
fn hash_of(file: &Value, role: &str) -> Option<String> {
    let text = file.get("signed")?.get("meta")?.get(role)?.get("hashes")?.get("sha256")?.as_str()?;
    let bytes = STANDARD.decode(text).ok().filter(|bytes| bytes.len() == 32)?;
    Some(hex::encode(bytes))
}

fn version(file: &Value) -> Option<u64> {
    file.get("signed")?.get("version")?.as_u64()
}

/// The delegations that a snapshot lists.
fn delegations(snapshot: &Value) -> Vec<String> {
    let meta = snapshot.get("signed").and_then(|signed| signed.get("meta")).and_then(Value::as_object);
    let roles = meta.into_iter().flatten().map(|(role, _)| role);
    roles.filter(|role| role.starts_with("targets/")).take(FILES).cloned().collect()
}

/// Whether it can stand as a role in a path.
fn is_role(text: &str) -> bool {
    let is_word = |word: &str| {
        word.bytes().any(|b| b.is_ascii_alphanumeric())
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    (1..=255).contains(&text.len()) && text.split('/').all(is_word)
}

/// Everything that can be fetched about the trust in one image: signatures and attestations at its registry, and the
/// metadata of its trust server. `digests` and `index` are as in [`TrustFacts`] and [`signatures`]; `pinned` is what the
/// engagement trusted before.
pub async fn collect(
    network: &Network,
    reference: &Reference,
    digests: &[String],
    index: Option<&[u8]>,
    pinned: Option<Pinned>,
    _client: &ClientFacts,
    cancel: &CancellationToken,
) -> TrustFacts {
    let collected = now();
    let server = server_for(reference, &network.connection(reference.host()));
    let gun = reference.name();
    let (notary, lookup) = metadata(network, &server, &gun, pinned, cancel).await;
    let asked = !matches!(lookup.looked, Looked::NotTried(_));
    let (artifacts, mut lookups) = signatures(network, reference, digests, index, cancel).await;
    lookups.insert(0, lookup);
    TrustFacts {
        repository: gun,
        tag: reference.tag().map(str::to_owned),
        digests: digests.to_vec(),
        collected,
        notary: asked.then_some(notary),
        artifacts,
        lookups,
    }
}

#[cfg(test)]
mod tests;
