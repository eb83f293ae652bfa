//! The coverage of the standard as a document: `COVERAGE.md` beside this crate, written by `cargo xtask coverage`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use plimsoll_catalog::{Level, Requirement, RequirementId, Strength, SubjectKind, standards};

use crate::coverage::{By, Coverage, CoverageMode, coverage};

/// How long what a check cannot see may be in the table; the window shows all of it.
const LONGEST: usize = 260;

const HEAD: &str = "\
<!-- Made by `cargo xtask coverage` from the catalogue and the checks; do not edit. -->

# What Plimsoll looks at, and what it leaves to a person

OWASP's Container Security Verification Standard (CSVS) 1.0 has 106 requirements. This table says for each how far a
program comes, by which checks, on which kinds of subject. Ids and levels are the standard's; the titles are our own.

- **automated**: a check can decide it, on at least one kind of subject: its pass and its fail both convince alone.
- **assisted**: checks gather signals, or can only refute or only confirm it; a person decides the rest.
- **manual**: only a person can look. Plimsoll asks the question, says what evidence to ask for and shows an example.

A check **decides** when its pass and its fail both convince alone; it **refutes** when only its fail does, **confirms** when
only its pass does, and **indicates** when a person must decide whichever way it ends. What could not be read is never a
pass, and a requirement that no check decides stays open until a person has decided it. In brackets stand the use case of
the paper that a check answers, where it answers one, and the kinds of subject that it looks at.
";

/// A document in Markdown: figures, a table for each chapter with its requirements, and one with all checks.
#[must_use]
pub fn coverage_markdown() -> String {
    let all = coverage();
    let by_id: BTreeMap<RequirementId, &Coverage> = all.iter().map(|one| (one.requirement, one)).collect();
    let mut text = HEAD.to_owned();
    figures(&mut text, &by_id);
    text.push_str("\n## Requirements\n");
    for chapter in &standards().chapters {
        let covered = |mode| count(&by_id, &chapter.requirements.iter().collect::<Vec<_>>(), mode);
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "\n### {} {}\n\n{} automated, {} assisted, {} manual.\n\n| Id | Level | Requirement | How | By |\n| --- | --- | --- | --- | --- |\n",
            chapter.id,
            chapter.title.en,
            covered(CoverageMode::Automated),
            covered(CoverageMode::Assisted),
            covered(CoverageMode::Manual),
        );
        for requirement in &chapter.requirements {
            let Some(one) = by_id.get(&requirement.id) else { continue };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                requirement.id,
                requirement.level.number(),
                cell(&requirement.title.en),
                word(one.mode),
                by(one, requirement)
            );
        }
    }
    checks(&mut text, &all);
    text
}

fn word(mode: CoverageMode) -> &'static str {
    match mode {
        CoverageMode::Automated => "automated",
        CoverageMode::Assisted => "assisted",
        CoverageMode::Manual => "manual",
    }
}

fn count(by_id: &BTreeMap<RequirementId, &Coverage>, of: &[&Requirement], mode: CoverageMode) -> usize {
    of.iter().filter(|requirement| by_id.get(&requirement.id).is_some_and(|one| one.mode == mode)).count()
}

fn figures(text: &mut String, by_id: &BTreeMap<RequirementId, &Coverage>) {
    let all: Vec<&Requirement> = standards().requirements().collect();
    let number = |mode| count(by_id, &all, mode);
    let _ = write!(
        text,
        "\n## Figures\n\nOf {} requirements {} are automated, {} assisted and {} manual. A level includes those below it.\n\n| Level | Requirements | Automated | Assisted | Manual |\n| --- | ---: | ---: | ---: | ---: |\n",
        all.len(),
        number(CoverageMode::Automated),
        number(CoverageMode::Assisted),
        number(CoverageMode::Manual)
    );
    for level in Level::ALL {
        let within: Vec<&Requirement> = all.iter().copied().filter(|requirement| requirement.level <= level).collect();
        let number = |mode| count(by_id, &within, mode);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            level.number(),
            within.len(),
            number(CoverageMode::Automated),
            number(CoverageMode::Assisted),
            number(CoverageMode::Manual)
        );
    }
}

/// What a check's outcomes are worth for a requirement, and the order in which that is told.
fn worth(pass: Strength, fail: Strength) -> (u8, &'static str) {
    match (pass, fail) {
        (Strength::Decisive, Strength::Decisive) => (0, "decides"),
        (Strength::Supporting, Strength::Decisive) => (1, "refutes"),
        (Strength::Decisive, Strength::Supporting) => (2, "confirms"),
        (Strength::Supporting, Strength::Supporting) => (3, "indicates"),
    }
}

