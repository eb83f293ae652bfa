//! Credential files that are there whole: their structure is read, and every value in it judged.

use crate::hit::Hit;
use crate::keys;
use crate::pairs::{self, Pair, weigh};
use crate::place::Reader;
use crate::scan::{Context, LOOK_BACK, scan};
use crate::shape::placeholder;
use crate::validate::decode_base64;
use crate::{Certainty, Harmless, NameKind, classify_name, is_reference};

/// What a credential file holds.
pub(crate) fn read(reader: Reader, buf: &[u8], hits: &mut Vec<Hit>) {
    match reader {
        Reader::Stream => {}
        Reader::Pkcs12 => {
            if keys::is_pkcs12(buf) {
                hits.push(whole(buf, "key-store", "PKCS#12 key store", Certainty::Form, None));
            }
        }
        Reader::JavaKeyStore => java(buf, hits),
        Reader::PrivateKey => {
            if let Some(key) = (buf.first() == Some(&0x30)).then(|| keys::der(buf)).flatten() {
                let harmless = key.harmless;
                hits.push(Hit {
                    harmless,
                    ..whole(buf, "private-key", "private key", key.certainty, Some(key.detail))
                });
            }
        }
        _ => {
            let Ok(text) = std::str::from_utf8(buf) else { return };
            match reader {
                Reader::Docker => docker(text, hits),
                Reader::Netrc => netrc(text, hits),
                Reader::Pgpass => each_line(text, |line, at| pgpass(line, at, hits)),
                Reader::Htpasswd => each_line(text, |line, at| htpasswd(line, at, hits)),
                Reader::Token => token(text, hits),
                Reader::History => crate::find::text_hits(text, hits),
                Reader::Pairs(extra) => each_line(text, |line, at| pair_line(buf, line, at, extra, hits)),
                _ => {}
            }
        }
    }
}

/// What counts in a credential file, beside its own structure.
pub(crate) fn context(reader: Reader) -> Context {
    Context {
        weak: matches!(reader, Reader::Pairs(_)),
        nameless: matches!(reader, Reader::Docker),
        ..Context::default()
    }
}

fn each_line<'a>(text: &'a str, mut work: impl FnMut(&'a str, usize)) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        work(line.trim_end_matches(['\r', '\n']), at);
        at += line.len();
    }
}

fn whole(buf: &[u8], kind: &'static str, title: &str, certainty: Certainty, detail: Option<String>) -> Hit {
    Hit { start: 0, end: buf.len(), kind, title: title.to_owned(), name: None, certainty, harmless: None, detail }
}

fn java(buf: &[u8], hits: &mut Vec<Hit>) {
    let known = [0xfeed_feed_u32, 0xcece_cece].iter().any(|magic| buf.starts_with(&magic.to_be_bytes()));
    if keys::is_pkcs12(buf) {
        hits.push(whole(buf, "key-store", "PKCS#12 key store", Certainty::Form, None));
    } else if known {
        let counted = keys::java_key_store(buf);
        let detail = counted.map(|(keys, certificates)| format!("private keys: {keys}, certificates: {certificates}"));
        let mut hit = whole(buf, "key-store", "Java key store", Certainty::Form, detail);
        if matches!(counted, Some((0, _))) {
            hit.harmless = Some(Harmless::Public);
        }
        hits.push(hit);
    }
}

fn at_span(kind: &'static str, title: &str, span: (usize, usize), certainty: Certainty, value: &str) -> Option<Hit> {
    if value.is_empty() || is_reference(value) {
        return None;
    }
    Some(Hit {
        start: span.0,
        end: span.1,
        kind,
        title: title.to_owned(),
        name: None,
        certainty,
        harmless: placeholder(value),
        detail: None,
    })
}

/// `auths` of Docker's configuration, or the same without that level, as `.dockercfg` has it.
fn docker(text: &str, hits: &mut Vec<Hit>) {
    let Ok(serde_json::Value::Object(root)) = serde_json::from_str::<serde_json::Value>(text) else { return };
    let auths = match root.get("auths") {
        Some(serde_json::Value::Object(auths)) => auths,
        _ => &root,
    };
    for (registry, entry) in auths {
        for key in ["auth", "identitytoken", "registrytoken", "password"] {
            let Some(value) = entry.get(key).and_then(serde_json::Value::as_str).filter(|v| !v.is_empty()) else {
                continue;
            };
            let Some(start) = text.find(value) else { continue };
            let login = decode_base64(value).and_then(|bytes| String::from_utf8(bytes).ok());
            let password = login.as_deref().and_then(|login| login.split_once(':')).map(|(_, password)| password);
            if key == "auth" && password.is_some_and(str::is_empty) {
                continue;
            }
            let certainty = if key == "auth" && password.is_some() { Certainty::Proven } else { Certainty::Form };
            let host: String = registry.chars().filter(|c| !c.is_control()).take(80).collect();
            hits.push(Hit {
                start,
                end: start + value.len(),
                kind: "docker-login",
                title: "registry login of Docker".to_owned(),
                name: Some(key.to_owned()),
                certainty,
                harmless: password.or(Some(value)).and_then(placeholder),
                detail: Some(format!("for {}", crate::redact_tokens_in(&host))),
            });
        }
    }
}

/// Words of a text with their places.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = text.as_ptr() as usize;
    text.split_whitespace().map(move |word| (word.as_ptr() as usize - base, word))
}

