//! One pass over some bytes: key words first, then what stands around each.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};

use crate::hit::Hit;
use crate::keys::{self, Key};
use crate::pairs;
use crate::rules::RULES;
use crate::shape::{looks_random, placeholder, token_placeholder};
use crate::validate::{Verdict, aws_secret, decode_base64};
use crate::{Certainty, Harmless, is_masked, is_reference, matcher};

/// What counts, in the bytes at hand.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
pub(crate) struct Context {
    /// A value that a person thought up counts when its name speaks of a secret.
    pub(crate) weak: bool,
    /// Source code: only quoted values count.
    pub(crate) code: bool,
    /// A shell reads it: no blanks around `=`, `$name` is a reference.
    pub(crate) shell: bool,
    /// Only known formats and keys; what is not proven must be very distinct.
    pub(crate) binary: bool,
    /// Names are not looked at.
    pub(crate) nameless: bool,
}

/// Free text: commands, history, labels.
pub(crate) const TEXT: Context = Context { weak: true, code: false, shell: true, binary: false, nameless: false };

/// Furthest that anything looks back from its key word.
pub(crate) const LOOK_BACK: usize = 256;

#[derive(Clone, Copy)]
enum Action {
    Rule(usize),
    Pem,
    PemInBase64,
    Putty,
    Url,
    Authorization,
    Vault,
    ConnectionString,
    Name,
}

/// Parts of names that speak of a secret.
const NAME_WORDS: &[&str] = &[
    "passw",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "api.key",
    "accesskey",
    "access_key",
    "access-key",
    "privatekey",
    "private_key",
    "private-key",
    "credential",
    "passphrase",
    "pwd",
    "_pass",
    "pass=",
    "pass:",
    "pass\"",
    "dbpass",
    "encryption_key",
    "encryption-key",
    "encryptionkey",
    "signing_key",
    "signing-key",
    "signingkey",
    "auth_key",
    "auth-key",
    "authkey",
    "account_key",
    "account-key",
    "accountkey",
    "master_key",
    "master-key",
    "masterkey",
    "client_key",
    "client-key",
    "clientkey",
];

struct Words {
    machine: AhoCorasick,
    actions: Vec<(Action, usize)>,
}

static WORDS: LazyLock<Option<Words>> = LazyLock::new(|| {
    let mut words: Vec<(&str, Action)> =
        RULES.iter().enumerate().map(|(i, rule)| (rule.key, Action::Rule(i))).collect();
    words.extend([
        ("-----BEGIN ", Action::Pem),
        ("LS0tLS1CRUdJTi", Action::PemInBase64),
        ("PuTTY-User-Key-File-", Action::Putty),
        ("://", Action::Url),
        ("authorization", Action::Authorization),
        ("$ANSIBLE_VAULT;", Action::Vault),
        (";password=", Action::ConnectionString),
        (";pwd=", Action::ConnectionString),
    ]);
    words.extend(NAME_WORDS.iter().map(|word| (*word, Action::Name)));
    let machine = AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(words.iter().map(|(word, _)| word))
        .ok()?;
    Some(Words { machine, actions: words.iter().map(|(word, action)| (*action, word.len())).collect() })
});

/// Whether the search could be set up; only a fault in the table could prevent it, and a test looks at that.
#[cfg(test)]
pub(crate) fn ready() -> bool {
    WORDS.is_some()
}

/// Looks at all key words that begin in `from..to`. What stands around may reach beyond.
pub(crate) fn scan(buf: &[u8], from: usize, to: usize, context: Context, hits: &mut Vec<Hit>) {
    let Some(words) = WORDS.as_ref() else { return };
    let limit = buf.len().min(to.saturating_add(32));
    let Some(haystack) = buf.get(from..limit) else { return };
    let mut name_end = 0;
    let mut done_until = 0;
    for found in words.machine.find_overlapping_iter(haystack) {
        let at = from + found.start();
        if at >= to {
            continue;
        }
        let Some((action, length)) = words.actions.get(found.pattern().as_usize()) else { continue };
        let hit = match action {
            Action::Rule(index) => rule(buf, at, *index, context, hits),
            Action::Pem if at >= done_until => keys::pem_at(buf, at).map(key),
            Action::PemInBase64 if at >= done_until => keys::pem_in_base64(buf, at).map(key),
            Action::Putty if !context.binary => keys::putty_at(buf, at).map(key),
            Action::Url if !context.binary => url(buf, at, context),
            Action::Authorization if !context.binary => authorization(buf, at, context),
            Action::Vault if buf.get(at..at + 3) == Some(b"$AN") => Some(ansible(buf, at)),
            Action::ConnectionString if !context.binary => connection_string(buf, at, *length, context),
            Action::Name if !context.binary && !context.nameless && at >= name_end => {
                let pair = pairs::pair_at(buf, at, *length, context);
                name_end = pair.as_ref().map_or(name_end, |pair| pair.name.1);
                pair.and_then(|pair| pairs::judge(buf, &pair, context))
            }
            _ => None,
        };
        if let Some(hit) = hit {
            if hit.kind == "private-key" {
                done_until = hit.end;
            }
            hits.push(hit);
        }
    }
}

