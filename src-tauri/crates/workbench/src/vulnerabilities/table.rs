//! All rows of an engagement, computed once for each state of it: what was recorded, as others' statements, acceptances,
//! categories and the profile's policy make it now.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use plimsoll_advisories::treat::{Acceptance, Treated};
use plimsoll_advisories::vex::Statement;
use plimsoll_advisories::{Support, Word};
use plimsoll_catalog::Language;
use plimsoll_checks::{Facts, Settings};
use plimsoll_engagement::{Engagement, Kept, RunState};
use plimsoll_packages::Inventory;

use super::names;
use crate::acceptances::today;
use crate::browse::ecosystem;
use crate::error::WorkbenchError;
use crate::origin::{BaseLayers, base_layers, category_of, layer_origin};
use crate::results::facts_of;
use crate::scan_state::scan_state;
use crate::session::{small, word};
use crate::spoken::{Spoken, subject_ids};
use crate::vulnerability_results::{Seen, decimal, ecosystem_of, seen, share, state_word};
use crate::vulnerability_view::{ScanLine, VulnerabilityRow};

/// One subject.
#[derive(Debug)]
pub(crate) struct Of {
    pub(crate) id: String,
    pub(crate) name: String,
    /// What was read; none when it could not be read, or not yet.
    pub(crate) facts: Option<Facts>,
    pub(crate) base: BaseLayers,
    pub(crate) statements: Vec<Statement>,
    pub(crate) acceptances: Vec<Acceptance>,
    /// How each match stands, in the matches' order, with the match's number.
    pub(crate) treated: HashMap<u32, Treated>,
    /// Its rows.
    pub(crate) rows: Range<usize>,
}

/// What is needed of a row to find and order it.
#[derive(Debug)]
pub(crate) struct Meta {
    /// As the query takes it: `Debian:12`.
    pub(crate) ecosystem: String,
    /// In small letters: ids, package, summary.
    pub(crate) text: String,
    /// The order of severity, worst first.
    pub(crate) rank: usize,
    /// Year and number of a CVE, so that CVE-2024-9 comes before CVE-2024-10.
    pub(crate) number: (u32, u64),
}

/// All rows.
#[derive(Debug)]
pub(crate) struct Table {
    /// The state that it was computed from.
    pub(crate) state: String,
    pub(crate) language: Language,
    pub(crate) settings: Settings,
    pub(crate) subjects: Vec<Of>,
    pub(crate) rows: Vec<VulnerabilityRow>,
    pub(crate) meta: Vec<Meta>,
    pub(crate) scans: Vec<ScanLine>,
    /// Layers by diff_id, in words.
    pub(crate) layers: HashMap<String, String>,
    /// The query that was answered last, without its page.
    pub(crate) last: Mutex<Option<(String, Arc<super::query::Chosen>)>>,
}

/// Everything that the rows rest on, in one text: what is the same has the same rows.
pub(crate) fn state(engagement: &Engagement, language: Language) -> Result<String, WorkbenchError> {
    let runs = engagement.runs()?;
    let subjects: Vec<_> = engagement.subjects()?.into_iter().map(|s| (s.id, s.name)).collect();
    let state = (
        runs.first().map(|run| run.id.clone()),
        subjects,
        engagement.evidence()?.len(),
        engagement.settings()?,
        engagement.kept(Kept::Acceptance)?,
        engagement.kept(Kept::Category)?,
        (language == Language::De, today().to_string()),
    );
    Ok(serde_json::to_string(&state).map_err(plimsoll_engagement::EngagementError::from)?)
}

fn number(id: &str) -> (u32, u64) {
    let parts = id.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    parts.and_then(|(year, number)| Some((year.parse().ok()?, number.parse().ok()?))).unwrap_or((u32::MAX, 0))
}

