//! Dialect B: MOJO's messenger.

pub mod socket;
