//! Any text as a log: every line is a message or counted as none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use slaudit::syslog::decode;
use slaudit::transcript::text::normalise;

fuzz_target!(|bytes: &[u8]| {
    let text = normalise(bytes);
    let decoded = decode(&text);
    assert!(decoded.lines_without_message <= text.lines().count() as u64);
});
