//! Collecting on one machine and judging on another; and that the program which collects needs nothing there.

use serde_json::Value;

use crate::support::{Home, binary, judge, succeed};

#[test]
fn it_needs_nothing_but_the_c_library() {
    let (_, dynamic) = judge("readelf", "binutils", &["-d", binary("plimsoll").to_str().unwrap()]);
    let needed: Vec<&str> = dynamic
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| line.split_once('[')?.1.split_once(']').map(|(name, _)| name))
        .collect();
    assert!(needed.contains(&"libc.so.6"), "{dynamic}");
    for library in &needed {
        let known = ["libc.so", "libm.so", "libgcc_s.so", "ld-linux"];
        assert!(known.iter().any(|name| library.starts_with(name)), "{library} among {needed:?}");
    }
}

fn stderr(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_collected_there_is_judged_here_as_if_it_had_been_read_here() {
    let there = Home::new();
    let sample = there.sample();
    let image = format!("docker-archive:{}", sample.join("shop.tar").display());
    let dockerfile = format!("dockerfile:{}", sample.join("reports/Dockerfile").display());
    let out = there.path("web-01.facts");
    let out = out.to_str().unwrap();
    let collect =
        ["collect", &image, &dockerfile, "dockerfile:/nowhere", "--out", out, "--machine", "web-01", "--note", "job 7"];

    // Said beforehand; and only that when no more is wanted.
    let said = there.plimsoll(&["collect", &image, "host:", "--containers", "--dry-run"]);
    assert_eq!(succeed(&said), "");
    assert!(stderr(&said).contains("It only reads") && stderr(&said).contains("/containers"), "{}", stderr(&said));
    // Nobody is there to consent, and nothing is read.
    let refused = there.plimsoll(&collect);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("--yes") && !std::path::Path::new(out).exists(), "{}", stderr(&refused));

    let collected = there.plimsoll(&[&collect[..], &["--yes"]].concat());
    let hash = succeed(&collected);
    assert!(stderr(&collected).contains("dockerfile:/nowhere was not read"), "{}", stderr(&collected));
    let (_, sum) = judge("sha256sum", "coreutils", &[out]);
    assert_eq!(hash.split_whitespace().next(), sum.split_whitespace().next());
    let again = there.plimsoll(&[&collect[..], &["--yes"]].concat());
    assert!(again.status.code() == Some(2) && stderr(&again).contains("exists already"), "{}", stderr(&again));

    let here = Home::new();
    let shown: Value = serde_json::from_str(&succeed(&here.plimsoll(&["facts", "show", out, "--json", "-"]))).unwrap();
    assert_eq!(shown["by"]["machine"], "web-01");
    assert_eq!(shown["subjects"].as_array().unwrap().len(), 3);
    let text = succeed(&here.plimsoll(&["facts", "show", out]));
    assert!(text.contains("job 7") && text.contains("3 subjects, 1 of them not read"), "{text}");

    let facts = format!("facts:{out}");
    let engagement = here.path("a.plimsoll").display().to_string();
    let audit = ["audit", &facts, "--json", "-", "--engagement", &engagement, "--profile", "full"];
    let results: Value = serde_json::from_str(&succeed(&here.plimsoll(&audit))).unwrap();
    let subject = &results["subjects"][0];
    assert_eq!(subject["collected_by"]["machine"], "web-01");
    assert_eq!(subject["collected_by"]["file_sha256"].as_str(), hash.split_whitespace().next());
    assert!(results["subjects"][2]["error"].as_str().unwrap().contains("could not be read where it is"));
    let direct: Value =
        serde_json::from_str(&succeed(&there.plimsoll(&["audit", &image, "--json", "-", "--profile", "full"])))
            .unwrap();
    assert_eq!(subject["content"], direct["subjects"][0]["content"]);
    let of = |results: &Value| -> Vec<Value> {
        let all = results["outcomes"].as_array().unwrap().iter();
        all.filter(|outcome| outcome["subject"] == "s1").cloned().collect()
    };
    assert_eq!(of(&results), of(&direct));

    // Once more, and then without the file: what was recorded stays.
    let again: Value = serde_json::from_str(&succeed(&here.plimsoll(&audit))).unwrap();
    assert_eq!(again["subjects"].as_array().unwrap().len(), 3);
    std::fs::remove_file(out).unwrap();
    let kept = here.plimsoll(&["audit", "--json", "-", "--engagement", &engagement]);
    let kept: Value = serde_json::from_str(&succeed(&kept)).unwrap();
    assert_eq!(of(&kept), of(&results));
}

#[test]
fn nothing_that_can_be_read_is_no_facts_file() {
    let home = Home::new();
    let out = home.path("a.facts");
    let output = home.plimsoll(&["collect", "host:", "--containers", "--yes", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(!out.exists() && stderr(&output).contains("Nothing could be read"), "{}", stderr(&output));
    std::fs::write(&out, "something else").unwrap();
    let output = home.plimsoll(&["audit", &format!("facts:{}", out.display())]);
    assert!(output.status.code() == Some(2) && stderr(&output).contains("no facts file"), "{}", stderr(&output));
}
