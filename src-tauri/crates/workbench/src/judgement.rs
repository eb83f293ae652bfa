//! One judgement without an engagement: `plimsoll trust`. From a file, a folder or a reference to verdicts, and to the
//! one among them that decides.

use std::path::{Path, PathBuf};

use plimsoll_catalog::{Level, Profile};
use plimsoll_engagement::{Details, Engagement};
use plimsoll_image::{NoHooks, Transport};
use plimsoll_registry::Reference;
use plimsoll_trust::{Lookup, TrustFacts};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::WorkbenchError;
use crate::reach::{Reach, keep_pins, settle_pins};
use crate::source::Source;
use crate::trust;
use crate::trust_files::{self, LayoutGiven, NotaryGiven};

pub use plimsoll_registry::{Connection, Credentials};
pub use plimsoll_trust::{
    Invalid, Link, LinkKind, Looked, NotaryPin, NotationLevel, NotationPolicy, Pinned, Scheme, Signer, State,
    TrustPolicy, TrustedIdentity, TrustedKey, Verdict,
};

/// The name of the contract of [`Judgement`] as JSON. Fields may be added, never renamed.
pub const SCHEMA: &str = "plimsoll/trust/1";

/// What is to be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// An OCI layout or archive, and the image in it.
    Layout(Transport, PathBuf, Option<String>),
    /// A folder of Notary metadata.
    Notary(PathBuf),
    /// An image in a registry.
    Reference(String),
}

impl Given {
    /// What a word of the command line turns out to be. `gun` tells whether a folder is meant as Notary metadata.
    ///
    /// # Errors
    /// When it is nothing that trust can be judged of.
    pub fn detect(text: &str, gun: bool) -> Result<Self, WorkbenchError> {
        let wrong = |text: String| Err(WorkbenchError::Input(text));
        let path = Path::new(text);
        if !path.exists() {
            return match text.split_once(':') {
                Some(("oci" | "oci-archive", _)) => match text.parse::<Source>()? {
                    Source::OciLayout(path, reference) => Ok(Self::Layout(Transport::OciLayout, path, reference)),
                    Source::OciArchive(path, reference) => Ok(Self::Layout(Transport::OciArchive, path, reference)),
                    _ => wrong(format!("{text} is no OCI layout")),
                },
                Some(("docker-daemon" | "docker-archive" | "dockerfile" | "compose" | "registry", _)) => {
                    wrong(format!(
                        "{text} carries no signatures; name an OCI layout, an OCI archive, a folder of Notary metadata, or an image in its registry as docker://REF"
                    ))
                }
                Some(("docker", rest)) => match rest.strip_prefix("//") {
                    Some(reference) if !reference.is_empty() => Ok(Self::Reference(reference.to_owned())),
                    _ => wrong(format!("{text} names no image; write docker://REF")),
                },
                _ if text.starts_with(['/', '.']) || text.contains('\\') || text.ends_with(".tar") => {
                    Err(WorkbenchError::NoFile(path.to_owned()))
                }
                _ if text.is_empty() || text.chars().any(char::is_whitespace) => {
                    wrong(format!("\"{text}\" is neither a file, a folder nor a reference"))
                }
                _ => Ok(Self::Reference(text.to_owned())),
            };
        }
        if !path.is_dir() {
            return Ok(Self::Layout(Transport::OciArchive, path.to_owned(), None));
        }
        if path.join("oci-layout").is_file() || path.join("index.json").is_file() {
            return Ok(Self::Layout(Transport::OciLayout, path.to_owned(), None));
        }
        if gun || trust_files::is_notary_folder(path) {
            return Ok(Self::Notary(path.to_owned()));
        }
        wrong(format!(
            "{text} is neither an OCI layout nor a folder of Notary metadata; give --gun GUN if it is what a trust server without any trust data answered"
        ))
    }
}

