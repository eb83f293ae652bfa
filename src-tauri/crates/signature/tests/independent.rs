//! Signed reports before independent judges: poppler's `pdfsig`, `qpdf` and OpenSSL, and the own verifier beside them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::path::Path;

use common::{PASSPHRASE, appearance, auditor, openssl, openssl_identity, report, request, tool};
use plimsoll_signature::{Identity, IdentityError, Signer, sign_pdf, verify_pdf};

fn write(dir: &Path, name: &str, bytes: &[u8]) -> String {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

/// What `pdfsig` says; certificates are not its business here.
fn pdfsig(path: &str) -> String {
    tool("pdfsig", "poppler-utils", ["-nocert", path]).1
}

fn assert_accepted(dir: &Path, name: &str, pdf: &[u8], signatures: usize) {
    let path = write(dir, name, pdf);
    let said = pdfsig(&path);
    assert_eq!(said.matches("Signature is Valid.").count(), signatures, "{name}: {said}");
    assert_eq!(said.matches("Total document signed").count(), 1, "{name}: {said}");
    let (success, said) = tool("qpdf", "qpdf", ["--check", &path]);
    assert!(success && !said.contains("WARNING"), "{name}: {said}");
    let verification = verify_pdf(pdf).unwrap();
    assert!(verification.is_intact(), "{name}: {verification:#?}");
    assert_eq!(verification.signatures.len(), signatures);
    // `--check` reads leniently; `qpdf` must find every object where the new cross-references say.
    let (success, said) = tool("qpdf", "qpdf", ["--show-xref", &path]);
    assert!(success, "{name}: {said}");
}

fn assert_rejected(dir: &Path, name: &str, pdf: &[u8]) {
    let said = pdfsig(&write(dir, name, pdf));
    assert!(!said.contains("Signature is Valid."), "{name}: {said}");
    assert!(!verify_pdf(pdf).is_ok_and(|verification| verification.is_intact()), "{name}");
}

#[test]
fn own_identity_both_fields_both_kinds_of_xref() {
    let dir = tempfile::tempdir().unwrap();
    for stream in [false, true] {
        let plain = report(stream);
        let one = sign_pdf(&plain, &request("Auditor", true), &auditor().identity).unwrap();
        assert!(one.starts_with(&plain), "the report must stay as it is");
        assert_accepted(dir.path(), "one.pdf", &one, 1);
        let mut second = request("Reviewer", false);
        second.appearance = Some(appearance());
        let reread = Identity::from_pkcs12(&auditor().p12, PASSPHRASE).unwrap();
        let two = sign_pdf(&one, &second, &reread).unwrap();
        assert!(two.starts_with(&one));
        assert_accepted(dir.path(), "two.pdf", &two, 2);
        let reports = verify_pdf(&two).unwrap().signatures;
        assert_eq!(reports.iter().map(|report| report.covers_whole_file).collect::<Vec<_>>(), [false, true]);
        println!("{} + {} + {} bytes", plain.len(), one.len() - plain.len(), two.len() - one.len());

        let flipped_at = plain.windows(15).position(|window| window == b"An audit report").unwrap_or(plain.len() / 3);
        for (name, signed) in [("bad-one.pdf", &one), ("bad-two.pdf", &two)] {
            let mut bad = signed.clone();
            bad[flipped_at] ^= 1;
            assert_rejected(dir.path(), name, &bad);
        }
    }
}

#[test]
fn identities_made_by_openssl() {
    let dir = tempfile::tempdir().unwrap();
    let kinds = [
        ("rsa:2048", "RSA 2048"),
        ("ec -pkeyopt ec_paramgen_curve:P-384", "ECDSA P-384"),
        ("ec -pkeyopt ec_paramgen_curve:P-256", "ECDSA P-256"),
    ];
    for (key, algorithm) in kinds {
        let identity = openssl_identity(dir.path(), key, "").unwrap();
        let summary = identity.summary();
        assert_eq!((summary.name.as_str(), summary.issuer.as_str()), ("Otto Ossl", "Company issuer"));
        assert_eq!((summary.algorithm.as_str(), summary.self_issued), (algorithm, false));
        assert_eq!(identity.chain_der().len(), 1);
        let signed = sign_pdf(&report(false), &request("Auditor", true), &identity).unwrap();
        assert_accepted(dir.path(), "openssl.pdf", &signed, 1);
        let mut bad = signed.clone();
        bad[100] ^= 4;
        assert_rejected(dir.path(), "bad.pdf", &bad);
    }
}

/// A company's file often holds the issuing authority but not the root above it.
#[test]
fn a_chain_without_its_root() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let ca = "-addext keyUsage=critical,keyCertSign -addext basicConstraints=critical,CA:TRUE";
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30";
    openssl(dir, &format!("{new} -keyout @root.key -out @root.pem -subj /CN=Root {ca}"));
    openssl(dir, &format!("{new} -keyout @mid.key -out @mid.pem -subj /CN=Middle -CA @root.pem -CAkey @root.key {ca}"));
    openssl(
        dir,
        &format!(
            "{new} -keyout @leaf.key -out @leaf.pem -subj /CN=Mia -CA @mid.pem -CAkey @mid.key \
             -addext keyUsage=critical,nonRepudiation -addext basicConstraints=critical,CA:FALSE"
        ),
    );
    openssl(dir, "pkcs12 -export -inkey @leaf.key -in @leaf.pem -certfile @mid.pem -passout pass:x -out @id.p12");
    let identity = Identity::from_pkcs12(&std::fs::read(dir.join("id.p12")).unwrap(), "x").unwrap();
    assert_eq!(identity.chain_der().len(), 1);
    let signed = sign_pdf(&report(false), &request("Auditor", true), &identity).unwrap();
    assert_accepted(dir, "open-chain.pdf", &signed, 1);
    // The authority's certificate stands in the signature value in hexadecimal; its name is not signed by anyone here.
    let name = hex::encode("Middle");
    let at = signed.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
    let mut bad = signed.clone();
    bad[at + 1] ^= 1;
    assert!(!verify_pdf(&bad).is_ok_and(|verification| verification.is_intact()));
}

