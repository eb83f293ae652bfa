//! Whole reports, judged by tools that we did not write.

// A test says by failing what went wrong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod runtime;
mod sample;
mod trust;

use std::path::{Path, PathBuf};
use std::process::Command;

use plimsoll_catalog::{Language, OutcomeKind, Profile, UseCaseId};
use plimsoll_report::{Content, Rendered, SIGNATURE_HEIGHT, SIGNATURE_WIDTH, appearance, render};
use tempfile::TempDir;

/// Runs a tool; a missing one fails the test with the name of its package.
fn tool(name: &str, package: &str, arguments: &[&str]) -> String {
    let output = Command::new(name)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{name} cannot be run ({error}); install the package {package}"));
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} {arguments:?}: {text}");
    text
}

struct Made {
    rendered: Rendered,
    path: PathBuf,
    _folder: TempDir,
}

fn made(content: &Content) -> Made {
    let rendered = render(content).unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, &rendered.pdf).unwrap();
    if let Ok(keep) = std::env::var("PLIMSOLL_KEEP_REPORTS") {
        let runs = content.subjects.iter().filter(|sheet| sheet.runs).count();
        let subjects = content.subjects.len() - runs;
        let name = format!("{}-{:?}-{subjects}-{runs}.pdf", content.language as u8, content.profile);
        std::fs::write(Path::new(&keep).join(name), &rendered.pdf).unwrap();
    }
    Made { rendered, path, _folder: folder }
}

impl Made {
    fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }

    /// The text between header and footer without any blanks, in the order in which it was written.
    fn text(&self) -> String {
        let area = ["-raw", "-x", "0", "-y", "56", "-W", "600", "-H", "730"];
        let arguments: Vec<&str> = area.into_iter().chain([self.path(), "-"]).collect();
        squeezed(&tool("pdftotext", "poppler-utils", &arguments))
    }
}

/// Without blanks, without hyphens, because pdftotext drops those at the end of a line, and without backticks, which
/// become code.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"-`".contains(*c)).collect()
}

/// What every report must be.
fn check(content: &Content, made: &Made) {
    let structure = tool("qpdf", "qpdf", &["--check", made.path()]);
    assert!(structure.contains("No syntax or stream encoding errors found"), "{structure}");
    assert!(!structure.contains("WARNING"), "{structure}");

    let fonts = tool("pdffonts", "poppler-utils", &[made.path()]);
    let lines: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(lines.len() >= 3, "{fonts}");
    for line in lines {
        let columns: Vec<&str> = line.split_whitespace().collect();
        // name, type (three words), encoding, emb, sub, uni, object
        assert_eq!(columns[columns.len() - 5..columns.len() - 2], ["yes", "yes", "yes"], "{fonts}");
        let (tag, _) = columns[0].split_once('+').unwrap();
        assert!(tag.len() == 6 && tag.bytes().all(|b| b.is_ascii_uppercase()), "{fonts}");
    }

    let attached = tool("pdfdetach", "poppler-utils", &["-list", made.path()]);
    assert!(attached.contains("1 embedded files") && attached.contains("results.json"), "{attached}");
    let saved = made.path.with_file_name("saved.json");
    tool("pdfdetach", "poppler-utils", &["-save", "1", "-o", saved.to_str().unwrap(), made.path()]);
    assert_eq!(std::fs::read_to_string(saved).unwrap(), content.results_json);

    let info = tool("pdfinfo", "poppler-utils", &[made.path()]);
    assert!(info.contains(&format!("Pages:           {}", made.rendered.pages)), "{info}");
    assert!(info.contains("PDF version:     1.7") && info.contains("A4"), "{info}");
    assert!(info.contains(content.title.as_str()), "{info}");

    assert!(!made.rendered.warnings.iter().any(|w| w.contains(" > ")), "overfull: {:#?}", made.rendered.warnings);

    let again = render(content).unwrap();
    assert!(again.pdf == made.rendered.pdf, "the same content gave other bytes");
}

