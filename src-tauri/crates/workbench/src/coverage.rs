//! The coverage of the standard, as the window shows it.

use plimsoll_catalog::{Language, standards};
use plimsoll_checks::CoverageMode;

use crate::runtime_view::{CoverageBy, CoverageRow, CoverageView};

fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What looks at each of the 106 requirements.
#[must_use]
pub fn coverage(language: Language) -> CoverageView {
    let all = plimsoll_checks::coverage();
    let count = |mode| u32::try_from(all.iter().filter(|one| one.mode == mode).count()).unwrap_or(u32::MAX);
    let chapters =
        standards().chapters.iter().flat_map(|chapter| chapter.requirements.iter().map(move |r| (chapter, r)));
    let rows = chapters
        .zip(&all)
        .map(|((chapter, requirement), one)| CoverageRow {
            id: requirement.id.to_string(),
            chapter: chapter.id.clone(),
            chapter_title: chapter.title.get(language).to_owned(),
            level: requirement.level.number(),
            title: requirement.title.get(language).to_owned(),
            mode: word(&one.mode),
            kinds: requirement.subjects.iter().map(|kind| kind.as_str().to_owned()).collect(),
            by: one
                .by
                .iter()
                .map(|by| CoverageBy {
                    check: by.check.to_owned(),
                    title: by.title.get(language).to_owned(),
                    use_case: crate::words::use_case(by.use_case),
                    kinds: by.kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
                    pass: word(&by.pass),
                    fail: word(&by.fail),
                    unseen: by.unseen.get(language).to_owned(),
                })
                .collect(),
            question: requirement.question.get(language).to_owned(),
            hints: requirement.evidence.get(language).to_vec(),
            example: requirement.example.get(language).to_owned(),
        })
        .collect();
    CoverageView {
        automated: count(CoverageMode::Automated),
        assisted: count(CoverageMode::Assisted),
        manual: count(CoverageMode::Manual),
        rows,
    }
}
