//! A real Docker daemon, started by the test: the same image through the daemon, through `docker save`, and as OCI.

use serde_json::Value;

use crate::daemon::Daemon;
use crate::support::{Home, OF_THE_PLACE, judge, succeed};

const GOOD: &str = "\
FROM scratch
COPY busybox /bin/busybox
RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]
COPY passwd /etc/passwd
ENV PATH=/bin
USER app
HEALTHCHECK --interval=5s --timeout=2s CMD [\"/bin/test\", \"-e\", \"/etc/passwd\"]
CMD [\"sh\"]
";
const BAD: &str = "\
FROM scratch
COPY busybox /bin/busybox
RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]
ENV PATH=/bin DB_PASSWORD=lab-secret-value-1234
ADD passwd /etc/passwd
RUN [\"/bin/sh\", \"-c\", \"dd if=/dev/zero of=/zeros bs=1M count=4 2>/dev/null\"]
RUN [\"/bin/rm\", \"/zeros\"]
";

fn audit(home: &Home, daemon: &Daemon, source: &str) -> Value {
    let mut command = home.command(crate::support::binary("plimsoll"));
    let output = command.args(["audit", source, "--json", "-"]).env("DOCKER_HOST", daemon.host()).output().unwrap();
    let text = succeed(&output);
    assert!(!text.contains("lab-secret-value-1234"), "a secret is in the results of {source}");
    serde_json::from_str(&text).unwrap()
}

fn diff_ids(results: &Value) -> Vec<String> {
    let layers = results["subjects"][0]["content"]["layers"].as_array().unwrap();
    layers.iter().map(|layer| layer["diff_id"].as_str().unwrap().to_owned()).collect()
}

/// What was concluded of the image itself.
fn outcomes(results: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = results["outcomes"].as_array().unwrap();
    let own = all.iter().filter(|outcome| !OF_THE_PLACE.contains(&outcome["use_case"].as_str().unwrap()));
    own.map(|o| (text(&o["check"]), text(&o["outcome"]), text(&o["summary"]))).collect()
}

#[test]
fn an_image_is_the_same_whichever_way_it_comes() {
    let daemon = Daemon::lease();
    let home = Home::new();
    daemon.build("lab/good:1", GOOD);
    daemon.build("lab/bad:1", BAD);
    for name in ["good", "bad"] {
        let tag = format!("lab/{name}:1");
        let archive = home.path(&format!("{name}.tar")).display().to_string();
        let (saved, said) = daemon.docker(&["save", "-o", &archive, &tag]);
        assert!(saved, "{said}");
        let layout = home.path(&format!("{name}-oci")).display().to_string();
        let to = format!("oci:{layout}:{tag}");
        let (copied, said) =
            judge("skopeo", "skopeo", &["copy", "-q", "--insecure-policy", &format!("docker-archive:{archive}"), &to]);
        assert!(copied, "{said}");

        let by_daemon = audit(&home, &daemon, &format!("docker-daemon:{tag}"));
        let by_archive = audit(&home, &daemon, &format!("docker-archive:{archive}"));
        let by_layout = audit(&home, &daemon, &to);
        assert_eq!(diff_ids(&by_daemon), diff_ids(&by_archive));
        assert_eq!(diff_ids(&by_daemon), diff_ids(&by_layout));
        assert_eq!(outcomes(&by_daemon), outcomes(&by_archive));
        let inspected = daemon.docker(&["image", "inspect", "--format", "{{.Id}}", &tag]).1;
        assert_eq!(by_daemon["subjects"][0]["config_digest"], inspected.trim());

        for (daemon_says, layout_says) in outcomes(&by_daemon).iter().zip(&outcomes(&by_layout)) {
            if name == "good" && daemon_says.0 == "healthcheck-defined" {
                assert_eq!(daemon_says.1, "pass");
                assert_eq!(layout_says.1, "undecided");
                assert!(layout_says.2.contains("the conversion lost it"), "{}", layout_says.2);
            } else {
                assert_eq!(daemon_says, layout_says);
            }
        }
        let of = |check: &str| outcomes(&by_daemon).into_iter().find(|o| o.0 == check).unwrap().1;
        let expected = if name == "good" { ("pass", "pass") } else { ("fail", "fail") };
        assert_eq!((of("non-root-user").as_str(), of("healthcheck-defined").as_str()), expected);
        assert_eq!(of("image-waste"), if name == "good" { "pass" } else { "fail" });
    }
    let missing = home
        .command(crate::support::binary("plimsoll"))
        .args(["audit", "docker-daemon:lab/none:1"])
        .env("DOCKER_HOST", daemon.host())
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("has no image \"lab/none:1\""));
}
