//! An SSH server that speaks like a Cisco IOS XE device, for tests and demonstrations of slaudit.
//!
//! ```no_run
//! # async fn run() -> Result<(), mock_device::MockError> {
//! use mock_device::{Device, Fault, Fleet, Scenario};
//!
//! let fleet = Fleet::start(vec![
//!     Device::new("sw01", Scenario::named("healthy-smart")?),
//!     Device::new("sw02", Scenario::named("smart-wrong-url")?).fault(Fault::CutInOutput(2)),
//! ])
//! .await?;
//! let csv = fleet.inventory_csv();                    // name, address, port, ... of both
//! let log = fleet.get("sw01").map(|device| device.log());
//! fleet.stop().await;
//! # Ok(()) }
//! ```
//!
//! Devices listen on 127.0.0.0/8 only. Nothing here is meant to keep a secret: host keys are made from names.

mod before_login;
mod builtin;
mod clock;
mod device;
mod error;
mod fault;
mod filter;
mod fleet;
mod flood;
mod grammar;
mod inventory;
mod log;
pub mod mix;
mod scenario;
mod screen;
mod server;
mod shared;
mod shell;
mod template;
mod terminal;
mod transport;
mod wire;

pub use builtin::scenarios;
pub use clock::Clock;
pub use device::{Algorithms, DEMO_PASSWORD, Device, Login, Method};
pub use error::MockError;
pub use fault::Fault;
pub use fleet::{BlockingFleet, Fleet, Running};
pub use flood::{Flood, FloodAt};
pub use log::{AccountLog, AuthAttempt, Log};
pub use scenario::{Expect, Inventory, Refusal, Scenario};
