//! Made-up trust and probes: every block that a sheet may have.

use plimsoll_catalog::Language;
use plimsoll_report::content::{
    ChainLine, LookupLine, PinLine, ProbeLine, ProbeSheet, SignatureLine, Tone, TrustPart, TrustSheet,
};

use crate::sample::{sha, two};

/// The first image is signed in two ways, the second could not be looked at, the third is not signed.
pub fn sheet(language: Language, index: usize) -> TrustSheet {
    let t = |en: &str, de: &str| two(language, en, de);
    let (tone, summary) = match index {
        0 => (
            Tone::Good,
            t(
                "Trust is given by Docker Content Trust and Notation: the digest under audit is signed, and the signature holds.",
                "Vertrauen geben Docker Content Trust und Notation: Der geprüfte Digest ist signiert, und die Signatur hält.",
            ),
        ),
        1 => (
            Tone::Open,
            t(
                "Whether the image can be trusted is open: a place could not be looked at.",
                "Ob dem Image zu trauen ist, bleibt offen: Ein Ort war nicht zu erreichen.",
            ),
        ),
        _ => (Tone::Nothing, t("Nobody signed this image.", "Niemand hat dieses Image signiert.")),
    };
    TrustSheet {
        summary,
        tone,
        notice: if index == 0 {
            t(
                "Docker Content Trust is at its end: Docker's own trust server closes on 2026-12-08, and the docker command from version 29 on ignores DOCKER_CONTENT_TRUST.",
                "Docker Content Trust läuft aus: Dockers eigener Trust-Server schließt am 8. Dezember 2026, und der docker-Befehl beachtet DOCKER_CONTENT_TRUST ab Version 29 nicht mehr.",
            )
        } else {
            String::new()
        },
        parts: parts(language, index),
        pins: if index == 0 {
            vec![PinLine {
                repository: "registry.example.com/payments/api".to_owned(),
                root: format!("3 · {}", sha("root")),
                first_seen: "2025-06-02T07:00:00Z".to_owned(),
                last_seen: "2025-11-03T08:12:00Z".to_owned(),
            }]
        } else {
            Vec::new()
        },
    }
}

fn parts(language: Language, index: usize) -> Vec<TrustPart> {
    let t = |en: &str, de: &str| two(language, en, de);
    let own = TrustPart {
        title: t("This image", "Dieses Image"),
        facts: vec![
            (t("Reference", "Referenz"), "registry.example.com/payments/api:2025.11.1".to_owned()),
            (t("Digest", "Digest"), format!("sha256:{}", sha("m0"))),
            (t("Looked up", "Abgefragt"), "2025-11-03T08:12:00Z".to_owned()),
        ],
        signatures: if index == 0 { signatures(language) } else { Vec::new() },
        places: if index == 2 {
            t("in this layout, which need not hold all", "in diesem Layout, das nicht alles enthalten muss")
        } else {
            String::new()
        },
        lookups: lookups(language, index),
    };
    let base = TrustPart {
        title: t(
            "Base image debian:12, named by the Dockerfile",
            "Basis-Image debian:12, genannt durch das Dockerfile",
        ),
        facts: vec![(
            t("Official", "Offiziell"),
            t(
                "docker.io/library/debian:12 was not compared: offline",
                "docker.io/library/debian:12 wurde nicht verglichen: offline",
            ),
        )],
        signatures: Vec::new(),
        places: String::new(),
        lookups: Vec::new(),
    };
    if index == 0 { vec![own, base] } else { vec![own] }
}

