//! The commands that are more than a line.

pub mod doctor;
pub mod seed;