/// Every text of the content is in print.
fn check_texts(content: &Content, text: &str) {
    let mut wanted: Vec<String> = vec![
        content.title.clone(),
        content.client.clone(),
        content.scope.clone(),
        content.engagement.clone(),
        content.auditor.name.clone(),
        content.trail_head.1.clone(),
        content.snapshot_sha256.clone(),
    ];
    wanted.extend(content.limitations.iter().cloned());
    wanted.extend(content.tools.iter().flat_map(|(name, version)| [name.clone(), version.clone()]));
    for line in &content.use_cases {
        wanted.extend([format!("{}{}", line.id, line.title), line.phase.clone()]);
    }
    for sheet in &content.subjects {
        wanted.push(sheet.kind.clone());
        wanted
            .extend(sheet.identity.iter().chain(&sheet.figures).flat_map(|(key, value)| [key.clone(), value.clone()]));
        wanted.extend(sheet.layers.iter().flat_map(|layer| [layer.diff_id.clone(), layer.command.clone()]));
        for trust in sheet.trust.iter() {
            wanted.extend([trust.summary.clone(), trust.notice.clone()]);
            for part in &trust.parts {
                wanted.extend([part.title.clone(), part.places.clone()]);
                wanted.extend(part.facts.iter().flat_map(|(key, value)| [key.clone(), value.clone()]));
                for line in &part.signatures {
                    wanted.extend([line.label.clone(), line.scheme.clone(), line.reason.clone()]);
                    wanted.extend(line.details.iter().flat_map(|(key, value)| [key.clone(), value.clone()]));
                    wanted.extend(line.notes.iter().cloned());
                    wanted.extend(line.chain.iter().flat_map(|l| [&l.title, &l.details, &l.problem]).cloned());
                }
                wanted.extend(part.lookups.iter().flat_map(|l| [&l.place, &l.answer, &l.reason]).cloned());
            }
            wanted.extend(trust.pins.iter().flat_map(|pin| [&pin.repository, &pin.root, &pin.first_seen]).cloned());
        }
        for probes in sheet.probes.iter() {
            wanted.extend(probes.facts.iter().flat_map(|(key, value)| [key.clone(), value.clone()]));
            wanted.extend(probes.probes.iter().flat_map(|p| [&p.asked, &p.request, &p.answer]).cloned());
        }
        for result in &sheet.results {
            wanted.extend([result.summary.clone(), result.remedy.clone()]);
            wanted.extend(result.observations.iter().flat_map(|o| [&o.message, &o.location, &o.reproduce]).cloned());
            wanted.extend(result.decision.iter().map(|decision| decision.rationale.clone()));
        }
        for check in &sheet.checks {
            wanted.extend([check.title.clone(), check.summary.clone()]);
            wanted.extend(check.decisions.iter().map(|(_, decision)| decision.rationale.clone()));
            if !matches!(check.outcome, OutcomeKind::Pass | OutcomeKind::NotApplicable) {
                wanted.push(check.remedy.clone());
                wanted.extend(check.observations.iter().flat_map(|o| [&o.message, &o.location, &o.reproduce]).cloned());
            }
        }
    }
    for line in &content.requirements {
        wanted.extend([line.id.to_string(), line.chapter.clone(), format!("{}{}", line.title, line.statement)]);
        wanted.extend(line.decisions.iter().map(|(_, decision)| decision.rationale.clone()));
        if line.in_profile {
            wanted.push(line.basis.clone());
        }
    }
    for line in &content.evidence {
        wanted.extend([line.number.clone(), line.name.clone(), line.sha256.clone(), line.source.clone()]);
        wanted.extend(line.text.iter().flat_map(|text| text.lines().map(str::to_owned)));
    }
    let missing: Vec<&String> = wanted.iter().filter(|wanted| !text.contains(&squeezed(wanted))).collect();
    assert!(missing.is_empty(), "{} of {} texts are not in print: {missing:#?}", missing.len(), wanted.len());
}

#[test]
fn a_full_report_in_english() {
    let content = sample::sample(Language::En, Profile::Full, 12);
    let made = made(&content);
    check(&content, &made);
    let text = made.text();
    check_texts(&content, &text);
    for id in UseCaseId::ALL {
        assert!(text.contains(&id.to_string()));
    }
    assert!(text.contains("CSVSlevel2:notachieved"));
    // What the fonts lack is shown as a code, and the auditor is told.
    assert!(text.contains("images/[U+670D][U+52A1][U+05E9]"));
    assert!(made.rendered.warnings.iter().any(|warning| warning.contains("U+670D")), "{:?}", made.rendered.warnings);
    assert!(made.rendered.warnings.iter().any(|warning| warning.contains("E-3")), "{:?}", made.rendered.warnings);
    assert_eq!(made.rendered.warnings.len(), 2);
}

