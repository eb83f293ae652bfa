//! Dockerfile, shell text, `.dockerignore`, Compose.

use bolero::check;
use plimsoll_dockerfile::{DockerIgnore, Dockerfile, parse, parse_compose, parse_shell, script_of};

use crate::bounded;
use crate::mutate::Recipe;

pub const WORDS: &[&str] = &[
    "FROM ",
    "FROM a AS ",
    "RUN ",
    "COPY --from=",
    "ADD ",
    "ENV a=",
    "ARG ",
    "ONBUILD ",
    "USER ",
    "SHELL [\"",
    "HEALTHCHECK ",
    "RUN <<EOF\n",
    "<<-\"E\" ",
    "EOF\n",
    "# escape=`\n",
    "# syntax=",
    "\\\n",
    "\n",
    "\r\n",
    "\t",
    "\u{feff}",
    "${",
    "}",
    ":-",
    "$",
    "\"",
    "'",
    "`",
    "[\"",
    "\\",
    "--mount=type=cache,",
    "--from=0 ",
    "@sha256:",
    "é",
    "\0",
];

const SHELL_WORDS: &[&str] = &[
    "if ",
    "then ",
    "fi",
    "case x in ",
    "esac",
    "for i in ",
    "do ",
    "done",
    "while ",
    "f() {",
    "}",
    "( ",
    ") ",
    "$(",
    "`",
    "${a:-",
    "$((",
    "))",
    "<<EOF\n",
    "EOF\n",
    "<<<",
    "&& ",
    "|| ",
    "; ",
    "| ",
    "& ",
    "> ",
    "2>&1",
    "bash -c '",
    "sh -ec \"",
    "sudo ",
    "env A=b ",
    "eval ",
    "'",
    "\"",
    "\\",
    "\\\n",
    "\n",
    "#",
    "apt-get update",
    "[[ ",
    " ]]",
    "{a,b}",
    "*",
    "é",
];

const IGNORE_WORDS: &[&str] = &[
    "!", "**", "*", "?", "[", "]", "[^", "a-z", "-", "\\", "/", "../", ".", "#", "\n", "\r\n", "\u{feff}", "**/",
    "/**", "^", "é", "(((",
];

const COMPOSE_WORDS: &[&str] = &[
    "services:\n",
    "  a:\n",
    "    image: b\n",
    "    build:\n",
    "&a ",
    "*a",
    "<<: *a\n",
    "[",
    "]",
    "{",
    "}",
    ": ",
    "- ",
    "|\n",
    ">-\n",
    "\"",
    "'",
    "? ",
    "!!binary ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "\t",
    "#",
    "~",
    "    privileged: true\n",
    "${A:-b}",
    "\u{feff}",
    "é",
    "\n",
];

/// The probes of `tests/peers` are small and full of what is hard.
pub fn dockerfiles() -> Vec<Vec<u8>> {
    let listings = [
        include_str!("../peers/probes/a4.probes"),
        include_str!("../peers/probes/b1.probes"),
        include_str!("../peers/probes/b5.probes"),
        include_str!("../peers/probes/d1.probes"),
    ];
    let probes = listings.iter().flat_map(|listing| listing.split("\n\n"));
    let mut seeds: Vec<Vec<u8>> = probes.map(|probe| probe.as_bytes().to_vec()).collect();
    seeds.push(b"# escape=`\r\nFROM a\r\nSHELL [\"powershell\", \"-c\"]\r\nRUN dir `\r\n  c:\\\r\n".to_vec());
    seeds.push(
        b"FROM a\nRUN <<A bash && cat <<-'B'\nif x; then y; fi\nA\n\tz\n\tB\nCOPY <<E <<\"F\" /x/\n$a\nE\n$b\nF\n"
            .to_vec(),
    );
    seeds
}

/// Everything that can be asked of a Dockerfile.
fn ask(file: &Dockerfile, lines: usize) -> String {
    let mut answers = String::new();
    for (index, instruction) in file.instructions.iter().enumerate() {
        assert!(instruction.line >= 1 && instruction.line <= instruction.end_line);
        assert!(instruction.end_line as usize <= lines.max(1), "line {} of {lines}", instruction.end_line);
        let script = script_of(instruction, &["/bin/sh".to_owned(), "-c".to_owned()]);
        answers += &format!("{script:?} {:?}", plimsoll_dockerfile::sources(instruction));
        // Asked for every instruction of a long file, this alone would take most of the time.
        if index % 8 == 0 {
            answers += &format!("{:?}", file.environment_before(index));
        }
    }
    for stage in file.stages.iter().take(16) {
        answers += &format!("{:?} {:?}", file.effective_user(stage.index), file.lineage(stage.index));
        answers += &format!("{}", file.effective_instructions(stage.index).len());
    }
    answers + &format!("{:?}", file.external_images())
}

