//! `slaudit` audits fleets of Cisco devices for Smart Licensing Using Policy (SLP). It reads; it never changes a device.
//!
//! ```text
//! inventory ─▶ fleet ─▶ interview ─▶ session ─▶ transcript          who is asked, and what they answered
//!                                                   │
//!                                                   ▼   pure from here on: no clock, no network, no files
//!                               commands ─▶ reading ─▶ rules ─▶ findings
//!                                                                  │
//!                                                                  ▼
//!                                                  record ─▶ store ─▶ run ─▶ reports   what people read
//! ```
//!
//! The modules stand in the order of the flow; each imports only what stands before it (`tests/architecture.rs` checks that).
//! A live audit and the analysis of saved text are the same code from `transcript` on, joined in [`pipeline`].

pub mod disk;

pub mod inventory;
pub mod stamp;
pub mod transcript;
pub mod session;

pub mod fact;
pub mod facts;
pub mod remedy;
pub mod failure;
pub mod syslog;
pub mod commands;
pub mod reading;
pub mod slac;

pub mod finding;
pub mod rules;
pub mod waivers;

pub mod record;
pub mod store;
pub mod run;
pub mod diff;
pub mod reports;

pub mod interview;
pub mod fleet;
pub mod pipeline;

pub mod exit;
pub mod cli;
pub mod settings;
pub mod secrets;
pub mod progress;
pub mod actions;
