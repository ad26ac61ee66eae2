//! The page `report.html` in a real browser: what people do with it, and what hostile text must not do to it.
//!
//! Each test opens a page of its own in headless Chromium. Where there is none, they are reported as ignored; `make
//! test-reports` installs it. Pictures for people are left in `target/tmp/page`.

#[path = "page/assemble.rs"]
mod assemble;
#[path = "page/browser.rs"]
mod browser;
#[path = "page/checks.rs"]
mod checks;
#[path = "page/conditions.rs"]
mod conditions;
#[path = "page/fleet.rs"]
mod fleet;
#[path = "page/parts.rs"]
mod parts;
#[path = "page/tables.rs"]
mod tables;

use libtest_mimic::Trial;

use crate::trial::{Obstacle, trial};

type Test = fn();

pub(crate) fn trials() -> Vec<Trial> {
    let missing = browser::program().is_none().then_some("no Chromium: make test-reports installs it");
    let tests: &[(&str, Test)] = &[
        ("two thousand devices open in two seconds and filter in a tenth", tables::large),
        ("search and filters leave the rows they should", tables::filters),
        ("a column sorts both ways", tables::sorts),
        ("a row opens its evidence with command and line", tables::evidence),
        ("a device shows facts in order with evidence, verdicts and what was refused", parts::device),
        ("a cause leads to its devices, its rule and its next step", parts::causes),
        ("a tile filters, and takes its filter off again", parts::tiles),
        ("the address keeps a filtered view, and Back returns", tables::address),
        ("the keyboard reaches search and rows", tables::keyboard),
        ("hostile text stays text", conditions::hostile),
        ("paper has rows and no controls", conditions::paper),
        ("a phone has stacked rows and no sideways scrolling", conditions::phone),
        ("every text has contrast, by day and by night", conditions::contrast),
        ("charts have numbers and titles", parts::charts),
        ("without JavaScript it says where the rows are", conditions::without_script),
        ("what cannot be shown is told", conditions::broken),
        ("an empty run is told as such", conditions::empty),
    ];
    let trials = tests.iter().map(|(name, test)| {
        let test = *test;
        trial(name, missing.map(Obstacle::missing), move || {
            test();
            Ok(())
        })
    });
    trials.collect()
}
