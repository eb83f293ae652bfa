//! Questions over the whole file: lineage, environment, effective user, images from outside.

use crate::expand::{Env, expand};
use crate::model::{Base, BaseImage, Dockerfile, ExternalImage, Instruction, Keyword, Place, Stage, UserSetting};
use crate::stages::{declare_args, declare_envs, global_env};
use std::collections::{HashMap, HashSet};

/// An instruction that takes effect in a stage, and the stage that it is written in.
struct Step<'a> {
    instruction: &'a Instruction,
    index: usize,
    stage: usize,
}

impl Dockerfile {
    /// The last stage: what is built when no target is named.
    #[must_use]
    pub fn final_stage(&self) -> Option<&Stage> {
        self.stages.last()
    }

    /// The instructions of a stage, without its `FROM`. Nothing when there is no such stage.
    pub fn stage_instructions(&self, stage: usize) -> impl Iterator<Item = &Instruction> {
        let indices = self.stages.get(stage).map(|stage| stage.instructions.as_slice()).unwrap_or_default();
        indices.iter().filter_map(|index| self.instructions.get(*index))
    }

    /// A stage and the stages that it starts from, nearest first.
    #[must_use]
    pub fn lineage(&self, stage: usize) -> Vec<usize> {
        let mut lineage = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(stage);
        while let Some(index) = next {
            let Some(stage) = self.stages.get(index) else { break };
            if !seen.insert(index) {
                break;
            }
            lineage.push(index);
            next = match stage.base {
                Base::Stage(parent) => Some(parent),
                Base::Scratch | Base::Image(_) => None,
            };
        }
        lineage
    }

    /// The instructions that take effect in a stage, in the order of their effect: those of the stages it starts from,
    /// the triggers that an `ONBUILD` of its parent stage left it, and its own.
    #[must_use]
    pub fn effective_instructions(&self, stage: usize) -> Vec<&Instruction> {
        self.steps(stage).into_iter().map(|step| step.instruction).collect()
    }

