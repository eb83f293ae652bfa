//! Certificates of a swarm: those of its nodes, its root, and whose root that is (CSVS 6.6, 6.7, 6.8).

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};

use super::told::{Seen, Told, days, docker, few, on_manager, place, undecided};
use crate::a5_build::{day, instant};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const EXPIRY: &str = "Swarm.Cluster.Spec.CAConfig.NodeCertExpiry";
const EXTERNAL: &str = "Swarm.Cluster.Spec.CAConfig.ExternalCAs";
/// Swarm's own default for certificates of nodes, and the longest that passes.
const NODE_DAYS: u64 = 90;
const HOUR: u64 = 3_600_000_000_000;
/// A root with fewer days left expires soon.
const SOON_DAYS: i64 = 90;
/// A root that is older was not replaced at regular intervals, as an indication.
const OLD_ROOT_DAYS: i64 = 730;
/// A root that is younger, after a rotation by hand, was.
const YOUNG_ROOT_DAYS: i64 = 365;
/// The name that swarm gives to a root of its own making.
const OWN_ROOT: &str = "swarm-ca";

/// Certificates of nodes are renewed often.
pub(crate) struct OfNodes;

impl Check for OfNodes {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "node-certificates",
            use_case: None,
            title: text("Node certificates renewed", "Knotenzertifikate erneuert"),
            why: text(
                "Whoever holds a node's certificate passes for that node. The shorter it is valid, the sooner a copy is worthless.",
                "Wer das Zertifikat eines Knotens hat, gilt als dieser Knoten. Je kürzer es gilt, desto eher ist eine Kopie wertlos.",
            ),
            how: text(
                "Swarm renews the certificates of its nodes by itself before they expire. Passes when their validity is set to 90 days, the default, or less; fails when it is longer. With an external certificate authority that one sets the validity, and it is undecided.",
                "Swarm erneuert die Zertifikate seiner Knoten vor Ablauf selbst. Bestanden, wenn ihre Gültigkeit auf 90 Tage, die Voreinstellung, oder weniger gesetzt ist; nicht bestanden, wenn sie länger gelten. Mit einer externen Zertifizierungsstelle legt diese die Gültigkeit fest, und es bleibt unentschieden.",
            ),
            blind_spots: text(
                "Whether a node that is away has missed its renewal. Other orchestrators than Swarm.",
                "Ob ein abwesender Knoten seine Erneuerung versäumt hat. Andere Orchestratoren als Swarm.",
            ),
            remedy: text("Set the validity to 90 days or less.", "Setzen Sie die Gültigkeit auf 90 Tage oder weniger."),
            example: "docker swarm update --cert-expiry 720h",
            aliases: &[("docker-bench", "7.7")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, of_nodes)
    }
}

fn of_nodes(seen: &Seen<'_>) -> Told<Judgement> {
    let cluster = seen.cluster()?;
    let Some(expiry) = cluster.node_cert_expiry.filter(|expiry| *expiry > 0) else {
        return Ok(undecided("The manager does not tell how long certificates of nodes are valid.", Vec::new()));
    };
    let hours = expiry / HOUR;
    let valid = match hours {
        0 => "less than an hour".to_owned(),
        1..72 => format!("{hours} h"),
        _ => format!("{} days", hours / 24),
    };
    let on = |severity, message: String| vec![seen.on_info(EXPIRY, severity, message, &["7.7"])];
    if expiry > NODE_DAYS.saturating_mul(24).saturating_mul(HOUR) {
        let message = format!("Certificates of nodes are valid for {valid}; the default is {NODE_DAYS} days.");
        let summary = format!("Certificates of nodes are renewed only every {valid} or so.");
        return Ok(judged(OutcomeKind::Fail, summary, on(Severity::Medium, message)));
    }
    let message = format!("Certificates of nodes are valid for {valid}.");
    if !cluster.external_cas.is_empty() {
        let summary = "An external authority signs certificates of nodes and sets how long they are valid; look at one on a node.";
        return Ok(undecided(summary, on(Severity::Info, message)));
    }
    let summary = format!("Swarm renews certificates of nodes by itself; they are valid for {valid}.");
    Ok(judged(OutcomeKind::Pass, summary, on(Severity::Info, message)))
}

/// The root is replaced in time.
pub(crate) struct Root;

