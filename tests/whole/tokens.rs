//! A token server for registries (distribution's token specification): signed tokens, by scope.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey as _;
use serde_json::{Value, json};

use crate::registries::{PASSWORD, PUBLIC, USER};
use crate::wire::{Message, Server, Tls};

/// Gives out tokens (distribution's token specification), by GET with a password and by OAuth2's password grant.
pub struct TokenServer {
    server: Server,
    issued: Arc<Mutex<Vec<String>>>,
}

impl TokenServer {
    /// Starts it, with a key of its own: `token.crt`.
    pub fn start(tls: &Tls) -> Self {
        tls.certificate("token", "/CN=tests", &[]);
        let key = SigningKey::from_pkcs8_pem(&std::fs::read_to_string(tls.path("token.key")).unwrap()).unwrap();
        let pem = std::fs::read_to_string(tls.path("token.crt")).unwrap();
        let certificate: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let issued = Arc::new(Mutex::new(Vec::new()));
        let given = issued.clone();
        let server = Server::start(tls, move |request| {
            let target = request.line.get(1).cloned().unwrap_or_default();
            let mut fields = parameters(target.split_once('?').map_or("", |(_, query)| query));
            fields.extend(parameters(&String::from_utf8_lossy(&request.body)));
            let of = |name: &str| fields.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect();
            let user = match user(request, &of) {
                Ok(user) => user,
                Err(refused) => return refused,
            };
            let token = token(&key, &certificate, &user, &of("service"), &of("scope"));
            given.lock().unwrap().push(token.clone());
            Message::json(200, &json!({"token": token, "access_token": token, "expires_in": 300}))
        });
        Self { server, issued }
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.server.address
    }

    /// What it gave out so far.
    pub fn issued(&self) -> Vec<String> {
        self.issued.lock().unwrap().clone()
    }
}

/// Who asks: nobody in particular is an empty name.
fn user(request: &Message, of: &dyn Fn(&str) -> Vec<String>) -> Result<String, Message> {
    let basic = request.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    let pair = match basic {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap(),
        None if of("grant_type") == ["password"] => format!("{}:{}", of("username").concat(), of("password").concat()),
        None => return Ok(String::new()),
    };
    match pair == format!("{USER}:{PASSWORD}") {
        true => Ok(USER.to_owned()),
        false => Err(Message::json(401, &json!({"details": "incorrect user name or password"}))),
    }
}

fn token(key: &SigningKey, certificate: &str, user: &str, service: &[String], scopes: &[String]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut access = Vec::new();
    for scope in scopes.iter().flat_map(|scopes| scopes.split(' ')) {
        let Some(((kind, name), actions)) = scope.rsplit_once(':').and_then(|(l, r)| Some((l.split_once(':')?, r)))
        else {
            continue;
        };
        let anybody = kind == "repository" && name == PUBLIC;
        let granted = actions.split(',').filter(|action| !user.is_empty() || anybody && *action == "pull");
        access.push(json!({"type": kind, "name": name, "actions": granted.collect::<Vec<_>>()}));
    }
    let header = json!({"typ": "JWT", "alg": "ES256", "x5c": [certificate]});
    let claims = json!({"iss": "tests", "sub": user, "aud": service.concat(), "exp": now + 300, "nbf": now - 10,
        "iat": now, "jti": format!("{now}-{}", access.len()), "access": access});
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(&claims));
    let signature: Signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// The fields of a query or a form.
fn parameters(text: &str) -> Vec<(String, String)> {
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (decode(name), decode(value))).collect()
}

fn decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(out).unwrap()
}