#[test]
fn an_image_report_in_german_states_no_level() {
    let content = sample::sample(Language::De, Profile::Image, 3);
    let made = made(&content);
    check(&content, &made);
    let text = made.text();
    check_texts(&content, &text);
    assert!(text.contains("ImagebezogeneAnforderungen:"));
    for word in [":erreicht", ":nichterreicht", "CSVSStufe"] {
        assert!(!text.contains(word), "{word}");
    }
    assert_eq!(text.matches("NichtimProfil").count() - text.matches("„NichtimProfil“").count(), 92);
}

#[test]
fn hosts_containers_and_a_compose_file() {
    for language in [Language::En, Language::De] {
        let content = runtime::sample(language, 2, 5);
        let made = made(&content);
        check(&content, &made);
        let text = made.text();
        check_texts(&content, &text);
        // What runs is no column of the use cases, and has a section of its own.
        assert!(
            !text.contains("S3toS8")
                && text.contains(if language == Language::En { "5Hostsandcontainers" } else { "5HostsundContainer" })
        );
    }
}

#[test]
fn only_hosts_are_no_empty_engagement() {
    let mut content = runtime::sample(Language::En, 0, 0);
    content.subjects.retain(|sheet| sheet.runs);
    let made = made(&content);
    check(&content, &made);
    let text = made.text();
    check_texts(&content, &text);
    assert!(text.contains("Nothingunderauditisanimage") && !text.contains("nothingwasexamined"));
}

#[test]
fn a_thousand_containers_that_are_alike_do_not_make_a_thousand_pages() {
    let content = runtime::sample(Language::En, 1, 1000);
    let made = made(&content);
    check(&content, &made);
    let text = made.text();
    assert!(made.rendered.pages < 65, "{}", made.rendered.pages);
    // All are named, and what one of them has alone is told in full.
    assert!((0..1000).all(|n| text.contains(&format!("shop{n}Container"))));
    assert!(text.contains("Onlythisonewasentered"));
    assert_eq!(text.matches("Itsonlyprocessrunsasroot").count(), 1);
}

#[test]
fn an_engagement_without_subjects() {
    let content = sample::empty();
    let made = made(&content);
    check(&content, &made);
    let text = made.text();
    assert!(text.contains("nosubjects:nothingwasexamined"));
    assert!(text.contains("DRAFT"));
    check_texts(&content, &text);
}

#[test]
fn one_subject() {
    let content = sample::sample(Language::De, Profile::Full, 1);
    let made = made(&content);
    check(&content, &made);
    check_texts(&content, &made.text());
}

#[test]
fn what_a_hostile_author_writes_does_no_harm() {
    let mut content = sample::sample(Language::En, Profile::Image, 2);
    content.title = format!("<b>&amp;\u{0}\u{202e}{}", "unbreakable".repeat(60));
    content.client = "W".repeat(3000);
    content.scope = "scope ".repeat(4000);
    content.number = "R-".repeat(200);
    content.auditor.name = String::new();
    content.auditor.organization = Some("\n\n\t".to_owned());
    content.subjects[0].name = "n".repeat(5000);
    content.subjects[0].results[0].summary = "word ".repeat(9000);
    content.subjects[0].results[1].observations = vec![sample_observation(); 400];
    content.requirements[0].statement = "s".repeat(20_000);
    content.evidence[0].about = vec!["B3 · S1".to_owned(); 300];
    let made = made(&content);
    let structure = tool("qpdf", "qpdf", &["--check", made.path()]);
    assert!(structure.contains("No syntax or stream encoding errors found"), "{structure}");
    assert!(!made.rendered.warnings.iter().any(|w| w.contains(" > ")), "overfull: {:#?}", made.rendered.warnings);
    // The head of the table comes between the pages.
    assert!(made.text().matches("ssssssssss").count() > 1990);
}

fn sample_observation() -> plimsoll_report::content::ObservationLine {
    plimsoll_report::content::ObservationLine {
        severity: plimsoll_catalog::Severity::High,
        message: String::new(),
        location: "/x".repeat(400),
        reproduce: "y".repeat(400),
    }
}

