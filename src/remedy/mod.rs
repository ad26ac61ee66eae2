//! What cures a problem, as steps for people. Nothing here is ever sent to a device.
//!
//! A [`Template`] is a step as the vendor's guide has it, with `<placeholders>`; the catalogue in [`steps`] holds all of them. A
//! [`Step`] is one of them with what is known of a device filled in. The next step of a finding, the files of `slaudit remediate` and
//! what `slaudit decode` advises are renderings of steps; [`Command::is_allowed`] is the closed list of commands that they may hold.

mod allowed;
pub mod steps;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::inventory::{Platform, Topology, spelled};

spelled! {
    /// Where a command is entered.
    Mode {
        /// Configuration mode, after `configure terminal`.
        Configure = "configure",
        /// Privileged EXEC mode.
        Exec = "exec",
        /// Privileged EXEC mode; it only shows whether a step worked.
        Show = "show",
    }
}

/// A command, with its indentation and `<placeholders>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Where it is entered.
    pub mode: Mode,
    /// What is entered.
    pub line: Cow<'static, str>,
    /// What it shows where all is well; empty where it is no [`Mode::Show`].
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub shows: Cow<'static, str>,
}

/// One thing to do on a device or about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The id of its template.
    pub id: Cow<'static, str>,
    /// When it is to be done, where that is a choice; else empty.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub when: Cow<'static, str>,
    /// What to do, in words: without a capital letter and without a full stop.
    pub text: Cow<'static, str>,
    /// The commands; none for what is not done on the device.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
}

impl Command {
    /// True where the line is a command of the closed list, with nothing in it that could be a second one.
    pub fn is_allowed(&self) -> bool {
        allowed::is_allowed(self.mode, &self.line)
    }

    /// True where it changes something: it is no mere look.
    pub fn acts(&self) -> bool {
        self.mode != Mode::Show
    }
}

/// The lines of commands as they are entered from privileged EXEC mode on: those of configuration mode stand between
/// `configure terminal` and `end`.
pub fn lines(commands: &[Command]) -> Vec<&str> {
    let mut lines = Vec::new();
    for run in commands.chunk_by(|a, b| a.mode == b.mode) {
        let is_configuration = run[0].mode == Mode::Configure;
        lines.extend(is_configuration.then_some("configure terminal"));
        lines.extend(run.iter().map(|command| &*command.line));
        lines.extend(is_configuration.then_some("end"));
    }
    lines
}

impl Step {
    /// A step in words only.
    pub fn in_words(id: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        Self { id: id.into(), when: Cow::Borrowed(""), text: text.into(), commands: Vec::new() }
    }

    /// The step with a value in place of a placeholder, in words and commands.
    #[must_use]
    pub fn with(mut self, placeholder: &str, value: &str) -> Self {
        let fill = |text: &mut Cow<'static, str>| {
            if text.contains(placeholder) {
                *text = Cow::Owned(text.replace(placeholder, value));
            }
        };
        fill(&mut self.text);
        for command in &mut self.commands {
            fill(&mut command.line);
        }
        self
    }

    /// The step as a choice: when it is to be done.
    #[must_use]
    pub fn when(mut self, condition: impl Into<Cow<'static, str>>) -> Self {
        self.when = condition.into();
        self
    }

    /// True where it has commands that change something.
    pub fn acts(&self) -> bool {
        self.commands.iter().any(Command::acts)
    }

    /// True where it is no choice.
    pub fn is_unconditional(&self) -> bool {
        self.when.is_empty()
    }

    /// True where it changes the configuration, which is then to be kept.
    pub fn configures(&self) -> bool {
        self.commands.iter().any(|command| command.mode == Mode::Configure)
    }

    /// In one line: the commands joined by ` ; `, or the words where it has none that act.
    pub fn one_line(&self) -> String {
        let commands: Vec<_> = self.commands.iter().filter(|c| c.acts()).map(|command| command.line.trim()).collect();
        let what = if commands.is_empty() { self.text.to_string() } else { commands.join(" ; ") };
        if self.when.is_empty() { what } else { format!("{}: {what}", self.when) }
    }
}

