//! Which rows a query wants, in which order, and how many each further restriction would leave.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use super::names;
use super::table::{Meta, Table};
use crate::origin::CATEGORIES;
use crate::session::small;
use crate::vulnerability_view::{
    CategoryBar, Facet, FacetValue, VulnerabilityPage, VulnerabilityQuery, VulnerabilityRow,
};

/// Rows of one page, at most.
const PAGE: usize = 500;
/// Values of a facet that lists names.
const VALUES: usize = 50;

/// The restrictions that have a facet each.
const FACETS: [&str; 9] =
    ["severity", "state", "ecosystem", "category", "origin", "package", "layer", "fixable", "exploited"];

/// What a query comes to, all but the page.
#[derive(Debug)]
pub(crate) struct Chosen {
    rows: Vec<usize>,
    all: usize,
    kernel_hidden: usize,
    facets: Vec<Facet>,
    picture: Vec<CategoryBar>,
}

/// A query without its page, its lists ready to be looked into.
struct Wanted<'a> {
    query: &'a VulnerabilityQuery,
    text: Vec<String>,
}

impl Wanted<'_> {
    /// Whether a row is among those that the query speaks of at all.
    fn about(&self, row: &VulnerabilityRow, meta: &Meta) -> bool {
        self.of_subject(row) && self.text.iter().all(|word| meta.text.contains(word))
    }

    fn of_subject(&self, row: &VulnerabilityRow) -> bool {
        self.query.subject.as_ref().is_none_or(|subject| *subject == row.subject)
    }

    /// Whether a row passes one restriction, in the order of [`FACETS`].
    fn passes(&self, facet: usize, row: &VulnerabilityRow, meta: &Meta) -> bool {
        let query = self.query;
        let among = |list: &[String], value: &str| list.is_empty() || list.iter().any(|wanted| wanted == value);
        match facet {
            0 => among(&query.severities, &row.severity),
            1 => among(&query.states, &row.state),
            2 => among(&query.ecosystems, &meta.ecosystem),
            3 => among(&query.categories, &row.category),
            4 => among(&query.origins, &row.origin),
            5 => query.package.as_ref().is_none_or(|package| *package == row.package),
            6 => query.layer.as_ref().is_none_or(|layer| *layer == row.layer),
            7 => query.fixable.is_none_or(|fixable| fixable != row.fixed.is_empty()),
            _ => !query.exploited || row.exploited,
        }
    }
}

/// The value of a row that a facet counts.
fn value<'a>(facet: usize, row: &'a VulnerabilityRow, meta: &'a Meta) -> &'a str {
    let yes = |value: bool| if value { "true" } else { "false" };
    match facet {
        0 => &row.severity,
        1 => &row.state,
        2 => &meta.ecosystem,
        3 => &row.category,
        4 => &row.origin,
        5 => &row.package,
        6 => &row.layer,
        7 => yes(!row.fixed.is_empty()),
        _ => yes(row.exploited),
    }
}

impl Table {
    /// A page of rows.
    pub(crate) fn page(&self, query: &VulnerabilityQuery) -> VulnerabilityPage {
        let chosen = self.chosen(query);
        let offset = query.offset as usize;
        let limit = (query.limit as usize).min(PAGE);
        let rows = chosen.rows.iter().skip(offset).take(limit).filter_map(|at| self.rows.get(*at)).cloned().collect();
        VulnerabilityPage {
            total: small(chosen.rows.len() as u64),
            all: small(chosen.all as u64),
            rows,
            facets: chosen.facets.clone(),
            kernel_hidden: small(chosen.kernel_hidden as u64),
            scans: self.scans.clone(),
            picture: chosen.picture.clone(),
        }
    }