/// The kinds as words, in the order of the catalogue.
fn kinds(kinds: &[SubjectKind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

/// Who speaks to a requirement: grouped by what that is worth, or the question to a person.
fn by(one: &Coverage, requirement: &Requirement) -> String {
    if one.by.is_empty() {
        return format!("A person: {}", cell(first_sentence(&requirement.question.en)));
    }
    let mut groups: BTreeMap<(u8, &str), Vec<&By>> = BTreeMap::new();
    for by in &one.by {
        groups.entry(worth(by.pass, by.fail)).or_default().push(by);
    }
    let said = groups.iter().map(|((_, word), group)| {
        let named: Vec<String> = group
            .iter()
            .map(|by| {
                let use_case = by.use_case.map(|id| format!("{id}; ")).unwrap_or_default();
                format!("`{}` ({use_case}{})", by.check, kinds(&by.kinds))
            })
            .collect();
        format!("{word}: {}", named.join(", "))
    });
    said.collect::<Vec<_>>().join("<br>")
}

/// All checks: once each, with what they speak to and what they cannot see.
fn checks(text: &mut String, all: &[Coverage]) {
    text.push_str(
        "\n## Checks\n\nEach check once, with the requirements that it speaks to and the kinds of subject on which it weighs there. What it cannot\nsee is shortened; the window shows it in full, with how the check decides and what to do when it fails.\n\n| Check | Use case | On | Requirements | What it cannot see |\n| --- | --- | --- | --- | --- |\n",
    );
    for check in crate::all() {
        let info = check.info();
        let speaks: Vec<(RequirementId, &By)> = all
            .iter()
            .flat_map(|one| one.by.iter().filter(|by| by.check == info.id).map(|by| (one.requirement, by)))
            .collect();
        let mut on: Vec<SubjectKind> = speaks.iter().flat_map(|(_, by)| by.kinds.iter().copied()).collect();
        on.sort();
        on.dedup();
        let requirements: Vec<String> =
            speaks.iter().map(|(id, by)| format!("{id} {}", worth(by.pass, by.fail).1)).collect();
        let or_none = |said: String| if said.is_empty() { "none".to_owned() } else { said };
        let _ = writeln!(
            text,
            "| `{}`<br>{} | {} | {} | {} | {} |",
            info.id,
            cell(&info.title.en),
            info.use_case.map(|id| id.to_string()).unwrap_or_default(),
            or_none(kinds(&on)),
            or_none(requirements.join("<br>")),
            cell(&shortened(&info.blind_spots.en))
        );
    }
}

/// A text in a cell: on one line, and without what would end it.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|").replace('<', "&lt;")
}

/// Where each sentence of a text ends, in bytes. A full stop within an abbreviation or a number ends none.
fn ends(text: &str) -> impl Iterator<Item = usize> {
    let next = |at: usize| text.get(at..).and_then(|rest| rest.chars().next());
    text.match_indices(['.', '?', '!']).map(|(at, mark)| at + mark.len()).filter(move |end| match next(*end) {
        None => true,
        Some(after) => after == ' ' && next(end + 1).is_none_or(char::is_uppercase),
    })
}

fn first_sentence(text: &str) -> &str {
    ends(text).next().and_then(|end| text.get(..end)).unwrap_or(text)
}

/// As many whole sentences as fit; a first one that does not is cut between words.
fn shortened(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    if let Some(short) = ends(text).take_while(|end| *end <= LONGEST).last().and_then(|end| text.get(..end)) {
        return short.to_owned();
    }
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.len() + word.len() + 1 > LONGEST {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    format!("{} …", short.trim_end_matches([',', ';', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_up_to_date() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("COVERAGE.md");
        if std::env::var_os("PLIMSOLL_WRITE_COVERAGE").is_some() {
            std::fs::write(&path, coverage_markdown()).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == coverage_markdown(), "checks/COVERAGE.md is not up to date: run cargo xtask coverage");
    }

    #[test]
    fn each_requirement_and_each_check_has_one_row_with_five_cells() {
        let text = coverage_markdown();
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
        for row in &rows {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
        }
        for requirement in standards().requirements() {
            let start = format!("| {} | {} | ", requirement.id, requirement.level.number());
            let own = rows.iter().filter(|row| row.starts_with(&start) && row.contains(&cell(&requirement.title.en)));
            assert_eq!(own.count(), 1, "{}", requirement.id);
        }
        for check in crate::all() {
            let start = format!("| `{}`<br>", check.info().id);
            assert_eq!(rows.iter().filter(|row| row.starts_with(&start)).count(), 1, "{}", check.info().id);
        }
    }

    #[test]
    fn the_figures_add_up() {
        let text = coverage_markdown();
        let last = text.lines().find(|line| line.starts_with("| 3 | 106 |")).unwrap();
        let numbers: Vec<usize> = last.split('|').filter_map(|cell| cell.trim().parse().ok()).collect();
        assert_eq!(numbers[2] + numbers[3] + numbers[4], 106, "{last}");
        assert!(text.lines().any(|line| line.starts_with("| 1 | 42 |")));
        assert!(text.lines().any(|line| line.starts_with("| 2 | 89 |")));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_to_its_length_and_stays_in_its_cell(text in "[a-zA-Zäß.?! ,|\n]{0,600}") {
            let short = shortened(&text);
            proptest::prop_assert!(short.len() <= LONGEST + " …".len() && first_sentence(&text).len() <= text.len());
            let cell = cell(&short);
            proptest::prop_assert!(!cell.contains('\n') && !cell.replace("\\|", "").contains('|'));
        }
    }

    #[test]
    fn texts_are_cut_at_sentences() {
        assert_eq!(first_sentence("Which is 27.3? And more."), "Which is 27.3?");
        assert_eq!(first_sentence("Such as e.g. this. More."), "Such as e.g. this.");
        assert_eq!(first_sentence("No end"), "No end");
        let long = "Word after word, ".repeat(40);
        assert!(shortened(&long).len() <= LONGEST + 4 && shortened(&long).ends_with(" …"));
        let sentences = "A sentence of some length stands here. ".repeat(20);
        let short = shortened(sentences.trim());
        assert!(short.len() <= LONGEST && short.ends_with("here."), "{short}");
        assert_eq!(cell("a | b\n<c>"), "a \\| b &lt;c>");
    }
}
