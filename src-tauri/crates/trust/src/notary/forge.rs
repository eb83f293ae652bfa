//! A small maker of metadata for the tests: keys from seeds, signed in the shapes that Notary's clients make.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use p256::pkcs8::EncodePublicKey as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::macros::datetime;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder as _, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::{EncodePem as _, pem::LineEnding};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};
use x509_cert::ext::{Extension, ToExtension as _};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

use super::canonical::canonical;
use super::key::id;
use crate::{Bytes, NotaryFacts, NotaryFile, TrustFacts};

pub(super) const GUN: &str = "lab.test/acme/app";
pub(super) const AT: OffsetDateTime = datetime!(2026-12-01 0:00 UTC);
/// Far away.
pub(super) const FAR: OffsetDateTime = datetime!(2046-01-01 0:00 UTC);
pub(super) const ROOT: u8 = 1;
pub(super) const TIMESTAMP: u8 = 2;
pub(super) const SNAPSHOT: u8 = 3;
pub(super) const TARGETS: u8 = 4;
pub(super) const ALICE: u8 = 5;

/// A digest that is easy to tell from others.
pub(super) fn digest(seed: u8) -> String {
    format!("sha256:{}", hex::encode([seed; 32]))
}

pub(super) fn secret(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn spki(seed: u8) -> Vec<u8> {
    secret(seed).verifying_key().to_public_key_der().unwrap().into_vec()
}

fn wire(keytype: &str, public: &[u8]) -> (String, Value) {
    let public = STANDARD.encode(public);
    (id(keytype, &public), json!({ "keytype": keytype, "keyval": { "private": null, "public": public } }))
}

/// A plain key: its id and how it is written.
pub(super) fn plain(seed: u8) -> (String, Value) {
    wire("ecdsa", &spki(seed))
}

/// A key in certificates.
pub(super) fn certified(pem: &str) -> (String, Value) {
    wire("ecdsa-x509", pem.as_bytes())
}

struct Profile {
    subject: Name,
    issuer: Name,
    authority: Option<Option<u8>>,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let constraints =
            BasicConstraints { ca: self.authority.is_some(), path_len_constraint: self.authority.flatten() };
        let usage = if self.authority.is_some() { KeyUsages::KeyCertSign } else { KeyUsages::DigitalSignature };
        let mut out = vec![constraints.to_extension(tbs.subject(), &[])?];
        out.push(KeyUsage(usage.into()).to_extension(tbs.subject(), &out)?);
        Ok(out)
    }
}

/// A certificate to be made: for a key, by an issuer; by itself where none is named.
pub(super) struct Cert {
    pub(super) seed: u8,
    pub(super) name: &'static str,
    pub(super) until: OffsetDateTime,
    pub(super) issuer: Option<(u8, &'static str)>,
    /// An authority, with its path length constraint.
    pub(super) authority: Option<Option<u8>>,
}

impl Cert {
    /// A repository's own, self-signed.
    pub(super) fn of(seed: u8) -> Self {
        Self { seed, name: GUN, until: FAR, issuer: None, authority: None }
    }