impl Check for Root {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "swarm-ca-rotation",
            use_case: None,
            title: text("Swarm's root certificate rotated", "Stammzertifikat des Swarms erneuert"),
            why: text(
                "Swarm never replaces its root by itself, and makes it valid for twenty years: whoever copied a manager's key years ago can still issue node certificates.",
                "Swarm ersetzt sein Stammzertifikat nie selbst und macht es zwanzig Jahre gültig: Wer vor Jahren den Schlüssel eines Managers kopiert hat, kann noch immer Knotenzertifikate ausstellen.",
            ),
            how: text(
                "The dates of the root certificate are read. Fails when it has expired, expires within 90 days or was made more than two years ago. Passes when it was rotated by hand and is younger than a year. Otherwise, and while a rotation is under way, it is undecided. All of it is an indication: the interval is the organisation's to set.",
                "Gelesen werden die Daten des Stammzertifikats. Nicht bestanden, wenn es abgelaufen ist, binnen 90 Tagen abläuft oder vor mehr als zwei Jahren entstand. Bestanden, wenn es von Hand erneuert wurde und jünger als ein Jahr ist. Sonst, und während einer laufenden Erneuerung, unentschieden. All dies ist ein Indiz: Den Abstand legt die Organisation fest.",
            ),
            blind_spots: text(
                "Which interval the organisation has set, and whether the next rotation is planned. Other orchestrators than Swarm.",
                "Welchen Abstand die Organisation festgelegt hat und ob die nächste Erneuerung geplant ist. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Rotate the root on a schedule, with all nodes reachable, and keep the record of it.",
                "Erneuern Sie das Stammzertifikat nach Plan, wenn alle Knoten erreichbar sind, und bewahren Sie den Nachweis auf.",
            ),
            example: "docker swarm ca --rotate",
            aliases: &[("docker-bench", "7.8")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, root)
    }
}

fn root(seen: &Seen<'_>) -> Told<Judgement> {
    let cluster = seen.cluster()?;
    let show = || format!("{} | openssl x509 -noout -subject -dates", docker(seen.host, "swarm ca"));
    let on = |severity, message: String| place("Swarm.Cluster.TLSInfo.TrustRoot", show(), severity, message, &["7.8"]);
    let mut observations = Vec::new();
    if let Some(rotated) = cluster.force_rotate {
        let message = match rotated {
            0 => "The root was never rotated by hand.".to_owned(),
            times => format!("The root was rotated by hand {times} times."),
        };
        observations.push(seen.on_info(
            "Swarm.Cluster.Spec.CAConfig.ForceRotate",
            Severity::Info,
            message.replace("1 times", "once"),
            &["7.8"],
        ));
    }
    let dates = cluster.root.as_ref().and_then(|root| Some((instant(&root.from)?, instant(&root.until)?)));
    let (Some((from, until)), Some(now)) = (dates, seen.now) else {
        return Ok(undecided("The manager does not tell the dates of the swarm's root certificate.", observations));
    };
    observations.insert(0, on(Severity::Info, format!("The root is valid from {} until {}.", day(from), day(until))));
    let (left, age) = (days(until - now), days(now - from));
    if until <= now {
        observations.insert(0, on(Severity::High, format!("The root expired on {}.", day(until))));
        return Ok(judged(
            OutcomeKind::Fail,
            format!("The swarm's root certificate expired on {}.", day(until)),
            observations,
        ));
    }
    if left < SOON_DAYS {
        observations.insert(0, on(Severity::Medium, format!("The root expires in {left} days.")));
        return Ok(judged(
            OutcomeKind::Fail,
            format!("The swarm's root certificate expires soon, on {}.", day(until)),
            observations,
        ));
    }
    if cluster.root_rotation_in_progress == Some(true) {
        let message = "A rotation of the root is under way.";
        observations.insert(0, seen.on_info("Swarm.Cluster.RootRotationInProgress", Severity::Info, message, &["7.8"]));
        let summary = "A rotation of the root is under way; read the host again when it is done.";
        return Ok(undecided(summary, observations));
    }
    if age > OLD_ROOT_DAYS {
        observations.insert(0, on(Severity::Medium, format!("The root is {age} days old.")));
        let summary = format!("The swarm's root certificate has not been replaced since {}.", day(from));
        return Ok(judged(OutcomeKind::Fail, summary, observations));
    }
    if cluster.force_rotate.is_some_and(|times| times > 0) && (0..YOUNG_ROOT_DAYS).contains(&age) {
        let summary = format!("The swarm's root certificate was rotated, last on {}.", day(from));
        return Ok(judged(OutcomeKind::Pass, summary, observations));
    }
    let summary = format!("The swarm's root certificate dates from {}; ask which interval is set for it.", day(from));
    Ok(undecided(summary, observations))
}