fn key(key: Key) -> Hit {
    Hit {
        start: key.start,
        end: key.end,
        kind: "private-key",
        title: "private key".to_owned(),
        name: None,
        certainty: key.certainty,
        harmless: key.harmless,
        detail: Some(key.detail),
    }
}

fn rule(buf: &[u8], at: usize, index: usize, context: Context, hits: &mut Vec<Hit>) -> Option<Hit> {
    let rule = RULES.get(index)?;
    if !rule.loose && !buf.get(at..)?.starts_with(rule.key.as_bytes()) {
        return None;
    }
    let (start, end) = matcher::span(rule, buf, at)?;
    let secret = std::str::from_utf8(buf.get(start..end)?).ok()?;
    let Verdict { certainty, harmless, detail } = (rule.check)(secret)?;
    let harmless = harmless.filter(|h| *h != Harmless::BadChecksum).or_else(|| token_placeholder(secret)).or(harmless);
    if context.binary && (harmless.is_some() || certainty != Certainty::Proven && !rule.binary) {
        return None;
    }
    let hit = Hit { start, end, kind: rule.id, title: rule.title.to_owned(), name: None, certainty, harmless, detail };
    if rule.id.starts_with("aws-") && rule.id.ends_with("-key-id") && !context.binary {
        hits.extend(aws_neighbour(buf, end));
    }
    Some(hit)
}

/// The secret half of an AWS key pair, which as a rule stands within the next lines.
fn aws_neighbour(buf: &[u8], end: usize) -> Option<Hit> {
    let window = buf.get(end..buf.len().min(end + 200))?;
    let is_body = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let mut at = 0;
    while at < window.len() {
        let run = window.get(at..)?.iter().take_while(|b| is_body(b)).count();
        if run == 40 {
            let secret = std::str::from_utf8(window.get(at..at + 40)?).ok()?;
            if let Some(Verdict { certainty, harmless, detail }) = aws_secret(secret) {
                return Some(Hit {
                    start: end + at,
                    end: end + at + 40,
                    kind: "aws-secret-access-key",
                    title: "AWS secret access key".to_owned(),
                    name: None,
                    certainty,
                    harmless,
                    detail,
                });
            }
        }
        at += run + 1;
    }
    None
}

/// Words for a password that manuals use.
const TAUGHT: &[&str] = &[
    "password",
    "pass",
    "passwd",
    "pwd",
    "pw",
    "secret",
    "pass123",
    "password123",
    "user",
    "token",
    "p4ssw0rd",
    "x",
    "y",
    "b",
    "bar",
];

/// A password in `scheme://user:password@host`, whose `://` stands at `at`.
fn url(buf: &[u8], at: usize, context: Context) -> Option<Hit> {
    if !at.checked_sub(1).and_then(|i| buf.get(i)).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let start = at + 3;
    let rest = buf.get(start..buf.len().min(start + 512))?;
    let stops = b"/\"'?<>`,; \t\r\n\\|)";
    let length = rest.iter().take_while(|b| !stops.contains(b) && **b >= 0x20).count();
    let authority = std::str::from_utf8(rest.get(..length)?).ok()?;
    let (login, host) = authority.rsplit_once('@')?;
    let (user, password) = login.split_once(':')?;
    let host_ok = host.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'[' | b'$' | b'{'));
    if password.is_empty() || !host_ok || is_reference(password) || is_masked(password) {
        return None;
    }
    if password.contains(['{', '}', '$', '%', '(', '*']) && !looks_random(password) && !context.weak {
        return None;
    }
    let taught = !context.weak && TAUGHT.contains(&password.to_ascii_lowercase().as_str());
    let example = host.contains("example.") || host.starts_with("host") && !context.weak;
    let harmless = match placeholder(password) {
        Some(harmless) => Some(harmless),
        None if taught || (example && !looks_random(password)) => Some(Harmless::Example),
        None => None,
    };
    let from = start + user.len() + 1;
    let shown_host: String = host.split(':').next().unwrap_or_default().chars().take(80).collect();
    Some(Hit {
        start: from,
        end: from + password.len(),
        kind: "password-in-url",
        title: "password in an address".to_owned(),
        name: None,
        certainty: Certainty::Form,
        harmless,
        detail: (!shown_host.is_empty()).then(|| format!("for {}", crate::redact_tokens_in(&shown_host))),
    })
}

