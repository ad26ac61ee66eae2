//! How long reading takes: `cargo bench --bench parse`.
//!
//! Targets: under 100 us for a `show license tech support` of 430 lines, under 200 us for a whole device. The outputs are those of
//! the tests, made as long as real ones.

#![allow(clippy::print_stdout, reason = "a benchmark tells its result")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use slaudit::inventory::Device;
use slaudit::reading::read;
use slaudit::transcript::{Exchange, Reply, Transcript};

const SUPPORT: &str = include_str!("../tests/commands/show_license_tech_support/stack.txt");

fn main() {
    let support = long_support();
    let lines = support.lines().count();
    let one = transcript(&[("show license tech support", support.as_str())]);
    report(&format!("show license tech support, {lines} lines"), Duration::from_micros(100), || {
        black_box(read(black_box(&one)));
    });
    let device = whole_device(&support);
    report("a whole device, 8 commands", Duration::from_micros(200), || {
        black_box(read(black_box(&device)));
    });
    let longer = one_of(&support.repeat(100));
    report(&format!("the same, {} lines (linear?)", lines * 100), Duration::from_millis(10), || {
        black_box(read(black_box(&longer)));
    });
}

/// The median of many runs, so that a busy neighbour does not count.
fn report(what: &str, target: Duration, mut run: impl FnMut()) {
    let mut times = Vec::new();
    let until = Instant::now() + Duration::from_secs(2);
    while Instant::now() < until {
        let start = Instant::now();
        run();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median = times[times.len() / 2];
    println!("{what}: median {median:?}, fastest {:?}, {} runs, target {target:?}", times[0], times.len());
}

/// As long as the longest captures: the agent prints a hundred lines about itself.
fn long_support() -> String {
    let agent = "SmartAgentMaxERMNotifyListSize: 6000\n".repeat(130);
    SUPPORT.replace("Locale: en_US.UTF-8\n", &format!("Locale: en_US.UTF-8\n{agent}"))
}

fn whole_device(support: &str) -> Transcript {
    let version = "Cisco IOS XE Software, Version 17.12.04\nCisco IOS Software [Dublin], Catalyst L3 Switch Software \
                   (CAT9K_IOSXE), Version 17.12.4, RELEASE SOFTWARE (fc1)\nsw1 uptime is 1 week, 2 hours\n\
                   Smart Licensing Status: Smart Licensing Using Policy\ncisco LAB-48X (X86) processor\n\
                   Processor board ID XYZ0000A001\n"
        .to_owned()
        + &"16777216K bytes of physical memory.\n".repeat(70);
    let failure = "*Nov 19 14:54:55.907: %SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart Software \
                   Manager (CSSM) : Unable to resolve server hostname/domain name\n";
    let logging = format!("    Buffer logging:  level debugging, 57 messages logged\n{}", failure.repeat(30));
    transcript(&[
        ("show version", &version),
        ("show license tech support", support),
        (
            "show running-config",
            "hostname sw1\nip domain name example.net\nip name-server 192.0.2.1\nntp server 192.0.2.3\n",
        ),
        ("show logging", &logging),
        ("show clock", "10:00:00.000 CET Mon Feb 3 2031\n"),
        ("show crypto pki trustpoints status", "Trustpoint SLA-TrustPoint:\n  Issuing CA authenticated ....... Yes\n"),
        ("show hosts", "Default domain is example.net\nName servers are 192.0.2.1\n"),
        ("show privilege", "Current privilege level is 15\n"),
    ])
}

fn one_of(support: &str) -> Transcript {
    transcript(&[("show license tech support", support)])
}

fn transcript(replies: &[(&str, &str)]) -> Transcript {
    let exchange = |(command, text): &(&str, &str)| Exchange {
        command: (*command).to_owned(),
        sent_at: None,
        took: Duration::ZERO,
        reply: Reply::Output((*text).to_owned()),
    };
    Transcript { device: Device::named("sw1"), exchanges: replies.iter().map(exchange).collect(), hostname: None }
}
