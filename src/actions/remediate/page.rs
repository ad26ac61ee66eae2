//! The file of one device: its findings by cause, each with the evidence and the steps that would cure it.
//!
//! ```text
//! ! 1. No NTP server is configured  (ntp-server-missing, medium)
//! !    observed  no ntp server in the running configuration
//! !    evidence  show running-config: no line `ntp server`
//! !    expected to go away with this: clock-not-synchronized
//! ! configuration mode
//! configure terminal
//! ntp server <ntp-server> version 2 prefer
//! end
//! ```
//!
//! A line without `!` is a command of the closed list. What a device, an inventory or a rule says is a comment, on lines of its
//! own making: no text can begin a line that is no comment.

use std::collections::BTreeSet;

use crate::finding::{Finding, Severity, root};
use crate::record::DeviceRecord;
use crate::remedy::steps::{SAVE, SUPPORT};
use crate::remedy::{Command, Mode, Step};
use crate::reports::text::{capped, one_line};
use crate::rules::{self, Category, Rule};

/// Columns of a comment.
const WIDTH: usize = 80;
/// Characters of one text in a comment: nobody reads more, and a terminal takes no longer line.
const LONGEST: usize = 400;
const RULER: &str = "! ----------------------------------------------------------------------------";

/// What was written for a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// The text of the file.
    pub text: String,
    /// How many causes it has a block for.
    pub causes: usize,
    /// The worst severity among them and what they lead to.
    pub worst: Severity,
    /// The placeholders that are to be changed, in order.
    pub placeholders: Vec<String>,
}

/// The file of a device; `None` where no finding of low or above asks for anything. `run` is the id of the run.
pub(super) fn page(record: &DeviceRecord, run: &str) -> Option<Page> {
    let blocks = blocks(record);
    let worst = blocks.iter().map(|block| block.worst).min()?;
    let mut out = Lines::default();
    let mut written = Vec::<(usize, Vec<&Command>)>::new();
    for (at, block) in blocks.iter().enumerate() {
        let number = at + 1;
        out.block(number, block);
        let commands = commands(&block.steps);
        match written.iter().find(|(_, known)| !commands.is_empty() && *known == commands) {
            Some((known, _)) => out.comment("", &format!("The commands are those of {known}.")),
            None => out.steps(&block.steps),
        }
        written.push((number, commands));
    }
    let done: Vec<&Command> = written.into_iter().flat_map(|(_, commands)| commands).collect();
    out.afterwards(record, &blocks, &done);
    out.last(&blocks);
    let body = out.text;
    let placeholders = placeholders(&body);
    let mut head = Lines::default();
    head.head(record, run, &placeholders);
    Some(Page { text: head.text + &body, causes: blocks.len(), worst, placeholders })
}

/// True for the step that keeps the configuration: that is done once, at the end.
fn keeps(step: &Step) -> bool {
    step.id == SAVE.id
}

/// The commands that a file holds as lines of their own. A choice is left to the reader.
fn commands(steps: &[Step]) -> Vec<&Command> {
    let steps = steps.iter().filter(|step| step.is_unconditional() && !keeps(step));
    steps.flat_map(|step| &step.commands).filter(|command| command.acts()).collect()
}

/// Findings with one cause and one remedy.
struct Block<'a> {
    rule: &'static Rule,
    findings: Vec<&'a Finding>,
    symptoms: Vec<&'static str>,
    worst: Severity,
    steps: Vec<Step>,
}

