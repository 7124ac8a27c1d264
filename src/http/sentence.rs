//! What a caller reads of failures that are not its own.

use crate::dotapparel::Error as Upstream;
use crate::paging::{Error as Sweep, StorageError, WalkError};

/// All that a caller learns of a fault of our own.
pub(super) const OUR_FAULT: &str =
    "something went wrong on our side, see the log of this request id";

/// What a reader is told of a sweep that has no answer.
pub(super) fn sweep_sentence(error: &Sweep<Upstream>) -> String {
    match error {
        Sweep::StillWalking { records, .. } => {
            format!(
                "the customers are still being collected, {records} so far: try again and get them all"
            )
        }
        Sweep::UnknownSweep => {
            "the sweep that this page belongs to is not known any more: begin again at start=0"
                .to_owned()
        }
        Sweep::Interrupted => "dotstory is restarting: begin again at start=0".to_owned(),
        Sweep::Walk(error) => match &**error {
            WalkError::Source(error) => upstream_sentence(error).to_owned(),
            WalkError::CursorsExpire { .. } => {
                "DotApparel refuses the cursors that it gives".to_owned()
            }
            WalkError::Circle { .. } | WalkError::NoNews { .. } => {
                "DotApparel's pages do not come to an end".to_owned()
            }
            WalkError::Panicked => OUR_FAULT.to_owned(),
            WalkError::Storage(error) => keep_sentence(error),
        },
    }
}

fn keep_sentence(error: &StorageError) -> String {
    match error {
        StorageError::OutOfBudget { memory, disk } => format!(
            "the snapshots would need more than {memory} bytes of memory and {disk} bytes of disk: raise memory or disk in [cache] of dotstory.toml"
        ),
        StorageError::Write { .. } => {
            "the disk does not take what the snapshots may put there: see to directory in [cache] of dotstory.toml".to_owned()
        }
        StorageError::Read(_) => OUR_FAULT.to_owned(),
    }
}

/// What a caller is told of an upstream that fails: in general, never its own words.
pub(super) fn upstream_sentence(error: &Upstream) -> &'static str {
    match error {
        Upstream::Refused { .. } => "DotApparel refuses the credentials configured for this brand",
        Upstream::NotFound | Upstream::CursorRejected { .. } | Upstream::Invalid => {
            "DotApparel does not know what it is asked for"
        }
        Upstream::Throttled { .. } => "DotApparel throttles the calls of this brand",
        Upstream::Unavailable { .. } => "DotApparel is not available",
        Upstream::BreakerOpen { .. } => "DotApparel kept failing and is left alone for a while",
        Upstream::Connect(_) => "DotApparel cannot be reached",
        Upstream::CutShort(_) => "DotApparel broke off its answer",
        Upstream::TimedOut => "DotApparel did not answer in time",
        Upstream::Unreadable(_) | Upstream::TooLarge { .. } | Upstream::Unexpected { .. } => {
            "DotApparel answered what cannot be read"
        }
        Upstream::Contradiction(_) => "DotApparel contradicts itself",
        Upstream::Redirected { .. } => "DotApparel redirects to somewhere else",
    }
}
