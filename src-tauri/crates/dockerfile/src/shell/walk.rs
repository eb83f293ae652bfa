//! From the parser's syntax tree to simple commands.

use super::inline::{Inline, inline_of};
use super::source::{Source, show_masks};
use super::word::{Mode, Scanned, scan};
use super::{Command, Connector, Language, Nesting, Redirect, Script, Word, bounds, pieces};
use crate::Problem;
use brush_parser::ast::{
    self, AndOr, Assignment, AssignmentName, AssignmentValue, CommandPrefixOrSuffixItem, CompoundCommand, CompoundList,
    ExtendedTestExpr, IoFileRedirectKind, IoFileRedirectTarget, IoRedirect, Pipeline, SeparatorOperator,
    SourceLocation,
};
use brush_parser::{SourceSpan, Token};

/// Most commands of a script.
const MAX_COMMANDS: usize = 20_000;
/// Most problems that are listed.
const MAX_PROBLEMS: usize = 20;
/// Deepest `sh -c "sh -c …"` and `$( $( … ) )` that is read.
const MAX_INLINE: usize = 8;
/// Most bytes of inline texts that are parsed, all together.
const MAX_INLINE_BYTES: usize = 2 * 1024 * 1024;

/// Parses a text.
pub(crate) fn parse(source: &Source) -> Script {
    let mut walker = Walker {
        script: Script { language: Language::Posix, commands: Vec::new(), problems: Vec::new() },
        pipelines: 0,
        inline: 0,
        inline_bytes: 0,
    };
    walker.text(source, &[], Connector::First);
    walker.script
}

/// A command given in words, as the JSON form of an instruction does; what it hands to a shell is read too.
pub(crate) fn words(items: &[String], line: u32) -> Script {
    let mut walker = Walker {
        script: Script { language: Language::Posix, commands: Vec::new(), problems: Vec::new() },
        pipelines: 0,
        inline: 0,
        inline_bytes: 0,
    };
    let words: Vec<Word> = items.iter().map(|item| Word { text: item.clone(), literal: true }).collect();
    let command = Command { words, line, ..Command::default() };
    let inline = inline_of(&command);
    walker.push(command);
    if let Some(Inline::Word(at)) = inline
        && let Some(item) = items.get(at)
    {
        walker.nested(&Source::new(&super::source::hide_masks(item), line), &[], Nesting::Inline);
    }
    walker.script
}

struct Walker {
    script: Script,
    pipelines: u32,
    inline: usize,
    inline_bytes: usize,
}

/// A word with what is needed to read it further.
struct Raw {
    start: usize,
    scanned: Scanned,
}

impl Walker {
    fn push(&mut self, command: Command) {
        if self.script.commands.len() < MAX_COMMANDS {
            self.script.commands.push(command);
        } else if self.script.commands.len() == MAX_COMMANDS {
            self.complain(command.line, "the script has more commands than are read");
        }
    }

    fn complain(&mut self, line: u32, message: impl Into<String>) {
        let problem = Problem { line, message: message.into() };
        if self.script.problems.len() < MAX_PROBLEMS && !self.script.problems.contains(&problem) {
            self.script.problems.push(problem);
        }
    }

    fn next_pipeline(&mut self) -> u32 {
        let number = self.pipelines;
        self.pipelines = self.pipelines.saturating_add(1);
        number
    }

    /// A text inside another one.
    fn nested(&mut self, source: &Source, around: &[Nesting], kind: Nesting) {
        if source.text.trim().is_empty() {
            return;
        }
        self.inline_bytes = self.inline_bytes.saturating_add(source.text.len());
        if self.inline >= MAX_INLINE || self.inline_bytes > MAX_INLINE_BYTES {
            self.complain(source.line(0), "commands inside commands are nested too deeply to be read");
            return;
        }
        self.inline += 1;
        let mut nesting = around.to_vec();
        nesting.push(kind);
        self.text(source, &nesting, Connector::First);
        self.inline -= 1;
    }

    fn text(&mut self, source: &Source, nesting: &[Nesting], connector: Connector) {
        if let Some(reason) = bounds::refuse(&source.text) {
            self.complain(source.line(0), reason);
            return;
        }
        let parsed = bounds::with_stack(&source.text, || self.whole(source, nesting, connector));
        if parsed != Some(true) {
            self.parts_of_text(source, nesting, connector);
        }
    }