    fn steps(&self, stage: usize) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        let mut parent: Option<usize> = None;
        for stage in self.lineage(stage).into_iter().rev() {
            let indices = |stage: usize| self.stages.get(stage).map(|stage| stage.instructions.as_slice());
            // Docker runs the triggers once, in the child, and then forgets them.
            for index in parent.and_then(indices).unwrap_or_default() {
                if let Some(trigger) = self.instructions.get(*index).and_then(|outer| outer.trigger.as_deref()) {
                    steps.push(Step { instruction: trigger, index: usize::MAX, stage: parent.unwrap_or_default() });
                }
            }
            for index in indices(stage).unwrap_or_default() {
                if let Some(instruction) = self.instructions.get(*index) {
                    steps.push(Step { instruction, index: *index, stage });
                }
            }
            parent = Some(stage);
        }
        steps
    }

    /// An environment as the first instruction of a stage's lineage finds it.
    fn first_environment(&self, stage: usize) -> Env {
        let root = self.lineage(stage).last().and_then(|root| self.stages.get(*root));
        Env::new(self.escape, !root.is_some_and(|root| root.base == Base::Scratch))
    }

    /// The variables that the instruction with this index (in [`Dockerfile::instructions`]) sees.
    ///
    /// For a `FROM` and for what stands before the first one, these are the global arguments.
    #[must_use]
    pub fn environment_before(&self, index: usize) -> Env {
        let instruction = self.instructions.get(index);
        let stage = instruction.filter(|instruction| instruction.keyword != Keyword::From).and_then(|it| it.stage);
        let Some(stage) = stage else {
            let mut env = Env::global(self.escape);
            for earlier in self.instructions.iter().take(index) {
                match earlier.keyword {
                    Keyword::From => break,
                    Keyword::Arg => declare_args(earlier, &mut env, None),
                    _ => {}
                }
            }
            return env;
        };
        let global = global_env(self);
        let mut env = self.first_environment(stage);
        for step in self.steps(stage) {
            if step.stage == stage && step.index == index {
                break;
            }
            apply(step.instruction, &mut env, &global);
        }
        env
    }

    /// Calls `visit` for each instruction of a stage (not of those it starts from) with the variables that it sees.
    ///
    /// One pass; for many instructions much cheaper than [`Dockerfile::environment_before`] for each.
    pub fn visit_stage(&self, stage: usize, mut visit: impl FnMut(&Instruction, &Env)) {
        let global = global_env(self);
        let mut env = self.first_environment(stage);
        for step in self.steps(stage) {
            // Triggers of a parent have its index as their stage.
            if step.stage == stage {
                visit(step.instruction, &env);
            }
            apply(step.instruction, &mut env, &global);
        }
    }

    /// The last `USER` that takes effect in a stage or in the stages it starts from. None when the file has none: then
    /// the base image decides.
    #[must_use]
    pub fn effective_user(&self, stage: usize) -> Option<UserSetting> {
        let global = global_env(self);
        let mut env = self.first_environment(stage);
        let mut user = None;
        for step in self.steps(stage) {
            apply(step.instruction, &mut env, &global);
            if step.instruction.keyword != Keyword::User {
                continue;
            }
            let Some(written) = step.instruction.arguments.shell().filter(|written| !written.is_empty()) else {
                continue;
            };
            let expanded = expand(written, &env);
            user = Some(UserSetting {
                value: expanded.value,
                written: written.to_owned(),
                line: step.instruction.line,
                stage: step.stage,
                unresolved: expanded.unresolved,
                defaulted: expanded.from_arg,
            });
        }
        user
    }

    /// Every image from outside that a build of the file pulls: `FROM`, `COPY --from=`, `RUN --mount=…,from=` and the
    /// frontend of `# syntax=`. Names of stages and `scratch` are left out. A context given to the build by name
    /// (`--build-context`) cannot be told from an image and is listed.
    #[must_use]
    pub fn external_images(&self) -> Vec<ExternalImage> {
        let mut images = Vec::new();
        if let Some(directive) = self.directives.iter().find(|directive| directive.name == "syntax") {
            let written = directive.value.split(' ').next().unwrap_or_default().to_owned();
            images.push(ExternalImage {
                reference: BaseImage { resolved: written.clone(), written, unresolved: Vec::new(), defaulted: false },
                place: Place::SyntaxDirective,
                line: directive.line,
                stage: None,
            });
        }
        let names: HashMap<String, usize> = self
            .stages
            .iter()
            .filter_map(|stage| stage.name.as_ref().map(|name| (name.to_lowercase(), stage.index)))
            .collect();
        let bases: HashMap<usize, &Stage> = self.stages.iter().map(|stage| (stage.from, stage)).collect();
        for (index, instruction) in self.instructions.iter().enumerate() {
            if let Some(Stage { base: Base::Image(image), .. }) = bases.get(&index)
                && !image.written.is_empty()
            {
                images.push(ExternalImage {
                    reference: image.clone(),
                    place: Place::From,
                    line: instruction.line,
                    stage: instruction.stage,
                });
            }
            let mut next = Some(instruction);
            while let Some(instruction) = next {
                for (written, place) in named_sources(instruction) {
                    if written.is_empty() || written == "scratch" || self.names_stage(&written, &names) {
                        continue;
                    }
                    // No builder replaces variables here; they are named so that nobody takes the text for an image.
                    let expanded = expand(&written, &Env::new(self.escape, false));
                    images.push(ExternalImage {
                        reference: BaseImage {
                            written,
                            resolved: expanded.value,
                            unresolved: expanded.unresolved,
                            defaulted: false,
                        },
                        place,
                        line: instruction.line,
                        stage: instruction.stage,
                    });
                }
                next = instruction.trigger.as_deref();
            }
        }
        images
    }

    fn names_stage(&self, word: &str, names: &HashMap<String, usize>) -> bool {
        names.contains_key(&word.to_lowercase()) || word.parse::<usize>().is_ok_and(|index| index < self.stages.len())
    }
}

/// Lets an instruction change the variables.
fn apply(instruction: &Instruction, env: &mut Env, global: &Env) {
    match instruction.keyword {
        Keyword::Arg => declare_args(instruction, env, Some(global)),
        Keyword::Env => declare_envs(instruction, env),
        _ => {}
    }
}

/// What an instruction's flags name as the source of files.
fn named_sources(instruction: &Instruction) -> Vec<(String, Place)> {
    let values = |name: &'static str| {
        instruction.flags.iter().filter(move |flag| flag.name == name).filter_map(|flag| flag.value.as_deref())
    };
    match instruction.keyword {
        Keyword::Add | Keyword::Copy => values("from").map(|from| (from.to_owned(), Place::CopyFrom)).collect(),
        Keyword::Run => values("mount").filter_map(mount_from).map(|from| (from, Place::MountFrom)).collect(),
        _ => Vec::new(),
    }
}

/// The `from` field of a `--mount` value.
fn mount_from(mount: &str) -> Option<String> {
    mount.split(',').find_map(|field| {
        let (key, value) = field.trim_matches('"').split_once('=')?;
        key.trim().eq_ignore_ascii_case("from").then(|| value.to_owned())
    })
}
