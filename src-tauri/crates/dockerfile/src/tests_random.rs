//! Random input: nothing panics, and lines stay where they belong.

use crate::{DockerIgnore, Dockerfile, Env, Instruction, Reference, expand, parse, parse_compose, sources};
use proptest::prelude::*;

const SEED: &str = "# syntax=docker/dockerfile:1
# escape=\\
ARG TAG=12
FROM --platform=$BUILDPLATFORM debian:${TAG:-11} AS build
ENV A=\"x y\" B='$C' \\
  # comment
  D=e\\ f
RUN --mount=type=cache,from=busybox,target=/c <<-'EOF' cat \\
  && x
\tline
\tEOF
COPY --from=build [\"a b\", \"/c\"]
ONBUILD ADD --checksum=sha256:00 https://a/b.tar.gz /
HEALTHCHECK --interval=1s CMD [\"x\"]
USER ${U:?none}:${A/x/y}
FROM build
";

fn check_lines(dockerfile: &Dockerfile) -> Result<(), TestCaseError> {
    let last = dockerfile.lines;
    let mut previous = 0;
    for instruction in &dockerfile.instructions {
        prop_assert!(instruction.line > previous, "lines ascend and do not overlap");
        prop_assert!(instruction.line <= instruction.end_line && instruction.end_line <= last);
        previous = instruction.end_line;
        check_instruction(instruction, last)?;
    }
    for problem in &dockerfile.problems {
        prop_assert!(problem.line >= 1 && problem.line <= last.max(1));
    }
    for stage in &dockerfile.stages {
        prop_assert!(stage.instructions.iter().all(|index| *index < dockerfile.instructions.len()));
        prop_assert!(dockerfile.lineage(stage.index).len() <= dockerfile.stages.len());
        let _ = dockerfile.effective_user(stage.index);
    }
    let _ = dockerfile.external_images();
    let _ = dockerfile.redacted();
    prop_assert_eq!(dockerfile.text.split_inclusive('\n').count(), last as usize);
    Ok(())
}

fn check_instruction(instruction: &Instruction, last: u32) -> Result<(), TestCaseError> {
    let _ = sources(instruction);
    let _ = crate::healthcheck(instruction);
    for heredoc in &instruction.heredocs {
        prop_assert!(heredoc.line > instruction.line && heredoc.line <= last);
    }
    match &instruction.trigger {
        Some(trigger) => check_instruction(trigger, last),
        None => Ok(()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC*|(.|\n){0,200}") {
        check_lines(&parse(&text))?;
        let _ = parse_compose(&text);
        let _ = Reference::parse(&text);
        let _ = expand(&text, &Env::new('\\', true));
        let _ = crate::compose::interpolate(&text);
    }

    #[test]
    fn pieces_of_dockerfiles(parts in prop::collection::vec(prop::sample::select(vec![
        "FROM ", "RUN ", "COPY ", "ONBUILD ", "ARG ", "ENV ", "USER ", "HEALTHCHECK ", "\n", "\n", "\\\n", "\r\n",
        " \\ \n", "<<EOF", "<<-E", "EOF\n", "\tE\n", "#", "# escape=`\n", "`\n", "[\"a\"", "]", "\"", "'", "\\", "$",
        "${", "}", ":-", "A=", "a", " AS b", "b", "--from=", "--mount=from=", "é", "\u{feff}", "\u{85}", "\u{a0}",
        "\t", "\r",
    ]), 0..60)) {
        check_lines(&parse(&parts.concat()))?;
    }

    #[test]
    fn mutated(cuts in prop::collection::vec((0usize..600, 0usize..8, "\\PC{0,3}|\n|\\\\\n|\r"), 1..6)) {
        let mut text: Vec<char> = SEED.chars().collect();
        for (at, length, insert) in cuts {
            let at = at.min(text.len());
            let end = (at + length).min(text.len());
            text.splice(at..end, insert.chars());
        }
        check_lines(&parse(&text.into_iter().collect::<String>()))?;
    }

    #[test]
    fn ignore_files(text in "([a-c*?/!.\\[\\]^\\\\-]{0,8}\n){0,6}", path in "[a-c/.*]{0,12}") {
        let ignore = DockerIgnore::parse(&text);
        prop_assert_eq!(ignore.excludes(&path), ignore.deciding_rule(&path).is_some_and(|rule| !rule.exception));
    }

    #[test]
    fn compose_files(parts in prop::collection::vec(prop::sample::select(vec![
        "services:", "\n", "  ", "a:", "image: x", "- ", "&a ", "*a", "<<: ", "{", "}", "[", "]", "environment:", "\"",
        "'", "#", "!reset ", "? ", "|", ">", "---\n", "...\n", "%YAML 1.2\n", "\t", ": ", ",", "é", "build:", "ports:",
        "\u{feff}",
    ]), 0..50)) {
        let _ = parse_compose(&parts.concat());
    }
}
