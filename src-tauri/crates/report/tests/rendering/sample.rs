//! A made-up audit, rich enough to meet every block of a report.

use plimsoll_catalog::verdict::DecidedBy;
use plimsoll_catalog::{Language, LevelVerdict, OutcomeKind, Profile, Severity, UseCaseId, Verdict, standards};
use plimsoll_report::content::{
    AcceptedLine, CategoryLine, Content, DecisionLine, EvidenceLine, FlawLine, LayerLine, LevelLine, ObservationLine,
    Person, RequirementLine, ResultBlock, ScanSheet, SubjectSheet, Tone, UseCaseLine, VulnerabilityPart,
};
use sha2::{Digest, Sha256};
use time::macros::datetime;

use crate::trust;

pub fn sha(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

pub fn two(language: Language, en: &str, de: &str) -> String {
    match language {
        Language::En => en.to_owned(),
        Language::De => de.to_owned(),
    }
}

/// A path of more than 200 characters.
pub fn long_path() -> String {
    format!("/opt/{}/config.properties", "a-rather-long-directory-name/nested_again.d".repeat(5).replace(".da", ".d/a"))
}

/// Nothing under audit yet.
pub fn empty() -> Content {
    let full = sample(Language::En, Profile::Image, 0);
    Content {
        states_levels: true,
        scope: String::new(),
        auditor: Person { name: "M. Auditor".to_owned(), organization: None },
        draft: true,
        evidence: Vec::new(),
        limitations: Vec::new(),
        tools: Vec::new(),
        results_json: "{}".to_owned(),
        ..full
    }
}

/// An audit of so many subjects.
pub fn sample(language: Language, profile: Profile, subjects: usize) -> Content {
    let t = |en: &str, de: &str| two(language, en, de);
    let sheets: Vec<SubjectSheet> = (0..subjects).map(|index| sheet(language, index)).collect();
    let use_cases = UseCaseId::ALL.map(|id| {
        let case = standards().use_case(id);
        let phase = standards().phases.iter().find(|p| p.id == case.phase).unwrap();
        let cells: Vec<OutcomeKind> = sheets.iter().map(|s| s.results[id as usize].outcome).collect();
        let rank = |kind: &OutcomeKind| match kind {
            OutcomeKind::NotApplicable => 0,
            OutcomeKind::Pass => 1,
            OutcomeKind::Undecided => 2,
            OutcomeKind::Error => 3,
            OutcomeKind::Fail => 4,
        };
        UseCaseLine {
            id,
            phase: phase.title.get(language).to_owned(),
            title: case.title.get(language).to_owned(),
            verdict: cells.iter().copied().max_by_key(rank).unwrap_or(OutcomeKind::Undecided),
            cells,
        }
    });
    let requirements: Vec<RequirementLine> = standards()
        .chapters
        .iter()
        .flat_map(|chapter| chapter.requirements.iter().map(move |requirement| (chapter, requirement)))
        .enumerate()
        .map(|(index, (chapter, requirement))| {
            let in_profile = standards().in_profile(profile, requirement.id);
            let verdict =
                [Verdict::Satisfied, Verdict::NotSatisfied, Verdict::Open, Verdict::Satisfied, Verdict::NotApplicable]
                    [index % 5];
            let decided_by = match verdict {
                Verdict::Open => DecidedBy::Nobody,
                _ if index % 2 == 0 => DecidedBy::Check,
                _ => DecidedBy::Auditor,
            };
            let decisions = match index % 6 {
                1 => vec![(String::new(), decision(language, index))],
                3 => {
                    vec![("S1".to_owned(), decision(language, index)), ("S2".to_owned(), decision(language, index + 1))]
                }
                _ => Vec::new(),
            };
            RequirementLine {
                id: requirement.id,
                chapter: format!("{} {}", chapter.id, chapter.title.get(language)),
                level: requirement.level.number(),
                in_profile,
                title: requirement.title.get(language).to_owned(),
                statement: requirement.statement.get(language).to_owned(),
                verdict,
                decided_by,
                basis: t("B3 on S1: the image has no health check.", "B3 an S1: Das Image hat keinen Healthcheck."),
                decisions,
            }
        })
        .collect();
    let levels = [(1_u8, LevelVerdict::Incomplete), (2, LevelVerdict::NotAchieved), (3, LevelVerdict::NotAchieved)]
        .map(|(level, verdict)| {
            let count = |v: Verdict| {
                let n = requirements.iter().filter(|r| r.level <= level && r.verdict == v && r.in_profile).count();
                u32::try_from(n).unwrap()
            };
            LevelLine {
                level,
                verdict,
                satisfied: count(Verdict::Satisfied),
                failed: count(Verdict::NotSatisfied),
                not_applicable: count(Verdict::NotApplicable),
                open: count(Verdict::Open),
            }
        });
    Content {
        states_levels: profile == Profile::Full,
        language,
        title: t(
            "Container security of the payment platform, third quarter",
            "Containersicherheit der Zahlungsplattform im dritten Quartal",
        ),
        client: t("Harbour & Quay Ltd", "Hafen & Kai GmbH"),
        scope: t(
            "The images of the payment platform as deployed on 2025-11-03, their Dockerfiles and the registry they come from. Hosts and orchestration were not part of the audit.",
            "Die Images der Zahlungsplattform im Stand vom 2025-11-03, ihre Dockerfiles und die Registry, aus der sie stammen. Hosts und Orchestrierung gehörten nicht zum Auftrag.",
        ),
        number: "R-3".to_owned(),
        engagement: "0193a1c4-7b5e-7c11-9a44-5f0c2f7b9e01".to_owned(),
        draft: false,
        made_at: datetime!(2025-11-24 09:30:15 UTC),
        auditor: Person {
            name: "Zoë Müller-Łukasz".to_owned(), organization: Some("Waterline Audit GmbH".to_owned())
        },
        target_level: 2,
        profile,
        levels: levels.to_vec(),
        use_cases: use_cases.to_vec(),
        vulnerabilities: (subjects > 0).then(|| scans(language, &sheets)),
        subjects: sheets,
        requirements,
        coverage: None,
        evidence: evidence(language),
        limitations: vec![
            t(
                "S2, B4: the registry answered 503 three times; the signatures could not be fetched.",
                "S2, B4: Die Registry antwortete dreimal mit 503; die Signaturen ließen sich nicht abrufen.",
            ),
            t(
                "The build host was not accessible, so that nothing is said about how the images were built.",
                "Der Build-Host war nicht zugänglich; darum macht der Bericht keine Aussage dazu, wie die Images gebaut wurden.",
            ),
        ],
        tools: vec![
            ("plimsoll".to_owned(), "0.1.0".to_owned()),
            (t("Rule set", "Regelwerk"), "2025-11-01".to_owned()),
            (t("Catalogue", "Katalog"), standards().sha256.clone()),
        ],
        trail_head: (482, sha("trail")),
        snapshot_sha256: sha("snapshot"),
        results_json: serde_json::json!({ "schema": "plimsoll/results/1", "engagement": "é" }).to_string(),
    }
}

/// A scan of every subject, with all results that there are.
fn scans(language: Language, sheets: &[SubjectSheet]) -> VulnerabilityPart {
    let t = |en: &str, de: &str| two(language, en, de);
    let category = |label: String, counts: [u32; 6]| {
        let total = counts.iter().sum();
        CategoryLine { label, subjects: u32::from(total > 0), counts, fixable: total / 3, total }
    };
    let flaw = |index: u32| FlawLine {
        id: format!("CVE-2025-{}", 10_000 + index),
        exploited: index == 0,
        severity: if index < 2 { t("Critical", "Kritisch") } else { t("High", "Hoch") },
        rating: t("Debian; NVD: medium, 6.1", "Debian; NVD: mittel, 6.1"),
        counts: index != 3,
        package: if index == 2 {
            "@a-scope/with-a-rather-long-name-that-has-to-be-broken".into()
        } else {
            "libssl3".into()
        },
        version: "3.0.11-1~deb12u2+really3.0.9".into(),
        fixed: if index == 1 { String::new() } else { "3.0.13-1~deb12u1".into() },
        state: if index == 3 {
            t(
                "Not affected by VEX (E-2): vulnerable code not present",
                "Laut VEX nicht betroffen (E-2): verwundbarer Code nicht vorhanden",
            )
        } else {
            t("Affected", "Betroffen")
        },
        place: t(
            "Layer 1, the base image's: ADD file:8f2a… in /",
            "Schicht 1, aus dem Basis-Image: ADD file:8f2a… in /",
        ),
    };
    let tones = [Tone::Bad, Tone::Good, Tone::Open];
    let scans = sheets.iter().zip(tones.into_iter().cycle()).map(|(sheet, tone)| ScanSheet {
        label: sheet.label.clone(),
        name: sheet.name.clone(),
        tone,
        sentence: match tone {
            Tone::Bad => t("117 matches, 4 of them fail the profile", "117 Treffer, 4 davon fallen durch"),
            Tone::Good => t("No known vulnerability found", "Keine bekannte Schwachstelle gefunden"),
            _ => t("The database has no data for this release", "Die Datenbank hat keine Daten zu dieser Version"),
        },
        notes: vec![t("2 packages could not be evaluated.", "2 Pakete konnten nicht bewertet werden.")],
        fixable: if tone == Tone::Bad { 40 } else { 0 },
        total: if tone == Tone::Bad { 117 } else { 0 },
        flaws: if tone == Tone::Bad { (0..6).map(flaw).collect() } else { Vec::new() },
        more: if tone == Tone::Bad { 111 } else { 0 },
    });
    VulnerabilityPart {
        summary: t(
            "The installed packages were compared with advisories of Debian, Alpine and GitHub in the state of 2025-11-23 (database 3fa9c2e18b07).",
            "Die installierten Pakete wurden mit den Sicherheitshinweisen von Debian, Alpine und GitHub im Stand vom 2025-11-23 verglichen (Datenbank 3fa9c2e18b07).",
        ),
        threshold: t(
            "By the profile an image fails on high or worse with a fix, and on any that is known to be exploited.",
            "Nach dem Profil fällt ein Image bei hohem oder höherem Schweregrad mit Korrektur durch, und bei jeder bekanntermaßen ausgenutzten Schwachstelle.",
        ),
        categories: vec![
            category(t("Operating system", "Betriebssystem"), [3, 14, 40, 62, 9, 2]),
            category(t("Database", "Datenbank"), [0, 2, 5, 1, 0, 0]),
            category(t("Language", "Programmiersprache"), [1, 0, 0, 0, 0, 0]),
            category(t("Web component", "Webkomponente"), [0; 6]),
            category(t("Application platform", "Anwendungsplattform"), [8, 31, 12, 4, 0, 1]),
        ],
        scans: scans.collect(),
        accepted: vec![AcceptedLine {
            id: "A-1".into(),
            vulnerability: "CVE-2025-10002".into(),
            about: "libssl3, S1".into(),
            owner: "J. Quay".into(),
            expires: "2025-12-31".into(),
            expired: false,
            reason: t("The service is not reachable from outside.", "Der Dienst ist von außen nicht erreichbar."),
        }],
    }
}

pub fn decision(language: Language, index: usize) -> DecisionLine {
    let t = |en: &str, de: &str| two(language, en, de);
    DecisionLine {
        conclusion: t("Satisfied", "Erfüllt"),
        rationale: t(
            "The team showed the running configuration on 3 November; the secret is mounted from the vault and is not part of the image. See the screenshot.",
            "Das Team hat die laufende Konfiguration am 3. November gezeigt; das Geheimnis kommt aus dem Tresor und ist nicht Teil des Images. Siehe Bildschirmfoto.",
        ),
        author: "Zoë Müller-Łukasz".to_owned(),
        at: datetime!(2025-11-20 12:00 UTC),
        evidence: if index % 4 == 1 { vec!["E-1".to_owned(), "E-2".to_owned()] } else { Vec::new() },
        stale: index % 7 == 3,
        conflict: index % 5 == 1,
    }
}

fn sheet(language: Language, index: usize) -> SubjectSheet {
    let t = |en: &str, de: &str| two(language, en, de);
    let layers = if index == 0 { 30 } else { index % 4 * 3 };
    let name = match index {
        0 => "registry.example.com/payments/api:2025.11.1".to_owned(),
        1 => format!("registry.example.com/{}/worker:1", "a-very-long-team-name".repeat(6)),
        2 => "images/服务-שלום.tar".to_owned(),
        _ => format!("registry.example.com/payments/service-{index}:2025.11.1"),
    };
    SubjectSheet {
        label: format!("S{}", index + 1),
        name,
        kind: if index % 5 == 4 { "Dockerfile".to_owned() } else { "Image".to_owned() },
        identity: vec![
            (t("Manifest digest", "Manifest-Digest"), format!("sha256:{}", sha(&format!("m{index}")))),
            (t("Config digest", "Config-Digest"), format!("sha256:{}", sha(&format!("c{index}")))),
            (t("Platform", "Plattform"), "linux/amd64".to_owned()),
            (t("Source", "Quelle"), "docker://registry.example.com".to_owned()),
            (t("Collected at", "Erfasst am"), "2025-11-03 08:12 UTC".to_owned()),
        ],
        layers: (0..layers)
            .map(|layer| LayerLine {
                number: u32::try_from(layer + 1).unwrap(),
                diff_id: format!("sha256:{}", sha(&format!("l{index}{layer}"))),
                size: format!("{}.{} MB", layer * 7 % 90, layer % 10),
                files: (layer * 1237 % 20_000) as u64,
                command: if layer == 4 {
                    format!("RUN apt-get update && apt-get install --no-install-recommends -y {} && rm -rf /var/lib/apt/lists/*", "libpackage-name-dev ".repeat(30))
                } else {
                    "COPY --chown=app:app target/release/payments /usr/local/bin/payments".to_owned()
                },
            })
            .collect(),
        figures: vec![
            (t("Files", "Dateien"), "12 345".to_owned()),
            (t("Wasted space", "Verschwendeter Platz"), t("3.1 MB in 42 files", "3,1 MB in 42 Dateien")),
        ],
        trust: (index < 3).then(|| trust::sheet(language, index)),
        probes: (index == 3).then(|| trust::probes(language)),
        results: UseCaseId::ALL.map(|id| result(language, index, id)).to_vec(),
        runs: false,
        checks: Vec::new(),
    }
}

fn result(language: Language, subject: usize, id: UseCaseId) -> ResultBlock {
    let t = |en: &str, de: &str| two(language, en, de);
    let outcome = OutcomeKind::ALL[(subject * 3 + id as usize * 2) % 5];
    let case = standards().use_case(id);
    let busy = matches!(outcome, OutcomeKind::Fail | OutcomeKind::Undecided);
    let observations = if busy { 1 + (subject + id as usize) % 3 } else { 0 };
    let severities = [Severity::High, Severity::Medium, Severity::Critical, Severity::Low, Severity::Info];
    ResultBlock {
        id,
        title: case.title.get(language).to_owned(),
        outcome,
        decided_by: match outcome {
            OutcomeKind::Undecided => DecidedBy::Nobody,
            OutcomeKind::Pass if (id as usize).is_multiple_of(2) => DecidedBy::Auditor,
            _ => DecidedBy::Check,
        },
        summary: match outcome {
            OutcomeKind::Pass => t("All seven images are pinned to a digest.", "Alle sieben Images sind auf einen Digest festgelegt."),
            OutcomeKind::Fail => t("The image runs as root.", "Das Image läuft als Root."),
            OutcomeKind::NotApplicable => t("No Dockerfile belongs to this image.", "Zu diesem Image gehört kein Dockerfile."),
            OutcomeKind::Undecided => t("Two files look like private keys.", "Zwei Dateien sehen wie private Schlüssel aus."),
            OutcomeKind::Error => t("The registry did not answer: timeout after 30 s.", "Die Registry antwortete nicht: Abbruch nach 30 s."),
        },
        observations: (0..observations)
            .map(|n| ObservationLine {
                severity: severities[(subject + id as usize + n) % 5],
                message: t(
                    &format!("Case {id}, number {n}: the configuration names no user, so that processes work as root → see location."),
                    &format!("Fall {id}, Nummer {n}: Die Konfiguration nennt keinen Benutzer, Prozesse arbeiten also als Root → siehe Fundstelle."),
                ),
                location: if n == 1 { format!("{} in layer sha256:{}", long_path(), sha("x")) } else { "config.User".to_owned() },
                reproduce: if n == 2 {
                    String::new()
                } else {
                    "docker image inspect --format '{{.Config.User}}' registry.example.com/payments/api:2025.11.1".to_owned()
                },
            })
            .collect(),
        decision: (busy && subject.is_multiple_of(2)).then(|| decision(language, subject + id as usize)),
        remedy: if outcome == OutcomeKind::Fail {
            t("Add a USER instruction with a numeric id above 0.", "Eine USER-Anweisung mit einer Nummer größer als 0 ergänzen.")
        } else {
            String::new()
        },
    }
}

fn evidence(language: Language) -> Vec<EvidenceLine> {
    let t = |en: &str, de: &str| two(language, en, de);
    let line = |index: usize, name: String, media_type: &str| EvidenceLine {
        number: format!("E-{index}"),
        name,
        media_type: media_type.to_owned(),
        size: 1234 * index as u64 * index as u64,
        sha256: sha(&format!("e{index}")),
        source: t("Interview with the platform team", "Gespräch mit dem Plattformteam"),
        author: "Zoë Müller-Łukasz".to_owned(),
        at: datetime!(2025-11-20 11:00 UTC),
        about: vec!["B3 · S1".to_owned(), "3.11".to_owned()],
        text: None,
        image: None,
    };
    let log: String = (1..=90)
        .map(|n| format!("{n:>4}  2025-11-03T08:12:{:02}Z  ├── layer {n}\tok ✓ → {}\n", n % 60, "x".repeat(n)))
        .collect();
    vec![
        EvidenceLine {
            image: Some(png()),
            ..line(1, t("Screenshot of the vault", "Bildschirmfoto des Tresors"), "image/png")
        },
        EvidenceLine { text: Some(log), ..line(2, "docker-history.txt".to_owned(), "text/plain") },
        EvidenceLine { image: Some(b"no picture".to_vec()), ..line(3, "broken.png".to_owned(), "image/png") },
        line(4, format!("{}.pdf", "policy-document-".repeat(8)), "application/pdf"),
    ]
}

/// A small picture with transparency, written by hand: stored blocks need no compressor.
fn png() -> Vec<u8> {
    let (width, height) = (240_u32, 120_u32);
    let mut raw = Vec::new();
    for y in 0..height {
        raw.push(0);
        for x in 0..width {
            raw.extend([(x % 256) as u8, (y * 2) as u8, 128, if x > y { 255 } else { 90 }]);
        }
    }
    let mut zlib = vec![0x78, 0x01];
    let blocks: Vec<&[u8]> = raw.chunks(60_000).collect();
    for (index, block) in blocks.iter().enumerate() {
        zlib.push(u8::from(index + 1 == blocks.len()));
        let length = block.len() as u16;
        zlib.extend(length.to_le_bytes());
        zlib.extend((!length).to_le_bytes());
        zlib.extend(*block);
    }
    let (a, b) = raw.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    zlib.extend((b << 16 | a).to_be_bytes());
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = width.to_be_bytes().to_vec();
    head.extend(height.to_be_bytes());
    head.extend([8, 6, 0, 0, 0]);
    for (kind, data) in [(b"IHDR", &head), (b"IDAT", &zlib), (b"IEND", &Vec::new())] {
        file.extend((data.len() as u32).to_be_bytes());
        let start = file.len();
        file.extend(kind);
        file.extend(data);
        let crc = file[start..].iter().fold(u32::MAX, |mut crc, byte| {
            crc ^= u32::from(*byte);
            (0..8).for_each(|_| crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
            crc
        });
        file.extend((!crc).to_be_bytes());
    }
    file
}
