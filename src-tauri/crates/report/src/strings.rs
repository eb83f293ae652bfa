//! All wording of the report, English and German side by side.

use plimsoll_catalog::verdict::DecidedBy;
use plimsoll_catalog::{Language, LevelVerdict, OutcomeKind, Profile, Severity, Strength, Verdict};
use time::{Date, Month};

use crate::pictures::PictureError;

/// The wording of one language.
#[derive(Debug, Clone, Copy)]
pub struct Words(pub Language);

macro_rules! words {
    ($($name:ident: $en:literal, $de:literal;)*) => {
        impl Words {
            $(pub fn $name(self) -> &'static str { self.pick($en, $de) })*
        }
    };
}

words! {
    // Known vulnerabilities
    vulnerabilities: "Known vulnerabilities", "Bekannte Schwachstellen";
    vulnerability: "Vulnerability", "Schwachstelle";
    severity_by_category: "Severity by category", "Schweregrade nach Kategorie";
    categories_note: "A vulnerability counts once in a category, however many packages and images have it. Those that VEX statements clear, and those of kernel headers, are not counted.",
        "Eine Schwachstelle zählt in einer Kategorie einmal, gleich in wie vielen Paketen und Images sie steckt. Was VEX-Aussagen ausräumen und was nur Kernel-Header betrifft, zählt nicht.";
    category: "Category", "Kategorie";
    scans: "Results by subject", "Ergebnisse je Prüfobjekt";
    fixes_total: "Fixes / total", "Korrekturen / alle";
    none_found: "none", "keine";
    package: "Package", "Paket";
    fixed_in: "Fixed in", "Korrigiert in";
    state_and_place: "State and place", "Zustand und Ort";
    accepted_risks: "Accepted risks", "Akzeptierte Risiken";
    accepted_by: "Accepted by", "Akzeptiert von";
    accepted_until: "Until", "Bis";
    accepted_why: "Reason", "Begründung";
    accepted_number: "No.", "Nr.";
    // Cover
    report_kind: "Container security audit", "Sicherheitsprüfung von Containern";
    prepared_for: "Prepared for", "Erstellt für";
    draft: "Draft", "Entwurf";
    draft_note: "Draft: not signed, not for distribution", "Entwurf: nicht unterschrieben, nicht zur Weitergabe";
    confidential: "Confidential", "Vertraulich";
    result: "Result", "Ergebnis";
    scope: "Scope", "Prüfumfang";
    report_number: "Report", "Bericht";
    date_of_issue: "Date of issue", "Ausgestellt am";
    auditor: "Auditor", "Auditor";
    client: "Client", "Auftraggeber";
    title: "Title", "Titel";
    engagement: "Engagement", "Prüfauftrag";
    engagement_id: "Engagement id", "Kennung des Prüfauftrags";
    measured_against: "Measured against", "Gemessen an";
    target_level: "Target level", "Angestrebte Stufe";
    no_level: "Levels of CSVS belong to a whole container solution. This audit looked at what an image can show, so it states no level.",
        "Die Stufen des CSVS gelten für eine ganze Containerlösung. Diese Prüfung betrachtet, was ein Image zeigen kann, und nennt darum keine Stufe.";

    // Verification
    verify_title: "How to verify this report", "So prüfen Sie diesen Bericht";
    verify_lead: "This file can prove by itself who signed it and that nothing has changed since. You need no software of ours for that.",
        "Diese Datei belegt selbst, wer sie unterschrieben hat und dass sich seither nichts geändert hat. Unsere Software brauchen Sie dafür nicht.";
    verify_draft: "This is a draft. It carries no signature yet, so only the fingerprints below can be compared.",
        "Dies ist ein Entwurf. Er trägt noch keine Unterschrift; vergleichen lassen sich nur die Fingerabdrücke unten.";
    fingerprints: "Fingerprints", "Fingerabdrücke";
    signature_field: "Signature field", "Unterschriftsfeld";
    signature_field_text: "“Auditor” on the last page; “Reviewer” beside it is signed afterwards, if four eyes were agreed",
        "„Auditor“ auf der letzten Seite; „Reviewer“ daneben wird danach unterschrieben, sofern vier Augen vereinbart sind";
    attached: "Attached results", "Angehängte Ergebnisse";
    attached_text: "results.json, the same results for machines; SHA-256:", "results.json, dieselben Ergebnisse für Maschinen; SHA-256:";
    trail_head: "Head of the trail", "Kopf des Protokolls";
    snapshot: "State of the engagement", "Stand des Prüfauftrags";
    snapshot_text: "SHA-256 of everything that this report was made from:", "SHA-256 all dessen, woraus dieser Bericht entstand:";
    check_signature: "The signature", "Die Unterschrift";
    check_signature_text: "In Adobe Acrobat Reader, open the signature panel. With poppler on any system:",
        "In Adobe Acrobat Reader: das Unterschriftsfenster öffnen. Mit poppler auf jedem System:";
    check_signature_expect: "Must say “Signature is Valid.” for each signature, and “Total document signed” for the last one. Anything added after the last signature shows there.",
        "Muss für jede Unterschrift „Signature is Valid.“ melden und für die letzte „Total document signed“. Was nach der letzten Unterschrift hinzukam, zeigt sich dort.";
    check_changes: "Changes after signing", "Änderungen nach der Unterschrift";
    check_changes_text: "pyHanko also judges whether a later change was permitted. Ask the auditor for the file ca.pem, and compare its fingerprint by telephone:",
        "pyHanko beurteilt auch, ob eine spätere Änderung erlaubt war. Erbitten Sie vom Auditor die Datei ca.pem und vergleichen Sie deren Fingerabdruck am Telefon:";
    check_changes_expect: "Must say INTACT and TRUSTED for each signature, and UNTOUCHED for the last one.",
        "Muss für jede Unterschrift INTACT und TRUSTED melden und für die letzte UNTOUCHED.";
    check_attachment: "The attached results", "Die angehängten Ergebnisse";
    check_attachment_text: "Take the attachment out, and compare its hash with the one above:",
        "Anhang herausnehmen und dessen Prüfsumme mit der obigen vergleichen:";
    check_attachment_expect: "The 64 digits must be the same as above.", "Die 64 Ziffern müssen mit denen oben übereinstimmen.";

    contents: "Contents", "Inhalt";

    // Summary
    summary: "Summary", "Zusammenfassung";
    verdict: "Verdict", "Urteil";
    level: "Level", "Stufe";
    total: "Total", "Gesamt";
    satisfied: "Satisfied", "Erfüllt";
    not_satisfied: "Not satisfied", "Nicht erfüllt";
    not_applicable: "Not applicable", "Nicht anwendbar";
    open: "Open", "Offen";
    use_cases: "Use cases", "Anwendungsfälle";
    use_cases_by_outcome: "Use cases by outcome", "Anwendungsfälle nach Ergebnis";
    use_cases_note: "Over all subjects; the worst outcome counts.", "Über alle Prüfobjekte; das schlechteste Ergebnis zählt.";
    outcome: "Outcome", "Ergebnis";
    number: "Number", "Anzahl";
    none: "none", "keine";
    subjects: "Subjects", "Prüfobjekte";
    subject: "Subject", "Prüfobjekt";
    kind: "Kind", "Art";
    no_subjects: "This engagement has no subjects: nothing was examined.", "Dieser Prüfauftrag hat keine Prüfobjekte: Es wurde nichts untersucht.";
    severe: "Most severe observations", "Schwerste Beobachtungen";
    no_severe: "No observation of medium severity or above was made.", "Es gibt keine Beobachtung von mittlerer Schwere oder darüber.";
    severity: "Severity", "Schwere";
    observation: "Observation", "Beobachtung";
    place: "Where", "Wo";
    not_seen: "What could not be looked at", "Was nicht betrachtet werden konnte";
    no_limitations: "No limitation was recorded.", "Es ist keine Einschränkung festgehalten.";

    // Scope and method
    method: "Scope and method", "Prüfumfang und Vorgehen";
    no_scope: "No scope was written down.", "Es ist kein Prüfumfang festgehalten.";
    how: "How the results came about", "Wie die Ergebnisse zustande kamen";
    facts: "Facts.", "Fakten.";
    facts_text: "Each subject was read once. What was seen – digests, configuration, history, files, packages, signatures – was recorded with its source and time, and has not been changed since.",
        "Jedes Prüfobjekt wurde einmal gelesen. Was zu sehen war – Digests, Konfiguration, Historie, Dateien, Pakete, Signaturen – wurde mit Quelle und Zeit festgehalten und seither nicht verändert.";
    checks: "Checks.", "Prüfregeln.";
    checks_text: "A check is a fixed rule that draws an outcome from the recorded facts alone. It can be applied to them again at any time and then comes to the same outcome.",
        "Eine Prüfregel ist fest und leitet ihr Ergebnis allein aus den festgehaltenen Fakten ab. Sie lässt sich jederzeit erneut darauf anwenden und kommt dann zum selben Ergebnis.";
    decisions: "Decisions.", "Entscheidungen.";
    decisions_text: "What no rule can decide, the auditor decides, with a reason and evidence. A decision stands beside the outcome and never overwrites it.",
        "Was keine Regel entscheiden kann, entscheidet der Auditor, mit Begründung und Belegen. Eine Entscheidung steht neben dem Ergebnis der Regel und überschreibt es nie.";
    verdicts: "Verdicts.", "Urteile.";
    verdicts_text: "A requirement is satisfied if a check that convinces alone passed and nothing beside it is in doubt, or if the auditor decided so. Against the failure of such a check a decision does not count until an exception has been approved. Over several subjects the worst verdict counts. What nobody has reviewed stays open and never counts as satisfied.",
        "Eine Anforderung ist erfüllt, wenn eine allein überzeugende Prüfregel bestanden ist und nichts daneben in Zweifel steht oder wenn der Auditor so entschieden hat. Schlägt eine solche Regel fehl, zählt eine gegenteilige Entscheidung erst, wenn eine Ausnahme genehmigt ist. Über mehrere Prüfobjekte zählt das schlechteste Urteil. Was niemand begutachtet hat, bleibt offen und zählt nie als erfüllt.";
    criteria: "Criteria.", "Maßstab.";
    criteria_text: "The OWASP Container Security Verification Standard (CSVS) 1.0 with its 106 requirements on three levels, and fourteen use cases for container images, A1 to D2. Ids and levels are those of the standard; the wording is our own.",
        "Der OWASP Container Security Verification Standard (CSVS) 1.0 mit seinen 106 Anforderungen auf drei Stufen und vierzehn Anwendungsfälle für Container-Images, A1 bis D2. Nummern und Stufen sind die des Standards; der Wortlaut ist unser eigener.";
    words_and_marks: "Words and marks", "Wörter und Zeichen";
    verdicts_on_requirements: "Verdicts on requirements", "Urteile über Anforderungen";
    outcomes_of_use_cases: "Outcomes of checks and use cases", "Ergebnisse der Prüfregeln und Anwendungsfälle";
    severities: "Severity of observations", "Schwere der Beobachtungen";
    means_satisfied: "The requirement holds for every subject that it applies to.", "Die Anforderung gilt für jedes Prüfobjekt, das sie betrifft.";
    means_not_satisfied: "The requirement does not hold for at least one subject.", "Die Anforderung gilt für mindestens ein Prüfobjekt nicht.";
    means_requirement_na: "The question does not arise; the reason is given.", "Die Frage stellt sich nicht; der Grund ist genannt.";
    means_open: "Nobody has decided it yet. Never counts as satisfied.", "Noch hat niemand entschieden. Zählt nie als erfüllt.";
    means_pass: "Looked at, and as it should be.", "Betrachtet und so, wie es sein soll.";
    means_fail: "Looked at, and not as it should be.", "Betrachtet und nicht so, wie es sein soll.";
    means_na: "The question does not arise for this subject.", "Die Frage stellt sich bei diesem Prüfobjekt nicht.";
    means_undecided: "Signals were gathered; a person must decide.", "Anzeichen liegen vor; ein Mensch muss entscheiden.";
    means_error: "It could not be read. Never counts as passed.", "Es konnte nicht gelesen werden. Zählt nie als bestanden.";
    means_critical: "Exploitable as it stands, with full effect.", "So ausnutzbar, mit voller Wirkung.";
    means_high: "Exploitable with little more.", "Mit wenig mehr ausnutzbar.";
    means_medium: "Weakens a protection.", "Schwächt einen Schutz.";
    means_low: "Against good practice.", "Gegen gute Praxis.";
    means_info: "Worth knowing.", "Wissenswert.";

    // Use cases, subjects
    use_case: "Use case", "Anwendungsfall";
    all_subjects: "All subjects", "Alle Prüfobjekte";
    by_subject: "Results by subject", "Ergebnisse je Prüfobjekt";
    identity: "Identity and origin", "Identität und Herkunft";
    figures: "Figures", "Kennzahlen";
    layers: "Layers", "Schichten";
    layer: "Layer", "Schicht";
    size: "Size", "Größe";
    files: "Files", "Dateien";
    instruction: "Digest and instruction", "Digest und Anweisung";
    results: "Results", "Ergebnisse";
    decided_by: "Decided by", "Entschieden durch";
    again: "To see it again:", "Nachvollziehen:";
    what_to_do: "What to do:", "Was zu tun ist:";
    decision: "Decision", "Entscheidung";
    evidence: "Evidence:", "Belege:";
    no_rationale: "No reason was given.", "Es ist keine Begründung angegeben.";
    stale: "This decision no longer counts: what it rested on has changed since. It has to be made anew.",
        "Diese Entscheidung zählt nicht mehr: Worauf sie beruhte, hat sich seither geändert. Sie ist neu zu treffen.";
    conflict: "Conflict: a check fails, and no approved exception covers it. Until there is one, the check counts, not this decision.",
        "Widerspruch: Eine Prüfregel schlägt fehl, und keine genehmigte Ausnahme deckt das ab. Bis es eine gibt, zählt die Regel und nicht diese Entscheidung.";
    undecided_note: "Nobody has decided this yet.", "Das hat noch niemand entschieden.";

    // Hosts and containers
    running: "Hosts and containers", "Hosts und Container";
    running_lead: "What runs: each check speaks to the requirements that it names, and says what it proves for them. What passed is in a table; everything else has a paragraph of its own.",
        "Was läuft: Jede Prüfregel nennt die Anforderungen, für die sie spricht, und was sie für diese belegt. Bestandenes steht in einer Tabelle, alles Übrige in einem eigenen Absatz.";
    only_running: "Nothing under audit is an image, a file or a registry.", "Kein Prüfobjekt ist ein Image, eine Datei oder eine Registry.";
    overview: "Overview", "Übersicht";
    alike: "The same on many", "Bei vielen gleich";
    alike_lead: "Results that more than twenty hosts or containers share are told here once, and not again on their sheets. A subject without results of its own has no sheet; the attached results have everything.",
        "Ergebnisse, die mehr als zwanzig Hosts oder Container teilen, stehen hier einmal und auf deren Blättern nicht noch einmal. Ein Prüfobjekt ohne eigene Ergebnisse hat kein Blatt; die angehängten Ergebnisse enthalten alles.";
    further: "Requirements beyond the use cases", "Anforderungen jenseits der Anwendungsfälle";
    passed: "Passed or not applicable", "Bestanden oder nicht anwendbar";
    check_name: "Check", "Prüfregel";
    speaks_to: "Requirement:", "Anforderung:";
    for_example: "Seen on the first of them:", "Gesehen am ersten davon:";
    verdict_here: "here:", "hier:";
    cases_with_running: "D1 and D2 also count the containers, which have a section of their own.",
        "In D1 und D2 zählen auch die Container, die einen eigenen Abschnitt haben.";
    coverage: "How far a program comes", "Wie weit ein Programm kommt";
    coverage_lead: "Of the requirements that this audit measures against. What a program cannot decide stays open until the auditor has decided it.",
        "Von den Anforderungen, an denen diese Prüfung misst. Was ein Programm nicht entscheiden kann, bleibt offen, bis der Auditor es entschieden hat.";
    automated: "Automated", "Automatisiert";
    automated_text: "A check can decide it, at least on one kind of subject.", "Eine Prüfregel kann sie entscheiden, zumindest bei einer Art von Prüfobjekt.";
    assisted: "Assisted", "Unterstützt";
    assisted_text: "Checks gather signs or can only disprove it; the auditor decides.", "Prüfregeln sammeln Anzeichen oder können sie nur widerlegen; der Auditor entscheidet.";
    manual: "Manual", "Manuell";
    manual_text: "Only a person can look.", "Nur ein Mensch kann nachsehen.";

    // Trust
    trust: "Trust and origin", "Vertrauen und Herkunft";
    no_signatures: "No signature was looked for.", "Es wurde nach keiner Signatur gesucht.";
    chain: "From what is trusted to the digest:", "Vom Vertrauten bis zum Digest:";
    looked_at: "Place that was looked at", "Abgefragter Ort";
    answer: "Answer", "Antwort";
    all_places: "All places are", "Alle Orte liegen";
    pins: "Roots that are kept for comparison", "Zum Vergleich festgehaltene Wurzeln";
    repository: "Repository", "Repository";
    root: "Root", "Wurzel";
    first_seen: "First seen", "Zuerst gesehen";
    last_seen: "Last seen", "Zuletzt gesehen";
    probes: "What the registry answered", "Was die Registry antwortete";
    no_probes: "Nothing was asked.", "Es wurde nichts gefragt.";
    asked: "Asked", "Gefragt";
    asked_at: "When (UTC)", "Wann (UTC)";

    // Requirements
    requirements: "Requirements of CSVS 1.0", "Anforderungen des CSVS 1.0";
    requirement: "Requirement", "Anforderung";
    basis: "Basis", "Grundlage";
    id: "No.", "Nr.";
    not_in_profile: "Not in profile", "Nicht im Profil";
    requirements_lead: "All 106 requirements, chapter by chapter. The verdict is the one over all subjects.",
        "Alle 106 Anforderungen, Kapitel für Kapitel. Das Urteil gilt über alle Prüfobjekte.";
    on_engagement: "for the engagement", "für den Prüfauftrag";

    // Evidence, tools
    evidence_register: "Evidence register", "Verzeichnis der Belege";
    no_evidence: "No evidence was recorded.", "Es sind keine Belege erfasst.";
    evidence_lead: "What the decisions rest on. The files themselves are kept in the engagement; the SHA-256 ties each of them to this report.",
        "Worauf die Entscheidungen beruhen. Die Dateien selbst liegen im Prüfauftrag; der SHA-256-Wert bindet jede davon an diesen Bericht.";
    name_and_source: "Name and source", "Name und Quelle";
    about: "About", "Betrifft";
    by_and_when: "By, on", "Von, am";
    printed_evidence: "Evidence in print", "Abgedruckte Belege";
    tools: "Tools and versions", "Werkzeuge und Versionen";
    tools_lead: "What took part in this audit. With the same versions and the same recorded facts every outcome can be computed again.",
        "Was an dieser Prüfung mitgewirkt hat. Mit denselben Versionen und denselben festgehaltenen Fakten lässt sich jedes Ergebnis erneut berechnen.";
    no_tools: "No versions were recorded.", "Es sind keine Versionen festgehalten.";
    tool: "Part", "Bestandteil";
    version: "Version", "Version";

    // Sign-off
    sign_off: "Sign-off", "Unterschriften";
    sign_off_lead: "By signing, the auditor confirms the contents of this file, its attachments included, as they were at the time of signing.",
        "Mit der Unterschrift bestätigt der Auditor den Inhalt dieser Datei samt Anhängen, wie er zum Zeitpunkt der Unterschrift war.";
    sign_off_review: "The reviewer is not the auditor. If the second field is empty, nobody has reviewed this report independently.",
        "Der Reviewer ist nicht der Auditor. Bleibt das zweite Feld leer, hat niemand diesen Bericht unabhängig begutachtet.";
    sign_off_limits: "The report speaks for the subjects named in it, as identified by their digests, at the time they were read. It is not a certificate and no guarantee that nothing else is wrong.",
        "Der Bericht gilt für die darin genannten, durch ihre Digests bestimmten Prüfobjekte zu dem Zeitpunkt, zu dem sie gelesen wurden. Er ist kein Zertifikat und keine Gewähr, dass sonst alles in Ordnung ist.";
    reviewer: "Reviewer", "Reviewer";
    field_auditor: "Signature of the auditor", "Unterschrift des Auditors";
    field_reviewer: "Signature of the reviewer", "Unterschrift des Reviewers";
    not_yet_named: "Named by the signature", "Wird mit der Unterschrift benannt";
    results_description: "The results of this report in machine-readable form", "Die Ergebnisse dieses Berichts in maschinenlesbarer Form";
}

impl Words {
    /// The six severities, the worst first.
    pub fn severity_names(self) -> [&'static str; 6] {
        match self.0 {
            Language::En => ["Critical", "High", "Medium", "Low", "None", "Unknown"],
            Language::De => ["Kritisch", "Hoch", "Mittel", "Niedrig", "Keine", "Unbekannt"],
        }
    }

    /// Fixes available of all.
    pub fn fixes_of(self, fixable: u32, total: u32) -> String {
        match self.0 {
            Language::En => format!("{fixable} fixes / {total} total"),
            Language::De => format!("{fixable} Korrekturen / {total} gesamt"),
        }
    }

    /// That there are more than the table shows.
    pub fn more_flaws(self, more: u32) -> String {
        match self.0 {
            Language::En => format!("{more} more; the attached results list all of them."),
            Language::De => format!("{more} weitere; die angehängten Ergebnisse führen alle auf."),
        }
    }

    fn pick(self, en: &'static str, de: &'static str) -> &'static str {
        match self.0 {
            Language::En => en,
            Language::De => de,
        }
    }

    /// The language as PDF and XMP name it.
    pub fn tag(self) -> &'static str {
        self.pick("en-GB", "de-DE")
    }

    pub fn outcome_word(self, outcome: OutcomeKind) -> &'static str {
        match outcome {
            OutcomeKind::Pass => self.pick("pass", "bestanden"),
            OutcomeKind::Fail => self.pick("fail", "nicht bestanden"),
            OutcomeKind::NotApplicable => self.pick("not applicable", "nicht anwendbar"),
            OutcomeKind::Undecided => self.pick("undecided", "unentschieden"),
            OutcomeKind::Error => self.pick("error", "Fehler"),
        }
    }

    pub fn verdict_word(self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Satisfied => self.pick("satisfied", "erfüllt"),
            Verdict::NotSatisfied => self.pick("not satisfied", "nicht erfüllt"),
            Verdict::NotApplicable => self.pick("not applicable", "nicht anwendbar"),
            Verdict::Open => self.pick("open", "offen"),
        }
    }

    pub fn level_word(self, verdict: LevelVerdict) -> &'static str {
        match verdict {
            LevelVerdict::Achieved => self.pick("achieved", "erreicht"),
            LevelVerdict::NotAchieved => self.pick("not achieved", "nicht erreicht"),
            LevelVerdict::Incomplete => self.pick("incomplete", "unvollständig"),
        }
    }

    pub fn severity_word(self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => self.pick("critical", "kritisch"),
            Severity::High => self.pick("high", "hoch"),
            Severity::Medium => self.pick("medium", "mittel"),
            Severity::Low => self.pick("low", "niedrig"),
            Severity::Info => self.pick("info", "Hinweis"),
        }
    }

    pub fn decider(self, by: DecidedBy) -> &'static str {
        match by {
            DecidedBy::Check => self.pick("check", "Prüfregel"),
            DecidedBy::Auditor => self.pick("auditor", "Auditor"),
            DecidedBy::Nobody => self.pick("nobody yet", "noch niemand"),
        }
    }

    pub fn profile(self, profile: Profile, of: usize) -> String {
        match (self.0, profile) {
            (Language::En, Profile::Image) => format!("OWASP CSVS 1.0, the {of} requirements that speak to images"),
            (Language::De, Profile::Image) => format!("OWASP CSVS 1.0, die {of} Anforderungen, die Images betreffen"),
            (Language::En, Profile::Full) => format!("OWASP CSVS 1.0, {of} requirements"),
            (Language::De, Profile::Full) => format!("OWASP CSVS 1.0, {of} Anforderungen"),
        }
    }

    /// What the requirements section says about the smaller profile.
    pub fn requirements_image(self, of: usize) -> String {
        match self.0 {
            Language::En => format!(
                "This audit measures against the {of} requirements that speak to images; the others are listed so that the picture is complete, and marked “not in profile”."
            ),
            Language::De => format!(
                "Diese Prüfung misst an den {of} Anforderungen, die Images betreffen; die übrigen stehen der Vollständigkeit halber hier und tragen den Vermerk „Nicht im Profil“."
            ),
        }
    }

    /// What a check's pass and fail prove for a requirement.
    pub fn strength(self, pass: Strength, fail: Strength) -> &'static str {
        match (pass, fail) {
            (Strength::Decisive, Strength::Decisive) => {
                self.pick("the check decides it", "die Prüfregel entscheidet sie")
            }
            (Strength::Supporting, Strength::Decisive) => {
                self.pick("only a fail decides it", "nur ein Nichtbestehen entscheidet sie")
            }
            (Strength::Decisive, Strength::Supporting) => {
                self.pick("only a pass decides it", "nur ein Bestehen entscheidet sie")
            }
            (Strength::Supporting, Strength::Supporting) => {
                self.pick("the check is an indication", "die Prüfregel gibt einen Hinweis")
            }
        }
    }

    /// "24 subjects:"
    pub fn shared_by(self, count: usize) -> String {
        match self.0 {
            Language::En => format!("{count} subjects:"),
            Language::De => format!("{count} Prüfobjekte:"),
        }
    }

    /// "and 40 more"
    pub fn and_more(self, count: usize) -> String {
        match self.0 {
            Language::En => format!("and {count} more"),
            Language::De => format!("und {count} weitere"),
        }
    }

    /// That some results of a subject are told elsewhere.
    pub fn told_above(self, count: usize) -> String {
        match (self.0, count) {
            (Language::En, 1) => "One further result is shared with many and told above.".to_owned(),
            (Language::En, _) => format!("{count} further results are shared with many and told above."),
            (Language::De, 1) => "Ein weiteres Ergebnis teilt es mit vielen; es steht oben.".to_owned(),
            (Language::De, _) => format!("{count} weitere Ergebnisse teilt es mit vielen; sie stehen oben."),
        }
    }

    /// That subjects are listed in their own section.
    pub fn listed_in(self, count: usize, section: &str) -> String {
        match self.0 {
            Language::En => format!("{count} hosts and containers are listed in section {section}."),
            Language::De => format!("{count} Hosts und Container sind in Abschnitt {section} aufgeführt."),
        }
    }

    /// What each level is for.
    pub fn level_name(self, level: u8) -> String {
        let level_for = match level {
            1 => self.pick("every container", "jeder Container"),
            2 => self.pick("sensitive information", "schützenswerte Daten"),
            3 => self.pick("critical infrastructure", "kritische Infrastruktur"),
            _ => return format!("{} {level}", self.level()),
        };
        format!("{} {level} – {level_for}", self.level())
    }

    /// "Image-related requirements: 9 of 14 satisfied"
    ///
    /// Measured against all 106 it speaks of requirements without more.
    pub fn requirements_verdict(self, profile: Profile, satisfied: usize, of: usize) -> String {
        match (self.0, profile) {
            (Language::En, Profile::Full) => format!("Requirements of CSVS 1.0: {satisfied} of {of} satisfied"),
            (Language::De, Profile::Full) => format!("Anforderungen des CSVS 1.0: {satisfied} von {of} erfüllt"),
            (Language::En, Profile::Image) => format!("Image-related requirements: {satisfied} of {of} satisfied"),
            (Language::De, Profile::Image) => format!("Image-bezogene Anforderungen: {satisfied} von {of} erfüllt"),
        }
    }

    /// "3 not satisfied, 2 open, 1 not applicable"
    pub fn others(self, failed: usize, open: usize, not_applicable: usize) -> String {
        match self.0 {
            Language::En => format!("{failed} not satisfied, {open} open, {not_applicable} not applicable"),
            Language::De => format!("{failed} nicht erfüllt, {open} offen, {not_applicable} nicht anwendbar"),
        }
    }

    /// "CSVS level 2: not achieved"
    pub fn level_verdict(self, level: u8, verdict: LevelVerdict) -> String {
        format!("CSVS {} {level}: {}", self.pick("level", "Stufe"), self.level_word(verdict))
    }

    /// "3 of 89 requirements are not satisfied, 4 are open."
    pub fn level_reason(self, failed: u32, open: u32, total: u32) -> String {
        match (self.0, failed, open) {
            (Language::En, 0, 0) => format!("All {total} requirements are satisfied or reasonedly not applicable."),
            (Language::De, 0, 0) => format!("Alle {total} Anforderungen sind erfüllt oder begründet nicht anwendbar."),
            (Language::En, ..) => {
                format!("Of {total} requirements, {failed} {} not satisfied and {open} {} open.", be(failed), be(open))
            }
            (Language::De, ..) => {
                format!(
                    "Von {total} Anforderungen {} {failed} nicht erfüllt und {open} offen.",
                    if failed == 1 { "ist" } else { "sind" }
                )
            }
        }
    }

    /// What the summary begins with.
    pub fn subjects_examined(self, count: usize) -> String {
        match (self.0, count) {
            (Language::En, 0) => "No subject was examined.".to_owned(),
            (Language::De, 0) => "Kein Prüfobjekt wurde untersucht.".to_owned(),
            (Language::En, 1) => "One subject was examined.".to_owned(),
            (Language::En, _) => format!("{count} subjects were examined."),
            (Language::De, 1) => "Ein Prüfobjekt wurde untersucht.".to_owned(),
            (Language::De, _) => format!("{count} Prüfobjekte wurden untersucht."),
        }
    }

    /// "… and 12 further ones; all are in section 4."
    pub fn more_observations(self, count: usize, section: &str) -> String {
        match self.0 {
            Language::En => {
                format!("{count} more of medium severity or above; all observations are in section {section}.")
            }
            Language::De => format!(
                "{count} weitere von mittlerer Schwere oder darüber; alle Beobachtungen stehen in Abschnitt {section}."
            ),
        }
    }

    pub fn page_of(self, page: usize, of: usize) -> String {
        match self.0 {
            Language::En => format!("Page {page} of {of}"),
            Language::De => format!("Seite {page} von {of}"),
        }
    }

    pub fn entries(self, count: u64) -> String {
        match (self.0, count) {
            (Language::En, 1) => "1 entry, ending with".to_owned(),
            (Language::En, _) => format!("{count} entries, ending with"),
            (Language::De, 1) => "1 Eintrag, endend mit".to_owned(),
            (Language::De, _) => format!("{count} Einträge, endend mit"),
        }
    }

    pub fn sheets(self, first: &str, last: &str) -> String {
        match self.0 {
            Language::En => format!("Subjects {first} to {last}"),
            Language::De => format!("Prüfobjekte {first} bis {last}"),
        }
    }

    /// A day in words.
    pub fn day(self, day: Date) -> String {
        let month = match (self.0, day.month()) {
            (Language::En, month) => month.to_string(),
            (Language::De, Month::January) => "Januar".to_owned(),
            (Language::De, Month::February) => "Februar".to_owned(),
            (Language::De, Month::March) => "März".to_owned(),
            (Language::De, Month::May) => "Mai".to_owned(),
            (Language::De, Month::June) => "Juni".to_owned(),
            (Language::De, Month::July) => "Juli".to_owned(),
            (Language::De, Month::October) => "Oktober".to_owned(),
            (Language::De, Month::December) => "Dezember".to_owned(),
            (Language::De, month) => month.to_string(),
        };
        match self.0 {
            Language::En => format!("{} {month} {}", day.day(), day.year()),
            Language::De => format!("{}. {month} {}", day.day(), day.year()),
        }
    }

    /// A number of bytes for people.
    pub fn bytes(self, bytes: u64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"];
        let mut unit = 0;
        let mut scaled = bytes;
        let mut tenth = 0;
        while scaled >= 1000 && unit + 1 < units.len() {
            tenth = scaled % 1000 / 100;
            scaled /= 1000;
            unit += 1;
        }
        let name = units.get(unit).copied().unwrap_or_default();
        if unit == 0 {
            format!("{scaled}\u{a0}{name}")
        } else {
            format!("{scaled}{}{tenth}\u{a0}{name}", self.pick(".", ","))
        }
    }

    // Warnings to the auditor

    pub fn missing_glyphs(self, characters: &[char], more: usize) -> String {
        let list = characters.iter().map(|c| format!("U+{:04X}", u32::from(*c))).collect::<Vec<_>>().join(", ");
        let more = match (self.0, more) {
            (_, 0) => String::new(),
            (Language::En, more) => format!(" and {more} more"),
            (Language::De, more) => format!(" und {more} weitere"),
        };
        match self.0 {
            Language::En => format!(
                "Some characters of the texts are not in the report's fonts or are invisible; the report prints their codes, such as [U+4E2D], instead: {list}{more}. The attached results hold the texts unchanged."
            ),
            Language::De => format!(
                "Einige Zeichen der Texte fehlen in den Schriften des Berichts oder sind unsichtbar; der Bericht druckt stattdessen ihre Nummern, etwa [U+4E2D]: {list}{more}. Die angehängten Ergebnisse enthalten die Texte unverändert."
            ),
        }
    }

    pub fn bad_picture(self, number: &str, reason: &str) -> String {
        match self.0 {
            Language::En => format!(
                "The picture of evidence {number} is not printed because {reason}. Its hash is in the register."
            ),
            Language::De => format!(
                "Das Bild zum Beleg {number} ist nicht abgedruckt ({reason}). Seine Prüfsumme steht im Verzeichnis."
            ),
        }
    }

    pub fn picture_error(self, error: PictureError) -> &'static str {
        match error {
            PictureError::Unreadable => {
                self.pick("it is not a readable PNG or JPEG file", "keine lesbare PNG- oder JPEG-Datei")
            }
            PictureError::Empty => self.pick("it has no pixels", "ohne Bildpunkte"),
            PictureError::TooLarge => self.pick("it is too large", "zu groß"),
            PictureError::Colors => self.pick("its colours cannot be printed", "Farben nicht druckbar"),
        }
    }

    pub fn overfull(self, what: &str) -> String {
        match self.0 {
            Language::En => format!(
                "A line of the report is wider than its box: {what}. Please report this as an error of the program."
            ),
            Language::De => format!(
                "Eine Zeile des Berichts ist breiter als ihr Kasten: {what}. Bitte melden Sie das als Fehler des Programms."
            ),
        }
    }
}

fn be(count: u32) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_rounded_down_and_written_as_the_language_wants() {
        let (en, de) = (Words(Language::En), Words(Language::De));
        assert_eq!(en.bytes(999), "999\u{a0}B");
        assert_eq!(en.bytes(12_345_678), "12.3\u{a0}MB");
        assert_eq!(de.bytes(1_000), "1,0\u{a0}kB");
        assert_eq!(en.bytes(u64::MAX), "18446744.0\u{a0}TB");
    }

    #[test]
    fn a_day_is_written_as_the_language_wants() {
        let day = Date::from_calendar_date(2025, Month::March, 4).unwrap();
        assert_eq!(Words(Language::En).day(day), "4 March 2025");
        assert_eq!(Words(Language::De).day(day), "4. März 2025");
    }

    #[test]
    fn singular_and_plural() {
        assert_eq!(
            Words(Language::En).level_reason(1, 2, 89),
            "Of 89 requirements, 1 is not satisfied and 2 are open."
        );
        assert_eq!(Words(Language::De).level_reason(1, 2, 89), "Von 89 Anforderungen ist 1 nicht erfüllt und 2 offen.");
    }
}
