//! Any bytes as saved output: a terminal log, a bundle, one command. Each is placed, or told with a reason.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use slaudit::commands;
use slaudit::transcript::intake::{Options, scan};

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("slaudit-splitter-{}.log", std::process::id())));

fuzz_target!(|bytes: &[u8]| {
    if std::fs::write(&*FILE, bytes).is_err() {
        return;
    }
    let known = |text: &str| commands::full_text(text);
    let plan = scan(std::slice::from_ref(&*FILE), &Options { known: &known, command: None, inventory: None });
    assert!(!plan.devices.is_empty() || !plan.unplaced.is_empty(), "a file is neither placed nor told");
    for source in &plan.devices {
        let _ = source.load();
    }
});
