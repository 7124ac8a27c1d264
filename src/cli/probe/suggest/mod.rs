//! The settings that would fit better.
//!
//! `evidence` compares what was found with the brand's settings. `naming` recognises names and makes
//! keys of them. `suggestion` is one setting, and writes all of them as TOML.

mod evidence;
mod naming;
mod suggestion;

pub(crate) use evidence::Evidence;
pub(crate) use suggestion::Suggestion;
