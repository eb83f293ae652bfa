//! Build stages: what each `FROM` starts from, and the variables that a `FROM` sees.

use crate::assign::assignments;
use crate::expand::{Env, Value, Variable, expand};
use crate::model::{Arguments, Base, BaseImage, Dockerfile, Instruction, Keyword, Problem, Stage};
use crate::reference::Reference;
use std::collections::HashMap;

/// Fills [`Dockerfile::stages`] and [`Instruction::stage`] from the instructions.
pub(crate) fn build_stages(dockerfile: &mut Dockerfile) {
    let mut env = Env::global(dockerfile.escape);
    let mut stages: Vec<Stage> = Vec::new();
    let mut names: HashMap<String, usize> = HashMap::new();
    for (index, instruction) in dockerfile.instructions.iter_mut().enumerate() {
        if instruction.keyword == Keyword::From {
            let stage = read_from(instruction, index, stages.len(), &env, &names, &mut dockerfile.problems);
            instruction.stage = Some(stage.index);
            if let Some(name) = &stage.name {
                let earlier = names.insert(name.to_lowercase(), stage.index);
                if earlier.is_some() {
                    let message = format!("the stage name {name} is used twice");
                    dockerfile.problems.push(Problem { line: instruction.line, message });
                }
            }
            stages.push(stage);
        } else if let Some(stage) = stages.last_mut() {
            stage.instructions.push(index);
            instruction.stage = Some(stage.index);
            if let Some(trigger) = &mut instruction.trigger {
                set_stage(trigger, stage.index);
            }
        } else if instruction.keyword == Keyword::Arg {
            declare_args(instruction, &mut env, None);
        } else {
            let message = format!("{} stands before the first FROM", instruction.keyword.as_str());
            dockerfile.problems.push(Problem { line: instruction.line, message });
        }
    }
    if stages.is_empty() && !dockerfile.instructions.is_empty() {
        dockerfile.problems.push(Problem { line: 1, message: "the file has no FROM".to_owned() });
    }
    dockerfile.stages = stages;
}

fn set_stage(instruction: &mut Instruction, stage: usize) {
    instruction.stage = Some(stage);
    if let Some(trigger) = &mut instruction.trigger {
        set_stage(trigger, stage);
    }
}

/// Applies an `ARG`. Inside a stage, one without a default takes the value of the `global` one.
pub(crate) fn declare_args(instruction: &Instruction, env: &mut Env, global: Option<&Env>) {
    for pair in assignments(instruction, env.escape()) {
        let variable = match pair.written {
            Some(written) => {
                let expanded = expand(&written, env);
                Variable { value: Value::Known(expanded.value), from_arg: true, unresolved: expanded.unresolved }
            }
            None => {
                let inherited = global.and_then(|global| global.get(&pair.name));
                match (inherited.filter(|variable| variable.value != Value::Unset), env.get(&pair.name)) {
                    (Some(variable), _) => variable.clone(),
                    // A default that stood before stays, and so does an ENV of the name: until a build argument comes.
                    (None, Some(variable)) => Variable { from_arg: true, ..variable.clone() },
                    (None, None) => Variable { value: Value::Unset, from_arg: true, unresolved: Vec::new() },
                }
            }
        };
        env.set(&pair.name, variable);
    }
}

/// Applies an `ENV`: all its values see the variables as they were before it.
pub(crate) fn declare_envs(instruction: &Instruction, env: &mut Env) {
    let mut fresh = Vec::new();
    for pair in assignments(instruction, env.escape()) {
        let expanded = expand(pair.written.as_deref().unwrap_or_default(), env);
        let name = expand(&pair.name, env).value;
        let variable = Variable {
            value: Value::Known(expanded.value),
            from_arg: expanded.from_arg,
            unresolved: expanded.unresolved,
        };
        fresh.push((name, variable));
    }
    for (name, variable) in fresh {
        env.set(&name, variable);
    }
}

/// The environment before the first `FROM`, after all its `ARG`s.
pub(crate) fn global_env(dockerfile: &Dockerfile) -> Env {
    let mut env = Env::global(dockerfile.escape);
    for instruction in dockerfile.instructions.iter().take_while(|instruction| instruction.keyword != Keyword::From) {
        if instruction.keyword == Keyword::Arg {
            declare_args(instruction, &mut env, None);
        }
    }
    env
}

fn read_from(
    instruction: &Instruction,
    from: usize,
    index: usize,
    env: &Env,
    names: &HashMap<String, usize>,
    problems: &mut Vec<Problem>,
) -> Stage {
    let mut complain = |message: String| problems.push(Problem { line: instruction.line, message });
    let text = match &instruction.arguments {
        Arguments::Shell(text) => text.as_str(),
        Arguments::Json(_) => "",
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let (written, name) = match words.as_slice() {
        [] => ("", None),
        [image] => (*image, None),
        [image, word, name] if word.eq_ignore_ascii_case("as") => {
            if !is_stage_name(name) {
                complain(format!("invalid stage name {name}"));
            }
            (*image, Some((*name).to_owned()))
        }
        [image, ..] => {
            complain("FROM takes an image, or an image, AS and a name".to_owned());
            (*image, None)
        }
    };
    let expanded = expand(written, env);
    if let Some(problem) = &expanded.problem {
        complain(format!("the image of FROM: {problem}"));
    }
    let defaulted = expanded.from_arg;
    let base = if expanded.unresolved.is_empty() && expanded.value == "scratch" {
        Base::Scratch
    } else if let Some(stage) = names.get(&expanded.value.to_lowercase()) {
        Base::Stage(*stage)
    } else {
        if expanded.unresolved.is_empty()
            && expanded.problem.is_none()
            && !written.is_empty()
            && let Err(error) = Reference::parse(&expanded.value)
        {
            complain(format!("the image of FROM: {error}"));
        }
        Base::Image(BaseImage {
            written: written.to_owned(),
            resolved: expanded.value,
            unresolved: expanded.unresolved,
            defaulted,
        })
    };
    let platform = instruction.flag("platform").map(|platform| expand(platform, env).value);
    Stage { index, name, from, base, defaulted, platform, instructions: Vec::new() }
}

/// The names that BuildKit takes for a stage: a letter, then letters, digits, `-`, `_`, `.`; case does not matter.
fn is_stage_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|ch| ch.is_ascii_alphabetic())
        && chars.all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '-' | '_' | '.'))
}
