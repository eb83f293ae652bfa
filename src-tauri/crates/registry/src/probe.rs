//! Probes a registry: TLS, plain HTTP, how it asks for credentials, what it gives to those without any. It reads only, but
//! for what the auditor consented to. Nothing is judged, and nothing fails: what fails is in the facts.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Client, Method, Proxy, Url};
use tokio_util::sync::CancellationToken;

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
use crate::transport::{self, Ask, Registry, Who};
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

/// What an answer tells in a few words: the registry's error codes, or what the caller found.
pub(crate) fn status(answer: &transport::Answer, detail: impl Into<String>) -> Answer {
    let codes = answer.codes();
    let detail = if codes.is_empty() { detail.into() } else { codes.join(", ") };
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
        for tls in [true, false] {
            if !tls && !self.connection.plain_http {
                break;
            }
            let Some(url) = self.anonymous.wire.address(tls, "/v2/") else { continue };
            let request = format!("GET {url}");
            let what = "/v2/";
            let sent = Sent { method: Method::GET, url, accept: &[], from: 0, authorization: None, body: None, what };
            let wire = &self.anonymous.wire;
            let fetched = match wire.go(&sent, self.cancel).await {
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
                    let answer = transport::Answer { status: code, headers, bytes: body, url: String::new() };
                    let odd = matches!(code, 200 | 401) && !is_registry(&answer.headers, &answer.bytes);
                    let words = if odd { "nothing in it shows that it is a registry" } else { "" };
                    let answer = status(&answer, words);
                    self.add(Asked::Base, request, answer);
                    return Ok(());
                }
                Err(trouble) => {
                    failure = trouble.error.to_string();
                    self.add(Asked::Base, request, Answer::Failed(failure.clone()));
                }
            }
        }
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
                return (status(&answer, format!("{count} repositories")), names);
            }
            _ => {
                let count = names.len();
                return (status(&answer, format!("{count} repositories and more")), names);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Credentials;
    use crate::testing::{Heard, Reply, TestServer, reply};

    /// Of a registry with one repository. `open`: it asks for no credentials.
    fn serve(heard: &Heard, open: bool) -> Reply {
        // alice:hunter2
        if !open && heard.authorization != "Basic YWxpY2U6aHVudGVyMg==" {
            let challenge = ("WWW-Authenticate", r#"Basic realm="lab""#.to_owned());
            return (401, vec![challenge], br#"{"errors":[{"code":"UNAUTHORIZED"}]}"#.to_vec());
        }
        let config = "{}";
        let digest = crate::digest::Hash::of("sha256", config.as_bytes());
        let manifest = format!(r#"{{"config":{{"digest":"{digest}","size":2}},"layers":[]}}"#);
        match (heard.method.as_str(), heard.path.as_str()) {
            ("GET", "/v2/") => (200, vec![("Server", "lab/1".into())], b"{}".to_vec()),
            ("GET", "/v2/_catalog?n=1000") => reply(200, r#"{"repositories":["a/b"]}"#),
            ("GET", "/v2/a/b/tags/list?n=100") => reply(200, r#"{"tags":["2","1"]}"#),
            ("GET", "/v2/a/b/manifests/2") => reply(200, manifest),
            ("GET", path) if path.ends_with(&digest) => reply(200, config),
            ("POST", "/v2/a/b/blobs/uploads/") => {
                (202, vec![("Location", "https://127.0.0.1/v2/a/b/blobs/uploads/1?state=s".into())], Vec::new())
            }
            ("DELETE", "/v2/a/b/blobs/uploads/1?state=s") => reply(204, ""),
            ("DELETE", path) if path.contains("sha256:0000") => reply(405, r#"{"errors":[{"code":"UNSUPPORTED"}]}"#),
            _ => reply(404, ""),
        }
    }

    fn of(facts: &RegistryFacts, asked: Asked) -> Vec<&Answer> {
        facts.probes.iter().filter(|probe| probe.asked == asked).map(|probe| &probe.answer).collect()
    }

    fn code(facts: &RegistryFacts, asked: Asked) -> u16 {
        match of(facts, asked).last() {
            Some(Answer::Status { code, .. }) => *code,
            _ => 0,
        }
    }

    fn writes(server: &TestServer) -> usize {
        server.heard().iter().filter(|heard| heard.method != "GET" && heard.method != "HEAD").count()
    }

    #[tokio::test]
    async fn an_open_registry_shows_what_anyone_gets_and_nothing_is_written() {
        let server = TestServer::start(|heard| serve(heard, true));
        let facts = probe(&server.network(), &server.host, &CancellationToken::new()).await;
        for asked in [Asked::PlainHttp, Asked::Base, Asked::Catalog, Asked::Tags, Asked::Manifest, Asked::Blob] {
            assert_eq!(code(&facts, asked), 200, "{asked:?}: {facts:#?}");
        }
        assert_eq!((facts.auth.as_ref(), facts.tls.as_ref(), facts.credentials.as_ref()), (None, None, None));
        assert!(facts.tls_failed.as_ref().unwrap().contains("does not speak TLS"));
        assert!(facts.headers.contains(&("server".into(), "lab/1".into())));
        for asked in [Asked::Login, Asked::PullToken, Asked::PushToken, Asked::Push, Asked::Delete] {
            assert!(matches!(of(&facts, asked)[..], [Answer::NotAsked(_)]), "{asked:?}");
        }
        assert_eq!(writes(&server), 0);
        assert!(facts.client.is_some());
    }

    #[tokio::test]
    async fn with_consent_an_upload_is_opened_and_cancelled_and_a_deletion_is_tried() {
        let server = TestServer::start(|heard| serve(heard, true));
        let mut network = server.network();
        network.connections[0].push_probe = Some("A. Auditor, today".into());
        network.connections[0].delete_probe = Some("A. Auditor, today".into());
        let facts = probe(&network, &server.host, &CancellationToken::new()).await;
        let push = of(&facts, Asked::Push);
        assert!(
            matches!(push[..], [Answer::Status { code: 202, detail }] if detail.contains("cancelled (DELETE answered 204)")),
            "{push:?}"
        );
        let delete = of(&facts, Asked::Delete);
        assert!(
            matches!(delete[..], [Answer::Status { code: 405, detail }] if detail.contains("switched off")),
            "{delete:?}"
        );
        assert_eq!(writes(&server), 3);
        network.connections[0].push_probe = Some(" ".into());
        network.connections[0].delete_probe = None;
        let before = writes(&server);
        probe(&network, &server.host, &CancellationToken::new()).await;
        assert_eq!(writes(&server), before);
    }

    #[tokio::test]
    async fn a_closed_registry_is_asked_as_nobody_and_as_the_auditor() {
        let server = TestServer::start(|heard| serve(heard, false));
        let mut network = server.network();
        let credentials = Credentials { user: "alice".into(), password: "hunter2".into() };
        network.typed.push((server.host.clone(), credentials));
        network.connections[0].proxy = None;
        let facts = probe(&network, &server.host, &CancellationToken::new()).await;
        for asked in [Asked::PlainHttp, Asked::Base, Asked::Catalog, Asked::Tags, Asked::Manifest, Asked::Blob] {
            assert_eq!(code(&facts, asked), 401, "{asked:?}");
        }
        let login = of(&facts, Asked::Login);
        assert!(
            matches!(login[..], [Answer::Status { code: 200, detail }] if detail.contains("1 repositories")),
            "{login:?}"
        );
        assert_eq!(facts.auth.as_ref().map(|auth| (auth.scheme.as_str(), auth.realm.as_str())), Some(("Basic", "lab")));
        assert_eq!(facts.credentials.as_deref(), Some("alice, typed in"));
        let told = serde_json::to_string(&facts).unwrap();
        assert!(!told.contains("hunter2") && !told.contains("YWxpY2U6aHVudGVyMg"), "{told}");
        network.typed[0].1.password = "hunter3".into();
        let facts = probe(&network, &server.host, &CancellationToken::new()).await;
        assert_eq!(code(&facts, Asked::Login), 401);
        assert!(!serde_json::to_string(&facts).unwrap().contains("hunter3"));
    }

    #[tokio::test]
    async fn tokens_for_anyone_are_read_and_not_kept() {
        let server = TestServer::start(|heard| {
            let host = heard.host.clone();
            if heard.path.starts_with("/token") {
                // {"access":[{"type":"repository","name":"a/b","actions":["pull"]}]}
                let claims = "eyJhY2Nlc3MiOlt7InR5cGUiOiJyZXBvc2l0b3J5IiwibmFtZSI6ImEvYiIsImFjdGlvbnMiOlsicHVsbCJdfV19";
                return reply(200, format!(r#"{{"token":"hunter2.{claims}.c2ln"}}"#));
            }
            let realm = format!(r#"Bearer realm="http://{host}/token",service="lab""#);
            if heard.authorization.is_empty() || heard.path == "/v2/_catalog?n=1000" {
                return (401, vec![("WWW-Authenticate", realm)], Vec::new());
            }
            serve(heard, true)
        });
        let mut network = server.network();
        network.connections[0].repositories = vec!["a/b".into(), "../x".into()];
        let facts = probe(&network, &server.host, &CancellationToken::new()).await;
        assert_eq!((code(&facts, Asked::Base), code(&facts, Asked::Catalog)), (401, 401));
        assert_eq!((code(&facts, Asked::Tags), code(&facts, Asked::Blob)), (200, 200));
        for asked in [Asked::PullToken, Asked::PushToken] {
            let answers = of(&facts, asked);
            assert!(
                matches!(answers[..], [Answer::Status { code: 200, detail }] if detail.ends_with("repository:a/b:pull")),
                "{answers:?}"
            );
        }
        assert!(!serde_json::to_string(&facts).unwrap().contains("hunter2"));
    }

    #[tokio::test]
    async fn a_registry_that_is_not_there_fails_and_the_rest_is_not_asked() {
        let facts = probe(&crate::testing::network(Vec::new()), "127.0.0.1:1", &CancellationToken::new()).await;
        assert!(matches!(of(&facts, Asked::Base)[..], [Answer::Failed(_)]));
        assert!(matches!(of(&facts, Asked::PlainHttp)[..], [Answer::Failed(_)]));
        assert!(matches!(of(&facts, Asked::Tags)[..], [Answer::NotAsked(_)]));
        let facts = probe(&crate::testing::network(Vec::new()), "no host", &CancellationToken::new()).await;
        assert!(matches!(of(&facts, Asked::Base)[..], [Answer::Failed(_)]));
    }
}