fn signatures(language: Language) -> Vec<SignatureLine> {
    let t = |en: &str, de: &str| two(language, en, de);
    let link = |tone, title: &str, details: &str, problem: &str| ChainLine {
        tone,
        title: title.to_owned(),
        details: details.to_owned(),
        problem: problem.to_owned(),
    };
    let digest = format!("sha256:{}", sha("m0"));
    let roles = ["root", "timestamp", "snapshot", "targets", "targets/releases"];
    let mut chain: Vec<ChainLine> = roles
        .iter()
        .map(|role| {
            let details = format!("version: 3 · expires: 2028-11-22T23:42:58Z · threshold: 1 · key: {}", sha(role));
            link(Tone::Good, role, &details, "")
        })
        .collect();
    chain.push(link(Tone::Good, "2025.11.1", &format!("length: 949 · SHA-256: {digest}"), ""));
    chain.push(link(Tone::Good, &t("Digest of the image", "Digest des Images"), &digest, ""));
    vec![
        SignatureLine {
            tone: Tone::Good,
            label: t("Verified", "Verifiziert"),
            scheme: "Docker Content Trust".to_owned(),
            reason: "The tag is signed by alice, and the signed digest is that of the image.".to_owned(),
            details: vec![
                (t("Signed by", "Signiert von"), "alice, Repo Admin".to_owned()),
                (t("Key", "Schlüssel"), sha("alice")),
                (t("Signed digest", "Signierter Digest"), digest.clone()),
                (t("Valid until", "Gültig bis"), "2025-11-17T08:12:00Z".to_owned()),
            ],
            notes: vec!["The root was trusted at an earlier contact.".to_owned()],
            chain,
        },
        SignatureLine {
            tone: Tone::Bad,
            label: t("Signed for another digest", "Für einen anderen Digest signiert"),
            scheme: "Notation".to_owned(),
            reason: "It is signed by CN=lab-signer, for another digest.".to_owned(),
            details: Vec::new(),
            notes: Vec::new(),
            chain: vec![
                link(Tone::Good, "CN=Lab Notation CA", "", ""),
                link(Tone::Bad, &t("Digest of the image", "Digest des Images"), "", "It is about another digest."),
            ],
        },
        SignatureLine {
            tone: Tone::Unknown,
            label: t("Could not be looked at", "Konnte nicht geprüft werden"),
            scheme: "attestation (https://slsa.dev/provenance/v1)".to_owned(),
            reason: "The layer could not be read: too large.".to_owned(),
            details: Vec::new(),
            notes: Vec::new(),
            chain: Vec::new(),
        },
    ]
}

fn lookups(language: Language, index: usize) -> Vec<LookupLine> {
    let t = |en: &str, de: &str| two(language, en, de);
    let line = |place: String, tone, answer: String, reason: &str| LookupLine {
        place,
        tone,
        answer,
        reason: reason.to_owned(),
    };
    let tag = format!("registry.example.com/payments/api:sha256-{}", sha("m0"));
    let found = if index == 0 {
        (None, t("found", "vorhanden"))
    } else {
        (Some(Tone::Nothing), t("absent", "nicht vorhanden"))
    };
    vec![
        line("https://notary.example.com, registry.example.com/payments/api".to_owned(), found.0, found.1, ""),
        line(format!("{tag}.sig"), Some(Tone::Nothing), t("absent", "nicht vorhanden"), ""),
        line(
            format!("{tag}.att"),
            Some(Tone::Unknown),
            t("failed", "fehlgeschlagen"),
            "The registry registry.example.com answers with an error, HTTP 503, after 4 tries.",
        ),
    ]
}

/// What a registry answered.
pub fn probes(language: Language) -> ProbeSheet {
    let t = |en: &str, de: &str| two(language, en, de);
    let probe = |asked: String, request: &str, tone, answer: &str| ProbeLine {
        asked,
        request: request.to_owned(),
        tone,
        answer: answer.to_owned(),
        at: "2025-11-03T08:12:09Z".to_owned(),
    };
    ProbeSheet {
        facts: vec![
            (t("Connection", "Verbindung"), "HTTPS, TLS 1.3".to_owned()),
            (t("Authentication", "Anmeldung"), "Bearer, realm https://auth.example.com/token".to_owned()),
        ],
        probes: vec![
            probe(
                t("API without credentials", "API ohne Anmeldung"),
                "GET https://registry.example.com/v2/",
                Tone::Good,
                "401 Unauthorized",
            ),
            probe(
                t("Catalogue without credentials", "Katalog ohne Anmeldung"),
                "GET https://registry.example.com/v2/_catalog?n=1",
                Tone::Bad,
                "200 OK: 1 repository",
            ),
            probe(
                t("Upload without credentials", "Upload ohne Anmeldung"),
                "POST https://registry.example.com/v2/payments/api/blobs/uploads/",
                Tone::Nothing,
                &t("not asked: no consent", "nicht gefragt: keine Einwilligung"),
            ),
        ],
    }
}