/// What the auditor says beside it.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The repository's full name: the GUN at a trust server.
    pub gun: Option<String>,
    /// The tag, or the name of the image in a layout.
    pub tag: Option<String>,
    /// The image's digest, `sha256:…`.
    pub digest: Option<String>,
    /// The platform: `linux/arm64`.
    pub platform: Option<String>,
    /// The folder of the metadata that was trusted before.
    pub previous: Option<PathBuf>,
    /// Certificates of the authority that the trust server's root must be issued by, PEM.
    pub pin: Option<String>,
    /// How registries are reached.
    pub connections: Vec<Connection>,
    /// Credentials by host. They are never written.
    pub typed: Vec<(String, Credentials)>,
    /// The engagement whose pins count, and which keeps new ones.
    pub engagement: Option<PathBuf>,
}

/// What is said of the trust in one image.
#[derive(Debug, Serialize)]
pub struct Judgement {
    /// [`SCHEMA`]
    pub schema: &'static str,
    /// The word of the verdict that decides, see [`Verdict::word`]; `unknown` when nothing was looked at.
    pub verdict: &'static str,
    /// What is wrong, when it is invalid or out of date.
    pub kind: Option<Invalid>,
    /// The state of the verdict that decides.
    pub state: Option<State>,
    /// Its scheme.
    pub scheme: Option<Scheme>,
    /// Its reason, in one sentence.
    pub reason: String,
    /// What was judged: the repository with its tag, or the place on disk.
    pub reference: String,
    /// The digest that is signed; none when nothing is.
    pub digest: Option<String>,
    /// The digests that are the image.
    pub digests: Vec<String>,
    /// The moment at which it was judged, RFC 3339.
    pub at: String,
    /// Everything that is said, one verdict for each signature, and for each scheme that was looked for.
    pub schemes: Vec<Verdict>,
    /// Each place that was looked at.
    pub lookups: Vec<Lookup>,
}

impl Judgement {
    /// Whether the image is signed by somebody whom the auditor trusts, as far as digests are known for this digest.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self.state, Some(State::Verified | State::Signed))
    }
}

/// The verdict that decides, as check C1 has it: what is tampered with, withdrawn or made for another digest decides
/// against the image, whatever lies beside it; else one signature that holds is enough. A verified statement counts
/// where no signature is wrong. Then comes what is not known, then what is not there; a statement that nobody signed is
/// as good as none.
#[must_use]
pub fn decisive<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Option<&'a Verdict> {
    let rank = |verdict: &Verdict| match (verdict.scheme == Scheme::Attestation, verdict.state) {
        (false, State::Invalid | State::Withdrawn | State::OtherDigest) => 0,
        (false, State::Verified) => 1,
        (false, State::Signed) => 2,
        (false, State::OtherSigner | State::Expired | State::NotThisTag | State::NoKey) => 3,
        (true, State::Verified) => 4,
        (false, State::Unreachable) => 5,
        (
            true,
            State::Invalid
            | State::Withdrawn
            | State::OtherDigest
            | State::OtherSigner
            | State::Expired
            | State::NotThisTag
            | State::NoKey
            | State::Signed,
        ) => 6,
        (true, State::Unreachable) => 7,
        (false, State::Unsigned) => 8,
        (_, State::Statement) => 9,
        (true, State::Unsigned) => 10,
    };
    // The first of equals.
    verdicts.into_iter().min_by_key(|verdict| rank(verdict))
}

/// Judges facts, and says which verdict decides.
#[must_use]
pub fn of_facts(facts: TrustFacts, reference: String, policy: &TrustPolicy, at: OffsetDateTime) -> Judgement {
    let schemes = plimsoll_trust::judge(&facts, policy, at);
    let decides = decisive(&schemes);
    Judgement {
        schema: SCHEMA,
        verdict: decides.map_or("unknown", Verdict::word),
        kind: decides.and_then(|verdict| verdict.kind),
        state: decides.map(|verdict| verdict.state),
        scheme: decides.map(|verdict| verdict.scheme),
        reason: decides.map_or_else(|| "Nothing was looked at.".to_owned(), |verdict| verdict.reason.clone()),
        digest: decides.and_then(|verdict| verdict.digest.clone()),
        reference,
        digests: facts.digests,
        at: at.format(&Rfc3339).unwrap_or_default(),
        lookups: facts.lookups,
        schemes,
    }
}