/// Steps in one line, for a cell of a table or a line of a terminal: commands that follow each other are joined by ` ; `. A changed
/// configuration is verified.
pub fn one_line(steps: &[Step]) -> String {
    let mut line = String::new();
    let mut last: Option<&Step> = None;
    for step in steps {
        line.push_str(match last {
            None => "",
            Some(last) if last.acts() && step.acts() && step.is_unconditional() => " ; ",
            Some(_) if step.is_unconditional() => ", then ",
            Some(_) => "; ",
        });
        line.push_str(&step.one_line());
        last = Some(step);
    }
    let configuration = steps.iter().rev().find(|step| step.configures() && step.is_unconditional());
    if let Some(check) = configuration.and_then(|step| step.commands.iter().find(|command| !command.acts())) {
        line.push_str("; verify with ");
        line.push_str(&check.line);
    }
    line
}

/// Steps with the one that keeps the configuration, right behind the last one that changes it.
pub fn kept(mut steps: Vec<Step>) -> Vec<Step> {
    let unconditional = steps.iter().rposition(|step| step.configures() && step.is_unconditional());
    if let Some(last) = unconditional.or_else(|| steps.iter().rposition(Step::configures)) {
        steps.insert(last + 1, self::steps::SAVE.step());
    }
    steps
}

/// A step as the catalogue has it.
#[derive(Debug)]
pub struct Template {
    /// Names it: kebab-case, and never another step.
    pub id: &'static str,
    /// Platforms on which its commands are verified; none where it has nothing to do with the platform.
    pub platforms: &'static [Platform],
    /// Topologies that it belongs to; none where it does not matter.
    pub topologies: &'static [Topology],
    /// When it is to be done, for the catalogue; empty where the rule says it all.
    pub condition: &'static str,
    /// What to do, in words.
    pub text: &'static str,
    /// Its commands: mode, line, and what a show command shows.
    pub commands: &'static [(Mode, &'static str, &'static str)],
}

impl Template {
    /// The step with its placeholders.
    pub fn step(&self) -> Step {
        let command = |(mode, line, shows): &(Mode, &'static str, &'static str)| Command {
            mode: *mode,
            line: Cow::Borrowed(line),
            shows: Cow::Borrowed(shows),
        };
        Step { commands: self.commands.iter().map(command).collect(), ..Step::in_words(self.id, self.text) }
    }

    /// The step for a platform. Where its commands are not verified there, they are left out: words are better than a guess.
    pub fn step_on(&self, platform: Option<Platform>) -> Step {
        let is_verified =
            platform.is_none_or(|platform| self.platforms.is_empty() || self.platforms.contains(&platform));
        if is_verified {
            self.step()
        } else {
            Step::in_words(self.id, format!("{}, in the way of this platform", self.text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_commands_or_the_words() {
        let step = steps::TRANSPORT_CSLU.step();
        assert_eq!(
            step.one_line(),
            "license smart transport cslu ; license smart url cslu http://<cslu-host>:8182/cslu/v1/pi"
        );
        let all = [steps::NEW_TOKEN.step(), steps::SYNC.step(), step.clone().when("or")];
        let line = one_line(&all);
        assert!(
            line.starts_with("get a token from CSSM") && line.contains(", then license smart sync all; or: "),
            "{line}"
        );
        assert_eq!(
            lines(&step.commands),
            [
                "configure terminal",
                "license smart transport cslu",
                "license smart url cslu http://<cslu-host>:8182/cslu/v1/pi",
                "end",
                "show license status"
            ]
        );
    }

    #[test]
    fn a_value_is_filled_in_everywhere_and_a_step_survives_its_json() {
        let step = steps::CSLU_DNS_ENTRY.step().with("<domain>", "example.com");
        assert!(step.text.contains("cslu-local.example.com"), "{step:?}");
        for template in steps::all() {
            let step = template.step().when("or");
            let json = serde_json::to_string(&step).expect("JSON");
            assert_eq!(serde_json::from_str::<Step>(&json).expect("a step"), step, "{json}");
        }
    }

    #[test]
    fn a_platform_without_a_verified_form_gets_words() {
        let step = steps::NTP_SERVER.step_on(Some(Platform::IosXr));
        assert!(step.commands.is_empty() && !step.text.is_empty());
        assert!(steps::NTP_SERVER.step_on(Some(Platform::Ios)).configures());
        assert!(steps::NTP_SERVER.step_on(None).configures());
    }
}
