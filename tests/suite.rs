//! All tests that need nothing but the project, as one program: each further program would be linked again at every change.
//!
//! `tests/outside.rs` has the tests against captures and OpenSSH, `tests/readers.rs` those with the programs that read reports.

mod architecture;
mod circles;
mod archive;
#[path = "live/bench.rs"]
mod bench;
mod captures;
mod command_line;
mod contrib;
mod contributing;
mod decode;
mod evidence;
mod expectations;
#[path = "reports/fleet.rs"]
mod fleet;
mod intake;
mod inventory;
mod licence_outputs;
mod live;
mod page_assets;
mod properties;
mod quiet;
mod remedy;
mod report_schema;
mod reports;
mod rules;
mod rules_md;
mod runs;
#[allow(dead_code, reason = "made for the tests of the other programs")]
mod trial;
