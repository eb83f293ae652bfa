//! Docker Content Trust with the real tools: what the real client refuses we do not call signed, and the other way round.

use serde_json::{Value, json};

use crate::content_trust::{Client, Front, Metadata, TrustServer};
use crate::daemon::Daemon;
use crate::registries::{Mode, Registry};
use crate::service::{Lease, Shared};
use crate::support::{Home, binary};
use crate::wire::Tls;

const PAST: &str = "2020-01-01T00:00:00Z";

static LAB: Shared<Lab> = Shared::new();

/// A daemon with two images, an open registry, a trust server.
struct Lab {
    tls: Tls,
    daemon: Lease<Daemon>,
    registry: Registry,
    trust: TrustServer,
}

impl Lab {
    fn lease() -> Lease<Self> {
        LAB.lease(|| {
            let tls = Tls::new();
            let daemon = Daemon::lease();
            for name in ["one", "two"] {
                daemon.build(&format!("trust/{name}"), &format!("FROM scratch\nCOPY passwd /{name}\n"));
            }
            let registry = Registry::start(&tls, Mode::Open);
            let trust = TrustServer::start(&tls);
            Self { tls, daemon, registry, trust }
        })
    }

    /// A repository of one test's own.
    fn repository(&self, name: &str) -> String {
        format!("{}/trust/{name}", self.registry.address)
    }

    /// Somebody who signs.
    fn owner(&self) -> Client<'_> {
        Client::new(&self.daemon, &self.tls, &self.trust.address)
    }

    /// Pushes without signing; the digest.
    fn push(&self, image: &str, reference: &str) -> String {
        assert!(self.daemon.docker(&["tag", image, reference]).0);
        let (pushed, said) = self.daemon.docker(&["push", reference]);
        assert!(pushed, "{said}");
        let digest = said.split("digest: ").nth(1).and_then(|rest| rest.split_whitespace().next());
        digest.unwrap_or_else(|| panic!("{said}")).to_owned()
    }
}

/// Somebody who looks at images, with docker and with plimsoll: both remember what they trusted.
struct Auditor<'a> {
    lab: &'a Lab,
    home: Home,
    server: String,
    client: Client<'a>,
}

/// What the two say of a reference, after it was made sure that they agree.
struct Seen {
    /// What docker says when it refuses.
    refused: Option<String>,
    /// The digest that both take to be signed.
    digest: Option<String>,
    /// What plimsoll says.
    trust: Value,
}

impl Seen {
    #[track_caller]
    fn is(&self, verdict: &str, kind: Option<&str>) -> &Self {
        let found = (self.trust["verdict"].as_str(), self.trust["kind"].as_str());
        assert_eq!(found, (Some(verdict), kind), "{}\ndocker: {:?}", self.trust, self.refused);
        self
    }

    #[track_caller]
    fn docker_says(&self, words: &str) {
        let said = self.refused.as_deref().unwrap_or("nothing against it");
        assert!(said.contains(words), "docker says {said}");
    }

    fn signers(&self) -> String {
        let schemes = self.trust["schemes"].as_array().unwrap();
        schemes.iter().find(|scheme| scheme["scheme"] == "content-trust").unwrap()["signers"].to_string()
    }
}

impl<'a> Auditor<'a> {
    fn new(lab: &'a Lab, server: &str) -> Self {
        let client = Client::new(&lab.daemon, &lab.tls, server);
        Self { lab, home: Home::new(), server: server.to_owned(), client }
    }

    /// Asks plimsoll.
    fn asks(&self, reference: &str, more: &[&str]) -> Value {
        let output = self
            .home
            .command(binary("plimsoll"))
            .args(["trust", "--json", "-", "--trust-server", &format!("https://{}", self.server)])
            .args(["--ca", &format!("{}={}", self.server, self.lab.tls.authority())])
            .args(["--plain-http", &self.lab.registry.address, "--engagement", "job.plimsoll"])
            .args(more)
            .arg(reference)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        let holds = ["verified", "signed"].contains(&found["state"].as_str().unwrap());
        assert_eq!(output.status.code(), Some(i32::from(!holds)), "{found}");
        found
    }

    /// Has both look, and compares.
    #[track_caller]
    fn looks(&self, reference: &str) -> Seen {
        let pulled = self.client.pulls(reference);
        let trust = self.asks(reference, &[]);
        assert_eq!(
            trust["verdict"] == "signed",
            pulled.is_ok(),
            "docker: {pulled:?}\nplimsoll: {}",
            serde_json::to_string_pretty(&trust).unwrap()
        );
        let digest = pulled.clone().ok();
        if digest.is_some() {
            assert_eq!(trust["digest"].as_str(), digest.as_deref(), "{trust}");
        }
        Seen { refused: pulled.err(), digest, trust }
    }

