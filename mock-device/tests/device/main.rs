//! A device seen by a client, over real SSH on 127.0.0.0/8.

mod faults;
mod session;
mod support;
