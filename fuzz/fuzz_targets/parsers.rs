//! Any bytes as the reply to any command: they are read, judged and never lose a verdict.

#![no_main]

use libfuzzer_sys::fuzz_target;
use slaudit::commands::ALL;
use slaudit::inventory::Device;
use slaudit::reading::read;
use slaudit::rules::{self, RuleSet};
use slaudit::transcript::text::normalise;
use slaudit::transcript::{Cut, Exchange, Reply, Transcript};

const SMART: &str = "Smart Licensing Using Policy:\n  Status: ENABLED\nTransport:\n  Type: Smart\n";

fuzz_target!(|bytes: &[u8]| {
    let [first, second, rest @ ..] = bytes else { return };
    let command = ALL[usize::from(*first) % ALL.len()];
    let text = normalise(rest);
    let reply = match second % 3 {
        0 => Reply::classify(text),
        1 => Reply::Cut { partial: text, why: Cut::TimedOut },
        _ => Reply::Output(text),
    };
    let exchange = |command: &str, reply| Exchange {
        command: command.to_owned(),
        sent_at: None,
        took: std::time::Duration::ZERO,
        reply,
    };
    // A ping counts where it is one of the host that the device reports to.
    let exchanges = if command.is_probe() {
        vec![
            exchange("ping smartreceiver.cisco.com", reply),
            exchange("show license status", Reply::Output(SMART.into())),
        ]
    } else {
        vec![exchange(command.sends, reply)]
    };
    let device = Device::named("sw1");
    let reading = read(&Transcript { device: device.clone(), exchanges, hostname: None });
    let judgement = rules::judge(&reading.facts, &device, &RuleSet::default());
    assert_eq!(judgement.verdicts.len(), rules::ALL.len());
});
