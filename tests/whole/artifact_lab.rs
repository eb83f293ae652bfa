//! Signatures of cosign's two kinds in a registry without referrers API, made here with a key of the test's own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::EncodePublicKey as _;
use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing};
use serde_json::{Value, json};

use crate::registries::{INDEX, MANIFEST, Mode, Registry, digest};
use crate::support::{Home, binary};
use crate::wire::{Tls, send};

const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

struct Shop {
    home: Home,
    tls: Tls,
    registry: Registry,
}

impl Shop {
    /// An image in a registry; its digest.
    fn image(&self, repository: &str) -> String {
        let folder = self.home.path(&repository.replace('/', "-"));
        let image = ImageBuilder::new("x:1").layer("COPY x /", LayerBuilder::new().file("x", repository.as_bytes()));
        image.write(Format::OciLayout, Packing::Gzip, &folder).unwrap();
        self.registry.push(&folder, "x:1", &format!("{repository}:1"));
        let target = format!("/v2/{repository}/manifests/1");
        let answer = send("HEAD", &self.registry.address, &target, &[("Accept", MANIFEST)], &[], None);
        answer.header("docker-content-digest").unwrap().to_owned()
    }

    /// An artifact of one layer: its manifest, in the registry under `name` or by its digest.
    fn artifact(&self, repository: &str, name: Option<&str>, layer: &[u8], change: impl FnOnce(&mut Value)) -> Value {
        let (config, blob) = (self.registry.put_blob(repository, b"{}"), self.registry.put_blob(repository, layer));
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": 2},
            "layers": [{"digest": blob, "size": layer.len()}],
        });
        change(&mut manifest);
        let bytes = manifest.to_string().into_bytes();
        let digest = digest(&bytes);
        self.registry.put_manifest(repository, name.unwrap_or(&digest), MANIFEST, &bytes);
        json!({"mediaType": MANIFEST, "digest": digest, "size": bytes.len(), "artifactType": manifest["artifactType"]})
    }

    fn trust(&self, repository: &str, key: Option<&str>) -> Value {
        let mut command = self.home.command(binary("plimsoll"));
        command.args(["trust", "--json", "-"]).args(self.registry.reach(&self.tls, &self.home, None));
        if let Some(key) = key {
            command.args(["--key", key]);
        }
        let output = command.arg(format!("{}/{repository}:1", self.registry.address)).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }

    fn public(&self, name: &str, key: &SigningKey) {
        let spki = key.verifying_key().to_public_key_der().unwrap();
        let pem =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(spki.as_bytes()));
        std::fs::write(self.home.path(name), pem).unwrap();
    }
}

fn sign(key: &SigningKey, bytes: &[u8]) -> String {
    let signature: Signature = key.sign(bytes);
    STANDARD.encode(signature.to_der().as_bytes())
}

#[test]
fn signatures_beside_an_image_are_found_by_tag_and_by_the_fallback_of_the_referrers() {
    let tls = Tls::new();
    let shop = Shop { home: Home::new(), registry: Registry::start(&tls, Mode::Open), tls };
    let key = SigningKey::from_slice(&[3; 32]).unwrap();
    shop.public("own.pub", &key);
    shop.public("other.pub", &SigningKey::from_slice(&[4; 32]).unwrap());

    shop.image("shop/none");
    assert_eq!(shop.trust("shop/none", Some("own.pub"))["verdict"], "unsigned");

    let digest = shop.image("shop/tagged");
    let payload = json!({"critical": {"identity": {"docker-reference": "shop/tagged"},
        "image": {"docker-manifest-digest": digest}, "type": "cosign container image signature"}, "optional": null});
    let payload = payload.to_string();
    let tag = format!("{}.sig", digest.replace(':', "-"));
    shop.artifact("shop/tagged", Some(&tag), payload.as_bytes(), |manifest| {
        manifest["layers"][0]["mediaType"] = json!(SIMPLE);
        let signature = sign(&key, payload.as_bytes());
        manifest["layers"][0]["annotations"] = json!({"dev.cosignproject.cosign/signature": signature});
    });

    let digest = shop.image("shop/referred");
    let statement = json!({"_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "", "digest": {"sha256": digest.trim_start_matches("sha256:")}}],
        "predicateType": "https://sigstore.dev/cosign/sign/v1", "predicate": {}});
    let (kind, statement) = ("application/vnd.in-toto+json", statement.to_string());
    let signed = format!("DSSEv1 {} {kind} {} {statement}", kind.len(), statement.len());
    let bundle = json!({"mediaType": BUNDLE,
        "verificationMaterial": {"publicKey": {"hint": ""}, "tlogEntries": []},
        "dsseEnvelope": {"payload": STANDARD.encode(&statement), "payloadType": kind,
            "signatures": [{"sig": sign(&key, signed.as_bytes())}]}});
    let entry = shop.artifact("shop/referred", None, bundle.to_string().as_bytes(), |manifest| {
        manifest["artifactType"] = json!(BUNDLE);
        manifest["layers"][0]["mediaType"] = json!(BUNDLE);
        manifest["subject"] = json!({"mediaType": MANIFEST, "digest": digest, "size": 1});
    });
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).to_string();
    shop.registry.put_manifest("shop/referred", &digest.replace(':', "-"), INDEX, index.as_bytes());

    for repository in ["shop/tagged", "shop/referred"] {
        let found = shop.trust(repository, Some("own.pub"));
        assert_eq!(found["verdict"], "verified", "{repository}: {found:#}");
        assert!(found["schemes"].to_string().contains("own.pub"), "{repository}: {found:#}");
        let found = shop.trust(repository, Some("other.pub"));
        assert_eq!((&found["verdict"], &found["state"]), (&json!("not-verified"), &json!("other-signer")), "{found:#}");
        let found = shop.trust(repository, None);
        assert_eq!((&found["verdict"], &found["state"]), (&json!("not-verified"), &json!("no-key")), "{found:#}");
    }
}
