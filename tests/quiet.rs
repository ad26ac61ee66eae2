//! Tests do not go quiet: what a test needs and does not find is a failure where `SLAUDIT_REQUIRE` is set, and a wrong setting is
//! one everywhere.

use std::fs;
use std::path::PathBuf;

use libtest_mimic::{Arguments, Conclusion};

use crate::captures::{Corpus, find_corpus};
use crate::trial::{Obstacle, decide};

/// What became of a test that would pass.
fn outcome(obstacle: Option<Obstacle>, is_required: bool) -> (u64, u64, u64) {
    let trial = decide("a test", obstacle, is_required, || Ok(()));
    let arguments = Arguments { logfile: Some("/dev/null".into()), quiet: true, ..Arguments::default() };
    let Conclusion { num_passed, num_failed, num_ignored, .. } = libtest_mimic::run(&arguments, vec![trial]);
    (num_passed, num_failed, num_ignored)
}

#[test]
fn what_is_missing_is_ignored_and_fails_where_it_is_required() {
    let missing = || Some(Obstacle::missing("there is no promtool"));
    let not_wanted = || Some(Obstacle::NotWanted("this is no CI".to_owned()));
    assert_eq!((outcome(None, false), outcome(None, true)), ((1, 0, 0), (1, 0, 0)));
    assert_eq!((outcome(missing(), false), outcome(missing(), true)), ((0, 0, 1), (0, 1, 0)));
    assert_eq!((outcome(not_wanted(), false), outcome(not_wanted(), true)), ((0, 0, 1), (0, 0, 1)));
}

#[test]
fn a_corpus_that_is_named_wrongly_is_told_from_one_that_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let named = |path: PathBuf| match find_corpus(Some(path), &[]) {
        Corpus::Wrong(why) => why,
        other => panic!("{other:?}"),
    };
    assert!(named(folder.path().join("absent")).ends_with("absent: there is no such folder"));
    assert!(named(folder.path().to_owned()).contains("holds no capture; expected PLATFORM/COMMAND_WITH_UNDERSCORES"));
    // A text of no known command is no capture.
    let captures = folder.path().join("iosxe/show_clock");
    fs::create_dir_all(folder.path().join("iosxe/dir")).expect("made");
    fs::write(folder.path().join("iosxe/dir/one.txt"), "Directory of flash:/").expect("written");
    assert!(matches!(find_corpus(None, &[folder.path().to_owned()]), Corpus::Wrong(_)));
    fs::create_dir_all(&captures).expect("made");
    fs::write(captures.join("one.txt"), "10:00:00.000 UTC Fri Jan 3 2031").expect("written");
    assert_eq!(find_corpus(Some(folder.path().to_owned()), &[]), Corpus::At(folder.path().to_owned()));
    assert_eq!(find_corpus(None, &[folder.path().join("absent")]), Corpus::Missing);
    assert_eq!(find_corpus(Some("none".into()), &[folder.path().to_owned()]), Corpus::LeftOut);
}
