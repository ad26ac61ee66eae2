//! Tests that need what a machine may lack: a program, or other people's captures.
//!
//! They are ignored with the reason where it is missing, and fail with the same reason where `SLAUDIT_REQUIRE` is set, as `.ci/run`
//! does: there nothing may be left out quietly.

use libtest_mimic::{Failed, Trial};

/// Why a test cannot run here.
#[derive(Debug, Clone)]
pub(crate) enum Obstacle {
    /// Something that `.ci/setup`, a make target or a setting brings.
    Missing(String),
    /// The user's choice, which is respected in CI too.
    NotWanted(String),
}

impl Obstacle {
    pub(crate) fn missing(what: impl Into<String>) -> Self {
        Self::Missing(what.into())
    }
}

/// A test by its name, which runs where nothing stands in its way.
pub(crate) fn trial<F>(name: &str, obstacle: Option<Obstacle>, test: F) -> Trial
where
    F: FnOnce() -> Result<(), Failed> + Send + 'static,
{
    decide(name, obstacle, std::env::var_os("SLAUDIT_REQUIRE").is_some(), test)
}

/// A test that is ignored for an obstacle, or fails for one that may not be there.
pub(crate) fn decide<F>(name: &str, obstacle: Option<Obstacle>, is_required: bool, test: F) -> Trial
where
    F: FnOnce() -> Result<(), Failed> + Send + 'static,
{
    match obstacle {
        None => Trial::test(name, test),
        Some(Obstacle::Missing(why)) if is_required => {
            Trial::test(name, move || Err(format!("{why}; SLAUDIT_REQUIRE is set, so it must be there").into()))
        }
        Some(Obstacle::Missing(why) | Obstacle::NotWanted(why)) => {
            Trial::test(format!("{name} ({why})"), test).with_ignored_flag(true)
        }
    }
}
