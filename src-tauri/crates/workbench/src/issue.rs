//! Issuing a report: content, layout, signature, file, record. All of it, or nothing.

use std::path::{Path, PathBuf};

use plimsoll_catalog::Language;
use plimsoll_engagement::{Engagement, ReportRecord};
use plimsoll_signature::{AppearanceObjects, Identity, SignRequest, sign_pdf};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::content::content;
use crate::error::WorkbenchError;
use crate::settings::write_whole;

/// The field that the auditor signs.
const FIELD: &str = "Auditor";

/// The size of the visible signature, in points: that of the boxes on the sign-off page.
const BOX: (f32, f32) = (plimsoll_report::SIGNATURE_WIDTH, plimsoll_report::SIGNATURE_HEIGHT);

/// A report that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// `R-1`
    pub number: String,
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of the signed file, hex.
    pub sha256: String,
    /// Who signed it.
    pub signer: String,
    /// Its pages.
    pub pages: u32,
    /// What the layout had to work around: characters that no bundled font has, and the like.
    pub warnings: Vec<String>,
}

/// Makes the report of an engagement, signs it, writes it and records that it was issued.
///
/// # Errors
/// When the report cannot be made, signed or written; then no file is left behind.
pub fn issue(
    engagement: &mut Engagement,
    path: &Path,
    identity: &Identity,
    language: Language,
) -> Result<Issued, WorkbenchError> {
    let made_at = OffsetDateTime::now_utc();
    let made_at = made_at.replace_nanosecond(0).unwrap_or(made_at);
    let content = content(engagement, language, made_at)?;
    let rendered = plimsoll_report::render(&content)?;
    let summary = identity.summary();
    let signed_on = format!(
        "{} {:02}:{:02} UTC",
        plimsoll_report::content::iso_day(made_at.date()),
        made_at.hour(),
        made_at.minute()
    );
    let mut lines: Vec<&str> = vec![&summary.name];
    lines.extend(summary.organization.as_deref());
    let signed = match language {
        Language::En => format!("Digitally signed, {signed_on}"),
        Language::De => format!("Digital signiert, {signed_on}"),
    };
    lines.push(&signed);
    let appearance = plimsoll_report::appearance(&lines, BOX.0, BOX.1)?;
    let request = SignRequest {
        field: FIELD,
        name: &summary.name,
        reason: Some(match language {
            Language::En => "Issued as audit report",
            Language::De => "Als Prüfbericht ausgestellt",
        }),
        location: None,
        claimed_time: made_at,
        certify: true,
        appearance: Some(AppearanceObjects { objects: appearance.objects, root: appearance.root }),
    };
    let signed = sign_pdf(&rendered.pdf, &request, identity)?;
    let sha256 = hex::encode(Sha256::digest(&signed));
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    write_whole(&path, &signed, false)?;
    let number = engagement.next_report()?;
    let recorded = engagement.record_report(&ReportRecord {
        number,
        path: path.display().to_string(),
        sha256: sha256.clone(),
        snapshot: content.snapshot_sha256,
        signer: summary.name.clone(),
        pages: rendered.pages,
        at: crate::collect::now(),
    });
    if let Err(error) = recorded {
        // A report that the trail does not know must not be in the world.
        let _ = std::fs::remove_file(&path);
        return Err(error.into());
    }
    Ok(Issued {
        number: format!("R-{number}"),
        path,
        sha256,
        signer: summary.name,
        pages: rendered.pages,
        warnings: rendered.warnings,
    })
}
