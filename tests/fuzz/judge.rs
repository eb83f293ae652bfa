//! The checks over facts from edited files: every one ends, says the same twice, and says the same of stored facts.

use bolero::check;
use plimsoll_checks::{ComposeFacts, DockerfileFacts, Facts, Settings, all, judge};

use crate::bounded;
use crate::dockerfile::{WORDS, compose_files, dockerfiles};
use crate::mutate::Recipe;

fn facts(dockerfile: Option<&str>, compose: Option<&str>) -> Facts {
    Facts {
        source: "dockerfile:Dockerfile".to_owned(),
        collected: "2026-01-01T00:00:00Z".to_owned(),
        origin: Vec::new(),
        registry_digests: Vec::new(),
        image: None,
        dockerfile: dockerfile.map(|text| DockerfileFacts {
            path: "Dockerfile".to_owned(),
            parsed: plimsoll_dockerfile::parse(text).redacted(),
            secrets: Vec::new(),
            context: None,
        }),
        compose: compose.and_then(|text| plimsoll_dockerfile::parse_compose(text).ok()).map(|parsed| ComposeFacts {
            path: "compose.yaml".to_owned(),
            parsed,
            secrets: Vec::new(),
        }),
        tree: None,
        listing: None,
        build_commands: Vec::new(),
        trust: None,
        official: Vec::new(),
        bases: Vec::new(),
        registry: None,
        client: None,
        sbom: None,
        host: None,
        container: None,
        collected_by: None,
        vulnerabilities: None,
        vex: vec![],
        acceptances: vec![],
        evidence_problems: vec![],
        unchanged_key: None,
    }
}

fn judged(facts: &Facts, input: usize) {
    let settings = Settings::default();
    let outcomes = judge("s", facts, &settings);
    // Each check that looks at this kind of subject speaks.
    let kind = plimsoll_checks::kind_of(facts);
    assert_eq!(outcomes.len(), all().into_iter().filter(|check| check.kinds().contains(&kind)).count());
    assert_eq!(outcomes, judge("s", facts, &settings));
    let stored: Facts = serde_json::from_str(&serde_json::to_string(facts).unwrap()).unwrap();
    assert_eq!(outcomes, judge("s", &stored, &settings), "stored facts are judged otherwise");
    // Every check may repeat the lines that it names.
    bounded("outcomes", &outcomes, 4 * input);
    for observation in outcomes.iter().flat_map(|outcome| &outcome.observations) {
        assert!(observation.location.is_some() && !observation.message.is_empty(), "{observation:?}");
    }
}

#[test]
fn checks_over_dockerfiles() {
    let seeds = dockerfiles();
    check!().with_iterations(150).with_type::<Recipe>().for_each(|recipe| {
        let text = recipe.text(&seeds, WORDS);
        judged(&facts(Some(&text), None), text.len());
    });
}

#[test]
fn checks_over_compose_files() {
    let seeds = compose_files();
    check!().with_iterations(150).with_type::<Recipe>().for_each(|recipe| {
        let text = recipe.text(&seeds, WORDS);
        judged(&facts(None, Some(&text)), text.len());
    });
}
