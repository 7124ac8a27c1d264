//! The record that `DailyStory` gets, and how a customer becomes one (DESIGN section 3).

mod config;

pub use config::{Config, Country};
