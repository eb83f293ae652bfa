//! Tokens: asked for at the realm that a challenge names, kept per scope until they expire.
//!
//! The distribution project's token protocol (`spec/auth/token`, `spec/auth/oauth`). Credentials go to the realm over
//! TLS; over plain HTTP only where the auditor allowed it for that host.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use reqwest::{Method, Url};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::challenge::Challenge;
use crate::connection::{Network, canonical};
use crate::credentials::{Held, Secret};
use crate::error::{RegistryError, quoted};
use crate::trouble::Trouble;
use crate::wire::{Sent, Wire, shown};

/// Bytes of a token server's answer.
const LONGEST: u64 = 1 << 20;
/// What a token lives when nothing is said of it (token protocol: 60 s), and the longest that is believed.
const LIFE: u64 = 60;
const LONGEST_LIFE: u64 = 3600;
/// A token is not used any more when it has this long to live.
const MARGIN: Duration = Duration::from_secs(10);
/// Tokens that are kept at one time.
const MOST: usize = 1000;

/// A token, and until when it counts.
pub(crate) struct Token {
    value: HeaderValue,
    until: Instant,
}

/// What is known of how a registry wants to be told who asks.
#[derive(Default)]
pub(crate) struct Tokens {
    pub challenge: Option<Challenge>,
    by_scope: HashMap<String, Token>,
}

impl Tokens {
    /// The token for a scope, if it still counts.
    pub(crate) fn get(&self, scope: &str) -> Option<HeaderValue> {
        let token = self.by_scope.get(scope)?;
        (token.until.saturating_duration_since(Instant::now()) > Duration::ZERO).then(|| token.value.clone())
    }

    pub(crate) fn put(&mut self, scope: &str, token: Token) {
        if self.by_scope.len() >= MOST {
            self.by_scope.clear();
        }
        self.by_scope.insert(scope.to_owned(), token);
    }
}

#[derive(Deserialize)]
struct Issued {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<f64>,
}

