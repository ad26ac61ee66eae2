//! What the file of a rule imports.

pub(super) use crate::fact::{Evidence, Fact, ParseError, Unknown};
pub(super) use crate::facts::{
    AuthorizationUnit, CallHomeProfile, Channel, DISCOVERED, Interface, LogMessage, Probe, TransportType, TrustCode,
    Udi, is_short_for, split_name,
};
pub(super) use crate::failure::FailureClass;
pub(super) use crate::finding::{Problem, Severity};
pub(super) use crate::inventory::{ExpectedTransport, Topology};
pub(super) use crate::remedy::{Step, steps};
pub(super) use crate::rules::checks::{Checks, no_line, not_applicable};
pub(super) use crate::rules::release::Release;
pub(super) use crate::rules::situation::{self, NEAR_DAYS, PUSH_PATIENCE};
pub(super) use crate::rules::url::{self, CsluAddress, Url, is_address};
pub(super) use crate::rules::{Category, Generation, Judged, Rule, Subject, Undecided, failure, history, remedies};