/// What is judged, in the reader's words.
fn reference_of(given: &Given, facts: &TrustFacts) -> String {
    let tag = facts.tag.as_ref().map(|tag| format!(":{tag}")).unwrap_or_default();
    match given {
        _ if !facts.repository.is_empty() => format!("{}{tag}", facts.repository),
        Given::Layout(Transport::OciLayout, path, _) => format!("oci:{}{tag}", path.display()),
        Given::Layout(_, path, _) => format!("oci-archive:{}{tag}", path.display()),
        Given::Notary(path) => path.display().to_string(),
        Given::Reference(reference) => reference.clone(),
    }
}

/// Collects what there is and judges it. With an engagement, its pins count, and what was trusted is kept in it.
///
/// # Errors
/// When it cannot be read, or what was asked makes no sense.
pub async fn judge(
    given: &Given,
    asked: &Asked,
    policy: &TrustPolicy,
    at: OffsetDateTime,
) -> Result<Judgement, WorkbenchError> {
    policy.check().map_err(WorkbenchError::Input)?;
    let mut engagement = asked.engagement.as_deref().filter(|path| path.exists()).map(Engagement::open).transpose()?;
    let reach = engagement.as_ref().map(|engagement| Reach::of(engagement, &[])).transpose()?.unwrap_or_default();
    let reach = reach.with(&asked.connections, &asked.typed);
    let previous = asked.previous.as_deref().map(trust_files::pinned).transpose()?;
    let pinned = |gun: &str| previous.clone().or_else(|| reach.pin(gun));

    let collected = at.format(&Rfc3339).unwrap_or_default();
    let digests: Vec<String> = asked.digest.iter().cloned().collect();
    let mut facts = match given {
        Given::Notary(folder) => {
            let Some(gun) = asked.gun.as_deref().filter(|gun| !gun.is_empty()) else {
                return Err(WorkbenchError::Input(format!(
                    "{} holds Notary metadata, which does not say of which repository; give --gun GUN, such as docker.io/library/nginx",
                    folder.display()
                )));
            };
            let tag = asked.tag.as_deref();
            let given = NotaryGiven { gun, tag, digests: &digests, pinned: pinned(gun), collected: &collected };
            trust_files::notary_folder(folder, &given)?
        }
        Given::Layout(transport, path, reference) => {
            let given = LayoutGiven {
                reference: reference.as_deref().or(asked.tag.as_deref()),
                platform: asked.platform.as_deref(),
                repository: asked.gun.as_deref(),
                digests: &digests,
                collected: &collected,
            };
            trust_files::layout(*transport, path, &given, &NoHooks)?
        }
        Given::Reference(reference) => {
            let reference = full_reference(reference, asked)?;
            trust::of_reference(&reference, asked.platform.as_deref(), &reach, pinned(&reference.name())).await?
        }
    };
    let mut policy = policy.clone();
    if let Some(ca) = &asked.pin {
        let Some(notary) = &facts.notary else {
            return Err(WorkbenchError::Input(
                "--pin concerns the root of a trust server, and none was asked; name one with --trust-server"
                    .to_owned(),
            ));
        };
        policy.notary.insert(0, NotaryPin { gun: notary.gun.clone(), ca: ca.clone(), key_ids: Vec::new() });
        policy.check().map_err(WorkbenchError::Input)?;
    }
    let reference = reference_of(given, &facts);
    if let Some(path) = &asked.engagement {
        let engagement = match &mut engagement {
            Some(engagement) => engagement,
            none => none.insert(Engagement::create(path, new_engagement(&reference))?),
        };
        let known = Reach::of(engagement, &[])?.pins;
        let pins = settle_pins(known, &policy, std::iter::once(&mut facts));
        keep_pins(engagement, &pins)?;
    }
    Ok(of_facts(facts, reference, &policy, at))
}

