//! The error of a command whose call to `DotApparel` failed.

use crate::dotapparel;
use crate::paging::SourceError;
use crate::telemetry::with_causes;

/// The error, with its causes and its remedy.
pub(crate) fn failed_call(error: &dotapparel::Error) -> anyhow::Error {
    anyhow::anyhow!("failed to ask DotApparel: {}: {}", with_causes(error), error.remedy())
}
