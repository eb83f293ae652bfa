//! The real window: WebDriver against the desktop binary under Xvfb, as a person would use it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;

use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing};

use crate::daemon::Daemon;
use crate::registries::{Mode, Registry};
use crate::runtime::Containers;
use crate::support::{Home, PASSPHRASE, artifacts, binary, judge, succeed};
use crate::wire::Tls;

/// How long a person would wait before giving up. Nothing here is a measurement.
const PATIENCE: Duration = Duration::from_secs(60);

struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Window {
    client: Client,
    _driver: Driver,
}

impl Window {
    async fn open(home: &Home, arguments: &[&str]) -> Self {
        Self::open_at(home, arguments, None).await
    }

    /// With the Docker daemon at an address.
    async fn open_at(home: &Home, arguments: &[&str], docker: Option<String>) -> Self {
        let display = std::env::var_os("DISPLAY");
        assert!(display.is_some(), "the window tests need a display; cargo xtask test brings one (xvfb-run)");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = std::fs::File::create(home.path("driver.log")).unwrap();
        let mut command = home.command("WebKitWebDriver");
        if let Some(docker) = docker {
            command.env("DOCKER_HOST", docker);
        }
        let child = command
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("WebKitWebDriver could not be started; install webkit2gtk-driver or run cargo xtask test");
        let driver = Driver(child);
        let mut capabilities = Capabilities::new();
        capabilities.insert(
            "webkitgtk:browserOptions".to_owned(),
            serde_json::json!({ "binary": binary("plimsoll-desktop"), "args": arguments }),
        );
        let mut last = None;
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            match builder.connect(&format!("http://127.0.0.1:{port}")).await {
                Ok(client) => return Self { client, _driver: driver },
                Err(error) => last = Some(error),
            }
        }
        panic!("no session: {last:?}");
    }

    async fn find(&self, testid: &str) -> fantoccini::elements::Element {
        let css = format!("[data-testid=\"{testid}\"]");
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(&css)).await;
        match found {
            Ok(element) => element,
            Err(error) => {
                self.picture("failure").await;
                panic!("{testid} did not appear: {error}")
            }
        }
    }

    async fn click(&self, testid: &str) {
        let element = self.find(testid).await;
        // An element may be drawn anew between being found and being clicked.
        if element.click().await.is_err() {
            tokio::time::sleep(Duration::from_millis(300)).await;
            self.find(testid).await.click().await.unwrap();
        }
    }

    async fn fill(&self, testid: &str, text: &str) {
        // A field may be closed for a moment, while the program works.
        for _ in 0..100 {
            let element = self.find(testid).await;
            if element.clear().await.is_ok() {
                element.send_keys(text).await.unwrap();
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.picture("failure").await;
        panic!("{testid} does not take text");
    }

    async fn text(&self, testid: &str) -> String {
        // Not WebDriver's own text: it is empty for what is cut short with an ellipsis.
        self.find(testid).await.prop("textContent").await.unwrap().unwrap_or_default()
    }

    async fn wait_for_text(&self, testid: &str, wanted: &str) {
        let mut seen = String::new();
        for _ in 0..300 {
            seen = self.text(testid).await;
            if seen.contains(wanted) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.picture("failure").await;
        panic!("{testid} says \"{seen}\", not \"{wanted}\"");
    }

    async fn script(&self, script: &str) -> serde_json::Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// A picture for people, in `target/artifacts`.
    async fn picture(&self, name: &str) {
        tokio::time::sleep(Duration::from_millis(400)).await;
        if let Ok(png) = self.client.screenshot().await {
            std::fs::write(artifacts().join(format!("{name}.png")), png).unwrap();
        }
    }

    async fn close(self) {
        let _ = self.client.close().await;
    }
}

/// WebKitWebDriver takes one session at a time.
static ONE_WINDOW: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// One test, one walk: the steps build on each other.
#[tokio::test]
async fn from_the_sample_to_the_signed_report() {
    let _only = ONE_WINDOW.lock().await;
    let home = Home::new();
    let window = Window::open(&home, &[]).await;
    window.find("welcome").await;
    window.picture("welcome").await;
    window.click("open-sample").await;
    window.wait_for_text("engagement-title", "web shop").await;
    window.picture("overview-new").await;

    window.click("run-audit").await;
    window.click("nav-matrix").await;
    window.wait_for_text("cell-D1-S2", "Fail").await;
    window.wait_for_text("cell-D1-S1", "Pass").await;
    // What has no check yet is undecided, never passed.
    window.wait_for_text("cell-C1-S1", "Undecided").await;
    window.picture("matrix").await;

    // Evidence first, then the decision that rests on it.
    window.click("cell-A5-S1").await;
    window.find("cell-panel").await;
    let file = home.path("build-log.txt");
    std::fs::write(&file, "docker build --no-cache --pull -t harbour/shop:1.4.2 .\n").unwrap();
    window.find("evidence-file").await.send_keys(file.to_str().unwrap()).await.unwrap();
    window.find("evidence-item-E-1").await;
    window.click("decision-satisfied").await;
    window.fill("decision-rationale", "The build log shows --no-cache and --pull.").await;
    window.picture("decision").await;
    window.click("decision-save").await;
    window.wait_for_text("cell-A5-S1", "Pass").await;
    window.wait_for_text("decision-version", "Sam Sample").await;

    window.click("cell-close").await;
    window.click("cell-B3-S1").await;
    window.find("observation").await;
    window.picture("observations").await;
    window.click("cell-close").await;

    window.click("nav-subjects").await;
    window.click("subject-open-S1").await;
    window.find("subject-layers").await;
    window.picture("subject").await;
    window.click("subject-tab-files").await;
    window.find("entry-usr").await;
    window.click("open-usr").await;
    window.click("open-bin").await;
    window.wait_for_text("files-list", "rwsr-xr-x").await;
    window.click("entry-passwd").await;
    window.wait_for_text("entry-detail", "passwd").await;
    window.picture("files").await;
    window.click("subject-tab-packages").await;
    window.wait_for_text("packages-os", "bookworm").await;
    window.wait_for_text("packages-list", "1.21.3-1").await;
    window.picture("packages").await;
    window.click("subject-tab-config").await;
    window.find("history").await;
    window.picture("config").await;
    window.click("subject-tab-source").await;
    window.find("source-text").await;
    window.picture("dockerfile").await;

    window.click("nav-checks").await;
    window.click("check-no-secrets").await;
    window.wait_for_text("check-page", "6.3").await;
    window.picture("check").await;
    window.click("settings-open").await;
    window.fill("settings-oldest_days", "400").await;
    window.click("settings-save").await;
    window.picture("settings").await;
    window.click("settings-close").await;

    // The deleted file of the second image is found in the layer that still holds it.
    window.click("nav-matrix").await;
    window.click("cell-B5-S2").await;
    window.click("observation-jump").await;
    window.find("subject-page").await;
    window.picture("jump").await;
    window.click("nav-requirements").await;
    window.click("requirement-3.6").await;
    window.find("requirement-detail").await;
    window.picture("requirements").await;
    window.click("nav-evidence").await;
    window.find("evidence-open-E-1").await;
    window.picture("evidence").await;

    window.click("nav-report").await;
    window.fill("identity-name", "Sam Sample").await;
    window.fill("identity-passphrase", PASSPHRASE).await;
    window.fill("identity-passphrase-again", PASSPHRASE).await;
    window.click("identity-create").await;
    let pdf = home.path("report.pdf");
    window.find("report-passphrase").await;
    window.fill("report-path", pdf.to_str().unwrap()).await;
    window.fill("report-passphrase", PASSPHRASE).await;
    window.picture("report").await;
    window.click("report-export").await;
    window.find("report-done").await;
    window.picture("report-done").await;
    let (_, said) = judge("pdfsig", "poppler-utils", &["-nocert", pdf.to_str().unwrap()]);
    assert!(said.contains("Signature is Valid.") && said.contains("Sam Sample"), "{said}");
    let (_, text) = judge("pdftotext", "poppler-utils", &[pdf.to_str().unwrap(), "-"]);
    assert!(text.contains("The build log shows --no-cache and --pull."), "the decision is not in the report");
    assert!(text.contains("build-log.txt"), "the evidence is not in the report");

    // The same in the dark, and in German.
    window.script("document.querySelector('[data-testid=\"theme-toggle\"]').click()").await;
    window.script("document.querySelector('[data-testid=\"theme-toggle\"]').click()").await;
    window.click("language-toggle").await;
    window.click("nav-matrix").await;
    window.picture("matrix-dark-german").await;
    window.click("nav-overview").await;
    window.picture("overview-dark-german").await;
    assert_no_overflow(&window).await;
    window.close().await;
    assert!(Path::new(&pdf).is_file());
}

/// A registry is added, tested and browsed; an image is picked from it, audited, and its trust shown.
#[tokio::test]
async fn from_a_registry_to_the_trust_in_an_image() {
    let home = Home::new();
    let registry = Registry::start(&Tls::new(), Mode::Open);
    let layout = home.path("layout");
    let image = ImageBuilder::new("shop:1").layer("COPY app /app", LayerBuilder::new().file("app/run", b"#!/bin/sh\n"));
    image.write(Format::OciLayout, Packing::Gzip, &layout).unwrap();
    let reference = registry.push(&layout, "shop:1", "shop/web:1");

    let _only = ONE_WINDOW.lock().await;
    let window = Window::open(&home, &[]).await;
    window.click("open-sample").await;
    window.wait_for_text("engagement-title", "web shop").await;
    window.click("nav-registries").await;
    window.click("registry-add-first").await;
    window.fill("connection-host", &registry.address).await;
    window.click("connection-plain-http").await;
    window.picture("registry-form").await;
    window.click("connection-save").await;
    window.click("registry-test").await;
    window.wait_for_text("probes", "/v2/_catalog").await;
    window.wait_for_text("probes", "200 OK").await;
    window.picture("registry-tested").await;

    window.click("registry-browse").await;
    window.wait_for_text("pick-repository-list", "shop/web").await;
    window.fill("pick-reference", &reference).await;
    window.click("pick-look-up").await;
    window.wait_for_text("pick-image", "linux/amd64").await;
    window.picture("registry-picked").await;
    window.click("add-confirm").await;
    window.wait_for_text("add-cancel", "Close").await;
    window.click("add-cancel").await;

    window.click("run-audit").await;
    window.click("nav-matrix").await;
    window.wait_for_text("cell-C2-S4", "Fail").await;
    // The registry itself said that nothing is signed.
    window.wait_for_text("cell-C1-S5", "Fail").await;
    window.click("nav-registries").await;
    window.wait_for_text("registry-page", "/v2/shop/web/tags/list").await;
    window.picture("registry-probed").await;
    window.click("nav-subjects").await;
    window.click("subject-open-S5").await;
    window.click("subject-tab-trust").await;
    window.wait_for_text("trust-summary", "signed").await;
    window.wait_for_text("lookups", ".sig").await;
    window.picture("trust").await;
    assert_no_overflow(&window).await;
    window.close().await;
}

/// Advisories are imported, an image is audited against them; the matches are filtered, one is opened and accepted for a
/// time, and everything is matched again.
#[tokio::test]
async fn from_the_advisories_to_an_accepted_risk() {
    let home = Home::new();
    let image = home.path("web.tar");
    let status = "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 3.0.11-1~deb12u2\nMaintainer: A Packager <packager@debian.org>\nDescription: x\n\n\
                  Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88.1-10+deb12u5\nMaintainer: A Packager <packager@debian.org>\nDescription: x\n";
    let release = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
    let base =
        LayerBuilder::new().file("etc/os-release", release.as_bytes()).file("var/lib/dpkg/status", status.as_bytes());
    let built = ImageBuilder::new("nginx:1.27").layer("ADD root /", base);
    built.write(Format::DockerSave, Packing::Plain, &image).unwrap();
    let tracker = serde_json::json!({
        "openssl": { "CVE-2099-0001": { "scope": "remote", "description": "A made-up flaw", "releases": { "bookworm":
            { "status": "resolved", "fixed_version": "3.0.13-1~deb12u1", "urgency": "high", "repositories": {} } } } },
        "curl": { "CVE-2099-0002": { "scope": "remote", "description": "Another", "releases": { "bookworm":
            { "status": "open", "urgency": "low", "nodsa": "Minor issue", "repositories": {} } } } }
    });
    let advisories = home.path("tracker.json");
    std::fs::write(&advisories, tracker.to_string()).unwrap();
    // The database lies where the window looks for it.
    succeed(&home.plimsoll(&["advisories", "import", advisories.to_str().unwrap()]));
    let job = home.path("job.plimsoll").display().to_string();
    let source = format!("docker-archive:{}", image.display());
    succeed(&home.plimsoll(&["audit", &source, "--engagement", &job, "--title", "Packages", "-q"]));

    let _only = ONE_WINDOW.lock().await;
    let window = Window::open(&home, &[&job]).await;
    window.wait_for_text("engagement-title", "Packages").await;
    window.click("nav-vulnerabilities").await;
    window.wait_for_text("vuln-list", "CVE-2099-0001").await;
    window.wait_for_text("vuln-list", "CVE-2099-0002").await;
    window.find("picture-bars").await;
    window.picture("vulnerabilities").await;
    window.fill("vuln-search", "openssl").await;
    window.fill("vuln-search", "CVE-2099-0001").await;
    window.wait_for_text("vuln-count", "1").await;
    window
        .script("document.querySelector('[data-testid=\"vuln-list\"] [role=\"row\"][aria-rowindex=\"2\"]').click()")
        .await;
    window.wait_for_text("vuln-detail", "3.0.13-1~deb12u1").await;
    window.wait_for_text("reason-0", "openssl").await;
    window.picture("vulnerability").await;
    window.click("vuln-accept").await;
    window.fill("accept-owner", "J. Quay").await;
    window.fill("accept-reason", "The service is not reachable from outside.").await;
    window.picture("accept").await;
    window.click("accept-confirm").await;
    window.wait_for_text("vuln-detail", "J. Quay").await;
    window.wait_for_text("vuln-detail", "Accepted").await;
    window.picture("vulnerability-accepted").await;
    window.click("vuln-match-again").await;
    window.click("nav-matrix").await;
    // An acceptance explains a failure, it does not turn it into a pass.
    window.wait_for_text("cell-A3-S1", "Fail").await;
    window.click("nav-advisories").await;
    window.wait_for_text("feeds", "Debian security tracker").await;
    window.picture("advisories").await;
    assert_no_overflow(&window).await;
    window.close().await;
}

#[tokio::test]
async fn from_a_docker_host_to_what_its_containers_may_do() {
    let daemon = Daemon::lease();
    let home = Home::new();
    daemon.build("lab/window:1", crate::runtime::IMAGE);
    let mut containers = Containers::new(&daemon);
    containers.run("wd-open", &["--cap-add", "SYS_ADMIN", "-p", "18090:80", "lab/window:1"]);
    #[rustfmt::skip]
    containers.run("wd-shut", &[
        "--user", "1000", "--read-only", "--cap-drop", "ALL", "--pids-limit", "20", "--memory", "32m", "--cpus", "0.2",
        "--security-opt", "no-new-privileges", "lab/window:1",
    ]);
    let file = home.path("Dockerfile");
    std::fs::write(&file, "FROM scratch\nUSER 1000\n").unwrap();
    let job = home.path("hosts.plimsoll").display().to_string();
    let source = format!("dockerfile:{}", file.display());
    succeed(&home.plimsoll(&["audit", &source, "--engagement", &job, "--title", "Hosts", "--profile", "full", "-q"]));

    let _only = ONE_WINDOW.lock().await;
    let window = Window::open_at(&home, &[&job], Some(daemon.host())).await;
    window.wait_for_text("engagement-title", "Hosts").await;
    window.click("nav-hosts").await;
    window.click("hosts-add").await;
    window.click("engine-ask").await;
    window.wait_for_text("engine-answer", "20.10").await;
    window.wait_for_text("host-reads", "GET /info").await;
    window.find("host-container-wd-open").await;
    window.picture("host-add").await;
    window.click("host-confirm").await;
    window.click("run-audit").await;
    window.wait_for_text("hosts-list", "wd-open").await;
    window.wait_for_text("hosts-list", "running").await;
    window.picture("hosts").await;
    let list = window.text("hosts-list").await;
    assert!(list.contains("wd-shut"), "{list}");
    window.script("[...document.querySelectorAll('[data-testid^=\"runtime-open-\"]')].find((b) => b.textContent.includes('wd-open')).click()").await;
    window.wait_for_text("runtime-page", "SYS_ADMIN").await;
    window.picture("container").await;
    window.click("nav-requirements").await;
    window.click("requirement-coverage").await;
    window.wait_for_text("coverage-figure-manual", "26").await;
    window.click("coverage-open-2.9").await;
    window.wait_for_text("coverage-detail", "live").await;
    window.picture("coverage").await;
    assert_no_overflow(&window).await;
    window.close().await;
}

/// Nothing is wider than the window.
async fn assert_no_overflow(window: &Window) {
    let wide =
        window.script("return document.documentElement.scrollWidth > document.documentElement.clientWidth").await;
    assert_eq!(wide, serde_json::Value::Bool(false));
}

#[test]
fn a_foreign_file_gives_a_sentence_and_no_window() {
    let home = Home::new();
    let foreign = home.path("foreign.plimsoll");
    std::fs::write(&foreign, "this is no database, though it is long enough to look like a file").unwrap();
    let output = home.command(binary("plimsoll-desktop")).arg(&foreign).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not a Plimsoll engagement"));
}