impl Table {
    /// Computes it.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub(crate) fn of(engagement: &Engagement, language: Language, state: String) -> Result<Self, WorkbenchError> {
        let settings = crate::run::settings(engagement)?;
        let spoken = Spoken::of(engagement)?;
        let categories: HashMap<String, String> = engagement
            .kept(Kept::Category)?
            .into_iter()
            .filter_map(|(id, json)| Some((id, serde_json::from_str(&json).ok()?)))
            .collect();
        let runs = engagement.runs()?;
        let last = runs.iter().find(|run| run.state != RunState::Cancelled);
        let failed = |id: &str| last.is_some_and(|run| run.errors.iter().any(|(of, _)| of == id));
        let mut read = Vec::new();
        for subject in engagement.subjects()? {
            let facts = if failed(&subject.id) { None } else { facts_of(engagement, &subject.id)? };
            read.push((subject.id, subject.name, facts));
        }
        let bases: Vec<BaseLayers> = (0..read.len())
            .map(|index| {
                let others: Vec<(&str, &Facts)> = read
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != index)
                    .filter_map(|(_, of)| Some((of.1.as_str(), of.2.as_ref()?)))
                    .collect();
                let own = read.get(index).and_then(|of| of.2.as_ref());
                let none = || BaseLayers { count: None, certain: false, why: String::new() };
                own.map_or_else(none, |facts| base_layers(facts, &others))
            })
            .collect();
        let mut table = Self {
            state,
            language,
            settings,
            subjects: Vec::new(),
            rows: Vec::new(),
            meta: Vec::new(),
            scans: Vec::new(),
            layers: HashMap::new(),
            last: Mutex::default(),
        };
        for ((id, name, facts), base) in read.into_iter().zip(bases) {
            let category = category(&id, facts.as_ref(), &categories);
            table.add(id, name, facts, base, &spoken, category);
        }
        table.rank();
        Ok(table)
    }

    fn add(
        &mut self,
        id: String,
        name: String,
        facts: Option<Facts>,
        base: BaseLayers,
        spoken: &Spoken,
        category: (String, &'static str),
    ) {
        let first = self.rows.len();
        let (statements, acceptances, problems) = spoken.about(&id);
        let mut treated = HashMap::new();
        if let Some(facts) = &facts {
            let at = crate::collect::now();
            let matches = seen(&subject_ids(&id, facts), facts, &statements, &acceptances, &self.settings, &at);
            for (key, seen) in matches {
                let (row, meta) = self.row(&id, &name, key, facts, &base, &category.0, &seen);
                self.rows.push(row);
                self.meta.push(meta);
                treated.insert(key, seen.treated);
            }
            let layers = facts.image.as_ref().map(|image| image.layers.as_slice()).unwrap_or_default();
            for (number, layer) in (1_usize..).zip(layers) {
                let command = layer.command.as_deref().unwrap_or_default();
                self.layers.entry(layer.diff_id.clone()).or_insert_with(|| names::layer(number, command));
            }
        }
        let rows = first..self.rows.len();
        if let Some(line) =
            facts.as_ref().and_then(|facts| self.scan(&id, &name, facts, &base, category, &problems, &rows))
        {
            self.scans.push(line);
        }
        self.subjects.push(Of { id, name, facts, base, statements, acceptances, treated, rows });
    }

    #[allow(clippy::too_many_arguments)]
    fn row(
        &self,
        subject: &str,
        name: &str,
        key: u32,
        facts: &Facts,
        base: &BaseLayers,
        category: &str,
        seen: &Seen<'_>,
    ) -> (VulnerabilityRow, Meta) {
        let (layer_number, origin) = layer_origin(facts, base, &seen.package.layer);
        let state = state_word(seen.treated.standing, seen.of.state);
        let word_of = |said: &Option<plimsoll_advisories::Said>| said.as_ref().map(|said| said.word);
        let (vendor, nvd) = (word_of(&seen.rating.vendor), word_of(&seen.rating.nvd));
        let known = |word: Option<Word>| word.filter(|word| *word != Word::Unknown);
        let row = VulnerabilityRow {
            key,
            subject: subject.to_owned(),
            subject_name: name.to_owned(),
            id: seen.vulnerability.id.clone(),
            aliases: seen.vulnerability.aliases.clone(),
            package: seen.package.name.clone(),
            version: seen.package.version.clone(),
            ecosystem: ecosystem(seen.package.ecosystem),
            fixed: seen.of.fixed.clone().unwrap_or_default(),
            severity: word(&seen.rating.word),
            vendor_severity: vendor.map(|vendor| word(&vendor)).unwrap_or_default(),
            nvd_severity: nvd.map(|nvd| word(&nvd)).unwrap_or_default(),
            differs: matches!((known(vendor), known(nvd)), (Some(vendor), Some(nvd)) if vendor != nvd),
            score: seen.rating.score.map(decimal),
            state: state.to_owned(),
            state_label: names::state(state, self.language).to_owned(),
            counts: seen.treated.standing.counts(),
            exploited: seen.vulnerability.exploited.is_some(),
            epss: seen.vulnerability.epss.as_ref().map(|epss| share(epss.score)),
            layer: seen.package.layer.clone(),
            layer_number,
            origin: origin.to_owned(),
            category: category.to_owned(),
            kernel_headers: seen.of.kernel_headers,
        };
        let text = std::iter::once(row.id.as_str())
            .chain(row.aliases.iter().map(String::as_str))
            .chain([row.package.as_str(), seen.vulnerability.summary.as_str()])
            .collect::<Vec<_>>()
            .join("\n")
            .to_lowercase();
        let meta = Meta { ecosystem: ecosystem_of(seen), text, rank: 0, number: number(&row.id) };
        (row, meta)
    }

    /// The scan of a subject; none for what has no packages to begin with.
    #[allow(clippy::too_many_arguments)]
    fn scan(
        &self,
        id: &str,
        name: &str,
        facts: &Facts,
        base: &BaseLayers,
        category: (String, &'static str),
        problems: &[String],
        rows: &Range<usize>,
    ) -> Option<ScanLine> {
        let state = scan_state(facts, self.settings.vulnerabilities.oldest_data_days, self.language)?;
        let none = Inventory::default();
        let inventory = facts.inventory().unwrap_or(&none);
        let scan = facts.vulnerabilities.as_ref();
        let own = self.rows.get(rows.clone()).unwrap_or_default();
        let counting = || own.iter().filter(|row| row.counts && !row.kernel_headers);
        let mut counts = [0_u32; 6];
        for row in counting() {
            if let Some(count) = counts.get_mut(names::severity_index(&row.severity)) {
                *count = count.saturating_add(1);
            }
        }
        let how_many = |count: usize| small(count as u64);
        let mut notes = state.notes;
        // Evidence that came since the run is told of as well.
        notes.extend(problems.iter().filter(|problem| !facts.evidence_problems.contains(problem)).cloned());
        let release = scan.and_then(|scan| scan.release.as_ref());
        let end = |release: &plimsoll_advisories::Release| match release.support {
            Support::Supported => release.standard_end.clone(),
            _ => release.extended_end.clone().or_else(|| release.standard_end.clone()),
        };
        let named = |index: u32| inventory.packages.get(index as usize);
        let evaluated = scan.iter().flat_map(|scan| &scan.coverage).map(|coverage| u64::from(coverage.evaluated));
        let not_evaluated = scan.iter().flat_map(|scan| &scan.not_evaluated).filter_map(|of| {
            let package = named(of.package)?;
            Some((package.name.clone(), package.version.clone(), of.reason.clone()))
        });
        Some(ScanLine {
            subject: id.to_owned(),
            name: name.to_owned(),
            category: category.0,
            category_from: category.1.to_owned(),
            result: word(&state.result),
            sentence: state.sentence,
            notes,
            release: release.map(|release| release.name.clone()).unwrap_or_default(),
            support: release.map_or_else(|| "unknown".to_owned(), |release| word(&release.support)),
            support_end: release.and_then(end).unwrap_or_default(),
            packages: how_many(inventory.packages.len()),
            evaluated: small(evaluated.sum()),
            not_evaluated: not_evaluated.collect(),
            counts,
            total: how_many(counting().count()),
            fixable: how_many(counting().filter(|row| !row.fixed.is_empty()).count()),
            exploited: how_many(counting().filter(|row| row.exploited).count()),
            treated: how_many(own.iter().filter(|row| names::is_treated(&row.state)).count()),
            at: scan.map(|scan| scan.at.clone()).unwrap_or_default(),
            database: scan
                .and_then(|scan| scan.database.as_ref())
                .map(|database| database.id.chars().take(12).collect())
                .unwrap_or_default(),
            base: base.why.clone(),
        })
    }

    /// Puts the rows in the order of severity: worst first, then what is exploited, likely to be, and by score and id.
    fn rank(&mut self) {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        let key = |at: &usize| {
            let (row, meta) = (self.rows.get(*at)?, self.meta.get(*at)?);
            let severity = names::severity_index(&row.severity);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // shares and scores are small
            let per_mille = |value: Option<f64>| (value.unwrap_or(0.0) * 100_000.0).clamp(0.0, 2e9) as u32;
            let worst = std::cmp::Reverse((row.exploited, per_mille(row.epss), per_mille(row.score)));
            Some((severity, worst, meta.number, row.id.as_str(), row.package.as_str(), *at))
        };
        order.sort_by_cached_key(key);
        for (rank, at) in order.into_iter().enumerate() {
            if let Some(meta) = self.meta.get_mut(at) {
                meta.rank = rank;
            }
        }
    }
}

/// The category of a subject, and where it comes from.
fn category(id: &str, facts: Option<&Facts>, set: &HashMap<String, String>) -> (String, &'static str) {
    if let Some(category) = set.get(id) {
        return (category.clone(), "auditor");
    }
    match facts.and_then(category_of) {
        Some((category, from)) => (category.to_owned(), from),
        None => ("unknown".to_owned(), ""),
    }
}
