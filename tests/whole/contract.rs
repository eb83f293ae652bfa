//! The results contract, exit statuses, and that nothing changes another subject's outcome.

use serde_json::Value;

use crate::support::{Home, succeed};

fn results(home: &Home, arguments: &[&str]) -> Value {
    let mut all = vec!["audit", "--json", "-"];
    all.extend(arguments);
    serde_json::from_str(&succeed(&home.plimsoll(&all))).unwrap()
}

fn outcomes(results: &Value, subject: usize) -> Vec<(String, String, String)> {
    let id = results["subjects"][subject]["id"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    results["outcomes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|o| o["subject"] == id)
        .map(|o| (text(&o["check"]), text(&o["outcome"]), o["observations"].to_string()))
        .collect()
}

#[test]
fn results_have_the_shape_of_the_contract() {
    let home = Home::new();
    let sample = home.sample();
    let shop = format!("docker-archive:{}", sample.join("shop.tar").display());
    let dockerfile = sample.join("shop/Dockerfile").display().to_string();
    let results = results(&home, &[&shop, "--dockerfile", &dockerfile, "--profile", "full", "--level", "2"]);
    assert_eq!(results["schema"], "plimsoll/results/1");
    assert_eq!(results["tool"]["name"], "plimsoll");
    assert!(results["started"].as_str().unwrap().ends_with('Z'));
    let subject = &results["subjects"][0];
    assert_eq!(subject["kind"], "image");
    assert_eq!(subject["platform"], "linux/amd64");
    assert!(subject["config_digest"].as_str().unwrap().starts_with("sha256:"));
    let packages = subject["packages"].as_array().unwrap();
    let wget = packages.iter().find(|package| package["name"] == "wget").unwrap();
    assert_eq!(wget["type"], "deb");
    assert_eq!(wget["layer"], subject["content"]["layers"][0]["diff_id"]);
    assert!(wget["purl"].as_str().unwrap().starts_with("pkg:deb/debian/wget@1.21.3"));
    let layers = subject["content"]["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 4);
    for field in ["digest", "diff_id", "size", "files", "command"] {
        assert!(!layers[1][field].is_null(), "{field}");
    }
    assert!(subject["content"]["efficiency"].as_f64().unwrap() > 0.9);
    assert!(subject["content"]["wasted_bytes"].is_u64());
    assert_eq!(results["use_cases"].as_array().unwrap().len(), 14);
    assert_eq!(results["requirements"].as_array().unwrap().len(), 106);
    let words = ["pass", "fail", "not-applicable", "undecided", "error"];
    for outcome in results["outcomes"].as_array().unwrap() {
        assert!(words.contains(&outcome["outcome"].as_str().unwrap()));
        for observation in outcome["observations"].as_array().unwrap() {
            assert!(observation["aliases"].is_array());
            assert!(!observation["location"].is_null(), "{observation}");
        }
    }
    for (index, open) in [42, 89, 106].into_iter().enumerate() {
        let level = &results["levels"][index];
        let sum: u64 =
            ["satisfied", "failed", "not_applicable", "open"].iter().map(|k| level[k].as_u64().unwrap()).sum();
        assert_eq!(sum, open);
        assert_eq!(level["profile"], "full");
        assert_ne!(level["verdict"], "achieved");
    }
}

#[test]
fn an_archive_without_its_registry_proves_neither_origin_nor_signature_and_says_why() {
    let home = Home::new();
    let sample = home.sample();
    let results = results(&home, &[&format!("docker-archive:{}", sample.join("shop.tar").display())]);
    for (check, outcome, words) in [
        ("official-image", "undecided", "no base image is named"),
        ("base-image-trust", "undecided", "No base image is named"),
        ("image-signed", "undecided", "carries no signatures"),
        ("registry-access", "not-applicable", "no registry"),
        ("registry-transport", "not-applicable", "no registry"),
    ] {
        let of = results["outcomes"].as_array().unwrap().iter().find(|o| o["check"] == check).unwrap();
        assert_eq!(of["outcome"], outcome, "{check}");
        assert!(of["summary"].as_str().unwrap().contains(words), "{check}: {}", of["summary"]);
    }
}

#[test]
fn a_platform_of_an_index_is_chosen_or_each_is_audited() {
    use plimsoll_image::sample::{ImageBuilder, LayerBuilder, Packing, write_platforms};
    let home = Home::new();
    let layout = home.path("two");
    let image = |architecture: &str| {
        let platform =
            plimsoll_image::Platform { os: "linux".into(), architecture: architecture.into(), variant: None };
        let layer = LayerBuilder::new().file("etc/arch", architecture.as_bytes());
        ImageBuilder::new("two:1").platform(platform).layer("COPY arch /etc/", layer)
    };
    write_platforms("two:1", &[&image("amd64"), &image("arm64")], Packing::Gzip, &layout).unwrap();
    let source = format!("oci:{}", layout.display());
    let platforms = |arguments: &[&str]| -> Vec<String> {
        let results = results(&home, arguments);
        let subjects = results["subjects"].as_array().unwrap();
        subjects.iter().map(|subject| subject["platform"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(platforms(&[&source, "--platform", "linux/arm64"]), ["linux/arm64"]);
    assert_eq!(platforms(&[&source, "--platform", "all"]), ["linux/amd64", "linux/arm64"]);
}

#[test]
fn settings_of_the_checks_come_from_a_file_and_allowances_need_a_reason() {
    let home = Home::new();
    let sample = home.sample();
    let worker = format!("docker-archive:{}", sample.join("worker.tar").display());
    let file = home.path("settings.json");
    let settings = file.display().to_string();
    let waste =
        |results: &Value| outcomes(results, 0).into_iter().find(|(check, ..)| check == "image-waste").unwrap().1;
    assert_eq!(waste(&results(&home, &[&worker])), "fail");
    std::fs::write(&file, r#"{"lowest_efficiency": 0.1}"#).unwrap();
    assert_eq!(waste(&results(&home, &[&worker, "--settings", &settings])), "pass");
    for wrong in [
        r#"{"allowances": [{"check": "unneeded-packages", "what": "vim-tiny", "reason": " "}]}"#,
        r#"{"allowances": [{"check": "nothing", "what": "vim-tiny", "reason": "x"}]}"#,
        r#"{"lowest_eficiency": 0.1}"#,
        "no",
    ] {
        std::fs::write(&file, wrong).unwrap();
        let output = home.plimsoll(&["audit", &worker, "--settings", &settings]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("settings.json"), "{wrong}");
    }
}

#[test]
fn several_subjects_are_judged_each_by_itself() {
    let home = Home::new();
    let sample = home.sample();
    let good = format!("dockerfile:{}", sample.join("reports/Dockerfile").display());
    let strange = home.path("strange");
    std::fs::write(&strange, "ARG TAG=1\nARG TAG=2\nFROM debian:$TAG\nRUN true\n").unwrap();
    let strange = format!("dockerfile:{}", strange.display());
    let alone = outcomes(&results(&home, &[&good]), 0);
    let together = results(&home, &[&strange, "dockerfile:/nowhere/Dockerfile", &good]);
    assert_eq!(outcomes(&together, 2), alone);
    assert!(outcomes(&together, 1).iter().all(|(_, outcome, _)| outcome == "error"));
    assert!(together["subjects"][1]["error"].as_str().unwrap().contains("/nowhere/Dockerfile"));
    assert!(outcomes(&together, 0).iter().any(|(check, outcome, _)| check == "base-image-pinned" && outcome == "fail"));
}

#[test]
fn an_engagement_is_made_and_used_again() {
    let home = Home::new();
    let sample = home.sample();
    let file = home.path("job.plimsoll").display().to_string();
    let good = format!("dockerfile:{}", sample.join("reports/Dockerfile").display());
    let first = results(&home, &[&good, "--engagement", &file]);
    let again = results(&home, &["--engagement", &file]);
    assert_eq!(outcomes(&again, 0), outcomes(&first, 0));
    let more =
        results(&home, &[&format!("docker-archive:{}", sample.join("worker.tar").display()), "--engagement", &file]);
    assert_eq!(more["subjects"].as_array().unwrap().len(), 2);
}

#[test]
fn a_required_level_that_is_not_achieved_gives_1() {
    let home = Home::new();
    let sample = home.sample();
    let good = format!("dockerfile:{}", sample.join("reports/Dockerfile").display());
    let output = home.plimsoll(&["audit", &good, "--require-level", "1", "--json", "out.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(home.path("out.json").is_file());
}

#[test]
fn a_planted_secret_reaches_no_output() {
    let home = Home::new();
    home.sample();
    let secret = "hunter2-planted-secret-value";
    let file = home.path("Dockerfile");
    std::fs::write(
        &file,
        format!("FROM scratch\nENV DB_PASSWORD={secret}\nARG API_TOKEN={secret}\nADD https://u:{secret}@example.com/x /x\nUSER 1\n"),
    )
    .unwrap();
    let identity = home.identity();
    let arguments = [
        "audit",
        &format!("dockerfile:{}", file.display()),
        "--json",
        "-",
        "--engagement",
        "job.plimsoll",
        "--pdf",
        "report.pdf",
        "--identity",
        identity.to_str().unwrap(),
    ];
    let output = home.plimsoll(&arguments);
    succeed(&output);
    let text = crate::support::judge("pdftotext", "poppler-utils", &[home.path("report.pdf").to_str().unwrap(), "-"]).1;
    let engagement = std::fs::read(home.path("job.plimsoll")).unwrap();
    for (place, bytes) in [
        ("stdout", &output.stdout),
        ("stderr", &output.stderr),
        ("report", &text.into_bytes()),
        ("engagement", &engagement),
    ] {
        assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "the secret is in {place}");
    }
}