#[test]
fn bookmarks_links_and_fields_are_there() {
    let made = made(&sample::sample(Language::En, Profile::Full, 2));
    let document = lopdf::Document::load_mem(&made.rendered.pdf).unwrap();
    let catalog = document.catalog().unwrap();
    let form = catalog.get(b"AcroForm").unwrap().as_dict().unwrap();
    let fields = form.get(b"Fields").unwrap().as_array().unwrap();
    let names: Vec<Vec<u8>> = fields
        .iter()
        .map(|field| {
            let field = document.get_dictionary(field.as_reference().unwrap()).unwrap();
            assert_eq!(field.get(b"FT").unwrap().as_name().unwrap(), b"Sig");
            assert_eq!(field.get(b"F").unwrap().as_i64().unwrap(), 132);
            assert!(field.get(b"V").is_err() && field.has(b"TU") && field.has(b"P") && field.has(b"AP"));
            field.get(b"T").unwrap().as_str().unwrap().to_vec()
        })
        .collect();
    assert_eq!(names, [b"Auditor".to_vec(), b"Reviewer".to_vec()]);
    assert_eq!(catalog.get(b"PageMode").unwrap().as_name().unwrap(), b"UseOutlines");
    let links = document
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok())
        .filter(|dict| dict.get(b"Subtype").is_ok_and(|kind| kind.as_name().is_ok_and(|name| name == b"Link")))
        .inspect(|dict| assert!(dict.has(b"Dest") && dict.get(b"F").unwrap().as_i64().unwrap() == 4))
        .count();
    assert!(links > 60, "{links}");
    let outline = document.get_dictionary(catalog.get(b"Outlines").unwrap().as_reference().unwrap()).unwrap();
    // Verification, contents and the nine sections.
    assert_eq!(outline.get(b"Count").unwrap().as_i64().unwrap(), 11);
    let unsigned = tool_any("pdfsig", "poppler-utils", &[made.path()]);
    assert!(unsigned.contains("not") && !unsigned.contains("Signature is Valid"), "{unsigned}");
}

#[test]
fn the_picture_of_a_signature_shows_its_lines() {
    let made = made(&sample::sample(Language::En, Profile::Image, 1));
    let lines = ["Zoë Müller-Łukasz", "Waterline Audit GmbH", "2025-11-24 10:15:02 UTC", "Digitally signed"];
    let look = appearance(&lines, SIGNATURE_WIDTH, SIGNATURE_HEIGHT).unwrap();
    let mut document = lopdf::Document::load_mem(&made.rendered.pdf).unwrap();
    let offset = document.max_id;
    let moved = |id: lopdf::ObjectId| (id.0 + offset, id.1);
    for (id, mut object) in look.objects {
        renumber(&mut object, &moved);
        document.set_object(moved(id), object);
    }
    document.max_id = document.objects.keys().map(|id| id.0).max().unwrap();
    let form = document.catalog().unwrap().get(b"AcroForm").unwrap().as_dict().unwrap();
    let field = form.get(b"Fields").unwrap().as_array().unwrap()[0].as_reference().unwrap();
    let mut states = lopdf::Dictionary::new();
    states.set("N", lopdf::Object::Reference(moved(look.root)));
    document.get_dictionary_mut(field).unwrap().set("AP", states);
    let path = made.path.with_file_name("signed.pdf");
    document.save(&path).unwrap();
    if let Ok(keep) = std::env::var("PLIMSOLL_KEEP_REPORTS") {
        std::fs::copy(&path, Path::new(&keep).join("appearance.pdf")).unwrap();
    }
    let text = tool("pdftotext", "poppler-utils", &["-f", "2", path.to_str().unwrap(), "-"]);
    assert!(lines.iter().all(|line| text.contains(line)), "{text}");
    tool("qpdf", "qpdf", &["--check", path.to_str().unwrap()]);
}

fn renumber(object: &mut lopdf::Object, moved: &impl Fn(lopdf::ObjectId) -> lopdf::ObjectId) {
    match object {
        lopdf::Object::Reference(id) => *id = moved(*id),
        lopdf::Object::Array(items) => items.iter_mut().for_each(|item| renumber(item, moved)),
        lopdf::Object::Dictionary(dict) => dict.iter_mut().for_each(|(_, value)| renumber(value, moved)),
        lopdf::Object::Stream(stream) => stream.dict.iter_mut().for_each(|(_, value)| renumber(value, moved)),
        _ => {}
    }
}

/// Runs a tool that may end with an error code.
fn tool_any(name: &str, package: &str, arguments: &[&str]) -> String {
    let output = Command::new(name)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{name} cannot be run ({error}); install the package {package}"));
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