    /// What the real client lists as signed: tag and digest.
    fn lists(&self, repository: &str) -> Vec<(String, String)> {
        let (_, said) = self.client.docker(&["trust", "inspect", repository]);
        let found: Value = serde_json::from_str(&said[..=said.rfind(']').unwrap()]).unwrap();
        let tags = found[0]["SignedTags"].as_array().unwrap();
        let text = |tag: &Value, name: &str| tag[name].as_str().unwrap().to_owned();
        tags.iter().map(|tag| (text(tag, "SignedTag"), format!("sha256:{}", text(tag, "Digest")))).collect()
    }
}

#[test]
fn a_signed_tag_an_unsigned_one_and_one_pushed_again_without_signing() {
    let lab = Lab::lease();
    let repository = lab.repository("plain");
    let (signed, unsigned) = (format!("{repository}:1"), format!("{repository}:2"));
    let nobody = Auditor::new(&lab, &lab.trust.address);
    lab.push("trust/one", &unsigned);
    nobody.looks(&unsigned).is("unsigned", None).docker_says("does not have trust data");

    lab.owner().signs("trust/one", &signed);
    let auditor = Auditor::new(&lab, &lab.trust.address);
    let seen = auditor.looks(&signed);
    seen.is("signed", None);
    assert_eq!(seen.trust["state"], "verified");
    assert!(seen.signers().contains("Repo Admin"), "{}", seen.signers());
    let digest = seen.digest.clone().unwrap();
    assert_eq!(auditor.lists(&repository), [("1".to_owned(), digest.clone())]);
    auditor.looks(&unsigned).is("not-signed-tag", None).docker_says("No valid trust data for 2");

    // Docker goes on to pull what was signed; whoever audits what the tag stands for now must hear that it is another.
    let other = lab.push("trust/two", &signed);
    let seen = auditor.looks(&signed);
    seen.is("signed", None);
    assert_eq!(seen.trust["state"], "other-digest");
    assert_eq!(seen.digest, Some(digest.clone()));
    assert_ne!(digest, other);
    let exact = auditor.asks(&format!("{repository}@{other}"), &["--tag", "1"]);
    assert_eq!(exact["state"], "other-digest", "{exact}");
    let exact = auditor.asks(&format!("{repository}@{digest}"), &["--tag", "1"]);
    assert_eq!(exact["state"], "verified", "{exact}");
}

#[test]
fn a_delegated_signer_and_what_is_revoked() {
    let lab = Lab::lease();
    let repository = lab.repository("delegated");
    let (admin, alice) = (format!("{repository}:admin"), format!("{repository}:alice"));
    let owner = lab.owner();
    owner.signs("trust/one", &admin);
    owner.does(&["trust", "key", "generate", "alice"]);
    owner.does(&["trust", "signer", "add", "--key", "alice.pub", "alice", &repository]);
    owner.does(&["tag", "trust/two", &alice]);
    owner.does(&["trust", "sign", &alice]);
    let auditor = Auditor::new(&lab, &lab.trust.address);
    auditor.looks(&admin).is("signed", None);
    let seen = auditor.looks(&alice);
    seen.is("signed", None);
    assert!(seen.signers().contains("alice"), "{}", seen.signers());
    assert_eq!(auditor.lists(&repository).len(), 2);

    // What alice alone signed is gone; what the repository's administrator signed stays, whatever alice revokes.
    owner.does(&["trust", "revoke", "-y", &alice]);
    auditor.looks(&alice).is("not-signed-tag", None).docker_says("No valid trust data for alice");
    auditor.looks(&admin).is("signed", None);
    let fresh = Auditor::new(&lab, &lab.trust.address);
    fresh.looks(&alice).is("not-signed-tag", None);

    let alone = lab.repository("revoked");
    let tag = format!("{alone}:1");
    let owner = lab.owner();
    owner.signs("trust/one", &tag);
    owner.signs("trust/one", &format!("{alone}:2"));
    owner.does(&["trust", "revoke", "-y", &tag]);
    fresh.looks(&tag).is("not-signed-tag", None).docker_says("No valid trust data for 1");
    fresh.looks(&format!("{alone}:2")).is("signed", None);
}

#[test]
fn a_root_that_its_owner_rotated_and_one_that_a_stranger_replaced() {
    let lab = Lab::lease();
    let repository = lab.repository("rotated");
    let tag = format!("{repository}:1");
    let owner = lab.owner();
    owner.signs("trust/one", &tag);
    let early = Auditor::new(&lab, &lab.trust.address);
    early.looks(&tag).is("signed", None);
    owner.notary(&["key", "rotate", &repository, "root"]);
    early.looks(&tag).is("signed", None);
    let late = Auditor::new(&lab, &lab.trust.address);
    late.looks(&tag).is("signed", None);

    owner.notary(&["delete", &repository, "--remote"]);
    let stranger = lab.owner();
    stranger.signs("trust/two", &tag);
    early.looks(&tag).is("invalid", Some("rollback"));
    // A stranger who counts on until the number fits is a stranger still.
    stranger.notary(&["key", "rotate", &repository, "root"]);
    stranger.notary(&["key", "rotate", &repository, "root"]);
    early.looks(&tag).is("invalid", Some("root"));
    late.looks(&tag).is("invalid", Some("root"));
    let fresh = Auditor::new(&lab, &lab.trust.address);
    fresh.looks(&tag).is("signed", None);
}

