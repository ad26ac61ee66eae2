//! How long reading and judging take: `make bench`.
//!
//! Targets on one core: under 100 us for a `show license tech support` of 430 lines, under 300 us for a whole device read and
//! judged, under 1.5 ms a device for `analyze` with all its reports. The outputs are those of the tests, made as long as real
//! ones.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use slaudit::interview::{End, Interview};
use slaudit::inventory::Device;
use slaudit::pipeline;
use slaudit::reading::read;
use slaudit::record::Contact;
use slaudit::reports::{self, Options};
use slaudit::rules::{RuleSet, judge};
use slaudit::run::Run;
use slaudit::store::{Head, Packed, Store};
use slaudit::transcript::{Exchange, Reply, Transcript};

const SUPPORT: &str = include_str!("../tests/commands/show_license_tech_support/stack.txt");
/// Devices of the run that is reported.
const FLEET: u64 = 1000;

fn reading(criterion: &mut Criterion) {
    let support = long_support();
    let lines = support.lines().count() as u64;
    let mut group = criterion.benchmark_group("read");
    // The longer one shows that the time is linear in the lines.
    for (name, text) in [("tech support", support.clone()), ("tech support, a hundred times", support.repeat(100))] {
        let transcript = one_of(&text);
        group.throughput(Throughput::Elements(text.lines().count() as u64));
        group.bench_function(format!("{name} of {lines} lines"), |bencher| {
            bencher.iter(|| read(black_box(&transcript)));
        });
    }
    group.finish();
}

fn judging(criterion: &mut Criterion) {
    let device = whole_device(&long_support());
    let rules = RuleSet::default();
    criterion.bench_function("read and judge a device of 8 commands", |bencher| {
        bencher.iter(|| {
            let reading = read(black_box(&device));
            judge(&reading.facts, &device.device, &rules)
        });
    });
}

fn reporting(criterion: &mut Criterion) {
    let device = whole_device(&long_support());
    let record = |number: u64| {
        let mut transcript = device.clone();
        transcript.device.name = format!("sw{number:04}");
        let interview = Interview::of(transcript, Contact::default(), End::Saved);
        pipeline::record(interview, &RuleSet::default())
    };
    let started = jiff::Timestamp::UNIX_EPOCH;
    let head = Head {
        rules: slaudit::rules::ALL.iter().map(|rule| rule.id.to_owned()).collect(),
        ..Head::new("20261124T020000Z-7f3a", started)
    };
    let id = head.id.clone();
    let mut draft = Store::temporary().expect("a store").begin(head).expect("begun").in_lots();
    let mut kept = criterion.benchmark_group("keep a device");
    let one = record(0);
    kept.bench_function("pack", |bencher| {
        bencher.iter(|| Packed::new(black_box(&one)).expect("packed"));
    });
    let packed = Packed::new(&one).expect("packed");
    kept.bench_function("put", |bencher| bencher.iter(|| draft.put(black_box(&packed)).expect("kept")));
    kept.finish();
    for number in 0..FLEET {
        draft.put(&Packed::new(&record(number)).expect("packed")).expect("kept");
    }
    let run = Run::load(draft.finish(started, &|_, _| None).expect("finished"), &id).expect("a run");
    let mut group = criterion.benchmark_group("write for 1,000 devices");
    group.throughput(Throughput::Elements(FLEET)).sample_size(10);
    for report in reports::ALL {
        group.bench_function(report.file_name(), |bencher| {
            bencher.iter(|| (report.write)(&run, Options::default(), &mut std::io::sink()));
        });
    }
    group.finish();
}

criterion_group!(benches, reading, judging, reporting);
criterion_main!(benches);

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
