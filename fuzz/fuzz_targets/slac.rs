//! Any text as a file of authorization codes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use slaudit::slac;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = slac::read("codes.xml", &text);
});
