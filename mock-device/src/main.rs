//! Starts mock devices.
fn main() {}