    /// Parses a text as a whole, or at least its outermost parts. False when it has no tokens.
    fn whole(&mut self, source: &Source, nesting: &[Nesting], connector: Connector) -> bool {
        let Ok(mut tokens) = bounds::tokens(&source.text) else { return false };
        if let Ok(program) = bounds::program(&mut tokens) {
            self.program(source, &program, nesting, connector);
            return true;
        }
        for (number, (between, range)) in pieces::of_tokens(&tokens).into_iter().enumerate() {
            let mut piece: Vec<Token> = tokens.get(range).unwrap_or_default().to_vec();
            let line = piece.first().map_or(1, |token| source.line(token.location().start.index));
            match bounds::program(&mut piece) {
                Ok(program) => {
                    let connector = if number == 0 { connector } else { between };
                    self.program(source, &program, nesting, connector);
                }
                Err(reason) => self.complain(line, reason),
            }
        }
        true
    }

    /// Parses what can be parsed of a text that as a whole cannot even be split into words.
    fn parts_of_text(&mut self, source: &Source, nesting: &[Nesting], connector: Connector) {
        let parts = pieces::of_text(&source.text);
        let chars: Vec<char> = source.text.chars().collect();
        let mut first = true;
        for (between, range) in parts {
            let at = range.start;
            let text: String = chars.get(range).unwrap_or_default().iter().collect();
            if text.trim().is_empty() {
                continue;
            }
            let part = Source::new(&text, source.line(at));
            let connector = if first { connector } else { between };
            first = false;
            let parsed = bounds::with_stack(&text, || {
                let mut tokens = bounds::tokens(&text)?;
                let program = bounds::program(&mut tokens)?;
                self.program(&part, &program, nesting, connector);
                Ok::<(), String>(())
            });
            match parsed {
                Some(Ok(())) => {}
                Some(Err(reason)) => self.complain(part.line(0), reason),
                None => self.complain(part.line(0), "the shell text is nested too deeply to be parsed"),
            }
        }
        if self.script.problems.is_empty() {
            self.complain(source.line(0), "the shell text could be parsed in pieces only");
        }
    }

    fn program(&mut self, source: &Source, program: &ast::Program, nesting: &[Nesting], connector: Connector) {
        for (number, list) in program.complete_commands.iter().enumerate() {
            self.list(source, list, nesting, if number == 0 { connector } else { Connector::Then });
        }
    }

    fn list(&mut self, source: &Source, list: &CompoundList, nesting: &[Nesting], connector: Connector) {
        let mut connector = connector;
        for item in &list.0 {
            self.and_or(source, &item.0, nesting, connector);
            connector = match item.1 {
                SeparatorOperator::Async => Connector::Background,
                SeparatorOperator::Sequence => Connector::Then,
            };
        }
    }

    fn and_or(&mut self, source: &Source, list: &ast::AndOrList, nesting: &[Nesting], connector: Connector) {
        let mut tested = is_test(&list.first);
        self.pipeline(source, &list.first, nesting, connector);
        let mut conditional = nesting.to_vec();
        conditional.push(Nesting::Conditional);
        for next in &list.additional {
            let (pipeline, connector) = match next {
                AndOr::And(pipeline) => (pipeline, Connector::And),
                AndOr::Or(pipeline) => (pipeline, Connector::Or),
            };
            let doubtful = tested || connector == Connector::Or;
            self.pipeline(source, pipeline, if doubtful { &conditional } else { nesting }, connector);
            tested = tested || is_test(pipeline);
        }
    }

    fn pipeline(&mut self, source: &Source, pipeline: &Pipeline, nesting: &[Nesting], connector: Connector) {
        let number = self.next_pipeline();
        for (place, command) in pipeline.seq.iter().enumerate() {
            let connector = if place == 0 { connector } else { Connector::Pipe };
            match command {
                ast::Command::Simple(simple) => self.simple(source, simple, nesting, connector, number),
                ast::Command::Compound(compound, redirects) => {
                    self.compound(source, compound, nesting, connector);
                    self.redirects(source, redirects.as_ref(), nesting);
                }
                ast::Command::Function(function) => {
                    let mut inner = nesting.to_vec();
                    inner.push(Nesting::Function(function.fname.value.clone()));
                    self.compound(source, &function.body.0, &inner, connector);
                    self.redirects(source, function.body.1.as_ref(), &inner);
                }
                ast::Command::ExtendedTest(test, _) => self.test(source, &test.expr, nesting),
            }
        }
    }

