//! A1, A2, C1 and C2: use cases that the auditor judges by hand for now. Their checks look at no facts, say what to look
//! at, and end `undecided`, never passed.

use plimsoll_catalog::{OutcomeKind, UseCaseId};

use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// A check that the auditor makes by hand for now.
pub(crate) struct Later {
    id: &'static str,
    use_case: UseCaseId,
    requirements: &'static [&'static str],
    title: (&'static str, &'static str),
    /// What the auditor can look at meanwhile.
    by_hand: (&'static str, &'static str),
}

/// All of them.
pub(crate) static ALL: [Later; 4] = [
    Later {
        id: "official-image",
        use_case: UseCaseId::A1,
        requirements: &["1.6", "2.3"],
        title: ("Official image", "Offizielles Image"),
        by_hand: (
            "Compare the base image's digest with the one that Docker Hub serves under library/.",
            "Vergleichen Sie den Digest des Basis-Images mit dem, den Docker Hub unter library/ ausliefert.",
        ),
    },
    Later {
        id: "base-image-trust",
        use_case: UseCaseId::A2,
        requirements: &["2.3", "3.7", "6.2", "10.1"],
        title: ("Trust in the base image", "Vertrauen in das Basis-Image"),
        by_hand: (
            "Verify the base image's signature and note the scheme, the signer and the digest.",
            "Prüfen Sie die Signatur des Basis-Images und notieren Sie Verfahren, Unterzeichner und Digest.",
        ),
    },
    Later {
        id: "image-signed",
        use_case: UseCaseId::C1,
        requirements: &["3.7", "6.2", "10.1"],
        title: ("Image signed", "Image signiert"),
        by_hand: (
            "Show which signature covers the digest under audit (Content Trust, cosign or Notation) and who made it.",
            "Weisen Sie nach, welche Signatur den geprüften Digest deckt (Content Trust, cosign oder Notation) und von wem.",
        ),
    },
    Later {
        id: "registry-authentication",
        use_case: UseCaseId::C2,
        requirements: &["5.1", "5.2", "6.1", "6.9", "10.1"],
        title: ("Registry authentication", "Anmeldung an der Registry"),
        by_hand: (
            "Try to read and to push without credentials, and look at TLS and at the clients' credential stores.",
            "Versuchen Sie, ohne Anmeldung zu lesen und zu schreiben; prüfen Sie TLS und die Ablage der Zugangsdaten.",
        ),
    },
];

impl Check for Later {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: self.id,
            use_case: self.use_case,
            title: text(self.title.0, self.title.1),
            why: text(
                "The audit method asks for it; this version of Plimsoll does not look at it by itself yet.",
                "Die Prüfmethode verlangt es; diese Version von Plimsoll prüft es noch nicht selbst.",
            ),
            how: text("By the auditor, for now.", "Vorerst durch den Auditor."),
            blind_spots: text("Everything: nothing was looked at.", "Alles: Es wurde nichts geprüft."),
            remedy: text(self.by_hand.0, self.by_hand.1),
            example: "",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        self.requirements
    }

    fn judge(&self, _: &Facts, _: &Settings) -> Judgement {
        judged(OutcomeKind::Undecided, format!("Not yet automated. {}", self.by_hand.0), Vec::new())
    }
}