/// The causes in the order in which they are to be cured: what others need comes first, then the worst.
fn blocks(record: &DeviceRecord) -> Vec<Block<'_>> {
    let findings: Vec<&Finding> = record.judgement.findings.iter().collect();
    let mut blocks = Vec::<Block<'_>>::new();
    for finding in &findings {
        let cause = root(*finding, &findings, |other, of| of.explained_by == Some(other.rule));
        let Some(rule) = rules::find(cause.rule) else { continue };
        let steps = cause.problem.steps.clone();
        let at = blocks.iter().position(|block| block.rule.id == rule.id && block.steps == steps);
        let at = at.unwrap_or_else(|| {
            let worst = Severity::Info;
            blocks.push(Block { rule, findings: Vec::new(), symptoms: Vec::new(), worst, steps });
            blocks.len() - 1
        });
        let block = &mut blocks[at];
        block.worst = block.worst.min(finding.problem.severity);
        if std::ptr::eq(*finding, cause) {
            block.findings.push(finding);
        } else if finding.rule != rule.id && !block.symptoms.contains(&finding.rule) {
            block.symptoms.push(finding.rule);
        }
    }
    blocks.retain(|block| block.worst < Severity::Info && !block.findings.is_empty());
    blocks.sort_by_key(|block| (rank(block.rule.category), block.worst));
    blocks
}

/// What others need comes first: no name without a route, no trust without a clock, no report without trust.
fn rank(category: Category) -> usize {
    const ORDER: [Category; 11] = [
        Category::Release,
        Category::Clock,
        Category::Transport,
        Category::CallHome,
        Category::Reach,
        Category::Communication,
        Category::Identity,
        Category::Trust,
        Category::Authorization,
        Category::Reporting,
        Category::SystemMessages,
    ];
    ORDER.iter().position(|known| *known == category).unwrap_or(ORDER.len())
}

/// `<placeholders>` of the commands, each once, in their order.
fn placeholders(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('!')) {
        for part in line.split('<').skip(1) {
            if let Some((name, _)) = part.split_once('>') {
                let name = format!("<{name}>");
                if !found.contains(&name) {
                    found.push(name);
                }
            }
        }
    }
    found
}

