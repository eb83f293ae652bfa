//! What is told to a registry stays between the two: no password and no token in anything that is written or said.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing};
use serde_json::json;

use crate::registries::{Mode, PASSWORD, Registry, USER};
use crate::support::{Home, PASSPHRASE, binary, judge, succeed};
use crate::wire::{Message, Server, Tls};

/// A password for some other registry, in clear in docker's configuration.
const OTHER: &str = "planted-other-password-Zk81";

/// Both ways in which a password travels.
fn forms(user: &str, password: &str) -> [String; 2] {
    [password.to_owned(), STANDARD.encode(format!("{user}:{password}"))]
}

fn absent(secrets: &[String], place: &str, bytes: &[u8]) {
    for secret in secrets {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} is in {place}: {}", String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]));
    }
}

#[test]
fn passwords_and_tokens_reach_no_output() {
    let (home, tls) = (Home::new(), Tls::new());
    let layout = home.path("layout");
    let layer = LayerBuilder::new().file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n");
    ImageBuilder::new("x:1").layer("COPY x /", layer).write(Format::OciLayout, Packing::Gzip, &layout).unwrap();
    std::fs::create_dir(home.path("docker")).unwrap();
    let auths = json!({"auths": {"other.example": {"auth": STANDARD.encode(format!("bob:{OTHER}"))}}});
    std::fs::write(home.path("docker/config.json"), auths.to_string()).unwrap();
    let identity = home.identity();
    for mode in [Mode::Basic, Mode::Token] {
        let registry = Registry::start(&tls, mode);
        let reference = registry.push(&layout, "x:1", "shop/private:1");
        let pushed = registry.tokens().len();
        let file = |name: &str| home.path(&format!("{mode:?}.{name}"));
        let path = |name: &str| file(name).display().to_string();
        let output = home
            .command(binary("plimsoll"))
            .env("PLIMSOLL_PASSPHRASE", PASSPHRASE)
            .args(["-v", "audit", "--json", "-", "--engagement", &path("plimsoll"), "--pdf", &path("pdf")])
            .arg("--identity")
            .arg(&identity)
            .args(registry.reach(&tls, &home, Some(PASSWORD)))
            .args([format!("docker://{reference}"), format!("registry:{}", registry.address)])
            .output()
            .unwrap();
        succeed(&output);
        let asked = home
            .command(binary("plimsoll"))
            .args(["-v", "trust", "--json", "-"])
            .args(registry.reach(&tls, &home, Some(PASSWORD)))
            .arg(&reference)
            .output()
            .unwrap();
        assert!(!asked.stdout.is_empty(), "{}", String::from_utf8_lossy(&asked.stderr));

        let mut secrets = [forms(USER, PASSWORD), forms("bob", OTHER)].concat();
        let tokens = registry.tokens();
        assert!(mode != Mode::Token || tokens.len() > pushed, "no token was asked for");
        secrets.extend(tokens.iter().map(|token| token.rsplit('.').next().unwrap().to_owned()));
        let (_, text) = judge("pdftotext", "poppler-utils", &[&path("pdf"), "-"]);
        let attached = file("attached");
        std::fs::create_dir(&attached).unwrap();
        let (detached, said) =
            judge("pdfdetach", "poppler-utils", &["-saveall", "-o", attached.to_str().unwrap(), &path("pdf")]);
        assert!(detached, "{said}");
        absent(&secrets, "the results", &output.stdout);
        absent(&secrets, "what is said", &output.stderr);
        absent(&secrets, "the trust results", &asked.stdout);
        absent(&secrets, "what trust says", &asked.stderr);
        // The engagement keeps what it was told in the clear, so a search of its bytes finds what is there.
        let engagement = std::fs::read(file("plimsoll")).unwrap();
        assert!(engagement.windows(registry.address.len()).any(|window| window == registry.address.as_bytes()));
        absent(&secrets, "the engagement", &engagement);
        absent(&secrets, "the report", &std::fs::read(file("pdf")).unwrap());
        absent(&secrets, "the report's text", text.as_bytes());
        for entry in std::fs::read_dir(attached).unwrap() {
            absent(&secrets, "an attachment", &std::fs::read(entry.unwrap().path()).unwrap());
        }
    }
}

/// A registry that throws back in errors, headers and addresses whatever it is told.
fn echo(tls: &Tls, basic: bool, heard: &Arc<Mutex<String>>) -> Server {
    let heard = heard.clone();
    Server::start(tls, move |request| {
        let host = request.header("host").unwrap_or_default().to_owned();
        let told = request.header("authorization").unwrap_or_default();
        let password = told.strip_prefix("Basic ").and_then(|pair| STANDARD.decode(pair).ok()).unwrap_or_default();
        let told = format!("{told} {}", String::from_utf8_lossy(&password));
        heard.lock().unwrap().push_str(&told);
        let target = request.line.get(1).map_or("", String::as_str);
        if target.starts_with("/token") {
            return Message::json(200, &json!({"token": "planted-token-Hw52", "expires_in": 300}));
        }
        let status = if told.trim().is_empty() { 401 } else { 403 };
        let mut answer = Message::json(status, &json!({"errors": [{"code": told, "message": told, "detail": told}]}));
        let challenge = match basic {
            true => format!("Basic realm=\"{told}\""),
            false => format!("Bearer realm=\"https://{host}/token\",service=\"{told}\",error=\"{told}\""),
        };
        for (name, value) in [("www-authenticate", challenge), ("server", told.clone()), ("warning", told)] {
            answer.headers.push((name.to_owned(), value));
        }
        answer
    })
}

#[test]
fn a_registry_that_throws_secrets_back_does_not_get_them_printed() {
    let (home, tls) = (Home::new(), Tls::new());
    std::fs::write(home.path("password"), PASSWORD).unwrap();
    let mut secrets = forms(USER, PASSWORD).to_vec();
    secrets.push("planted-token-Hw52".to_owned());
    for basic in [true, false] {
        let heard = Arc::default();
        let server = echo(&tls, basic, &heard);
        let host = &server.address;
        for words in [
            vec!["audit".to_owned(), format!("docker://{host}/shop/x:1")],
            vec!["audit".to_owned(), format!("registry:{host}")],
            vec!["trust".to_owned(), format!("{host}/shop/x:1")],
        ] {
            let output = home
                .command(binary("plimsoll"))
                .args(["-v", &words[0], "--json", "-"])
                .args(["--ca", &format!("{host}={}", tls.authority()), "--user", &format!("{host}={USER}")])
                .args(["--password-file", &format!("{host}={}", home.path("password").display())])
                .args(&words[1..])
                .output()
                .unwrap();
            absent(&secrets, &format!("what {words:?} says"), &output.stderr);
            absent(&secrets, &format!("the results of {words:?}"), &output.stdout);
        }
        // It was told everything, or this test would show nothing.
        let heard = heard.lock().unwrap();
        let all = if basic { &secrets[..2] } else { &secrets[..] };
        assert!(all.iter().all(|secret| heard.contains(secret)), "{heard}");
    }
}