/// The root is the organisation's own.
pub(crate) struct Own;

impl Check for Own {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "swarm-own-ca",
            use_case: None,
            title: text("Own authority for the swarm", "Eigene Zertifizierungsstelle für den Swarm"),
            why: text(
                "The authority that Swarm makes for itself is known to nobody else: it is in no inventory, and no revocation and no audit of the organisation's own PKI reaches it.",
                "Die Zertifizierungsstelle, die Swarm sich selbst erzeugt, kennt sonst niemand: Sie steht in keinem Verzeichnis, und weder Sperrung noch Prüfung der eigenen PKI erreichen sie.",
            ),
            how: text(
                "Fails when the subject of the root is the one that Swarm gives itself (swarm-ca) and no external authority is configured. Passes when one is, or when the root bears another name. Both are indications: whose authority it is, a person must say.",
                "Nicht bestanden, wenn der Inhaber des Stammzertifikats der von Swarm selbst vergebene ist (swarm-ca) und keine externe Zertifizierungsstelle eingetragen ist. Bestanden, wenn eine eingetragen ist oder das Stammzertifikat einen anderen Namen trägt. Beides sind Indizien: Wessen Stelle es ist, muss ein Mensch sagen.",
            ),
            blind_spots: text(
                "Who holds the key of the authority. A root that somebody made by hand and named like Swarm's own. Other orchestrators than Swarm.",
                "Wer den Schlüssel der Zertifizierungsstelle hält. Ein von Hand erzeugtes Stammzertifikat, das wie das von Swarm heißt. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Give Swarm an intermediate certificate of your own PKI, or have an external authority sign.",
                "Geben Sie Swarm ein Zwischenzertifikat Ihrer eigenen PKI, oder lassen Sie eine externe Zertifizierungsstelle signieren.",
            ),
            example: "docker swarm ca --rotate --ca-cert swarm-ca.pem --ca-key swarm-ca-key.pem",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, own)
    }
}

fn own(seen: &Seen<'_>) -> Told<Judgement> {
    let cluster = seen.cluster()?;
    let mut observations = Vec::new();
    let subject = cluster.root.as_ref().map(|root| root.subject.as_str()).filter(|subject| !subject.is_empty());
    if let Some(subject) = subject {
        let command = format!("{} | openssl x509 -noout -subject -issuer", docker(seen.host, "swarm ca"));
        let message = format!("The root's subject is {subject}.");
        observations.push(place("Swarm.Cluster.TLSInfo.TrustRoot", command, Severity::Info, message, &[]));
    }
    if !cluster.external_cas.is_empty() {
        let external = few(cluster.external_cas.iter().map(String::as_str));
        let message = format!("An external authority signs: {external}.");
        observations.push(seen.on_info(EXTERNAL, Severity::Info, message, &[]));
        let summary = "An external authority signs certificates of nodes; ask whose it is.";
        return Ok(judged(OutcomeKind::Pass, summary, observations));
    }
    let Some(subject) = subject else {
        return Ok(undecided("The manager does not tell whose root certificate the swarm has.", observations));
    };
    let made_by_swarm = subject.split(['/', ',', '+']).any(|part| {
        part.trim().split_once('=').is_some_and(|(key, value)| {
            key.trim().eq_ignore_ascii_case("cn") && value.trim().eq_ignore_ascii_case(OWN_ROOT)
        })
    });
    Ok(if made_by_swarm {
        let summary = "The swarm's certificates come from the authority that Swarm made for itself.";
        observations.iter_mut().for_each(|observation| observation.severity = Severity::Low);
        judged(OutcomeKind::Fail, summary, observations)
    } else {
        let summary = format!("The swarm's root is not of Swarm's own making ({subject}); ask whose it is.");
        judged(OutcomeKind::Pass, summary, observations)
    })
}
