//! `plimsoll trust`: one judgement of who signed an image, without an engagement and without a window.

use std::path::{Path, PathBuf};

use clap::Args;
use plimsoll_workbench::WorkbenchError;
use plimsoll_workbench::judgement::{
    self, Asked, Given, NotationLevel, NotationPolicy, TrustPolicy, TrustedIdentity, TrustedKey,
};
use plimsoll_workbench::lists::read_text;
use plimsoll_workbench::settings::write_whole;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::connections::Connections;
use crate::trust_text;

/// `plimsoll trust`
#[derive(Debug, Args)]
#[command(after_help = "\
FILE-OR-REF is one of
  an OCI layout in a folder, with the signatures beside the image: oci:DIR[:NAME] or DIR
  an OCI archive: oci-archive:FILE[:NAME] or FILE
  a folder of Notary metadata (root.json, timestamp.json, …), together with --gun; a folder
  without any stands for a trust server that answered 404
  an image in a registry: docker://REF or REF

The verdict is one word. Content Trust: signed, not-signed-tag, unsigned or invalid. Anything
else: verified, not-verified or unsigned. What could not be looked at is unknown. Of several
signatures one that holds is enough, unless another is tampered with, withdrawn or made for
another digest; the text and the JSON give every one of them.

Exit status: 0 the image is signed and the signature holds, for the image's digest where it is
known; 1 it is not, or it is not known; 2 the judgement could not be made.")]
pub struct Trust {
    /// What to judge
    #[arg(value_name = "FILE-OR-REF")]
    pub subject: String,
    /// Write the judgement as JSON to a file, or to standard output with -
    #[arg(long, value_name = "FILE|-")]
    pub json: Option<PathBuf>,
    /// Judge as of this moment; without it, now
    #[arg(long, value_name = "RFC3339")]
    pub at: Option<String>,
    /// The image's tag, or its name in a layout
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// The image's digest, to be compared with the signed one
    #[arg(long, value_name = "SHA256")]
    pub digest: Option<String>,
    /// The platform of a multi-platform image, such as linux/arm64
    #[arg(long, value_name = "OS/ARCH")]
    pub platform: Option<String>,
    /// The repository's full name, by which a trust server knows it
    #[arg(long, value_name = "GUN")]
    pub gun: Option<String>,
    /// Notary metadata that were trusted before: a root that is not its successor, and older versions, are refused
    #[arg(long, value_name = "DIR")]
    pub previous: Option<PathBuf>,
    /// Keep what was trusted in an engagement, and compare with what it kept before
    #[arg(long, value_name = "FILE")]
    pub engagement: Option<PathBuf>,

    /// A public key that may sign: cosign signatures, bundles, attestations
    #[arg(long, value_name = "FILE.pub", help_heading = "Trusted")]
    pub key: Vec<PathBuf>,
    /// An authority whose certificates may sign with Notation, whoever they name
    #[arg(long, value_name = "FILE.pem", help_heading = "Trusted")]
    pub notation_ca: Vec<PathBuf>,
    /// Who may sign with a short-lived certificate: an e-mail address or URI, with * and **
    #[arg(long, value_name = "PATTERN", requires_all = ["identity_roots", "identity_issuer"], help_heading = "Trusted")]
    pub identity_subject: Option<String>,
    /// The issuer that must have identified them; * for any
    #[arg(long, value_name = "URL", requires = "identity_subject", help_heading = "Trusted")]
    pub identity_issuer: Option<String>,
    /// The authorities that issue such certificates
    #[arg(long, value_name = "FILE.pem", requires = "identity_subject", help_heading = "Trusted")]
    pub identity_roots: Option<PathBuf>,
    /// The public key of a transparency log, which proves when a signature was made
    #[arg(long, value_name = "FILE.pub", help_heading = "Trusted")]
    pub log_key: Vec<PathBuf>,
    /// The authority that must have issued the root's certificate at the trust server
    #[arg(long, value_name = "CA.pem", help_heading = "Trusted")]
    pub pin: Option<PathBuf>,
    /// The profile's settings, for their trust policy; without it, those of the engagement
    #[arg(long, value_name = "FILE", help_heading = "Trusted")]
    pub settings: Option<PathBuf>,

    /// How registries are reached
    #[command(flatten)]
    pub connections: Connections,
}

fn input(text: String) -> WorkbenchError {
    WorkbenchError::Input(text)
}

/// What a file is called where the verdict names it.
fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn named_keys(files: &[PathBuf]) -> Result<Vec<TrustedKey>, WorkbenchError> {
    let key = |path: &PathBuf| Ok(TrustedKey { name: name(path), pem: read_text(path)?, scope: String::new() });
    files.iter().map(key).collect()
}

