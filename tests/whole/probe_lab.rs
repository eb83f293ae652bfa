//! What an audit says of registries that are open, closed, and half open; that nothing is written without consent.

use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing};
use serde_json::Value;

use crate::registries::{Mode, PUBLIC, Registry};
use crate::support::{Home, binary, succeed};
use crate::wire::{Tls, send};

struct Street {
    home: Home,
    tls: Tls,
    open: Registry,
    basic: Registry,
    token: Registry,
}

impl Street {
    fn new() -> Self {
        let (home, tls) = (Home::new(), Tls::new());
        let folder = home.path("layout");
        let layer = LayerBuilder::new().file("x", b"x");
        ImageBuilder::new("x:1").layer("COPY x /", layer).write(Format::OciLayout, Packing::Gzip, &folder).unwrap();
        let [open, basic, token] = [Mode::Open, Mode::Basic, Mode::Token].map(|mode| {
            let registry = Registry::start(&tls, mode);
            registry.push(&folder, "x:1", "shop/private:1");
            registry.push(&folder, "x:1", &format!("{PUBLIC}:1"));
            registry
        });
        Self { home, tls, open, basic, token }
    }

    fn audit(&self, registry: &Registry, more: &[&str]) -> Value {
        let mut command = self.home.command(binary("plimsoll"));
        command.args(["audit", "--json", "-"]).args(registry.reach(&self.tls, &self.home, None)).args(more);
        let text = succeed(&command.arg(format!("registry:{}", registry.address)).output().unwrap());
        serde_json::from_str(&text).unwrap()
    }

    /// With a repository to try, and with the owner's consent to an upload.
    fn audit_named(&self, registry: &Registry, repository: &str) -> Value {
        let (repository, owner) =
            (format!("{}={repository}", registry.address), format!("{}=Olga Owner", registry.address));
        self.audit(registry, &["--repository", &repository, "--push-probe", &owner])
    }
}

#[test]
fn the_registries_of_these_tests_are_what_they_are_taken_for() {
    let street = Street::new();
    let status = |registry: &Registry, target: &str, tls: Option<&Tls>, header: &[(&str, &str)]| {
        send("GET", &registry.address, target, header, &[], tls).status
    };
    assert_eq!(status(&street.open, "/v2/_catalog", None, &[]), 200);
    let tls = Some(&street.tls);
    assert_eq!(status(&street.basic, "/v2/", tls, &[]), 401);
    let public = format!("/v2/{PUBLIC}/tags/list");
    assert_eq!(status(&street.token, &public, tls, &[]), 401);
    assert!(!street.token.tokens().is_empty());
    for registry in [&street.open, &street.basic, &street.token] {
        assert!(registry.log().contains("PUT"), "{}", registry.log());
        assert!(registry.uploads().is_empty());
    }
    let opened = send("POST", &street.open.address, "/v2/shop/x/blobs/uploads/", &[], &[], None);
    assert_eq!(opened.status, 202);
    assert_eq!(street.open.uploads().len(), 1);
    let target = opened.header("location").unwrap().split_once(&street.open.address).unwrap().1;
    assert_eq!(send("DELETE", &street.open.address, target, &[], &[], None).status, 204);
    assert!(street.open.uploads().is_empty());
}

/// Requests in a registry's log that may change something, as `POST 202`.
fn writes(registry: &Registry) -> Vec<String> {
    let log = registry.log();
    let requests = log.lines().filter_map(|line| {
        let (_, rest) = line.split_once("] \"")?;
        let (request, rest) = rest.split_once("\" ")?;
        let method = request.split_whitespace().next()?;
        let status = rest.split_whitespace().next()?;
        (!matches!(method, "GET" | "HEAD")).then(|| format!("{method} {status}"))
    });
    requests.collect()
}

/// What a check concluded, and why.
fn of(results: &Value, check: &str) -> (String, String) {
    let found = results["outcomes"].as_array().unwrap().iter().find(|outcome| outcome["check"] == check).unwrap();
    let text = |name: &str| found[name].as_str().unwrap().to_owned();
    (text("outcome"), text("summary"))
}

#[test]
fn an_audit_tells_open_registries_from_closed_ones() {
    let street = Street::new();
    let open = street.audit_named(&street.open, "shop/private");
    assert_eq!(open["subjects"][0]["kind"], "registry");
    assert_eq!(of(&open, "registry-transport").0, "fail");
    assert_eq!(of(&open, "registry-protocol").0, "not-applicable");
    let (outcome, summary) = of(&open, "registry-access");
    assert!(outcome == "fail" && summary.contains("everybody may write"), "{summary}");
    let (outcome, summary) = of(&street.audit(&street.open, &[]), "registry-access");
    assert!(outcome == "fail" && summary.contains("catalogue") && summary.contains("no consent"), "{summary}");

    // Whose every answer was no has passed; where something was not asked, it is a person's to find out.
    for (registry, repository, expected) in [
        (&street.basic, "shop/private", "pass"),
        (&street.token, "shop/private", "pass"),
        (&street.token, PUBLIC, "fail"),
    ] {
        let results = street.audit_named(registry, repository);
        assert_eq!(of(&results, "registry-transport").0, "pass");
        assert_eq!(of(&results, "registry-protocol").0, "pass");
        let (outcome, summary) = of(&results, "registry-access");
        assert_eq!(outcome, expected, "{repository}: {summary}");
        let (outcome, summary) = of(&street.audit(registry, &[]), "registry-access");
        assert!(outcome == "undecided" && summary.contains("no consent"), "{outcome}: {summary}");
    }
}

#[test]
fn nothing_is_written_without_consent_and_with_it_nothing_stays() {
    let street = Street::new();
    for (registry, expected) in [
        (&street.open, vec!["POST 202", "DELETE 204"]),
        (&street.basic, vec!["POST 401"]),
        // Once as nobody, once with the token that nobody gets.
        (&street.token, vec!["POST 401", "POST 401"]),
    ] {
        let before = writes(registry);
        assert!(before.contains(&"PUT 201".to_owned()), "{before:?}");
        street.audit(registry, &[]);
        assert_eq!(writes(registry), before);
        street.audit_named(registry, "shop/private");
        assert_eq!(writes(registry).split_off(before.len()), expected);
        assert!(registry.uploads().is_empty());
    }
}