    fn compound(&mut self, source: &Source, command: &CompoundCommand, nesting: &[Nesting], connector: Connector) {
        let within = |kind: Nesting| {
            let mut inner = nesting.to_vec();
            inner.push(kind);
            inner
        };
        match command {
            CompoundCommand::BraceGroup(group) => {
                self.list(source, &group.list, &within(Nesting::Group), connector);
            }
            CompoundCommand::Subshell(subshell) => {
                self.list(source, &subshell.list, &within(Nesting::Subshell), connector);
            }
            CompoundCommand::IfClause(clause) => {
                let inner = within(Nesting::Conditional);
                self.list(source, &clause.condition, &inner, connector);
                self.list(source, &clause.then, &inner, Connector::First);
                for other in clause.elses.iter().flatten() {
                    if let Some(condition) = &other.condition {
                        self.list(source, condition, &inner, Connector::First);
                    }
                    self.list(source, &other.body, &inner, Connector::First);
                }
            }
            CompoundCommand::CaseClause(clause) => {
                let inner = within(Nesting::Conditional);
                self.substitutions(source, &clause.value, nesting);
                for item in &clause.cases {
                    if let Some(list) = &item.cmd {
                        self.list(source, list, &inner, Connector::First);
                    }
                }
            }
            CompoundCommand::ForClause(clause) => {
                for value in clause.values.iter().flatten() {
                    self.substitutions(source, value, nesting);
                }
                self.list(source, &clause.body.list, &within(Nesting::Loop), connector);
            }
            CompoundCommand::ArithmeticForClause(clause) => {
                self.list(source, &clause.body.list, &within(Nesting::Loop), connector);
            }
            CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
                let inner = within(Nesting::Loop);
                self.list(source, &clause.0, &inner, connector);
                self.list(source, &clause.1.list, &inner, Connector::First);
            }
            CompoundCommand::Coprocess(coprocess) => {
                if let ast::Command::Compound(inner, _) = coprocess.body.as_ref() {
                    self.compound(source, inner, nesting, connector);
                } else if let ast::Command::Simple(simple) = coprocess.body.as_ref() {
                    let number = self.next_pipeline();
                    self.simple(source, simple, nesting, connector, number);
                }
            }
            CompoundCommand::Arithmetic(arithmetic) => self.arithmetic(source, &arithmetic.loc, nesting),
        }
    }

    /// `( ( a ) )` is taken for arithmetic by the parser; it is a subshell in a subshell.
    fn arithmetic(&mut self, source: &Source, span: &SourceSpan, nesting: &[Nesting]) {
        let part = source.slice(span.start.index, span.end.index);
        if part.text.starts_with("((") {
            return;
        }
        let inner = part.slice(1, part.text.chars().count().saturating_sub(1));
        self.nested(&inner, nesting, Nesting::Subshell);
    }

    fn test(&mut self, source: &Source, test: &ExtendedTestExpr, nesting: &[Nesting]) {
        match test {
            ExtendedTestExpr::And(left, right) | ExtendedTestExpr::Or(left, right) => {
                self.test(source, left, nesting);
                self.test(source, right, nesting);
            }
            ExtendedTestExpr::Not(inner) | ExtendedTestExpr::Parenthesized(inner) => self.test(source, inner, nesting),
            ExtendedTestExpr::UnaryTest(_, word) => self.substitutions(source, word, nesting),
            ExtendedTestExpr::BinaryTest(_, left, right) => {
                self.substitutions(source, left, nesting);
                self.substitutions(source, right, nesting);
            }
        }
    }

    /// The commands in a word that belongs to no simple command.
    fn substitutions(&mut self, source: &Source, word: &ast::Word, nesting: &[Nesting]) {
        let raw = read(word);
        self.raw_substitutions(source, &raw, nesting);
    }

    fn raw_substitutions(&mut self, source: &Source, raw: &Raw, nesting: &[Nesting]) {
        for (place, text) in &raw.scanned.substitutions {
            let mut inner = Source::default();
            for (offset, ch) in text.chars().enumerate() {
                inner.push_char(ch, source.line(raw.start + place + offset));
            }
            self.nested(&inner, nesting, Nesting::Substitution);
        }
    }

    fn redirects(&mut self, source: &Source, redirects: Option<&ast::RedirectList>, nesting: &[Nesting]) {
        for redirect in redirects.into_iter().flat_map(|list| &list.0) {
            let (_, raw, subshell) = self.redirect(redirect);
            self.raw_substitutions(source, &raw, nesting);
            self.process(source, subshell, nesting);
        }
    }

    fn process(&mut self, source: &Source, subshell: Option<&ast::SubshellCommand>, nesting: &[Nesting]) {
        if let Some(subshell) = subshell {
            let mut inner = nesting.to_vec();
            inner.push(Nesting::Substitution);
            self.list(source, &subshell.list, &inner, Connector::First);
        }
    }

    fn redirect<'a>(&mut self, redirect: &'a IoRedirect) -> (Redirect, Raw, Option<&'a ast::SubshellCommand>) {
        let number = |descriptor: Option<i32>| descriptor.map(|number| number.to_string()).unwrap_or_default();
        let (operator, raw, subshell) = match redirect {
            IoRedirect::File(descriptor, kind, target) => {
                let sign = match kind {
                    IoFileRedirectKind::Read => "<",
                    IoFileRedirectKind::Write => ">",
                    IoFileRedirectKind::Append => ">>",
                    IoFileRedirectKind::ReadAndWrite => "<>",
                    IoFileRedirectKind::Clobber => ">|",
                    IoFileRedirectKind::DuplicateInput => "<&",
                    IoFileRedirectKind::DuplicateOutput => ">&",
                };
                let (raw, subshell) = match target {
                    IoFileRedirectTarget::Filename(word) | IoFileRedirectTarget::Duplicate(word) => (read(word), None),
                    IoFileRedirectTarget::Fd(number) => (plain(&number.to_string()), None),
                    IoFileRedirectTarget::ProcessSubstitution(kind, subshell) => {
                        (plain(&format!("{kind}(…)")), Some(subshell))
                    }
                };
                (format!("{}{sign}", number(*descriptor)), raw, subshell)
            }
            IoRedirect::HereDocument(descriptor, document) => {
                let sign = if document.remove_tabs { "<<-" } else { "<<" };
                let start = document.doc.loc.as_ref().map_or(0, |span| span.start.index);
                let scanned = if document.requires_expansion {
                    scan(&document.doc.value, Mode::Heredoc)
                } else {
                    Scanned {
                        text: show_masks(&document.doc.value),
                        places: (0..document.doc.value.chars().count()).collect(),
                        literal: true,
                        substitutions: Vec::new(),
                    }
                };
                (format!("{}{sign}", number(*descriptor)), Raw { start, scanned }, None)
            }
            IoRedirect::HereString(descriptor, word) => (format!("{}<<<", number(*descriptor)), read(word), None),
            IoRedirect::OutputAndError(word, append) => {
                ((if *append { "&>>" } else { "&>" }).to_owned(), read(word), None)
            }
        };
        let target = Word { text: raw.scanned.text.clone(), literal: raw.scanned.literal };
        (Redirect { operator, target }, raw, subshell)
    }

    fn simple(
        &mut self,
        source: &Source,
        simple: &ast::SimpleCommand,
        nesting: &[Nesting],
        connector: Connector,
        pipeline: u32,
    ) {
        let mut command = Command { connector, pipeline, nesting: nesting.to_vec(), line: 0, ..Command::default() };
        let mut start: Option<usize> = None;
        let mut words: Vec<Raw> = Vec::new();
        let mut others: Vec<Raw> = Vec::new();
        let mut documents: Vec<usize> = Vec::new();
        let mut processes: Vec<&ast::SubshellCommand> = Vec::new();
        let prefix = simple.prefix.iter().flat_map(|prefix| &prefix.0);
        let suffix = simple.suffix.iter().flat_map(|suffix| &suffix.0);
        let mut item =
            |walker: &mut Self, item: &'_ CommandPrefixOrSuffixItem, before: bool, words: &mut Vec<Raw>| match item {
                CommandPrefixOrSuffixItem::Word(word) => words.push(read(word)),
                CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) if before => {
                    start = start.or(Some(assignment.loc.start.index));
                    let (name, raw) = assigned(assignment);
                    let value = Word { text: raw.scanned.text.clone(), literal: raw.scanned.literal };
                    command.assignments.push((name, value));
                    others.push(raw);
                }
                CommandPrefixOrSuffixItem::AssignmentWord(_, word) => words.push(read(word)),
                CommandPrefixOrSuffixItem::IoRedirect(redirect) => {
                    let (read, raw, _) = walker.redirect(redirect);
                    if read.operator.ends_with("<<") || read.operator.ends_with("<<-") || read.operator.ends_with("<<<")
                    {
                        documents.push(others.len());
                    }
                    command.redirects.push(read);
                    others.push(raw);
                }
                CommandPrefixOrSuffixItem::ProcessSubstitution(kind, _) => {
                    words.push(plain(&format!("{kind}(…)")));
                }
            };
        for part in prefix {
            item(self, part, true, &mut words);
        }
        if let Some(name) = &simple.word_or_name {
            words.push(read(name));
        }
        let leads = words.first().map(|raw| raw.start);
        for part in suffix {
            item(self, part, false, &mut words);
        }
        for part in simple.prefix.iter().flat_map(|prefix| &prefix.0).chain(simple.suffix.iter().flat_map(|s| &s.0)) {
            match part {
                CommandPrefixOrSuffixItem::ProcessSubstitution(_, subshell) => processes.push(subshell),
                CommandPrefixOrSuffixItem::IoRedirect(IoRedirect::File(
                    _,
                    _,
                    IoFileRedirectTarget::ProcessSubstitution(_, subshell),
                )) => processes.push(subshell),
                _ => {}
            }
        }
        let start = start.or(leads).or_else(|| simple.location().map(|span| span.start.index)).unwrap_or(0);
        command.line = source.line(leads.unwrap_or(start));
        command.words = words
            .iter()
            .map(|raw| Word {
                text: raw.scanned.text.clone(),
                literal: raw.scanned.literal && !raw.scanned.text.ends_with("(…)"),
            })
            .collect();
        let inline = inline_of(&command);
        self.push(command);

        let used = match inline {
            Some(Inline::Word(at)) => at..at + 1,
            Some(Inline::Words(from)) => from..words.len(),
            Some(Inline::Input) | None => 0..0,
        };
        for raw in words.iter().enumerate().filter(|(at, _)| !used.contains(at)).map(|(_, raw)| raw) {
            self.raw_substitutions(source, raw, nesting);
        }
        let input = (inline == Some(Inline::Input)).then(|| documents.last().copied()).flatten();
        for raw in others.iter().enumerate().filter(|(at, _)| Some(*at) != input).map(|(_, raw)| raw) {
            self.raw_substitutions(source, raw, nesting);
        }
        for subshell in processes {
            self.process(source, Some(subshell), nesting);
        }
        let mut text = Source::default();
        for raw in words.get(used).unwrap_or_default().iter().chain(input.and_then(|at| others.get(at))) {
            if !text.text.is_empty() {
                text.push_char(' ', source.line(raw.start));
            }
            let hidden = super::source::hide_masks(&raw.scanned.text);
            for (ch, place) in hidden.chars().zip(&raw.scanned.places) {
                text.push_char(ch, source.line(raw.start + place));
            }
        }
        self.nested(&text, nesting, Nesting::Inline);
    }
}

