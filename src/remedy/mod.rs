//! Remedies.
