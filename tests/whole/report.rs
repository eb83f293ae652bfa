//! The signed report before independent judges: pdfsig, qpdf, pyHanko.

use std::path::{Path, PathBuf};

use crate::support::{Home, judge, succeed};

fn issue(home: &Home, language: &str) -> PathBuf {
    let sample = home.sample();
    let identity = home.identity();
    let path = home.path("report.pdf");
    succeed(&home.plimsoll(&[
        "audit",
        &format!("docker-archive:{}", sample.join("shop.tar").display()),
        "--dockerfile",
        sample.join("shop/Dockerfile").to_str().unwrap(),
        &format!("docker-archive:{}", sample.join("worker.tar").display()),
        "--language",
        language,
        "--pdf",
        path.to_str().unwrap(),
        "--identity",
        identity.to_str().unwrap(),
    ]));
    path
}

fn pyhanko(home: &Home, pdf: &Path) -> (bool, String) {
    let program = std::env::var_os("PLIMSOLL_PYHANKO").unwrap_or_else(|| "pyhanko".into());
    let trust = home.path("identity.ca.pem");
    let arguments = ["sign", "validate", "--trust-replace", "--trust", trust.to_str().unwrap(), pdf.to_str().unwrap()];
    judge(program, "pyHanko (cargo xtask test does)", &arguments)
}

#[test]
fn judges_accept_it_and_refuse_it_after_one_changed_byte() {
    let home = Home::new();
    for language in ["en", "de"] {
        let home = if language == "en" { &home } else { &Home::new() };
        let path = issue(home, language);
        let text = path.to_str().unwrap();
        let (_, said) = judge("pdfsig", "poppler-utils", &["-nocert", text]);
        assert!(said.contains("Signature is Valid.") && said.contains("Total document signed"), "{said}");
        assert!(said.contains("ETSI.CAdES.detached") && said.contains("Ada Auditor"), "{said}");
        let (clean, said) = judge("qpdf", "qpdf", &["--check", text]);
        assert!(clean && !said.contains("WARNING"), "{said}");
        let (accepted, said) = pyhanko(home, &path);
        assert!(accepted && said.contains("INTACT") && said.contains("TRUSTED"), "{said}");
        let (_, said) = judge("pdftotext", "poppler-utils", &[text, "-"]);
        let verdict = if language == "en" { "Image-related requirements" } else { "Image-bezogene Anforderungen" };
        assert!(said.to_lowercase().contains(&verdict.to_lowercase()), "{said}");
        for id in ["A1", "B3", "D2", "1.1", "3.11", "12.11"] {
            assert!(said.contains(id), "{id}");
        }

        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes.len() / 3;
        bytes[at] ^= 1;
        let changed = home.path("changed.pdf");
        std::fs::write(&changed, bytes).unwrap();
        let (_, said) = judge("pdfsig", "poppler-utils", &["-nocert", changed.to_str().unwrap()]);
        assert!(!said.contains("Signature is Valid."), "{said}");
        let (accepted, said) = pyhanko(home, &changed);
        assert!(!accepted, "{said}");
    }
}

#[test]
fn the_results_travel_inside() {
    let home = Home::new();
    let path = issue(&home, "en");
    let out = home.path("attached");
    std::fs::create_dir(&out).unwrap();
    let (done, said) =
        judge("pdfdetach", "poppler-utils", &["-saveall", "-o", out.to_str().unwrap(), path.to_str().unwrap()]);
    assert!(done, "{said}");
    let text = std::fs::read_to_string(out.join("results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(results["schema"], "plimsoll/results/1");
    assert_eq!(results["requirements"].as_array().unwrap().len(), 106);
}
