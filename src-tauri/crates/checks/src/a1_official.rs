//! A1, official image: the content of the image, or of its base, is what Docker Hub serves as an official image, or what
//! the client approves. A name alone is a claim.

use plimsoll_catalog::{Location, OFFICIAL_AS_OF, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_image::ImageFacts;
use plimsoll_registry::facts::Served;
use plimsoll_trust::Looked;

use crate::a1_mirror::{BY_MIRROR, by_mirror, vouched};
use crate::a1_proof::{Way, below, comparable, found, layers_known, same};
use crate::a1_written::{
    ALIASES, Standing, approval, approved_words, deprecated_words, in_compose, in_file, removed_words, standing,
};
use crate::bases::{Full, claims, counted, from_scratch, read_from, recorded, who};
use crate::facts::{Facts, HubLookup, quote};
use crate::observe::{judged, observation};
use crate::{Check, CheckInfo, Judgement, Settings, text};

/// The image, or its base, is official or approved.
pub(crate) struct OfficialImage;

impl Check for OfficialImage {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "official-image",
            use_case: Some(UseCaseId::A1),
            title: text("Official image", "Offizielles Image"),
            why: text(
                "Anybody may publish an image, and anybody may give one a well-known name. Official images are built in the open, reviewed and kept up to date; of others nobody knows, unless the client has looked.",
                "Jeder darf ein Image veröffentlichen, und jeder kann einem Image einen bekannten Namen geben. Offizielle Images werden offen gebaut, begutachtet und gepflegt; bei anderen weiß man es nicht, es sei denn, der Kunde hat sie geprüft.",
            ),
            how: text(
                "Content decides. The digests and layers of the image are compared with what Docker Hub serves under docker.io/library/ for the names that the image bears, that its engine recorded, and that its base is called by (label, Dockerfile, provenance). Passes when the image is served there, or when its lowest layers are those of an official image, or of a base that the client approves. Fails when an official name stands on other content, when an engine never fetched what bears an official name, when the base is neither official nor approved, and when it was official once and is built no more. A Dockerfile is judged by the name of its last stage's base, since that is what the builder fetches; Plimsoll's list of official names says of which day it is. What is only claimed, was not looked up, or is known from a mirror alone that the client has not approved, is undecided.",
                "Der Inhalt entscheidet. Digests und Layer des Images werden mit dem verglichen, was Docker Hub unter docker.io/library/ ausliefert: für die Namen, die das Image trägt, die seine Engine vermerkt hat und die seine Basis nennen (Label, Dockerfile, Provenance). Bestanden, wenn das Image dort ausgeliefert wird oder seine untersten Layer die eines offiziellen Images oder einer vom Kunden freigegebenen Basis sind. Nicht bestanden, wenn ein offizieller Name auf anderem Inhalt steht, wenn die Engine nie geladen hat, was einen offiziellen Namen trägt, wenn die Basis weder offiziell noch freigegeben ist, und wenn sie einst offiziell war und nicht mehr gebaut wird. Ein Dockerfile wird nach dem Namen der Basis seiner letzten Stage beurteilt, denn diesen lädt der Builder; die Liste offizieller Namen in Plimsoll nennt ihren Stand. Was nur behauptet, nicht nachgeschlagen oder allein von einem nicht freigegebenen Spiegel bekannt ist, bleibt unentschieden.",
            ),
            blind_spots: text(
                "Docker Hub's badges for verified publishers and sponsored projects belong to accounts and are not recorded in images; they cannot be determined here. A tag moves: an older official image that is known by its tag alone differs from what the tag stands for today. Layers that a build merged into one show no base.",
                "Die Kennzeichen von Docker Hub für verifizierte Herausgeber und geförderte Projekte gehören zu Konten und stehen nicht im Image; sie sind hier nicht feststellbar. Ein Tag wandert: Ein älteres offizielles Image, von dem nur das Tag bekannt ist, weicht von dem ab, wofür das Tag heute steht. Layer, die ein Build zu einem zusammenfasst, zeigen keine Basis.",
            ),
            remedy: text(
                "Build on an official image, named with its digest, or have the base that you use approved with a reason and enter it in the profile. Replace bases that are built no more. Never give an official name to an image of your own.",
                "Bauen Sie auf einem offiziellen Image, benannt mit seinem Digest, oder lassen Sie die verwendete Basis mit Begründung freigeben und tragen Sie sie im Profil ein. Ersetzen Sie Basis-Images, die nicht mehr gebaut werden. Geben Sie einem eigenen Image nie einen offiziellen Namen.",
            ),
            example: "FROM docker.io/library/debian:12-slim@sha256:…",
            aliases: &[("docker-bench", "4.2")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["1.6", "2.3"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match (&facts.image, &facts.dockerfile, &facts.compose) {
            (Some(image), _, _) => in_image(facts, image, settings),
            (None, Some(file), _) => in_file(facts, file, settings),
            (None, None, Some(file)) => in_compose(file, settings),
            (None, None, None) => judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()),
        }
    }
}

/// A conclusion on the way: outcome, severity of what is said, the sentence.
type Said = (OutcomeKind, Severity, String);

fn in_image(facts: &Facts, image: &ImageFacts, settings: &Settings) -> Judgement {
    let proofs: Vec<(Full, &Served, Way)> = facts
        .official
        .iter()
        .filter_map(|lookup| {
            let full = Full::parse(&lookup.reference).filter(|full| full.library().is_some())?;
            let served = lookup.served.as_ref()?;
            Some((full, served, same(facts, image, served)?))
        })
        .collect();
    // What the Hub itself said goes before what a mirror said in its place.
    let proof = proofs.iter().find(|(_, served, _)| vouched(served, settings)).or(proofs.first());
    let mut observations = Vec::new();
    // A false name counts whatever else the image is.
    let mut falsely: Option<Said> = None;
    let mut claimed: Option<Said> = None;
    for claim in claims(facts) {
        if proofs.iter().any(|(full, _, _)| full.repository == claim.repository) {
            continue;
        }
        let said = on_claim(facts, image, &claim);
        observations.push(observation(
            Location::Field { field: "RepoTags".to_owned() },
            facts.show_names(),
            said.1,
            said.2.clone(),
            &ALIASES,
        ));
        let kept = if said.0 == OutcomeKind::Fail { &mut falsely } else { &mut claimed };
        kept.get_or_insert(said);
    }
    let (outcome, summary) = if let Some((_, _, sentence)) = falsely {
        (OutcomeKind::Fail, sentence)
    } else if let Some((full, served, way)) = proof {
        official(facts, full, served, *way, settings, &mut observations)
    } else if let Some((outcome, sentence)) = by_base_or_origin(facts, image, settings, &mut observations) {
        (outcome, sentence)
    } else if let Some((outcome, _, sentence)) = &claimed {
        (*outcome, sentence.clone())
    } else {
        by_named_base(facts, image, settings, &mut observations)
    };
    // An official name that was not looked up may be false, whatever the image is built on.
    let (outcome, summary) = match claimed {
        Some((claim, _, sentence)) if outcome == OutcomeKind::Pass => {
            (claim, format!("{sentence} Apart from that: {summary}"))
        }
        _ => (outcome, summary),
    };
    observations.sort_by_key(|observation| observation.severity);
    judged(outcome, summary, observations)
}

/// An official name that nothing proves.
fn on_claim(facts: &Facts, image: &ImageFacts, claim: &Full) -> Said {
    let of_claim =
        |lookup: &&HubLookup| Full::parse(&lookup.reference).is_some_and(|full| full.repository == claim.repository);
    let lookups: Vec<&HubLookup> = facts.official.iter().filter(of_claim).collect();
    let fetched = recorded(facts).any(|full| full.repository == claim.repository);
    let at_engine = facts.source.starts_with("docker-daemon:");
    let whole = || lookups.iter().filter_map(|lookup| found(lookup));
    if let Some(served) = whole().find(|served| comparable(image, served)) {
        let (severity, doubt) = if at_engine && !fetched {
            (
                Severity::High,
                "the engine never fetched it from there: it was retagged, built here or loaded from a file",
            )
        } else {
            (Severity::Medium, "either the tag has moved since, or this is another image under its name")
        };
        let sentence = format!(
            "The image is called {claim}, but its content is not what Docker Hub serves as {}; {doubt}.",
            served.reference
        );
        return (OutcomeKind::Fail, severity, sentence);
    }
    if !lookups.is_empty() && lookups.iter().all(|lookup| lookup.looked == Looked::Absent) {
        let sentence = format!("The image is called {claim}, and Docker Hub serves nothing under that name.");
        return (OutcomeKind::Fail, Severity::High, sentence);
    }
    if at_engine && !fetched {
        let sentence = format!(
            "The image is called {claim}, but the engine has no digest of {} for it: it was retagged, built here or loaded from a file, and its name proves nothing.",
            claim.repository
        );
        return (OutcomeKind::Fail, Severity::Medium, sentence);
    }
    if let Some(served) = whole().next() {
        let sentence = format!(
            "The image is called {claim}; Docker Hub serves {}, but not in a form that can be compared with the image.",
            served.reference
        );
        return (OutcomeKind::Undecided, Severity::Low, sentence);
    }
    let why = lookups.iter().find_map(|lookup| match &lookup.looked {
        Looked::Failed(reason) | Looked::Refused(reason) | Looked::NotTried(reason) => {
            Some(reason.trim_end_matches('.').to_owned())
        }
        Looked::Found | Looked::Absent => None,
    });
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    let record = if fetched { "; its engine recorded a digest from there, which was not compared" } else { "" };
    let sentence = format!(
        "The image is called {claim}, which is an official name (list of {OFFICIAL_AS_OF}), but a name is a claim{record}, and Docker Hub was not asked{why}."
    );
    (OutcomeKind::Undecided, Severity::Low, sentence)
}

/// The image is what Docker Hub serves.
fn official(
    facts: &Facts,
    full: &Full,
    served: &Served,
    way: Way,
    settings: &Settings,
    observations: &mut Vec<Observation>,
) -> (OutcomeKind, String) {
    let place = Location::Field { field: if way == Way::Layers { "rootfs.diff_ids" } else { "digest" }.to_owned() };
    let show = show_served(
        &served.reference,
        match way {
            Way::Manifest | Way::Recorded => Show::Manifest,
            Way::Config => Show::Config,
            Way::Layers => Show::Layers,
        },
    );
    let asked = format!("asked on {}{}", day(&served.at), via(served));
    let (severity, sentence) = if way == Way::Layers {
        let sentence = format!(
            "The image is built on an official one: its layers are those of {}, its configuration is its own ({asked}).",
            served.reference
        );
        (Severity::Low, sentence)
    } else {
        let sentence =
            format!("The image is official: Docker Hub serves it as {} ({}; {asked}).", served.reference, way.words());
        (Severity::Info, sentence)
    };
    observations.push(observation(place.clone(), show.clone(), severity, sentence.clone(), &ALIASES));
    if way == Way::Layers {
        let message = "The layers are the official ones, but the config (entry point, environment, user) is another: somebody changed how the image starts.";
        observations.push(observation(place.clone(), facts.show_config("config"), Severity::Low, message, &[]));
    }
    if way == Way::Recorded {
        let message = "The digest is the engine's own record; the config that Docker Hub serves was not compared with the image's.";
        observations.push(observation(place.clone(), facts.show_names(), Severity::Low, message, &[]));
    }
    if served.via.is_some() {
        let message = "A mirror answered in Docker Hub's place; whether Docker Hub serves the same was not seen.";
        observations.push(observation(place.clone(), show.clone(), Severity::Low, message, &[]));
    }
    let passed = |sentence: String| match &served.via {
        Some(mirror) => by_mirror(mirror, "Docker Hub", settings, sentence),
        None => (OutcomeKind::Pass, sentence),
    };
    match standing(full) {
        Standing::Removed(date) => {
            observations.push(observation(place, show, Severity::Medium, removed_words(full, date), &ALIASES));
            (OutcomeKind::Fail, removed_words(full, date))
        }
        Standing::Deprecated => {
            observations.push(observation(place, show, Severity::Medium, deprecated_words(full), &ALIASES));
            passed(sentence)
        }
        Standing::Official | Standing::Unlisted | Standing::Elsewhere => passed(sentence),
    }
}

/// What the layers prove of the base, and the approval of where the image was read from. The approval also covers a base
/// that is merely unknown, and none that is built no more.
fn by_base_or_origin(
    facts: &Facts,
    image: &ImageFacts,
    settings: &Settings,
    observations: &mut Vec<Observation>,
) -> Option<(OutcomeKind, String)> {
    let base = by_layers(facts, image, settings, observations);
    match (base, by_origin(facts, settings)) {
        (Some((OutcomeKind::Fail | OutcomeKind::Undecided, Severity::Low, _)) | None, Some(origin)) => {
            let place = Location::Field { field: "digest".to_owned() };
            let show = format!("skopeo inspect --raw {} | sha256sum", quote(&facts.source));
            observations.push(observation(place, show, Severity::Info, origin.1.clone(), &ALIASES));
            Some(origin)
        }
        (Some((outcome, _, sentence)), _) => Some((outcome, sentence)),
        (None, None) => None,
    }
}

/// The image was read from a registry that the client approves: the digest proves where it comes from.
fn by_origin(facts: &Facts, settings: &Settings) -> Option<(OutcomeKind, String)> {
    let full = read_from(facts)?;
    let approved = approval(&full, settings)?;
    let sentence = format!("The image was read from {}, and {}.", full.repository, approved_words(approved));
    let mirror = facts.origin.iter().find(|(name, _)| name == BY_MIRROR);
    Some(match mirror {
        Some((_, mirror)) => by_mirror(mirror, full.host(), settings, sentence),
        None => (OutcomeKind::Pass, sentence),
    })
}

/// The image's lowest layers are those of something that was looked up: the longest such chain is its base.
fn by_layers(
    facts: &Facts,
    image: &ImageFacts,
    settings: &Settings,
    observations: &mut Vec<Observation>,
) -> Option<Said> {
    let of_bases = facts.bases.iter().map(|base| &base.lookup);
    let (full, served, layers) = facts
        .official
        .iter()
        .chain(of_bases)
        .filter_map(|lookup| {
            let served = lookup.served.as_ref()?;
            Some((Full::parse(&lookup.reference)?, served, below(image, served)?))
        })
        // Of equal ones the first: official names are asked first.
        .rev()
        .max_by_key(|(_, served, layers)| (*layers, vouched(served, settings)))?;
    let built = format!(
        "built on {} (its lowest {layers} of {} layers are the same; asked on {}{})",
        served.reference,
        image.layers.len(),
        day(&served.at),
        via(served)
    );
    let mut say = |severity, message: String| {
        let place = Location::Field { field: "rootfs.diff_ids".to_owned() };
        observations.push(observation(
            place,
            show_served(&served.reference, Show::Layers),
            severity,
            message,
            &ALIASES,
        ));
    };
    let passed = |sentence: String| {
        let (outcome, sentence) = match &served.via {
            Some(mirror) => by_mirror(mirror, full.host(), settings, sentence),
            None => (OutcomeKind::Pass, sentence),
        };
        (outcome, if outcome == OutcomeKind::Pass { Severity::Info } else { Severity::Low }, sentence)
    };
    Some(match standing(&full) {
        Standing::Removed(date) => {
            let sentence = format!("The image is {built}. {}", removed_words(&full, date));
            say(Severity::Medium, sentence.clone());
            (OutcomeKind::Fail, Severity::Medium, sentence)
        }
        Standing::Official | Standing::Unlisted | Standing::Deprecated => {
            let said = passed(format!("The base image is official: the image is {built}."));
            say(said.1, said.2.clone());
            if standing(&full) == Standing::Deprecated {
                say(Severity::Medium, deprecated_words(&full));
            }
            said
        }
        Standing::Elsewhere => match approval(&full, settings) {
            Some(approved) => {
                let said = passed(format!("The image is {built}; {}.", approved_words(approved)));
                say(said.1, said.2.clone());
                said
            }
            None => {
                let sentence = format!("The image is {built}, which is neither official nor approved by the client.");
                say(Severity::Low, sentence.clone());
                (OutcomeKind::Fail, Severity::Low, sentence)
            }
        },
    })
}

/// Nothing is proved by content; what is named for a base is judged by its name.
fn by_named_base(
    facts: &Facts,
    image: &ImageFacts,
    settings: &Settings,
    observations: &mut Vec<Observation>,
) -> (OutcomeKind, String) {
    let mut worst: Option<Said> = None;
    for base in counted(facts) {
        let Some(full) = Full::parse(&base.reference) else { continue };
        let said = on_named(image, &full, &base.lookup, who(base.named_by), settings);
        let place = Location::Field { field: "rootfs.diff_ids".to_owned() };
        observations.push(observation(
            place,
            show_served(&base.reference, Show::Layers),
            said.1,
            said.2.clone(),
            &ALIASES,
        ));
        if worst.as_ref().is_none_or(|it| it.0 != OutcomeKind::Fail && said.0 == OutcomeKind::Fail) {
            worst = Some(said);
        }
    }
    if let Some((outcome, _, sentence)) = worst {
        return (outcome, sentence);
    }
    if from_scratch(facts) {
        return (OutcomeKind::NotApplicable, "The image is built from scratch; there is no base image.".to_owned());
    }
    (
        OutcomeKind::Undecided,
        "The image bears no official name and no base image is named: add its Dockerfile, or compare its lowest layers with those of the base that the client says it uses.".to_owned(),
    )
}

fn on_named(image: &ImageFacts, full: &Full, lookup: &HubLookup, by: &str, settings: &Settings) -> Said {
    let undecided = |why: String| (OutcomeKind::Undecided, Severity::Low, why);
    let approved = approval(full, settings);
    match (standing(full), approved) {
        (Standing::Removed(date), _) => {
            let sentence = format!("The base that {by} names, {full}: {}", removed_words(full, date));
            return (OutcomeKind::Fail, Severity::Medium, sentence);
        }
        (Standing::Elsewhere, None) => {
            let sentence =
                format!("{full}, which {by} names as the base, is neither official nor approved by the client.");
            return (OutcomeKind::Fail, Severity::Low, sentence);
        }
        (Standing::Unlisted, None) if found(lookup).is_none() => {
            let sentence = format!(
                "{full}, which {by} names as the base, is none of Docker's official images (list of {OFFICIAL_AS_OF})."
            );
            return (OutcomeKind::Fail, Severity::Low, sentence);
        }
        _ => {}
    }
    let kind = if approved.is_some() { "approved" } else { "official" };
    match (&lookup.looked, &lookup.served) {
        (Looked::Found, Some(served)) if layers_known(image, served) => {
            // By its digest the base cannot have changed since the build.
            let pinned = full
                .digest
                .as_ref()
                .is_some_and(|digest| *digest == served.digest || served.images.iter().any(|it| it.digest == *digest));
            if pinned {
                let sentence = format!(
                    "{} names {full} as the base, but the image's layers do not begin with those of that digest: it was built on something else, or its layers were merged.",
                    capital(by)
                );
                return (OutcomeKind::Fail, Severity::Medium, sentence);
            }
            undecided(format!(
                "{} names the {kind} {full} as the base, but the image's layers do not begin with those that are served under it today: the tag has moved since, or the base was another.",
                capital(by)
            ))
        }
        (Looked::Found, _) => undecided(format!(
            "{} names the {kind} {full} as the base; its layers are not known, so nothing proves it.",
            capital(by)
        )),
        (Looked::Absent, _) => undecided(format!(
            "{} names the {kind} {full} as the base, which its registry does not serve (any more).",
            capital(by)
        )),
        (Looked::Refused(reason) | Looked::Failed(reason) | Looked::NotTried(reason), _) => undecided(format!(
            "{} names the {kind} {full} as the base; that is a claim, and its registry was not asked ({}).",
            capital(by),
            reason.trim_end_matches('.')
        )),
    }
}

fn capital(by: &str) -> String {
    match by.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => by.to_owned(),
    }
}

/// What of an image is looked at again.
#[derive(Clone, Copy)]
enum Show {
    Manifest,
    Config,
    Layers,
}

fn show_served(reference: &str, what: Show) -> String {
    let reference = quote(&format!("docker://{reference}"));
    match what {
        Show::Manifest => format!("skopeo inspect --raw {reference} | sha256sum"),
        Show::Config => format!("skopeo inspect --config --raw {reference} | sha256sum"),
        Show::Layers => format!("skopeo inspect --config --raw {reference} | jq .rootfs.diff_ids"),
    }
}

/// The day of a moment.
fn day(at: &str) -> &str {
    at.split('T').next().unwrap_or(at)
}

fn via(served: &Served) -> String {
    served.via.as_ref().map(|via| format!(", through the mirror {via}")).unwrap_or_default()
}
