//! Work on large outputs, aside from the threads that keep everybody's deadlines.

use tokio::task::block_in_place;

/// What is read and cleaned in less than a few milliseconds. Nearly every output is smaller.
const SMALL: usize = 256 * 1024;

/// Does the work; where it is about many bytes, the other devices are served by another thread meanwhile.
pub fn aside<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    if bytes > SMALL { block_in_place(work) } else { work() }
}