/// `Authorization: Bearer …`, whose first letter stands at `at`.
fn authorization(buf: &[u8], at: usize, context: Context) -> Option<Hit> {
    let mut pos = at + "authorization".len();
    let skip = |pos: usize, set: &[u8], most: usize| {
        pos + buf.get(pos..).unwrap_or_default().iter().take(most).take_while(|b| set.contains(b)).count()
    };
    pos = skip(pos, b"\"'\\] \t", 4);
    let sign = skip(pos, b":=,", 2);
    if sign == pos {
        return None;
    }
    pos = skip(sign, b"\"'\\`> \t", 6);
    let scheme_end = skip(pos, b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", 12);
    let scheme = std::str::from_utf8(buf.get(pos..scheme_end)?).ok()?.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "bearer" | "basic" | "token" | "ssws" | "apikey" | "splunk") {
        return None;
    }
    let start = skip(scheme_end, b" \t", 4);
    if start == scheme_end {
        return None;
    }
    let length = buf
        .get(start..buf.len().min(start + 4096))?
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"-._~+/=:$".contains(b))
        .count();
    let secret = std::str::from_utf8(buf.get(start..start + length)?).ok()?;
    if secret.len() < 4 || secret.contains('$') {
        return None;
    }
    let basic = scheme == "basic";
    let login = decode_base64(secret).and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = login.as_deref().and_then(|login| login.split_once(':')).filter(|(user, password)| {
        basic && !user.is_empty() && !password.is_empty() && !user.chars().any(char::is_control)
    });
    if !context.weak && decoded.is_none() && !looks_random(secret) {
        return None;
    }
    let harmless = match decoded {
        Some((_, password)) => {
            placeholder(password).or_else(|| (!context.weak && TAUGHT.contains(&password)).then_some(Harmless::Example))
        }
        None => placeholder(secret).or_else(|| token_placeholder(secret)),
    };
    Some(Hit {
        start,
        end: start + length,
        kind: "authorization-header",
        title: "credential in an Authorization header".to_owned(),
        name: None,
        certainty: if decoded.is_some() { Certainty::Proven } else { Certainty::Form },
        harmless,
        detail: Some(format!("scheme {scheme}")),
    })
}

/// A password in a connection string of a database: `Server=…;Password=…`. `at` is its `;`.
fn connection_string(buf: &[u8], at: usize, length: usize, context: Context) -> Option<Hit> {
    let before = buf.get(at.saturating_sub(LOOK_BACK)..at)?;
    let line = before.rsplit(|b| *b == b'\n').next()?.to_ascii_lowercase();
    let known: [&[u8]; 7] = [b"server=", b"data source=", b"host=", b"uid=", b"user id=", b"user=", b"database="];
    if !known.iter().any(|word| line.windows(word.len()).any(|window| window == *word)) {
        return None;
    }
    let start = at + length;
    let rest = buf.get(start..buf.len().min(start + 256))?;
    let count = rest.iter().take_while(|b| !b";\"'<>\r\n\\ ".contains(b)).count();
    let secret = std::str::from_utf8(rest.get(..count)?).ok()?;
    if secret.len() < 3 || is_reference(secret) || is_masked(secret) {
        return None;
    }
    let taught = !context.weak && TAUGHT.contains(&secret.to_ascii_lowercase().as_str());
    Some(Hit {
        start,
        end: start + count,
        kind: "database-password",
        title: "password in a database connection string".to_owned(),
        name: None,
        certainty: Certainty::Form,
        harmless: placeholder(secret).or(taught.then_some(Harmless::Example)),
        detail: None,
    })
}

/// A file, or a value, that Ansible has encrypted.
fn ansible(buf: &[u8], at: usize) -> Hit {
    let line = buf.get(at..).unwrap_or_default().iter().take(64).take_while(|b| !b.is_ascii_whitespace()).count();
    Hit {
        start: at,
        end: at + line,
        kind: "ansible-vault",
        title: "Ansible vault".to_owned(),
        name: None,
        certainty: Certainty::Form,
        harmless: Some(Harmless::Encrypted),
        detail: Some("encrypted".to_owned()),
    }
}