/// The lines of a file.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A comment: made safe, capped, broken at blanks; lines after the first are indented as far as `lead` is wide.
    fn comment(&mut self, lead: &str, text: &str) {
        let safe = capped(one_line(text), LONGEST);
        let indent = " ".repeat(lead.chars().count());
        let mut line = format!("! {lead}");
        let mut is_empty = true;
        for word in safe.split_whitespace() {
            if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.line(&line);
                line = format!("! {indent}");
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        self.line(&line);
    }

    fn head(&mut self, record: &DeviceRecord, run: &str, placeholders: &[String]) {
        let device = &record.device;
        let facts = &record.reading.facts;
        let known = [facts.model.value(), facts.serial.value(), facts.os_version.value()];
        let what = known.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
        let captured = match (record.contact.started, facts.device_time.value()) {
            (Some(started), _) => crate::reports::utc(started),
            (None, Some(time)) => format!("{} by the device's clock", time.text),
            (None, None) => "at a time that was not recorded".to_owned(),
        };
        self.comment("", &format!("{}: what would cure the findings of slaudit", device.name));
        self.line("!");
        self.comment("device    ", &format!("{}, address {}", device.name, device.address));
        if !what.is_empty() {
            self.comment("          ", &what);
        }
        self.comment("run       ", &format!("{run}, captured {captured}"));
        if placeholders.is_empty() {
            self.comment("change    ", "nothing: there is no placeholder in the commands");
        } else {
            self.comment("change    ", &placeholders.join(" "));
        }
        self.line("!");
        self.comment(
            "",
            "slaudit sends nothing to a device. Read this, change every <placeholder>, paste what you agree with, block by block: \
             what others need comes first. Each block has apart what belongs to configuration mode (from `configure terminal` to \
             `end`) and what belongs to privileged EXEC mode. Lines with `!` are comments; nothing here removes configuration or \
             data.",
        );
    }

    fn block(&mut self, number: usize, block: &Block<'_>) {
        self.line("");
        self.line(RULER);
        let lead = format!("{number}. ");
        self.comment(&lead, &format!("{} ({}, {})", block.rule.title, block.rule.id, block.worst));
        self.comment("   why       ", block.rule.why);
        for finding in &block.findings {
            let problem = &finding.problem;
            if !problem.subject.is_empty() {
                self.comment("   about     ", &problem.subject);
            }
            self.comment("   observed  ", &problem.observed);
            self.comment("   expected  ", &problem.expected);
            if let Some(evidence) = &problem.evidence {
                // The filter of `show running-config` is longer than what it finds.
                let command = capped(evidence.command.into(), 40);
                let line = if evidence.line > 0 { format!(", line {}", evidence.line) } else { String::new() };
                self.comment("   evidence  ", &format!("{command}{line}: {}", evidence.text));
            }
        }
        if !block.symptoms.is_empty() {
            self.comment("   expected to go away with this: ", &block.symptoms.join(", "));
        }
    }

    /// Commands of one mode that follow each other stand under one label. What is optional and not known is left out.
    fn steps(&mut self, steps: &[Step]) {
        let mut open = None;
        for step in steps.iter().filter(|step| !keeps(step)) {
            if !step.is_unconditional() {
                self.close(&mut open);
                self.comment("   by hand   ", &step.one_line().replace("[vrf <vrf>] ", ""));
                continue;
            }
            if !step.acts() {
                self.close(&mut open);
                let lead = if step.commands.is_empty() { "   by hand   " } else { "   look      " };
                self.comment(lead, &step.text);
            }
            for command in &step.commands {
                let line = command.line.replace("[vrf <vrf>] ", "");
                let command = Command { line: line.into(), ..command.clone() };
                if open != Some(command.mode) {
                    self.close(&mut open);
                    open = Some(command.mode);
                    match command.mode {
                        Mode::Configure => {
                            self.comment("", "configuration mode");
                            self.line("configure terminal");
                        }
                        Mode::Exec => self.comment("", "privileged EXEC mode"),
                        Mode::Show => {}
                    }
                }
                self.command(&command);
            }
        }
        self.close(&mut open);
    }

    /// Leaves configuration mode.
    fn close(&mut self, open: &mut Option<Mode>) {
        if open.take() == Some(Mode::Configure) {
            self.line("end");
        }
    }

    /// What is not on the closed list is never a line of its own.
    fn command(&mut self, command: &Command) {
        match command.mode {
            Mode::Show if command.shows.is_empty() => self.comment("   verify    ", &command.line),
            Mode::Show => self.comment("   verify    ", &format!("{}: {}", command.line, command.shows)),
            _ if command.is_allowed() => self.line(&command.line),
            _ => self.comment("   left out, not a command that slaudit writes: ", &command.line),
        }
    }

    /// What the symptoms still need when their causes are cured: a trust code, and a report. Each once.
    fn afterwards(&mut self, record: &DeviceRecord, blocks: &[Block<'_>], done: &[&Command]) {
        let symptoms: BTreeSet<&str> = blocks.iter().flat_map(|block| block.symptoms.iter().copied()).collect();
        let is_report = |id: &&str| rules::find(id).is_some_and(|rule| rule.category == Category::Reporting);
        let trust: Vec<_> = symptoms.iter().copied().filter(|id| id.starts_with("trust-code-")).collect();
        let report: Vec<_> = symptoms.iter().copied().filter(is_report).collect();
        let findings = &record.judgement.findings;
        let mut is_first = true;
        for group in [trust, report] {
            let Some(finding) = findings.iter().find(|finding| group.contains(&finding.rule)) else { continue };
            let steps = &finding.problem.steps;
            if commands(steps).iter().all(|command| done.contains(command)) && !done.is_empty() {
                continue;
            }
            if std::mem::take(&mut is_first) {
                self.line("");
                self.line(RULER);
                self.comment("", "Afterwards, when the above works");
            }
            self.comment("   for       ", &group.join(", "));
            self.steps(steps);
        }
    }

    /// A changed configuration is kept; who helps where all this does not.
    fn last(&mut self, blocks: &[Block<'_>]) {
        self.line("");
        self.line(RULER);
        let kept = blocks.iter().filter(|block| !commands(&block.steps).is_empty());
        if let Some(save) = kept.flat_map(|block| &block.steps).find(|step| keeps(step)) {
            self.comment("", "Last: keep the configuration.");
            self.comment("", "privileged EXEC mode");
            save.commands.iter().for_each(|command| self.command(command));
        }
        let text = format!("Then audit the device again; {}, {}.", SUPPORT.condition, SUPPORT.text);
        self.comment("", &text);
    }
}

#[cfg(test)]
mod tests;