/// What the auditor trusts: the settings, and what stands on the command line.
fn policy(args: &Trust) -> Result<TrustPolicy, WorkbenchError> {
    let mut policy = match &args.settings {
        Some(path) => judgement::policy_of_settings(path)?,
        None => args.engagement.as_deref().map(judgement::policy_of_engagement).transpose()?.unwrap_or_default(),
    };
    policy.keys.extend(named_keys(&args.key)?);
    policy.logs.extend(named_keys(&args.log_key)?);
    if let (Some(subject), Some(roots)) = (&args.identity_subject, &args.identity_roots) {
        policy.identities.push(TrustedIdentity {
            name: subject.clone(),
            subject: subject.clone(),
            issuer: args.identity_issuer.clone().unwrap_or_default(),
            roots: read_text(roots)?,
            scope: String::new(),
        });
    }
    if !args.notation_ca.is_empty() {
        let roots = args.notation_ca.iter().map(|path| read_text(path)).collect::<Result<Vec<_>, _>>()?.join("\n");
        // There is one policy for all repositories; the command line's takes the place of the settings'.
        policy.notation.retain(|policy| !policy.registry_scopes.iter().any(|scope| scope == "*"));
        policy.notation.push(NotationPolicy {
            name: args.notation_ca.iter().map(|path| name(path)).collect::<Vec<_>>().join(", "),
            registry_scopes: vec!["*".to_owned()],
            level: NotationLevel::Strict,
            authority_roots: String::new(),
            roots,
            trusted_identities: vec!["*".to_owned()],
        });
    }
    Ok(policy)
}

/// A digest as the command line takes it: 64 hexadecimal digits, with or without `sha256:`.
fn digest(text: &str) -> Result<String, WorkbenchError> {
    let hex = text.strip_prefix("sha256:").unwrap_or(text).to_ascii_lowercase();
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(input(format!("--digest {text} is no SHA-256 digest; write sha256: and 64 hexadecimal digits")));
    }
    Ok(format!("sha256:{hex}"))
}

/// The host of a reference, as far as a trust server without a host belongs to it.
fn host(given: &Given) -> Option<String> {
    let Given::Reference(reference) = given else { return None };
    let first = reference.split('/').next().filter(|_| reference.contains('/')).unwrap_or_default();
    let is_host = first.contains(['.', ':']) || first == "localhost";
    Some(if is_host { first.to_ascii_lowercase() } else { "docker.io".to_owned() })
}

/// Judges. Tells whether a signature holds.
pub fn run(args: &Trust) -> Result<bool, WorkbenchError> {
    let given = Given::detect(&args.subject, args.gun.is_some())?;
    let at = match &args.at {
        Some(text) => OffsetDateTime::parse(text, &Rfc3339)
            .map_err(|_| input(format!("--at {text} is no moment; write it like 2026-12-01T00:00:00Z")))?,
        None => {
            let now = OffsetDateTime::now_utc();
            now.replace_nanosecond(0).unwrap_or(now)
        }
    };
    let (connections, typed) = args.connections.read(host(&given).as_deref())?;
    let asked = Asked {
        gun: args.gun.clone(),
        tag: args.tag.clone(),
        digest: args.digest.as_deref().map(digest).transpose()?,
        platform: args.platform.clone(),
        previous: args.previous.clone(),
        pin: args.pin.as_deref().map(read_text).transpose()?,
        connections,
        typed,
        engagement: args.engagement.clone(),
    };
    let policy = policy(args)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| WorkbenchError::Stopped(error.to_string()))?;
    let judged = runtime.block_on(judgement::judge(&given, &asked, &policy, at))?;
    let json = || serde_json::to_string_pretty(&judged).map_err(|error| WorkbenchError::Stopped(error.to_string()));
    match &args.json {
        Some(path) if path.as_os_str() == "-" => crate::print(&format!("{}\n", json()?)),
        Some(path) => write_whole(path, format!("{}\n", json()?).as_bytes(), false)?,
        None => crate::print(&trust_text::text(&judged)),
    }
    Ok(judged.holds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_taken_with_and_without_its_algorithm() {
        let hex = "AB".repeat(32);
        assert_eq!(digest(&hex).unwrap(), format!("sha256:{}", hex.to_ascii_lowercase()));
        assert_eq!(digest(&format!("sha256:{hex}")).unwrap(), format!("sha256:{}", hex.to_ascii_lowercase()));
        for wrong in ["", "sha256:", "sha512:ab", "zz"] {
            assert!(digest(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_host_of_a_short_name_is_docker_hub() {
        let host = |text: &str| host(&Given::Reference(text.to_owned()));
        assert_eq!(host("debian:12").as_deref(), Some("docker.io"));
        assert_eq!(host("team/app").as_deref(), Some("docker.io"));
        assert_eq!(host("127.0.0.1:5600/lab/good:1").as_deref(), Some("127.0.0.1:5600"));
        assert_eq!(host("Registry.example/a").as_deref(), Some("registry.example"));
        assert_eq!(super::host(&Given::Notary("x".into())), None);
    }
}
