//! Authorization codes by file (SLAC): the units a file names, and how they compare with the units of a device.
//!
//! ```text
//! <smartLicenseAuthorization>
//! <udi>P:C9300X-24HX,SN:FOC0000AAAA</udi>
//! ...
//! </smartLicenseAuthorization>
//! ```
//!
//! The guide: the UDIs of a file and those of the device (`show license udi`, every unit of a stack or a pair) must be the same,
//! or the installation fails.

mod compare;
mod fleet;
mod read;

pub use compare::{Comparison, Listed, compare, names_a_unit, relevant, same_serial};
pub use fleet::{Answer, DeviceUnits, Fleet, Need, compare_fleet};
pub use read::{Fault, Read, read};
