//! One pass through the pages, or several, and the certificate of what they found.

mod certificate;
mod certifier;
mod cursor_trust;
mod cycle_guard;
mod defences;
mod error;
mod pass;
mod sightings;
mod walker;

pub use certificate::Certificate;
pub(crate) use certifier::Certifier;
pub(crate) use cursor_trust::LearntTrust;
pub(crate) use defences::Defences;
pub use error::WalkError;
pub use walker::Cost;
pub(crate) use walker::{Reached, Walker};
