//! Suggests settings that fit the tenant better than the brand's settings.
//!
//! `evidence` compares the answers with the brand's settings. `naming` recognises names and makes
//! keys of them. `suggestion` has the type of a suggestion, and writes suggestions as TOML.

mod evidence;
mod naming;
mod suggestion;

pub(crate) use evidence::Evidence;
pub(crate) use suggestion::Suggestion;
