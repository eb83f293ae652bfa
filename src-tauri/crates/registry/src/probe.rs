//! Probes a registry: TLS, plain HTTP, how it asks for credentials, what it gives to those without any. It reads only, but
//! for what the auditor consented to. Nothing is judged, and nothing fails: what fails is in the facts.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Client, Method, Proxy, Url};
use tokio_util::sync::CancellationToken;

use crate::ask::{self, Ask, Who};
use crate::asking::{now, open};
use crate::challenge::{Challenge, challenges};
use crate::client::{client_facts_of, without_user};
use crate::connection::{Connection, Network, is_loopback};
use crate::consented;
use crate::error::{RegistryError, quoted};
use crate::facts::{Answer, Asked, AuthFacts, Probe, RegistryFacts};
use crate::nobody;
use crate::reference::{endpoint, is_repository};
use crate::tls::tls;
use crate::transport::Registry;
use crate::wire::{Sent, shown};

/// Repositories that are probed, and names of the catalogue that are counted.
pub(crate) const REPOSITORIES: usize = 3;
const COUNTED: usize = 10_000;
/// How often one thing is asked for, and how long plain HTTP may take.
const TRIES: u32 = 2;
const PLAIN: Duration = Duration::from_secs(10);
/// Bytes of an answer that is looked at for its words alone.
const WORDS: u64 = 64 << 10;
/// Headers that tell what answers.
const HEADERS: [&str; 6] = [
    "server",
    "docker-distribution-api-version",
    "via",
    "x-powered-by",
    "strict-transport-security",
    "x-ratelimit-limit",
];

/// A registry under probe.
pub(crate) struct Prober<'a> {
    pub network: &'a Network,
    pub connection: &'a Connection,
    pub cancel: &'a CancellationToken,
    pub anonymous: Registry,
    /// With credentials; none if there are none.
    pub auditor: Option<Registry>,
    /// How it asks for credentials.
    pub challenge: Option<Challenge>,
    pub facts: RegistryFacts,
}

/// Probes a registry by everything that is allowed. Waits for credential helpers and `docker --version`.
pub async fn probe(network: &Network, host: &str, cancel: &CancellationToken) -> RegistryFacts {
    let mut network = network.clone();
    network.patience.tries = network.patience.tries.clamp(1, TRIES);
    let connection = network.connection(host);
    let host = connection.host.clone();
    let mut facts =
        RegistryFacts { host: host.clone(), collected: now(), settings: settings(&connection), ..Default::default() };
    let places = network.places.clone();
    facts.client = tokio::task::spawn_blocking(move || client_facts_of(&places)).await.ok();
    let base = format!("GET https://{}/v2/", endpoint(&host));
    let anonymous = match open(&network, &host, Who::Anonymous, &host).await {
        Ok(anonymous) => anonymous,
        Err(error) => {
            facts.tls_failed = Some(error.to_string());
            facts.probes.push(probed(Asked::Base, base, Answer::Failed(error.to_string())));
            return facts;
        }
    };
    match tls(&network, &host, cancel).await {
        Ok(seen) => facts.tls = Some(seen),
        Err(reason) => facts.tls_failed = Some(reason),
    }
    let plain = format!("http://{}/v2/", endpoint(&host));
    let answer = plain_http(&connection, &plain, &host, cancel).await;
    facts.probes.push(probed(Asked::PlainHttp, format!("GET {plain}"), answer));
    let auditor = open(&network, &host, Who::Auditor, &host).await;
    let (auditor, failed) = match auditor {
        Ok(auditor) => {
            facts.credentials = auditor.identity().map(str::to_owned);
            facts.settings.extend(auditor.notes().into_iter().map(|note| ("noticed".to_owned(), note)));
            (Some(auditor).filter(|auditor| auditor.identity().is_some()), None)
        }
        Err(error) => (None, Some(error.to_string())),
    };
    let mut prober =
        Prober { network: &network, connection: &connection, cancel, anonymous, auditor, challenge: None, facts };
    prober.run(failed).await;
    prober.facts
}

