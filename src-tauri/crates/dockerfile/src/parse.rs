//! From the text of a Dockerfile to its instructions. Total: it never fails.

use crate::directive::{DirectiveReader, Seen, split as split_directive};
use crate::heredoc::openings;
use crate::instruction::{Place, read};
use crate::lines::{Lines, is_comment, number, strip_continuation};
use crate::model::{Arguments, Directive, Dockerfile, Heredoc, Instruction, Keyword, Problem};
use crate::stages::build_stages;
use plimsoll_secrets::redact_text;
use sha2::{Digest, Sha256};

/// Parses a Dockerfile. What is wrong with it goes to [`Dockerfile::problems`].
#[must_use]
pub fn parse(text: &str) -> Dockerfile {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        lines: Lines::new(body),
        directives: Vec::new(),
        escape: '\\',
        instructions: Vec::new(),
        problems: Vec::new(),
    };
    reader.run();
    let mut dockerfile = Dockerfile {
        lines: u32::try_from(reader.lines.count()).unwrap_or(u32::MAX),
        directives: reader.directives,
        escape: reader.escape,
        instructions: reader.instructions,
        stages: Vec::new(),
        problems: reader.problems,
        sha256: hex::encode(Sha256::digest(text.as_bytes())),
        text: redact_text(body),
    };
    build_stages(&mut dockerfile);
    dockerfile.problems.sort_by_key(|problem| problem.line);
    dockerfile
}

struct Reader<'a> {
    lines: Lines<'a>,
    directives: Vec<Directive>,
    escape: char,
    instructions: Vec<Instruction>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn run(&mut self) {
        let mut directives = DirectiveReader::default();
        let mut index = 0;
        // The frontend is looked for behind a shebang line, too; the other directives are not.
        if self.lines.get(0).is_some_and(|line| line.starts_with("#!"))
            && let Some((name, value)) = self.lines.get(1).and_then(split_directive)
            && name == "syntax"
        {
            self.directives.push(Directive { name, value, line: 2 });
        }
        while let Some(line) = self.lines.get(index) {
            let first = index;
            index += 1;
            let line = line.trim_start();
            if !directives.is_done() {
                match directives.look(line, number(first)) {
                    Seen::Directive(directive) => self.directive(directive),
                    Seen::Repeated(name) => {
                        self.complain(first, format!("only one {name} parser directive can be used"));
                    }
                    Seen::Nothing => {}
                }
            }
            if line.is_empty() || is_comment(line) {
                continue;
            }
            index = self.instruction(line, first);
        }
        if self.instructions.is_empty() {
            self.complain(0, "the file has no instructions".to_owned());
        }
    }

    fn directive(&mut self, directive: Directive) {
        if directive.name == "escape" {
            match directive.value.as_str() {
                "\\" => self.escape = '\\',
                "`" => self.escape = '`',
                _ => self.problems.push(Problem {
                    line: directive.line,
                    message: "the escape directive takes a backslash or a backtick only".to_owned(),
                }),
            }
        }
        self.directives.push(directive);
    }

    /// Reads the instruction that begins with `line`; gives the index of the line after it.
    fn instruction(&mut self, line: &str, first: usize) -> usize {
        let mut index = first + 1;
        let mut joined = String::new();
        let mut lines = vec![(0, number(first))];
        let mut pending = strip_continuation(line, self.escape);
        joined.push_str(pending.unwrap_or(line));
        let mut blank = None;
        while pending.is_some() {
            let Some(line) = self.lines.get(index) else { break };
            index += 1;
            if is_comment(line) {
                continue;
            }
            if line.trim_start().is_empty() {
                blank = blank.or(Some(index - 1));
                continue;
            }
            pending = strip_continuation(line, self.escape);
            lines.push((joined.len(), number(index - 1)));
            joined.push_str(pending.unwrap_or(line));
        }
        if let Some(blank) = blank {
            self.complain(blank, "empty line inside a continued instruction".to_owned());
        }
        if joined.trim().is_empty() {
            self.complain(first, "a continuation without an instruction".to_owned());
            return index;
        }
        let mut instruction = {
            let mut place = Place {
                line: number(first),
                end_line: number(index.saturating_sub(1)),
                escape: self.escape,
                lines: &lines,
                problems: &mut self.problems,
            };
            read(&joined, &mut place)
        };
        if takes_heredocs(&instruction) {
            index = self.heredocs(&mut instruction, &joined, first, index);
        }
        self.instructions.push(instruction);
        index
    }

    /// Reads the here-documents below a line. One without an end is a problem and takes no lines.
    fn heredocs(&mut self, instruction: &mut Instruction, joined: &str, first: usize, below: usize) -> usize {
        let mut index = below;
        let mut found = Vec::new();
        for opening in openings(joined) {
            let Some(end) = self.lines.find(&opening.name, index, opening.strip_tabs) else {
                self.complain(first, "unterminated here-document".to_owned());
                break;
            };
            let mut content = String::new();
            for inside in index..end {
                let line = self.lines.raw(inside).unwrap_or_default();
                content.push_str(if opening.strip_tabs { line.trim_start_matches('\t') } else { line });
            }
            found.push(Heredoc {
                name: opening.name,
                expand: opening.expand,
                strip_tabs: opening.strip_tabs,
                content,
                line: number(index),
            });
            index = end + 1;
        }
        let end_line = number(index.saturating_sub(1));
        instruction.end_line = end_line;
        match &mut instruction.trigger {
            Some(trigger) => {
                trigger.end_line = end_line;
                trigger.heredocs = found;
            }
            None => instruction.heredocs = found,
        }
        index
    }

    fn complain(&mut self, index: usize, message: String) {
        self.problems.push(Problem { line: number(index), message });
    }
}

/// `RUN`, `COPY` and `ADD` outside JSON form, and such a trigger of an `ONBUILD`.
fn takes_heredocs(instruction: &Instruction) -> bool {
    let instruction = instruction.trigger.as_deref().unwrap_or(instruction);
    matches!(instruction.keyword, Keyword::Run | Keyword::Copy | Keyword::Add)
        && matches!(instruction.arguments, Arguments::Shell(_))
}