    pub(super) fn pem(&self) -> String {
        let name = |text: &str| format!("CN={text}").parse::<Name>().unwrap();
        let time = |at: OffsetDateTime| {
            let since = std::time::Duration::from_secs(at.unix_timestamp().try_into().unwrap());
            Time::from(x509_cert::der::DateTime::from_unix_duration(since).unwrap())
        };
        let (issuer_seed, issuer) = self.issuer.unwrap_or((self.seed, self.name));
        let profile = Profile { subject: name(self.name), issuer: name(issuer), authority: self.authority };
        let public = SubjectPublicKeyInfoOwned::from_key(secret(self.seed).verifying_key()).unwrap();
        let validity = Validity::new(time(datetime!(2020-01-01 0:00 UTC)), time(self.until));
        CertificateBuilder::new(profile, SerialNumber::new(&[1, self.seed]).unwrap(), validity, public)
            .unwrap()
            .build::<_, DerSignature>(&secret(issuer_seed))
            .unwrap()
            .to_pem(LineEnding::LF)
            .unwrap()
    }
}

/// Something done to a JSON value.
pub(super) type Edit = fn(&mut Value);

/// A repository to be made.
#[derive(Clone)]
pub(super) struct Forge {
    /// The root's keys: how they are written, and the seeds that sign it.
    pub(super) root_keys: Vec<(String, Value)>,
    /// Tags by role, each with the seed of its digest. `targets` is always there, a delegation when it is named.
    pub(super) tags: BTreeMap<&'static str, Vec<(&'static str, u8)>>,
    /// Path prefixes by delegation; everything where none are named.
    pub(super) paths: BTreeMap<&'static str, Vec<&'static str>>,
    /// Versions that are not 1.
    pub(super) versions: BTreeMap<&'static str, u64>,
    /// Ends that are not far away.
    pub(super) expires: BTreeMap<&'static str, &'static str>,
    /// Who signs a role, where it is not who should.
    pub(super) signers: BTreeMap<&'static str, Vec<u8>>,
    /// Changes before signing.
    pub(super) edits: Vec<(&'static str, Edit)>,
    /// Changes after signing, announced like the rest.
    pub(super) spoils: Vec<(&'static str, Edit)>,
}

impl Forge {
    /// One tag `1.0`, signed by alice.
    pub(super) fn new() -> Self {
        Self {
            root_keys: vec![certified(&Cert::of(ROOT).pem())],
            tags: BTreeMap::from([
                ("targets", vec![]),
                ("targets/alice", vec![("1.0", 1)]),
                ("targets/releases", vec![("1.0", 1)]),
            ]),
            paths: BTreeMap::new(),
            versions: BTreeMap::new(),
            expires: BTreeMap::new(),
            signers: BTreeMap::new(),
            edits: Vec::new(),
            spoils: Vec::new(),
        }
    }

    fn seal(&self, role: &str, kind: &str, mut signed: Value, signers: &[(String, u8)]) -> Vec<u8> {
        signed["_type"] = json!(kind);
        signed["version"] = json!(self.versions.get(role).copied().unwrap_or(1));
        signed["expires"] = json!(self.expires.get(role).unwrap_or(&"2046-01-01T00:00:00Z"));
        for (_, edit) in self.edits.iter().filter(|(of, _)| *of == role) {
            edit(&mut signed);
        }
        let bytes = canonical(&signed).unwrap();
        let signatures: Vec<_> = signers
            .iter()
            .map(|(id, seed)| {
                let signature: Signature = secret(*seed).sign(&bytes);
                json!({ "keyid": id, "method": "ecdsa", "sig": STANDARD.encode(signature.to_bytes()) })
            })
            .collect();
        let mut envelope = json!({ "signed": signed, "signatures": signatures });
        for (_, spoil) in self.spoils.iter().filter(|(of, _)| *of == role) {
            spoil(&mut envelope);
        }
        serde_json::to_vec(&envelope).unwrap()
    }

    fn plain_signers(&self, role: &str, usual: u8) -> Vec<(String, u8)> {
        self.signers.get(role).unwrap_or(&vec![usual]).iter().map(|seed| (plain(*seed).0, *seed)).collect()
    }

    fn targets(&self, role: &str, usual: u8) -> Vec<u8> {
        let targets: BTreeMap<_, _> = self.tags[role]
            .iter()
            .map(|(tag, seed)| (*tag, json!({ "hashes": { "sha256": STANDARD.encode([*seed; 32]) }, "length": 311 })))
            .collect();
        let below: Vec<_> = self
            .tags
            .keys()
            .filter(|name| {
                name.strip_prefix(role).and_then(|rest| rest.strip_prefix('/')).is_some_and(|own| !own.contains('/'))
            })
            .map(|name| {
                let paths = self.paths.get(name).cloned().unwrap_or_else(|| vec![""]);
                json!({ "name": name, "keyids": [plain(ALICE).0], "threshold": 1, "paths": paths })
            })
            .collect();
        let keys = if below.is_empty() { json!({}) } else { Value::Object([plain(ALICE)].into_iter().collect()) };
        let signed = json!({ "targets": targets, "delegations": { "keys": keys, "roles": below } });
        self.seal(role, "Targets", signed, &self.plain_signers(role, usual))
    }

    /// The root alone; signed by all its own keys, each with the seed in the same place.
    pub(super) fn root(&self, seeds: &[u8]) -> Vec<u8> {
        let plain_roles = [("timestamp", TIMESTAMP), ("snapshot", SNAPSHOT), ("targets", TARGETS)];
        let keys: serde_json::Map<_, _> =
            self.root_keys.iter().cloned().chain(plain_roles.iter().map(|(_, seed)| plain(*seed))).collect();
        let ids: Vec<_> = self.root_keys.iter().map(|(id, _)| id.clone()).collect();
        let mut roles = json!({ "root": { "keyids": ids, "threshold": 1 } });
        for (role, seed) in plain_roles {
            roles[role] = json!({ "keyids": [plain(seed).0], "threshold": 1 });
        }
        let signed = json!({ "keys": keys, "roles": roles, "consistent_snapshot": false });
        let signers: Vec<_> = ids.into_iter().zip(seeds.iter().copied()).collect();
        self.seal("root", "Root", signed, &signers)
    }

    /// Every file, around a root.
    pub(super) fn around(&self, root: Vec<u8>) -> Vec<NotaryFile> {
        let meta = |bytes: &[u8]| json!({ "hashes": { "sha256": STANDARD.encode(Sha256::digest(bytes)) }, "length": bytes.len() });
        let mut files = vec![("root".to_owned(), root)];
        for role in self.tags.keys() {
            let usual = if *role == "targets" { TARGETS } else { ALICE };
            files.push(((*role).to_owned(), self.targets(role, usual)));
        }
        let all: serde_json::Map<_, _> = files.iter().map(|(name, bytes)| (name.clone(), meta(bytes))).collect();
        let snapshot =
            self.seal("snapshot", "Snapshot", json!({ "meta": all }), &self.plain_signers("snapshot", SNAPSHOT));
        let announced = json!({ "meta": { "snapshot": meta(&snapshot) } });
        let timestamp = self.seal("timestamp", "Timestamp", announced, &self.plain_signers("timestamp", TIMESTAMP));
        files.push(("snapshot".to_owned(), snapshot));
        files.push(("timestamp".to_owned(), timestamp));
        files.into_iter().map(|(name, bytes)| NotaryFile { name, bytes: Bytes(bytes) }).collect()
    }

    /// Every file, its root signed by the usual key.
    pub(super) fn files(&self) -> Vec<NotaryFile> {
        self.around(self.root(&[ROOT]))
    }

    /// What is fetched of it; the digest under audit has the seed 1, the tag is `1.0`.
    pub(super) fn facts(&self) -> TrustFacts {
        facts(self.files())
    }
}

/// Facts about the tag `1.0` with the digest of seed 1.
pub(super) fn facts(files: Vec<NotaryFile>) -> TrustFacts {
    TrustFacts {
        repository: GUN.to_owned(),
        tag: Some("1.0".to_owned()),
        digests: vec![digest(1)],
        notary: Some(NotaryFacts {
            server: "https://notary.lab.test".to_owned(),
            gun: GUN.to_owned(),
            files,
            ..NotaryFacts::default()
        }),
        ..TrustFacts::default()
    }
}

/// A certificate for the key with the seed 9, signed over SHA-1 (made with openssl).
pub(super) const SHA1: &str = "-----BEGIN CERTIFICATE-----\n\
MIIBaDCCAQ6gAwIBAgIUf7d5XySOlBEUkSDBf5rIM8kYULEwCQYHKoZIzj0EATAc\n\
MRowGAYDVQQDDBFsYWIudGVzdC9hY21lL2FwcDAeFw0yNjExMjQxMTQ3MTRaFw00\n\
NjExMTkxMTQ3MTRaMBwxGjAYBgNVBAMMEWxhYi50ZXN0L2FjbWUvYXBwMFkwEwYH\n\
KoZIzj0CAQYIKoZIzj0DAQcDQgAEcTX6T9k6Cdzpi79oG0v89Q58DWNU5ir7C/8q\n\
NClheGXtTB8C3bkCPuVqVX5RXWqdxmwR8iCWDeWUM031iHdnJKMvMC0wDAYDVR0T\n\
AQH/BAIwADAdBgNVHQ4EFgQUV3GlwxGYKKZu911sYtv89bw9BaAwCQYHKoZIzj0E\n\
AQNJADBGAiEAlAtpYEINASkbFA0U8J+92ad7ui5zJKrQYGhFWHnOhkICIQDQjq6L\n\
yvJlX/VErTngNj+z4n+CkqG+cvXid7SQ/Nn0lQ==\n\
-----END CERTIFICATE-----";