/// What the auditor set, without secrets.
fn settings(connection: &Connection) -> Vec<(String, String)> {
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let list = |list: &[String]| (!list.is_empty()).then(|| quoted(&list.join(", "), 1000));
    let address = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(without_user);
    let set = [
        ("plain HTTP", connection.plain_http.then(|| "allowed".to_owned())),
        ("own CA", path(&connection.ca)),
        ("client certificate", path(&connection.client_certificate)),
        ("proxy", address(&connection.proxy)),
        ("mirrors", list(&connection.mirrors)),
        ("trust server", address(&connection.trust_server)),
        ("repositories to probe", list(&connection.repositories)),
        ("consent to an upload", connection.push_probe.as_deref().map(|text| quoted(text, 300))),
        ("consent to a deletion", connection.delete_probe.as_deref().map(|text| quoted(text, 300))),
    ];
    set.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn probed(asked: Asked, request: String, answer: Answer) -> Probe {
    Probe { asked, request, at: now(), answer }
}

/// What an answer tells in a few words: the registry's error codes, and what the caller found.
pub(crate) fn status(answer: &ask::Answer, detail: impl Into<String>) -> Answer {
    let parts = [answer.codes().join(", "), detail.into()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let detail = parts.join("; ");
    Answer::Status { code: answer.status, detail }
}

/// Whether what answered is a registry: it says so, or its `/v2/` is the empty object of the specification.
fn is_registry(headers: &HeaderMap, body: &[u8]) -> bool {
    headers.contains_key("docker-distribution-api-version")
        || serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|body| body.is_object())
}

/// `/v2/` over plain HTTP, once, without following where it is sent.
async fn plain_http(connection: &Connection, address: &str, host: &str, cancel: &CancellationToken) -> Answer {
    let asking = async {
        let mut builder = Client::builder()
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_only([])
            .timeout(PLAIN);
        if is_loopback(host) {
            builder = builder.no_proxy();
        } else if let Some(proxy) = connection.proxy.as_deref().filter(|proxy| !proxy.is_empty()) {
            builder = builder.proxy(Proxy::all(proxy)?);
        }
        let response = builder.build()?.get(address).send().await?;
        let (code, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        let mut response = response;
        while let Ok(Some(piece)) = response.chunk().await {
            body.extend_from_slice(&piece);
            if body.len() as u64 > WORDS {
                break;
            }
        }
        let to = headers.get(LOCATION).and_then(|to| to.to_str().ok()).and_then(|to| Url::parse(to).ok());
        let text = String::from_utf8_lossy(&body).to_ascii_uppercase();
        let detail = match code {
            300..=399 => match to {
                Some(to) => format!("it sends its clients to {}", shown(&to)),
                None => "it sends its clients elsewhere".into(),
            },
            400 if text.contains("HTTPS") => "what answers there speaks TLS, and refuses plain HTTP".into(),
            200 | 401 if is_registry(&headers, &body) => "a registry answers".into(),
            _ => String::new(),
        };
        Ok::<_, reqwest::Error>(Answer::Status { code, detail })
    };
    tokio::select! {
        biased;
        () = cancel.cancelled() => Answer::Failed(RegistryError::Cancelled.to_string()),
        answer = asking => answer.unwrap_or_else(|error| Answer::Failed(crate::trouble::chain(&error.without_url()))),
    }
}

impl Prober<'_> {
    pub(crate) fn add(&mut self, asked: Asked, request: impl Into<String>, answer: Answer) {
        self.facts.probes.push(probed(asked, request.into(), answer));
    }

    /// Method and address of something under `/v2/`.
    pub(crate) fn request(&self, method: &Method, path: &str) -> String {
        let scheme = if self.anonymous.is_tls() { "https" } else { "http" };
        format!("{method} {scheme}://{}/v2/{path}", endpoint(self.anonymous.host()))
    }

    async fn run(&mut self, no_credentials: Option<String>) {
        if let Err(reason) = self.base().await {
            let reason = format!("/v2/ was not answered: {reason}");
            for asked in [Asked::Login, Asked::Catalog, Asked::Tags, Asked::Manifest, Asked::Blob] {
                let request = self.request(&Method::GET, "");
                self.add(asked, request, Answer::NotAsked(reason.clone()));
            }
            return;
        }
        let listed = self.catalog().await;
        let listed_to_auditor = self.login(no_credentials).await;
        let mut repositories: Vec<String> = Vec::new();
        for name in self.connection.repositories.iter().chain(&listed).chain(&listed_to_auditor) {
            let name = name.trim().to_owned();
            if is_repository(&name) && !repositories.contains(&name) && repositories.len() < REPOSITORIES {
                repositories.push(name);
            }
        }
        nobody::probes(self, &repositories).await;
        consented::probes(self, repositories.first()).await;
        let notes = self.anonymous.notes();
        for note in notes {
            if !self.facts.settings.iter().any(|(_, known)| *known == note) {
                self.facts.settings.push(("noticed".into(), note));
            }
        }
    }

    /// `/v2/` with neither credentials nor token.
    async fn base(&mut self) -> Result<(), String> {
        let mut failure = String::new();
        let mut failed = None;
        let tries: &[bool] = if self.connection.plain_http { &[true, false] } else { &[true] };
        for &tls in tries {
            let Some(url) = self.anonymous.wire.address(tls, "/v2/") else { continue };
            let request = format!("GET {url}");
            let what = "/v2/";
            let sent = Sent {
                method: Method::GET,
                url,
                accept: &[],
                from: 0,
                authorization: None,
                body: None,
                stay: false,
                what,
            };
            let wire = &self.anonymous.wire;
            let fetched = match wire.go(&sent, self.cancel).await {
                Ok((response, url)) if response.status() != 200 && !wire.is_own(&url) => {
                    // What another host says is not how this registry asks.
                    let error = wire.elsewhere(what, &url, response.status().as_u16());
                    self.add(Asked::Base, request, Answer::Failed(error.to_string()));
                    return Ok(());
                }
                Ok((response, _)) => {
                    let (code, headers) = (response.status().as_u16(), response.headers().clone());
                    let body = crate::body::whole(response, WORDS, what, wire, self.cancel).await;
                    body.map(|body| (code, headers, body))
                }
                Err(trouble) => Err(trouble),
            };
            match fetched {
                Ok((code, headers, body)) => {
                    self.learn(code, &headers);
                    let answer = ask::Answer { status: code, headers, bytes: body, url: String::new() };
                    let words = match code {
                        200 | 401 if !is_registry(&answer.headers, &answer.bytes) => {
                            "nothing in it shows that it is a registry"
                        }
                        200 => "it does not ask who it is",
                        _ => "",
                    };
                    let answer = status(&answer, words);
                    self.add(Asked::Base, request, answer);
                    return Ok(());
                }
                Err(trouble) => {
                    failure = trouble.error.to_string();
                    failed = Some(request);
                }
            }
        }
        // Where plain HTTP is allowed, that TLS is not spoken stands in `tls_failed`.
        self.add(Asked::Base, failed.unwrap_or_default(), Answer::Failed(failure.clone()));
        Err(failure)
    }

    fn learn(&mut self, code: u16, headers: &HeaderMap) {
        for name in HEADERS {
            let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            self.facts.headers.extend(values.map(|value| (name.to_owned(), quoted(value, 200))));
        }
        if code != 401 {
            return;
        }
        let offered = challenges(headers.get_all("www-authenticate").iter().map(|value| value.as_bytes()));
        let of = |scheme: &str| offered.iter().find(|challenge| challenge.scheme == scheme);
        let chosen = of("bearer").or_else(|| of("basic")).or(offered.first()).cloned();
        self.facts.auth = Some(match &chosen {
            Some(challenge) => AuthFacts {
                scheme: match challenge.scheme.as_str() {
                    "bearer" => "Bearer".into(),
                    "basic" => "Basic".into(),
                    other => quoted(other, 60),
                },
                realm: without_user(challenge.get("realm").unwrap_or_default()),
                service: quoted(challenge.get("service").unwrap_or_default(), 300),
            },
            None => AuthFacts { scheme: "not named".into(), ..AuthFacts::default() },
        });
        self.challenge = chosen;
    }

    /// The catalogue without credentials.
    async fn catalog(&mut self) -> Vec<String> {
        let (answer, names) = catalogue(&self.anonymous, self.cancel).await;
        let request = self.request(&Method::GET, "_catalog?n=1000");
        self.add(Asked::Catalog, request, answer);
        names
    }

    /// `/v2/` with the auditor's credentials, and how much the catalogue shows then.
    async fn login(&mut self, no_credentials: Option<String>) -> Vec<String> {
        let request = self.request(&Method::GET, "");
        let Some(auditor) = &self.auditor else {
            let reason = no_credentials.unwrap_or_else(|| "there are no credentials for this registry".into());
            self.add(Asked::Login, request, Answer::NotAsked(reason));
            return Vec::new();
        };
        let mut names = Vec::new();
        let answer = match auditor.send(Ask { limit: WORDS, ..Ask::get("") }, self.cancel).await {
            Ok(answer) => {
                let mut words = Vec::new();
                if self.facts.auth.is_none() {
                    words.push("the registry does not ask who it is, so nothing shows whether they count".to_owned());
                }
                if answer.status == 200 {
                    let (seen, listed) = catalogue(auditor, self.cancel).await;
                    names = listed;
                    words.push(match seen {
                        Answer::Status { code: 200, detail } => format!("the catalogue with them: {detail}"),
                        Answer::Status { code, .. } => format!("the catalogue with them: HTTP {code}"),
                        Answer::Failed(reason) | Answer::NotAsked(reason) => {
                            format!("no catalogue with them: {reason}")
                        }
                    });
                }
                status(&answer, words.join("; "))
            }
            Err(error @ RegistryError::WrongCredentials { .. }) => {
                Answer::Status { code: 401, detail: error.to_string() }
            }
            Err(error) => Answer::Failed(error.to_string()),
        };
        self.add(Asked::Login, request, answer);
        names
    }
}

/// `1 tag`, `2 tags`.
pub(crate) fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// The catalogue of somebody: how it was answered, and the names.
async fn catalogue(registry: &Registry, cancel: &CancellationToken) -> (Answer, Vec<String>) {
    #[derive(serde::Deserialize)]
    struct Catalog {
        repositories: Option<Vec<String>>,
    }
    let mut names = Vec::new();
    let mut pages = crate::asking::Pages::new(10);
    let mut path = "_catalog?n=1000".to_owned();
    loop {
        let ask = Ask { scope: Some("registry:catalog:*"), accept: &["application/json"], ..Ask::get(&path) };
        let answer = match registry.send(ask, cancel).await {
            Ok(answer) => answer,
            Err(error) => return (Answer::Failed(error.to_string()), names),
        };
        if answer.status != 200 {
            return (status(&answer, ""), names);
        }
        let Ok(page) = serde_json::from_slice::<Catalog>(&answer.bytes) else {
            return (status(&answer, "what came is no catalogue"), names);
        };
        names.extend(page.repositories.unwrap_or_default());
        match pages.next(&answer) {
            crate::asking::Next::Page(next) if names.len() < COUNTED => path = next,
            crate::asking::Next::End => {
                let count = names.len();
                return (status(&answer, counted(count, "repository", "repositories")), names);
            }
            _ => {
                let count = names.len();
                return (status(&answer, format!("{count} repositories and more")), names);
            }
        }
    }
}

#[cfg(test)]
mod tests;
