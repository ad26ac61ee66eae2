//! What a capture must give, found by plain text search, without the parsers.

use libtest_mimic::Failed;
use slaudit::reading::Reading;

use super::captures::Capture;

/// Every check that applies to the capture.
pub(crate) fn all(_capture: &Capture, _reading: &Reading) -> Result<(), Failed> {
    Ok(())
}