/// A word that is written as it is.
fn plain(text: &str) -> Raw {
    Raw {
        start: 0,
        scanned: Scanned {
            text: text.to_owned(),
            places: (0..text.chars().count()).collect(),
            literal: true,
            substitutions: Vec::new(),
        },
    }
}

fn read(word: &ast::Word) -> Raw {
    Raw { start: word.loc.as_ref().map_or(0, |span| span.start.index), scanned: scan(&word.value, Mode::Word) }
}

/// The name and the value of an assignment. The list of an array is one text.
fn assigned(assignment: &Assignment) -> (String, Raw) {
    let name = match &assignment.name {
        AssignmentName::VariableName(name) => name.clone(),
        AssignmentName::ArrayElementName(name, index) => format!("{name}[{index}]"),
    };
    let (value, length) = match &assignment.value {
        AssignmentValue::Scalar(word) => (word.value.clone(), name.chars().count() + 1),
        AssignmentValue::Array(items) => {
            let items: Vec<&str> = items.iter().map(|(_, word)| word.value.as_str()).collect();
            (items.join(" "), name.chars().count() + 2)
        }
    };
    let length = length + usize::from(assignment.append);
    (name, Raw { start: assignment.loc.start.index + length, scanned: scan(&value, Mode::Word) })
}

/// Whether a pipeline only asks something, so that what `&&` joins to it may not run.
fn is_test(pipeline: &Pipeline) -> bool {
    if pipeline.bang {
        return true;
    }
    match pipeline.seq.last() {
        Some(ast::Command::ExtendedTest(..) | ast::Command::Compound(CompoundCommand::Arithmetic(_), _)) => true,
        Some(ast::Command::Simple(simple)) => simple.word_or_name.as_ref().is_some_and(|word| {
            let looks_up = || {
                simple.suffix.iter().flat_map(|suffix| &suffix.0).next().is_some_and(|item| {
                    matches!(item, CommandPrefixOrSuffixItem::Word(word) if word.value == "-v" || word.value == "-V")
                })
            };
            matches!(
                word.value.as_str(),
                "[" | "test" | "grep" | "egrep" | "fgrep" | "which" | "type" | "false" | "cmp"
            ) || (word.value == "command" && looks_up())
        }),
        _ => false,
    }
}