#[test]
fn what_was_tampered_with_rolled_back_expired_or_withdrawn() {
    let lab = Lab::lease();
    let repository = lab.repository("served");
    let tag = format!("{repository}:1");
    let owner = lab.owner();
    owner.signs("trust/one", &tag);
    let old = lab.trust.record(&lab.tls, &repository);
    owner.signs("trust/two", &format!("{repository}:2"));
    let good = lab.trust.record(&lab.tls, &repository);
    let front = Front::start(&lab.tls, &good);
    let remembers = Auditor::new(&lab, front.address());
    remembers.looks(&tag).is("signed", None);
    let fresh = |metadata: &Metadata, kind: &str, says: &str| {
        front.serve(Some(metadata));
        Auditor::new(&lab, front.address()).looks(&tag).is("invalid", Some(kind)).docker_says(says);
    };

    let digest = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let targets = good.with("targets", |targets| targets["signed"]["targets"]["1"]["hashes"]["sha256"] = digest);
    fresh(&targets, "hash", "checksum");
    let later = |role: &str| good.with(role, |file| file["signed"]["expires"] = json!("2099-01-01T00:00:00Z"));
    fresh(&later("timestamp"), "signature", "signature");
    fresh(&later("root"), "root", "root");
    let mut gone = good.clone();
    gone.0.remove("targets");
    fresh(&gone, "missing", "");
    fresh(&good.until(&owner, PAST), "expired", "expired");
    front.serve(Some(&good.until(&owner, "2099-01-01T00:00:00Z")));
    Auditor::new(&lab, front.address()).looks(&tag).is("signed", None);

    // Nobody who is new can tell that a state is old; who was here before can.
    front.serve(Some(&old));
    Auditor::new(&lab, front.address()).looks(&tag).is("signed", None);
    remembers.looks(&tag).is("invalid", Some("rollback"));
    front.serve(Some(&good));
    remembers.looks(&tag).is("signed", None);

    // The one difference: docker goes on with what it remembers, we say that the trust data are gone.
    front.serve(None);
    assert!(remembers.client.pulls(&tag).is_ok());
    let trust = remembers.asks(&tag, &[]);
    assert_eq!((trust["verdict"].as_str(), trust["state"].as_str()), (Some("unsigned"), Some("withdrawn")), "{trust}");
    Auditor::new(&lab, front.address()).looks(&tag).is("unsigned", None);
}

#[test]
fn a_folder_of_recorded_metadata_is_judged_as_if_it_were_served() {
    let lab = Lab::lease();
    let repository = lab.repository("recorded");
    let tag = format!("{repository}:1");
    let owner = lab.owner();
    owner.signs("trust/one", &tag);
    let old = lab.trust.record(&lab.tls, &repository);
    owner.signs("trust/two", &format!("{repository}:2"));
    let good = lab.trust.record(&lab.tls, &repository);
    let later = good.with("targets", |targets| targets["signed"]["expires"] = json!("2099-01-01T00:00:00Z"));
    let expired = good.until(&owner, PAST);

    let home = Home::new();
    let folder = |name: &str, metadata: &Metadata| {
        metadata.write(&home.path(name));
        home.path(name).display().to_string()
    };
    let seen = folder("seen", &good);
    for (name, metadata, verdict, kind) in [
        ("good", &good, "signed", None),
        ("changed", &later, "invalid", Some("hash")),
        ("expired", &expired, "invalid", Some("expired")),
        ("old", &old, "signed", None),
    ] {
        let served = Front::start(&lab.tls, metadata);
        let pulled = Client::new(&lab.daemon, &lab.tls, served.address()).pulls(&tag);
        let place = folder(name, metadata);
        let ask = |more: &[&str]| -> Value {
            let arguments = [&["trust", "--json", "-", "--gun", &repository, "--tag", "1", &place], more].concat();
            let output = home.plimsoll(&arguments);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"))
        };
        let found = ask(&[]);
        assert_eq!((found["verdict"].as_str(), found["kind"].as_str()), (Some(verdict), kind), "{found:#}");
        assert_eq!(verdict == "signed", pulled.is_ok(), "{pulled:?}");
        if let Ok(digest) = pulled {
            assert_eq!(found["digest"], digest.as_str());
            assert_eq!(ask(&["--digest", &digest])["state"], "verified");
        }
        if name == "old" {
            let found = ask(&["--previous", &seen]);
            assert_eq!((found["verdict"].as_str(), found["kind"].as_str()), (Some("invalid"), Some("rollback")));
        }
    }
}
