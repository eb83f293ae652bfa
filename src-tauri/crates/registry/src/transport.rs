//! One registry, or mirror, and one identity: everything that is asked of it passes here.
//!
//! Over [`crate::wire`]: authentication, retries, bounds. A status is an answer; an error is the lack of one.

use std::sync::{Mutex, OnceLock, PoisonError};

use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Response, Url};
use tokio_util::sync::CancellationToken;

use crate::ask::{Answer, Ask, Method, Who};
use crate::challenge::challenges;
use crate::connection::{Network, canonical};
use crate::credentials::{self, Held, Secret};
use crate::error::{RegistryError, quoted};
use crate::reference::{endpoint, is_host};
use crate::token::{Said, Server, Tokens, basic, bearer};
use crate::tries::{Tries, retry_after};
use crate::trouble::Trouble;
use crate::wire::{Sent, Wire, same_origin, shown};

/// One registry (or mirror), one identity. Cheap to keep, not to be opened for each request.
pub struct Registry {
    host: String,
    network: Network,
    pub(crate) wire: Wire,
    plain_http: bool,
    tls: OnceLock<bool>,
    held: Option<Held>,
    tokens: tokio::sync::Mutex<Tokens>,
    notes: Mutex<Vec<String>>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Registry {
    /// Reads the files and credentials that the connection needs, and builds the client. Nothing is sent.
    ///
    /// May wait for a credential helper, 10 seconds at most: not to be called where nothing may block.
    ///
    /// # Errors
    /// [`RegistryError::Setting`] that names the file which cannot be used, or the host if it is none.
    pub fn open(network: &Network, host: &str, who: Who) -> Result<Registry, RegistryError> {
        Registry::open_as(network, host, who, host)
    }

    /// Like [`Registry::open`], with the credentials of another host: a trust server is asked as its registry is.
    ///
    /// # Errors
    /// As for [`Registry::open`].
    pub fn open_as(network: &Network, host: &str, who: Who, credentials_of: &str) -> Result<Registry, RegistryError> {
        let host = canonical(host.trim_start_matches("https://").trim_end_matches('/'));
        if !is_host(host) {
            let reason = "it is no host with or without a port".to_owned();
            let what = format!("host name \"{}\"", quoted(host, 100));
            return Err(RegistryError::Setting { registry: quoted(host, 100), what, reason });
        }
        let connection = network.connection(host);
        let (wire, mut notes) = Wire::open(network, &connection, host, endpoint(host))?;
        let mut held = None;
        if who == Who::Auditor {
            let (found, problems) = credentials::find(network, credentials_of);
            held = found;
            notes.extend(problems);
        }
        Ok(Registry {
            host: host.to_owned(),
            network: network.clone(),
            wire,
            plain_http: connection.plain_http,
            tls: OnceLock::new(),
            held,
            tokens: tokio::sync::Mutex::default(),
            notes: Mutex::new(notes),
        })
    }

    /// Host and port, as names have it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it speaks TLS. Where plain HTTP is allowed this is decided on first contact; until then, no.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.tls.get().copied().unwrap_or(!self.plain_http)
    }

    /// Who asks, and where the credentials are from: `alice, from config.json`.
    #[must_use]
    pub fn identity(&self) -> Option<&str> {
        self.held.as_ref().map(|held| held.identity.as_str())
    }