#[test]
fn dockerfile_parser() {
    let seeds = dockerfiles();
    check!().with_iterations(500).with_type::<Recipe>().for_each(|recipe| {
        let text = recipe.text(&seeds, WORDS);
        let file = parse(&text);
        assert_eq!(file, parse(&text));
        let json = bounded("Dockerfile", &file, text.len());
        let stored: Dockerfile = serde_json::from_str(&json).unwrap();
        assert_eq!(stored, file);
        let lines = text.split('\n').count();
        assert_eq!(ask(&file, lines), ask(&stored, lines));
        let masked = file.redacted();
        assert_eq!(masked.redacted(), masked, "masking twice changes something");
    });
}

#[test]
fn shell_parser() {
    let texts: [&str; 8] = [
        "set -eux; apt-get update && apt-get install -y --no-install-recommends curl; rm -rf /var/lib/apt/lists/*",
        "if [ \"$A\" = b ]; then curl -fsSL https://example.com/x | sh; elif c; then d; else e; fi",
        "for i in 1 2 3; do echo $i > /tmp/$i || exit 1; done; while read -r l; do (cd /x && make) & done < list",
        "bash -c \"apt-get update && eval 'rm -rf \\\"$x\\\"'\"; sudo -u app env A=b timeout 5 nice chmod u+s /bin/x",
        "cat <<EOF > /etc/x\n$(id) `date`\nEOF\ncat <<'E' | sh -s\necho hi\nE\n",
        "case $1 in a|b) c ;; *) d ;; esac; f() { g \"${1:-$(h)}\"; }; f",
        "powershell -Command Remove-Item -Recurse C:\\x; cmd /S /C dir",
        "",
    ];
    let seeds: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    check!().with_iterations(500).with_type::<Recipe>().for_each(|recipe| {
        let text = recipe.text(&seeds, SHELL_WORDS);
        let script = parse_shell(&text, 7);
        assert_eq!(script, parse_shell(&text, 7));
        bounded("script", &script, text.len());
        for command in &script.commands {
            assert!(
                command.line >= 7 && command.line as usize <= 7 + text.matches('\n').count(),
                "line {}",
                command.line
            );
            let _ = (command.program(), command.unconditional());
            assert!(command.arguments().len() <= command.words.len());
        }
    });
}

#[test]
fn dockerignore() {
    let texts = [
        "# c\n*\n!src\n!src/**/*.rs\nsrc/secret*\n",
        "**/node_modules\n.git\n/[a-c]?[^x]\\*\n",
        "a**b\n***\n!!\n ../x\n",
        "",
    ];
    let seeds: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    let paths = [
        "src/main.rs",
        ".git/config",
        "a",
        "a/b/c/d",
        "node_modules/x/node_modules",
        "../x",
        "",
        "/",
        "é/[a",
        "aaaaaaaaaaaaaaaaaaaaaaaaab",
    ];
    check!().with_iterations(500).with_type::<Recipe>().for_each(|recipe| {
        let text = recipe.text(&seeds, IGNORE_WORDS);
        let file = DockerIgnore::parse(&text);
        assert_eq!(file, DockerIgnore::parse(&text));
        let json = bounded("ignore file", &file, text.len());
        let stored: DockerIgnore = serde_json::from_str(&json).unwrap();
        for path in paths {
            assert_eq!(file.excludes(path), stored.excludes(path), "{path}");
            assert_eq!(file.excludes(path), file.deciding_rule(path).is_some_and(|rule| !rule.exception), "{path}");
        }
    });
}

pub fn compose_files() -> Vec<Vec<u8>> {
    let texts = [
        "services:\n  web:\n    image: nginx:1.27\n    user: \"1000:1000\"\n    environment:\n      - DB_PASSWORD=x\n    healthcheck:\n      test: [\"CMD\", \"true\"]\n",
        "x-common: &common\n  privileged: true\n  cap_add: [ALL]\n  security_opt:\n    - no-new-privileges:true\nservices:\n  a:\n    <<: *common\n    build:\n      context: .\n      args: {A: b}\n  b: *common\n",
        "services:\n  a:\n    image: |\n      x\n    environment:\n      A: \"${B:-c}\"\n      N: null\n    ports: [\"80:80\", 443]\nsecrets:\n  s:\n    file: ./s\n",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\nservices: {e: {image: *d}}\n",
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn compose() {
    let seeds = compose_files();
    check!().with_iterations(500).with_type::<Recipe>().for_each(|recipe| {
        let text = recipe.text(&seeds, COMPOSE_WORDS);
        let (once, twice) = (parse_compose(&text), parse_compose(&text));
        match (&once, &twice) {
            (Ok(once), Ok(twice)) => {
                assert_eq!(once, twice);
                bounded("Compose file", once, text.len());
            }
            (Err(once), Err(twice)) => assert_eq!(once.to_string(), twice.to_string()),
            _ => panic!("one reading succeeds, one does not"),
        }
    });
}