/// The value of `Authorization: Basic`.
pub(crate) fn basic(user: &str, password: &str) -> Option<HeaderValue> {
    header(&format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

/// The value of `Authorization: Bearer`.
pub(crate) fn bearer(token: &str) -> Option<HeaderValue> {
    header(&format!("Bearer {token}"))
}

fn header(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Where tokens come from.
pub(crate) struct Server<'a> {
    pub wire: &'a Wire,
    pub network: &'a Network,
    pub held: Option<&'a Held>,
    /// Whether the registry speaks TLS.
    pub tls: bool,
}

/// What a token server said.
pub(crate) enum Said {
    Token(Token),
    /// It gives none to somebody without credentials.
    NotToAnonymous,
}

impl Server<'_> {
    /// The realm's address, if it may be asked. Realms are shown without their queries.
    pub(crate) fn realm(&self, challenge: &Challenge) -> Result<Url, RegistryError> {
        let registry = self.wire.registry.clone();
        let text = challenge.get("realm").unwrap_or_default();
        let url = Url::parse(text).ok().filter(|url| url.has_host() && url.username().is_empty());
        let Some(url) = url.filter(|url| url.password().is_none()) else {
            // What stands before an `@` may be a password.
            let short = if text.contains('@') { "an address with a user in it" } else { text };
            let short = short.split('?').next().unwrap_or_default();
            return Err(RegistryError::Realm {
                registry,
                realm: quoted(short, 100),
                reason: "that is no address of a token server".into(),
            });
        };
        let refuse = |reason: &str| {
            let realm = shown(&url);
            Err(RegistryError::Realm { registry: registry.clone(), realm, reason: reason.to_owned() })
        };
        match url.scheme() {
            _ if self.wire.is_trap(&url) => refuse(crate::wire::TRAP),
            "https" => Ok(url),
            "http" if self.tls => refuse("that is plain HTTP although the registry speaks TLS"),
            "http" if self.held.is_some() && !self.plain_allowed(&url) => {
                refuse("that is plain HTTP on a host for which the auditor did not allow it")
            }
            "http" => Ok(url),
            _ => refuse("that is no address of the web"),
        }
    }

    /// Whether credentials may go to a plain realm: the registry's own host, or one that was allowed by itself.
    fn plain_allowed(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let with_port = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let own = &self.wire.registry;
        let own_name = match own.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => own.as_str(),
        };
        host == canonical(own_name) || self.network.connection(&with_port).plain_http
    }

    /// Asks for a token.
    pub(crate) async fn ask(
        &self,
        challenge: &Challenge,
        scope: &str,
        cancel: &CancellationToken,
    ) -> Result<Said, Trouble> {
        let mut url = self.realm(challenge)?;
        let realm = shown(&url);
        let broken = |reason: String| RegistryError::TokenServer {
            registry: self.wire.registry.clone(),
            realm: realm.clone(),
            reason,
        };
        let service = challenge.get("service").unwrap_or_default();
        let mut sent = Sent {
            method: Method::GET,
            url: url.clone(),
            accept: &["application/json"],
            from: 0,
            authorization: None,
            body: None,
            stay: false,
            what: "a token",
        };
        let scopes = || scope.split(' ').filter(|scope| !scope.is_empty());
        if let Some(Secret::Identity(token)) = self.held.map(|held| &held.secret) {
            let mut form = reqwest::Url::parse("http://form/").map_err(|_| broken("a form".into()))?;
            form.query_pairs_mut()
                .append_pair("grant_type", "refresh_token")
                .append_pair("service", service)
                .append_pair("client_id", "plimsoll")
                .append_pair("scope", scope)
                .append_pair("refresh_token", token);
            sent.method = Method::POST;
            sent.body = Some(("application/x-www-form-urlencoded", form.query().unwrap_or_default().into()));
        } else {
            {
                let mut query = url.query_pairs_mut();
                if !service.is_empty() {
                    query.append_pair("service", service);
                }
                for scope in scopes() {
                    query.append_pair("scope", scope);
                }
                if let Some(Secret::Password { user, .. }) = self.held.map(|held| &held.secret) {
                    query.append_pair("account", user);
                }
            }
            if let Some(Secret::Password { user, password }) = self.held.map(|held| &held.secret) {
                sent.authorization = basic(user, password);
            }
        }
        sent.url = url;
        let (response, _) = self.wire.go(&sent, cancel).await.map_err(|trouble| match trouble.error {
            RegistryError::Unreachable { reason, .. } => {
                Trouble { error: broken(format!("it could not be reached: {reason}")), again: trouble.again }
            }
            error => Trouble { error, again: trouble.again },
        })?;
        let status = response.status().as_u16();
        let bytes = crate::body::whole(response, LONGEST, "a token", self.wire, cancel).await?;
        match status {
            200..=299 => (),
            401 | 403 => {
                return match self.held {
                    None => Ok(Said::NotToAnonymous),
                    Some(held) => Err(RegistryError::WrongCredentials {
                        registry: self.wire.registry.clone(),
                        identity: held.identity.clone(),
                    }
                    .into()),
                };
            }
            429 => {
                let reason = "its token server says so".into();
                let error = RegistryError::RateLimited { registry: self.wire.registry.clone(), reason };
                return Err(Trouble { error, again: true });
            }
            500.. => return Err(Trouble { error: broken(format!("HTTP {status}")), again: true }),
            // OAuth 2 says 400 `invalid_grant` of a token that does not count.
            400 if matches!(self.held.map(|held| &held.secret), Some(Secret::Identity(_))) => {
                let identity = self.held.map(|held| held.identity.clone()).unwrap_or_default();
                return Err(RegistryError::WrongCredentials { registry: self.wire.registry.clone(), identity }.into());
            }
            _ => return Err(broken(format!("HTTP {status}")).into()),
        }
        // The parser's own words could show a piece of the token.
        let issued: Issued = serde_json::from_slice(&bytes)
            .map_err(|_| broken("its answer is not the JSON that is asked for".into()))?;
        let text = issued.token.or(issued.access_token).filter(|token| !token.is_empty());
        let value = text.and_then(|token| bearer(&token)).ok_or_else(|| broken("its answer holds no token".into()))?;
        let stated = issued.expires_in.filter(|seconds| seconds.is_finite() && *seconds > 0.0);
        let life = stated.map_or(LIFE, |seconds| seconds as u64).clamp(1, LONGEST_LIFE);
        let life = Duration::from_secs(life);
        let until = Instant::now() + life.checked_sub(MARGIN).unwrap_or(life / 2);
        Ok(Said::Token(Token { value, until }))
    }
}