    /// What was noticed on the way: files that were used by default, realms on other hosts, what could not be read.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, text: String) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() < 100 && !notes.contains(&text) {
            notes.push(text);
        }
    }

    /// Finds out whether it speaks TLS. Without the auditor's word there is nothing to find out.
    async fn decide(&self, cancel: &CancellationToken) -> Result<bool, RegistryError> {
        if !self.plain_http {
            return Ok(true);
        }
        if let Some(tls) = self.tls.get() {
            return Ok(*tls);
        }
        let url = self.address(true, "/v2/")?;
        let sent = Sent {
            method: Method::GET,
            url,
            accept: &[],
            from: 0,
            authorization: None,
            body: None,
            stay: false,
            what: "/v2/",
        };
        let tls = match self.wire.go(&sent, cancel).await.map_err(|trouble| trouble.error) {
            Err(RegistryError::Unreachable { .. } | RegistryError::PlainHttp { .. }) => false,
            Err(
                error @ (RegistryError::Cancelled
                | RegistryError::Untrusted { .. }
                | RegistryError::ClientCertificate { .. }),
            ) => {
                return Err(error);
            }
            _ => true,
        };
        Ok(*self.tls.get_or_init(|| tls))
    }

    fn address(&self, tls: bool, path: &str) -> Result<Url, RegistryError> {
        let foreign = || RegistryError::Answer {
            registry: self.host.clone(),
            what: "an address".into(),
            reason: "it is not one of its own".into(),
        };
        if path.starts_with('/') {
            return self.wire.address(tls, path).ok_or_else(foreign);
        }
        if path.contains("://") {
            let own = self.wire.address(tls, "/").ok_or_else(foreign)?;
            return Url::parse(path).ok().filter(|url| same_origin(url, &own)).ok_or_else(foreign);
        }
        let url = self.wire.address(tls, &format!("/v2/{path}"));
        url.filter(|url| url.path().starts_with("/v2/")).ok_or_else(foreign)
    }

    /// The credentials to send with a first try, if it is known what the registry wants.
    async fn known(&self, scope: &str) -> Option<HeaderValue> {
        let tokens = self.tokens.lock().await;
        let challenge = tokens.challenge.as_ref()?;
        match (challenge.scheme.as_str(), self.held.as_ref().map(|held| &held.secret)) {
            ("basic", Some(Secret::Password { user, password })) => basic(user, password),
            (_, Some(Secret::Registry(token))) => bearer(token),
            ("bearer", _) => tokens.get(scope),
            _ => None,
        }
    }

    /// What to send in answer to a 401; none if there is nothing (new) to show.
    async fn respond(
        &self,
        headers: &HeaderMap,
        scope: Option<&str>,
        used: Option<&HeaderValue>,
        tls: bool,
        cancel: &CancellationToken,
    ) -> Result<Option<HeaderValue>, Trouble> {
        let offered = challenges(headers.get_all(header::WWW_AUTHENTICATE).iter().map(HeaderValue::as_bytes));
        let of = |scheme: &str| offered.iter().find(|challenge| challenge.scheme == scheme);
        let secret = self.held.as_ref().map(|held| &held.secret);
        let new = |value: Option<HeaderValue>| value.filter(|value| Some(value) != used);
        let bearer_challenge = of("bearer").filter(|challenge| challenge.get("realm").is_some());
        let mut tokens = self.tokens.lock().await;
        match (bearer_challenge, of("basic"), secret) {
            (Some(challenge), _, Some(Secret::Registry(token))) => {
                tokens.challenge = Some(challenge.clone());
                Ok(new(bearer(token)))
            }
            (Some(challenge), _, _) => {
                let scope = scope.or_else(|| challenge.get("scope")).unwrap_or_default();
                // Somebody else may have renewed it while this one waited.
                if let Some(known) = new(tokens.get(scope)) {
                    return Ok(Some(known));
                }
                let server = Server { wire: &self.wire, network: &self.network, held: self.held.as_ref(), tls };
                let realm = server.realm(challenge)?;
                if realm.host_str() != self.wire.address(tls, "/").as_ref().and_then(Url::host_str) {
                    self.note(format!("Tokens for {} come from another host: {}.", self.host, shown(&realm)));
                }
                match server.ask(challenge, scope, cancel).await? {
                    Said::NotToAnonymous => Ok(None),
                    Said::Token(token) => {
                        tokens.put(scope, token);
                        tokens.challenge = Some(challenge.clone());
                        Ok(tokens.get(scope))
                    }
                }
            }
            (None, Some(challenge), Some(Secret::Password { user, password })) => {
                tokens.challenge = Some(challenge.clone());
                Ok(new(basic(user, password)))
            }
            _ => Ok(None),
        }
    }

    /// One try: sends, and answers a challenge once.
    async fn once(
        &self,
        ask: &Ask<'_>,
        from: u64,
        what: &str,
        cancel: &CancellationToken,
    ) -> Result<(Response, Url), Trouble> {
        let tls = self.decide(cancel).await?;
        let url = self.address(tls, ask.path)?;
        let mut sent = Sent {
            method: ask.method.clone(),
            url,
            accept: ask.accept,
            from,
            authorization: self.known(ask.scope.unwrap_or_default()).await,
            body: ask.body.clone(),
            stay: ask.stay,
            what,
        };
        let (response, url) = self.wire.go(&sent, cancel).await?;
        if response.status().as_u16() != 401 || !same_origin(&url, &sent.url) {
            return Ok((response, url));
        }
        let used = sent.authorization.take();
        sent.authorization = self.respond(response.headers(), ask.scope, used.as_ref(), tls, cancel).await?;
        if sent.authorization.is_none() {
            return Ok((response, url));
        }
        drop(response);
        self.wire.go(&sent, cancel).await
    }

    /// Tries until there is an answer other than "too many" or "failed". The body is still to be read.
    pub(crate) async fn exchange(
        &self,
        ask: &Ask<'_>,
        from: u64,
        what: &str,
        tries: &mut Tries,
        cancel: &CancellationToken,
    ) -> Result<(Response, Url), RegistryError> {
        let repeatable = ask.method == Method::GET || ask.method == Method::HEAD;
        loop {
            tries.begin();
            match self.once(ask, from, what, cancel).await {
                Ok((response, url)) => {
                    let status = response.status().as_u16();
                    let wait = retry_after(response.headers());
                    if !repeatable || !matches!(status, 429 | 500 | 502 | 503 | 504) {
                        return Ok((response, url));
                    }
                    if !tries.again(&self.wire.patience, wait, cancel).await? {
                        return Ok((response, url));
                    }
                }
                Err(trouble) => {
                    if !(repeatable && trouble.again && tries.again(&self.wire.patience, None, cancel).await?) {
                        return Err(trouble.error);
                    }
                }
            }
        }
    }

    /// Asks. Any HTTP status of the registry itself is an answer, after redirects, one answer to a challenge, and retries
    /// of 429 and 5xx. Another host to which it redirects speaks for it by a 200 alone: anything else is an error.
    ///
    /// # Errors
    /// When there is no answer, it is too long, the token server refuses the credentials or is broken, or it is cancelled.
    /// That a token server gives nothing to an anonymous one is no error: the registry's 401 is the answer.
    pub async fn send(&self, ask: Ask<'_>, cancel: &CancellationToken) -> Result<Answer, RegistryError> {
        let what = quoted(ask.path.split('?').next().unwrap_or_default(), 200);
        self.ask(&ask, &what, &mut Tries::new(), cancel).await
    }

    pub(crate) async fn ask(
        &self,
        ask: &Ask<'_>,
        what: &str,
        tries: &mut Tries,
        cancel: &CancellationToken,
    ) -> Result<Answer, RegistryError> {
        loop {
            let (response, url) = self.exchange(ask, 0, what, tries, cancel).await?;
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            let own = self.wire.address(self.is_tls(), "/").is_some_and(|own| same_origin(&own, &url));
            if status != 200 && !self.wire.is_own(&url) {
                return Err(self.wire.elsewhere(what, &url, status));
            }
            match crate::body::whole(response, ask.limit, what, &self.wire, cancel).await {
                Ok(bytes) => {
                    let url = if own { url.to_string() } else { shown(&url) };
                    return Ok(Answer { status, headers, bytes, url });
                }
                Err(trouble) => {
                    let repeatable = ask.method == Method::GET && trouble.again;
                    if !(repeatable && tries.again(&self.wire.patience, None, cancel).await?) {
                        return Err(trouble.error);
                    }
                }
            }
        }
    }

    /// What an answer that is not the wanted one means. `name` is what was asked for: `a/b:latest`.
    #[must_use]
    pub fn refusal(&self, answer: &Answer, name: &str) -> RegistryError {
        self.meaning(answer.status, &answer.headers, &answer.codes(), name, self.wire.patience.tries)
    }

    pub(crate) fn meaning(
        &self,
        status: u16,
        headers: &HeaderMap,
        codes: &[String],
        name: &str,
        tries: u32,
    ) -> RegistryError {
        let (registry, name) = (self.host.clone(), name.to_owned());
        let offered = challenges(headers.get_all(header::WWW_AUTHENTICATE).iter().map(HeaderValue::as_bytes));
        let only_basic = !offered.is_empty() && offered.iter().all(|challenge| challenge.scheme == "basic");
        let codes = codes.join(", ");
        match (status, self.held.as_ref().map(|held| held.identity.clone())) {
            (401 | 403, None) => RegistryError::NeedsCredentials { registry, name },
            (401, Some(identity)) if only_basic => RegistryError::WrongCredentials { registry, identity },
            (401 | 403, Some(identity)) => RegistryError::Denied { registry, name, identity },
            (404, _) => RegistryError::NotFound { registry, name },
            (429, _) => {
                let reason = match retry_after(headers) {
                    Some(wait) => format!("it asks to wait {} seconds", wait.as_secs()),
                    None => "too many requests".into(),
                };
                RegistryError::RateLimited { registry, reason }
            }
            (500.., _) => RegistryError::Server { registry, name, status, tries },
            _ => {
                let reason =
                    if codes.is_empty() { format!("HTTP {status}") } else { format!("HTTP {status}, {codes}") };
                RegistryError::Answer { registry, what: format!("an answer for {name}"), reason }
            }
        }
    }
}