fn netrc(text: &str, hits: &mut Vec<Hit>) {
    let mut machine = String::new();
    let mut before = "";
    for (at, word) in words(text) {
        match before {
            "machine" => machine = word.chars().take(80).collect(),
            "password" => {
                if let Some(mut hit) =
                    at_span("netrc-password", "password in .netrc", (at, at + word.len()), Certainty::Form, word)
                {
                    hit.name = Some("password".to_owned());
                    hit.detail = (!machine.is_empty()).then(|| format!("for {}", crate::redact_tokens_in(&machine)));
                    hits.push(hit);
                }
                before = "";
                continue;
            }
            _ => {}
        }
        before = word;
    }
}

fn pgpass(line: &str, at: usize, hits: &mut Vec<Hit>) {
    if line.trim_start().starts_with('#') {
        return;
    }
    let mut fields = line.splitn(5, ':');
    let host = fields.next().unwrap_or_default();
    let Some(password) = fields.nth(3) else { return };
    let start = at + line.len() - password.len();
    if let Some(mut hit) =
        at_span("postgres-password", "password in .pgpass", (start, at + line.len()), Certainty::Form, password)
    {
        hit.detail = Some(format!("for {}", crate::redact_tokens_in(host)));
        hits.push(hit);
    }
}

fn htpasswd(line: &str, at: usize, hits: &mut Vec<Hit>) {
    let Some((user, hash)) = line.split_once(':') else { return };
    let kind = match hash {
        h if h.starts_with("$2") => "bcrypt",
        h if h.starts_with("$apr1$") => "MD5 of Apache",
        h if h.starts_with("{SHA}") => "SHA-1 without salt",
        h if h.starts_with("$5$") || h.starts_with("$6$") => "SHA-2 crypt",
        h if h.len() == 13 => "DES crypt",
        _ => return,
    };
    if user.is_empty() || user.starts_with('#') {
        return;
    }
    let start = at + user.len() + 1;
    if let Some(mut hit) =
        at_span("password-hash", "password hash", (start, start + hash.trim_end().len()), Certainty::Form, "hash")
    {
        hit.detail = Some(kind.to_owned());
        hits.push(hit);
    }
}

fn token(text: &str, hits: &mut Vec<Hit>) {
    let value = text.trim();
    let start = text.len() - text.trim_start().len();
    if value.len() >= 8 && !value.contains(char::is_whitespace) {
        hits.extend(at_span(
            "token-file",
            "file that holds a token",
            (start, start + value.len()),
            Certainty::Form,
            value,
        ));
    }
}

/// `name = value`, `name: value`, `name value` of one line: the whole rest is the value.
fn pair_line(buf: &[u8], line: &str, at: usize, extra: &[&str], hits: &mut Vec<Hit>) {
    let body = line.trim_start();
    if body.is_empty() || body.starts_with(['#', ';', '<']) || body.starts_with("//") || body.len() > 8192 {
        return;
    }
    let mut offset = line.len() - body.len();
    let mut rest = body;
    for lead in ["export ", "- ", "set ", "define(", "ENV "] {
        if let Some(cut) = rest.strip_prefix(lead) {
            offset += rest.len() - cut.len();
            rest = cut;
        }
    }
    let Some(split) = rest.find(['=', ':', ',']).or_else(|| rest.find(' ')) else { return };
    // npm's keys hold a registry's address before their own name.
    let split = rest.find('=').filter(|_| rest.starts_with("//")).unwrap_or(split);
    let raw_name = rest.get(..split).unwrap_or_default();
    let name = raw_name.trim().trim_matches(['"', '\'']);
    let last = name.rsplit([':', '/']).next().unwrap_or(name);
    let after = rest.get(split + 1..).unwrap_or_default().trim_start_matches(['>', '=', ' ', '\t', ':']);
    let value_at = at + offset + (rest.len() - after.len());
    let value = after.trim_end();
    let (value, value_at) = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => match value.get(1..).and_then(|v| v.find(quote).and_then(|end| v.get(..end))) {
            Some(inner) => (inner, value_at + 1),
            None => return,
        },
        _ => (value, value_at),
    };
    if value.starts_with(['{', '[']) && !value.ends_with('}') {
        return;
    }
    let listed = extra.contains(&last.to_ascii_lowercase().as_str());
    let named = last.len() <= 80 && !last.contains(' ') && (listed || classify_name(last) == NameKind::Secret);
    if !named {
        return;
    }
    let end = value_at + value.len();
    if let Some(key) = keys::pem_in_base64(buf, value_at).filter(|key| key.end <= end) {
        hits.push(Hit {
            start: value_at,
            end,
            kind: "private-key",
            title: "private key".to_owned(),
            name: Some(last.to_owned()),
            certainty: key.certainty,
            harmless: key.harmless,
            detail: Some(key.detail),
        });
        return;
    }
    // Maven writes what it encrypts in braces.
    let encrypted = value.len() > 20 && value.starts_with('{') && value.ends_with("=}");
    if let Some((certainty, harmless)) = weigh(value, true) {
        let certainty =
            if listed && certainty == Certainty::Name && harmless.is_none() { Certainty::Form } else { certainty };
        let pair = Pair { name: (0, 0), value: (value_at, end), quoted: false };
        let harmless = if encrypted { Some(Harmless::Encrypted) } else { harmless };
        hits.push(pairs::hit(&pair, last, certainty, harmless));
    }
}

/// Everything in a file that is there whole.
pub(crate) fn whole_file(reader: Reader, buf: &[u8]) -> Vec<Hit> {
    let mut hits = Vec::new();
    read(reader, buf, &mut hits);
    let binary = is_binary(buf);
    scan(buf, 0, buf.len(), Context { binary, ..context(reader) }, &mut hits);
    hits
}

/// Whether bytes are no text.
pub(crate) fn is_binary(buf: &[u8]) -> bool {
    buf.iter().take(8192).any(|&b| b == 0)
}

/// How many bytes before a place anything looks back to.
pub(crate) const KEEP: usize = LOOK_BACK;