    /// What a query comes to; the last one is kept, since people walk through its pages.
    fn chosen(&self, query: &VulnerabilityQuery) -> Arc<Chosen> {
        let whole = VulnerabilityQuery { offset: 0, limit: 0, ..query.clone() };
        let key = serde_json::to_string(&whole).unwrap_or_default();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, chosen)) = last.as_ref().filter(|(known, _)| *known == key) {
            return chosen.clone();
        }
        let chosen = Arc::new(self.choose(query));
        *last = Some((key, chosen.clone()));
        chosen
    }

    fn choose(&self, query: &VulnerabilityQuery) -> Chosen {
        let text = query.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let wanted = Wanted { query, text };
        let mut counts: Vec<HashMap<&str, u32>> = FACETS.iter().map(|_| HashMap::new()).collect();
        let (mut rows, mut all, mut kernel_hidden) = (Vec::new(), 0, 0);
        for (at, (row, meta)) in self.rows.iter().zip(&self.meta).enumerate() {
            if !wanted.of_subject(row) {
                continue;
            }
            all += 1;
            if !wanted.about(row, meta) {
                continue;
            }
            let mut failed = None;
            let mut several = false;
            for facet in 0..FACETS.len() {
                if !wanted.passes(facet, row, meta) {
                    several = failed.is_some();
                    failed = Some(facet);
                    if several {
                        break;
                    }
                }
            }
            if several {
                continue;
            }
            if row.kernel_headers && !query.kernel_headers {
                kernel_hidden += usize::from(failed.is_none());
                continue;
            }
            let counted = match failed {
                Some(facet) => facet..facet + 1,
                None => {
                    rows.push(at);
                    0..FACETS.len()
                }
            };
            for facet in counted {
                if let Some(counts) = counts.get_mut(facet) {
                    let count = counts.entry(value(facet, row, meta)).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        self.order(&mut rows, query);
        let facets = counts.into_iter().enumerate().map(|(facet, counts)| self.facet(facet, counts)).collect();
        Chosen { rows, all, kernel_hidden, facets, picture: self.picture(&wanted) }
    }

    fn order(&self, rows: &mut [usize], query: &VulnerabilityQuery) {
        let compare = |one: &usize, other: &usize| -> Ordering {
            let at = |index: &usize| self.rows.get(*index).zip(self.meta.get(*index));
            let (Some((a, am)), Some((b, bm))) = (at(one), at(other)) else { return Ordering::Equal };
            let high = |a: Option<f64>, b: Option<f64>| b.unwrap_or(-1.0).total_cmp(&a.unwrap_or(-1.0));
            let by = match query.sort.as_str() {
                "id" => (am.number, &a.id).cmp(&(bm.number, &b.id)),
                "package" => (&a.package, &a.version).cmp(&(&b.package, &b.version)),
                "subject" => (&a.subject_name, &a.subject).cmp(&(&b.subject_name, &b.subject)),
                "score" => high(a.score, b.score),
                "epss" => high(a.epss, b.epss),
                "fixed" => (a.fixed.is_empty(), &a.fixed).cmp(&(b.fixed.is_empty(), &b.fixed)),
                // Of a layer that is not known there is nothing to see: it comes last.
                "layer" => (a.layer_number == 0, a.layer_number).cmp(&(b.layer_number == 0, b.layer_number)),
                "state" => names::state_index(&a.state).cmp(&names::state_index(&b.state)),
                _ => am.rank.cmp(&bm.rank),
            };
            let by = if query.descending { by.reverse() } else { by };
            by.then(am.rank.cmp(&bm.rank))
        };
        rows.sort_by(compare);
    }

    fn facet(&self, facet: usize, counts: HashMap<&str, u32>) -> Facet {
        let name = FACETS.get(facet).copied().unwrap_or_default();
        let label = |value: &str| match facet {
            0 => names::severity(value, self.language).to_owned(),
            1 => names::state(value, self.language).to_owned(),
            3 => names::category(value, self.language).to_owned(),
            4 => names::origin(value, self.language).to_owned(),
            6 if value.is_empty() => names::origin("unknown", self.language).to_owned(),
            6 => self.layers.get(value).cloned().unwrap_or_else(|| value.to_owned()),
            7 => names::fixable(value == "true", self.language).to_owned(),
            8 => names::exploited(value == "true", self.language).to_owned(),
            _ => value.to_owned(),
        };
        let mut counts: Vec<(&str, u32)> = counts.into_iter().collect();
        let place = |value: &str| match facet {
            0 => names::severity_index(value),
            1 => names::state_index(value),
            3 => CATEGORIES.iter().position(|known| *known == value).unwrap_or(CATEGORIES.len()),
            4 => ["base", "own"].iter().position(|known| *known == value).unwrap_or(2),
            7 | 8 => usize::from(value != "true"),
            _ => 0,
        };
        counts.sort_by(|(a, m), (b, n)| place(a).cmp(&place(b)).then(n.cmp(m)).then(a.cmp(b)));
        if matches!(facet, 5 | 6) {
            counts.truncate(VALUES);
        }
        let values = counts
            .into_iter()
            .map(|(value, count)| FacetValue { value: value.to_owned(), label: label(value), count })
            .collect();
        Facet { name: name.to_owned(), values }
    }

    /// The paper's picture: distinct vulnerabilities by category, each by the worst severity that it has there.
    fn picture(&self, wanted: &Wanted<'_>) -> Vec<CategoryBar> {
        let mut categories: BTreeMap<usize, HashMap<&str, (usize, bool)>> = BTreeMap::new();
        let place = |category: &str| CATEGORIES.iter().position(|of| *of == category).unwrap_or(CATEGORIES.len());
        let mut subjects: BTreeMap<usize, u32> = BTreeMap::new();
        let wanted_subject = |id: &str| wanted.query.subject.as_deref().is_none_or(|subject| subject == id);
        for scan in self.scans.iter().filter(|scan| wanted_subject(&scan.subject)) {
            let count = subjects.entry(place(&scan.category)).or_default();
            *count = count.saturating_add(1);
        }
        for row in self.rows.iter().filter(|row| wanted.of_subject(row) && row.counts) {
            if row.kernel_headers && !wanted.query.kernel_headers {
                continue;
            }
            let severity = names::severity_index(&row.severity);
            let fixable = !row.fixed.is_empty();
            let known = categories.entry(place(&row.category)).or_default();
            let entry = known.entry(row.id.as_str()).or_insert((severity, fixable));
            *entry = (entry.0.min(severity), entry.1 || fixable);
        }
        subjects
            .into_iter()
            .map(|(place, subjects)| {
                let category = CATEGORIES.get(place).copied().unwrap_or("unknown");
                let mut bar = CategoryBar {
                    category: category.to_owned(),
                    label: names::category(category, self.language).to_owned(),
                    subjects,
                    ..CategoryBar::default()
                };
                for (severity, fixable) in categories.get(&place).into_iter().flat_map(HashMap::values) {
                    if let Some(count) = bar.counts.get_mut(*severity) {
                        *count = count.saturating_add(1);
                    }
                    bar.total = bar.total.saturating_add(1);
                    bar.fixable = bar.fixable.saturating_add(u32::from(*fixable));
                }
                bar
            })
            .collect()
    }
}
