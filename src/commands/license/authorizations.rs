//! Authorization codes in licence outputs, a unit each.
//!
//! ```text
//! Overall status:
//!   Active: PID:C9300X-24HX,SN:FOC0000AAAA
//!       Status: NOT INSTALLED
//! ```

use super::units::unit;
use crate::commands::lines::{Field, Line};
use crate::facts::AuthorizationUnit;

/// `Overall status:` with its units, and `License reservation:`.
#[derive(Debug, Default)]
pub(crate) struct AuthorizationLines<'a> {
    units: Vec<(AuthorizationUnit, Line<'a>)>,
    /// The line of the status of each.
    statuses: Vec<Option<Line<'a>>>,
    installed: Field<'a, bool>,
    unread: Option<Line<'a>>,
}

impl<'a> AuthorizationLines<'a> {
    /// A line of the units was lost, or their title.
    pub(crate) fn tear(&mut self, line: Line<'a>) {
        self.unread.get_or_insert(line);
    }

    /// A unit's line.
    pub(crate) fn take_unit(&mut self, line: Line<'a>) -> bool {
        let Some(udi) = unit(line.text).filter(|_| !line.torn) else { return false };
        self.units.push((
            AuthorizationUnit { role: udi.role, pid: udi.pid, serial: udi.serial, status: String::new() },
            line,
        ));
        self.statuses.push(None);
        true
    }

    /// `Status:` or `Reservation status:` of a unit.
    pub(crate) fn take_status(&mut self, line: Line<'a>, value: &str) -> bool {
        if line.torn || value.is_empty() {
            self.unread.get_or_insert(line);
            return false;
        }
        let is_installed = !value.starts_with("NOT INSTALLED");
        if is_installed && self.installed.value() != Some(&true) {
            self.installed = Field::Read(true, line);
        } else {
            self.installed.take(line, "status of an authorization code", Some(is_installed));
        }
        if let (Some((unit, _)), Some(at)) = (self.units.last_mut(), self.statuses.last_mut()) {
            value.clone_into(&mut unit.status);
            *at = Some(line);
        }
        true
    }

    /// `License reservation: DISABLED`, which some outputs print without any unit.
    pub(crate) fn take_reservation(&mut self, line: Line<'a>, value: &str) -> bool {
        if value == "DISABLED" {
            self.installed.take(line, "status of an authorization code", Some(false));
        }
        true
    }

    /// True where any unit has a code.
    pub(crate) fn installed(&self) -> Field<'a, bool> {
        match (self.unread, &self.installed) {
            (Some(line), Field::Missing | Field::Read(false, _)) => {
                Field::Unread("status of an authorization code", line)
            }
            (_, installed) => installed.clone(),
        }
    }

    /// The line of the status of each unit.
    pub(crate) fn statuses(&self) -> impl Iterator<Item = Option<Line<'a>>> {
        self.statuses.iter().copied()
    }

    /// One entry a unit.
    pub(crate) fn units(&self) -> Field<'a, Vec<AuthorizationUnit>> {
        match (self.unread, self.units.first()) {
            (Some(line), _) => Field::Unread("status of an authorization code", line),
            (None, Some((_, line))) => Field::Read(self.units.iter().map(|(unit, _)| unit.clone()).collect(), *line),
            (None, None) => Field::Missing,
        }
    }
}
