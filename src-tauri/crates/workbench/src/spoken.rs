//! What others say about vulnerabilities, as the engagement has it: VEX statements among the evidence, acceptances, and
//! by what a subject is known in them.

use plimsoll_advisories::treat::Acceptance;
use plimsoll_advisories::vex::{self, Statement};
pub(crate) use plimsoll_checks::subject_ids;
use plimsoll_engagement::{Engagement, EngagementError, Kept};

use crate::error::WorkbenchError;
use crate::evidence;

/// All that is said, over all subjects.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spoken {
    pub(crate) statements: Vec<Statement>,
    /// Documents that could not be read: the subject that they are about (none: all), and one sentence.
    pub(crate) problems: Vec<(Option<String>, String)>,
    pub(crate) acceptances: Vec<Acceptance>,
}

impl Spoken {
    /// Reads the evidence and the acceptances that count.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub(crate) fn of(engagement: &Engagement) -> Result<Self, WorkbenchError> {
        let mut spoken = Self { acceptances: acceptances(engagement)?, ..Self::default() };
        for record in engagement.evidence()? {
            if !evidence::may_be_json(&record) {
                continue;
            }
            let bytes = engagement.evidence_bytes(record.number)?;
            if !vex::is_vex(&bytes) {
                continue;
            }
            let number = format!("E-{}", record.number);
            let read = evidence::read_vex(&format!("{number} {}", record.name), &bytes);
            for subject in evidence::subjects(&record) {
                match &read {
                    Ok(statements) => spoken.statements.extend(statements.iter().map(|statement| Statement {
                        evidence: number.clone(),
                        subject: subject.clone(),
                        ..statement.clone()
                    })),
                    Err(error) => spoken.problems.push((subject, error.to_string())),
                }
            }
        }
        Ok(spoken)
    }

    /// What is said of one subject.
    pub(crate) fn about(&self, subject: &str) -> (Vec<Statement>, Vec<Acceptance>, Vec<String>) {
        let concerns = |of: &Option<String>| of.as_deref().is_none_or(|of| of == subject);
        (
            self.statements.iter().filter(|statement| concerns(&statement.subject)).cloned().collect(),
            self.acceptances.iter().filter(|acceptance| concerns(&acceptance.subject)).cloned().collect(),
            self.problems.iter().filter(|(of, _)| concerns(of)).map(|(_, problem)| problem.clone()).collect(),
        )
    }
}

/// The acceptances that count.
pub(crate) fn acceptances(engagement: &Engagement) -> Result<Vec<Acceptance>, WorkbenchError> {
    let read = |(_, json): (String, String)| Ok(serde_json::from_str(&json).map_err(EngagementError::from)?);
    engagement.kept(Kept::Acceptance)?.into_iter().map(read).collect()
}