#[test]
fn older_and_unfit_files_of_openssl() {
    let dir = tempfile::tempdir().unwrap();
    let triple_des = " -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1";
    assert!(openssl_identity(dir.path(), "rsa:2048", triple_des).is_ok());
    let p12 = std::fs::read(dir.path().join("id.p12")).unwrap();
    assert_eq!(Identity::from_pkcs12(&p12, "gruesse").unwrap_err(), IdentityError::WrongPassphrase);
    let short = openssl_identity(dir.path(), "rsa:1024", "").unwrap_err();
    assert_eq!(short, IdentityError::UnsupportedKey { kind: "RSA with 1024 bits".to_owned() });
    let curve = openssl_identity(dir.path(), "ec -pkeyopt ec_paramgen_curve:secp521r1", "").unwrap_err();
    assert!(matches!(curve, IdentityError::UnsupportedKey { .. }), "{curve}");
    let edwards = openssl_identity(dir.path(), "ed25519", "").unwrap_err();
    assert!(matches!(edwards, IdentityError::UnsupportedKey { .. }), "{edwards}");
}

#[test]
fn the_created_certificates_satisfy_openssl() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("id.p12"), &auditor().p12).unwrap();
    std::fs::write(dir.path().join("ca.pem"), &auditor().ca_pem).unwrap();
    let pass = format!("pass:{PASSPHRASE}");
    let p12 = dir.path().join("id.p12");
    let out = dir.path().join("leaf.pem");
    let args = [
        "pkcs12",
        "-in",
        p12.to_str().unwrap(),
        "-passin",
        &pass,
        "-clcerts",
        "-nokeys",
        "-out",
        out.to_str().unwrap(),
    ];
    let (success, said) = tool("openssl", "openssl", args);
    assert!(success, "{said}");
    openssl(dir.path(), "verify -x509_strict -purpose any -CAfile @ca.pem @leaf.pem");
    let info = ["pkcs12", "-in", p12.to_str().unwrap(), "-passin", &pass, "-info", "-noout"];
    let (_, said) = tool("openssl", "openssl", info);
    assert!(said.contains("MAC: sha256, Iteration 1000000"), "{said}");
    assert!(said.matches("PBES2, PBKDF2, AES-256-CBC, Iteration 600000, PRF hmacWithSHA256").count() == 2, "{said}");
}