/// The reference with the tag and the digest that were given beside it.
fn full_reference(text: &str, asked: &Asked) -> Result<Reference, WorkbenchError> {
    let wrong = |text: String| Err(WorkbenchError::Input(text));
    let parsed = Reference::parse(text)?;
    if let Some(gun) = asked.gun.as_ref().filter(|gun| **gun != parsed.name()) {
        return wrong(format!("--gun {gun} is another repository than that of {parsed}; leave it out"));
    }
    let own_digest = parsed.digest().map(str::to_owned);
    // Without tag and digest a reference means the tag latest; that is not one that was given.
    let own_tag = parsed.tag().filter(|tag| text.contains(&format!(":{tag}"))).map(str::to_owned);
    if let (Some(own), Some(given)) = (&own_digest, &asked.digest)
        && own != given
    {
        return wrong(format!("{text} and --digest {given} name two digests"));
    }
    if let (Some(own), Some(given)) = (&own_tag, &asked.tag)
        && own != given
    {
        return wrong(format!("{text} and --tag {given} name two tags"));
    }
    let tag = asked.tag.clone().or(own_tag).or(parsed.tag().map(str::to_owned));
    let tag = tag.map(|tag| format!(":{tag}")).unwrap_or_default();
    let digest = asked.digest.clone().or(own_digest).map(|digest| format!("@{digest}")).unwrap_or_default();
    Ok(Reference::parse(&format!("{}{tag}{digest}", parsed.name()))?)
}

/// An engagement that nobody has described yet.
fn new_engagement(reference: &str) -> Details {
    Details {
        title: format!("Trust in {reference}"),
        client: String::new(),
        scope: reference.to_owned(),
        auditor: "not named".to_owned(),
        organization: String::new(),
        target_level: Level::One,
        profile: Profile::Image,
        sample: false,
    }
}

/// The trust policy of an engagement that there is already.
///
/// # Errors
/// When it cannot be read.
pub fn policy_of_engagement(path: &Path) -> Result<TrustPolicy, WorkbenchError> {
    Ok(if path.exists() { crate::run::settings(&Engagement::open(path)?)?.trust } else { TrustPolicy::default() })
}

/// The trust policy of a profile's settings.
///
/// # Errors
/// When the file cannot be read or makes no sense.
pub fn policy_of_settings(path: &Path) -> Result<TrustPolicy, WorkbenchError> {
    let json = crate::run::read_settings(path)?;
    let settings: plimsoll_checks::Settings =
        serde_json::from_str(&json).map_err(plimsoll_engagement::EngagementError::from)?;
    Ok(settings.trust)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(scheme: Scheme, state: State) -> Verdict {
        Verdict::new(scheme, state, "a place", "a reason")
    }

    fn word(verdicts: &[(Scheme, State)]) -> &'static str {
        let verdicts: Vec<Verdict> = verdicts.iter().map(|(scheme, state)| verdict(*scheme, *state)).collect();
        decisive(&verdicts).map_or("unknown", Verdict::word)
    }

    #[test]
    fn one_signature_that_holds_is_enough_beside_those_of_strangers() {
        use Scheme::{Attestation, ContentTrust, Cosign, Notation};
        assert_eq!(word(&[(Cosign, State::OtherSigner), (Notation, State::Verified)]), "verified");
        assert_eq!(word(&[(Cosign, State::Unsigned), (Attestation, State::Verified)]), "verified");
        assert_eq!(word(&[(ContentTrust, State::Unsigned), (Cosign, State::Verified)]), "verified");
        assert_eq!(word(&[(Attestation, State::Invalid), (Cosign, State::Verified)]), "verified");
    }

    #[test]
    fn what_disproves_a_signature_decides_whatever_lies_beside_it() {
        use Scheme::{Attestation, ContentTrust, Cosign, Notation};
        assert_eq!(word(&[(Cosign, State::Verified), (Notation, State::Invalid)]), "not-verified");
        assert_eq!(word(&[(Cosign, State::Verified), (ContentTrust, State::Invalid)]), "invalid");
        assert_eq!(word(&[(Cosign, State::Verified), (ContentTrust, State::Withdrawn)]), "unsigned");
        assert_eq!(word(&[(Cosign, State::OtherSigner), (Attestation, State::Verified)]), "not-verified");
    }

    #[test]
    fn what_could_not_be_looked_at_is_never_called_unsigned() {
        use Scheme::{Attestation, Cosign, Notation};
        assert_eq!(word(&[(Cosign, State::Unsigned), (Notation, State::Unreachable)]), "unknown");
        assert_eq!(word(&[(Cosign, State::Unreachable), (Attestation, State::NoKey)]), "unknown");
        assert_eq!(word(&[]), "unknown");
    }

    #[test]
    fn a_statement_that_nobody_signed_leaves_an_image_unsigned() {
        use Scheme::{Attestation, Cosign};
        assert_eq!(word(&[(Attestation, State::Statement), (Cosign, State::Unsigned)]), "unsigned");
    }

    #[test]
    fn metadata_for_another_digest_are_signed_and_still_do_not_hold() {
        let at = OffsetDateTime::UNIX_EPOCH;
        let mut judgement = of_facts(TrustFacts::default(), "x".into(), &TrustPolicy::default(), at);
        assert_eq!((judgement.verdict, judgement.holds()), ("unknown", false));
        judgement.state = Some(State::OtherDigest);
        assert!(!judgement.holds());
        judgement.state = Some(State::Signed);
        assert!(judgement.holds());
    }

    #[test]
    fn tag_and_digest_may_stand_beside_a_reference_and_not_against_it() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let of = |text: &str, tag: Option<&str>, digest: Option<&str>| {
            let asked = Asked { tag: tag.map(Into::into), digest: digest.map(Into::into), ..Asked::default() };
            full_reference(text, &asked).map(|reference| reference.to_string())
        };
        assert_eq!(of("r.example/a", None, None).unwrap(), "r.example/a:latest");
        assert_eq!(of("r.example/a", Some("1"), None).unwrap(), "r.example/a:1");
        let exact = format!("r.example/a:1@{digest}");
        assert_eq!(of("r.example/a:1", None, Some(&digest)).unwrap(), exact);
        assert_eq!(of(&format!("r.example/a@{digest}"), Some("1"), None).unwrap(), exact);
        assert!(of("r.example/a:1", Some("2"), None).is_err());
        assert!(of(&format!("r.example/a@{digest}"), None, Some(&digest.replace('a', "b"))).is_err());
        assert!(full_reference("a", &Asked { gun: Some("b".into()), ..Asked::default() }).is_err());
    }

    #[test]
    fn what_is_given_is_told_by_its_looks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        assert!(Given::detect(path, false).is_err());
        assert_eq!(Given::detect(path, true).unwrap(), Given::Notary(path.into()));
        std::fs::write(folder.path().join("root.json"), "{}").unwrap();
        assert_eq!(Given::detect(path, false).unwrap(), Given::Notary(path.into()));
        std::fs::write(folder.path().join("oci-layout"), "{}").unwrap();
        assert_eq!(Given::detect(path, true).unwrap(), Given::Layout(Transport::OciLayout, path.into(), None));
        assert_eq!(Given::detect("docker://a/b:1", false).unwrap(), Given::Reference("a/b:1".into()));
        assert_eq!(Given::detect("debian:12", false).unwrap(), Given::Reference("debian:12".into()));
        for wrong in ["./nowhere", "nowhere.tar", "docker-daemon:a", "docker://", "", "a b"] {
            assert!(Given::detect(wrong, false).is_err(), "{wrong}");
        }
    }
}
