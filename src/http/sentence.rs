//! The one table from a failed sweep or a failing upstream to a status and a sentence.

use std::borrow::Cow;

use actix_web::http::StatusCode;

use crate::dotapparel::Error as UpstreamError;
use crate::paging::{Error as SweepError, StorageError, Wait, WalkError};

/// The sentence of every fault of dotstory itself.
pub(super) const INTERNAL: &str =
    "dotstory failed: search its log for the X-Request-Id of this response";

const OUT_OF_REACH: &str = "last_updated must be a time at most 7 days ago, because this brand's DotApparel lists only recent changes (lists = \"recent\" under [dotapparel]): customers that have not changed since can be read by id or by email";

/// Status and sentence of a sweep that cannot be served.
pub(super) fn describe_sweep(error: &SweepError<UpstreamError>) -> (StatusCode, Cow<'static, str>) {
    match error {
        SweepError::StillWalking { progress, .. } => {
            let records = progress.records;
            let sentence = match &progress.wait {
                None => format!(
                    "the customers are still being collected, {records} so far: try again to get all of them"
                ),
                Some(Wait::Turn) => {
                    return (
                        StatusCode::SERVICE_UNAVAILABLE,
                        "other lists of this brand are being collected first: try again to get this list"
                            .into(),
                    );
                }
                Some(Wait::Upstream { error, .. }) => format!(
                    "the customers are still being collected, {records} so far, but {}: try again to get all of them",
                    describe_upstream(error).1
                ),
            };
            (StatusCode::SERVICE_UNAVAILABLE, sentence.into())
        }
        SweepError::UnknownSweep => (
            StatusCode::GONE,
            "the sweep that this page belongs to is no longer kept: begin again at start=0".into(),
        ),
        SweepError::OtherFilter => (
            StatusCode::GONE,
            "this page belongs to a sweep with another last_updated: send the last_updated of the first page with every page, or begin again at start=0".into(),
        ),
        SweepError::TooManyLists => (
            StatusCode::SERVICE_UNAVAILABLE,
            "dotstory is collecting too many lists of this brand: try later, and send the same last_updated at every try".into(),
        ),
        SweepError::OutOfReach => (StatusCode::BAD_REQUEST, OUT_OF_REACH.into()),
        SweepError::Interrupted => (
            StatusCode::SERVICE_UNAVAILABLE,
            "dotstory or this brand is restarting: begin again at start=0".into(),
        ),
        SweepError::Walk(error) => describe_walk(error),
    }
}

fn describe_walk(error: &WalkError<UpstreamError>) -> (StatusCode, Cow<'static, str>) {
    match error {
        WalkError::Source(error) | WalkError::DeadCursor(error) => {
            let (status, sentence) = describe_upstream(error);
            (status, sentence.into())
        }
        WalkError::CursorsExpire { after, .. } => (
            StatusCode::BAD_GATEWAY,
            format!("DotApparel refuses its own cursors {} s after the first page, and this list takes longer: make walks faster with details = \"never\" under [sync] or a higher rate_limit under [dotapparel]", after.as_secs())
                .into(),
        ),
        WalkError::FilterLost => (
            StatusCode::BAD_GATEWAY,
            "DotApparel ignores last_updated after the first page, so this list was not collected".into(),
        ),
        WalkError::OutOfReach => (StatusCode::BAD_REQUEST, OUT_OF_REACH.into()),
        WalkError::Circle { .. } | WalkError::NoNews { .. } => (
            StatusCode::BAD_GATEWAY,
            "DotApparel's pages do not end, so this list cannot be collected".into(),
        ),
        WalkError::Storage(StorageError::OutOfBudget { memory, disk }) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("the snapshots need more than {memory} bytes of memory and {disk} bytes of disk: raise `memory` or `disk` under [cache] in dotstory.toml")
                .into(),
        ),
        WalkError::Storage(StorageError::Write { .. }) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the snapshot directory cannot be written: check `directory` under [cache] in dotstory.toml".into(),
        ),
        WalkError::Storage(StorageError::TooManyFiles) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "dotstory has too many open files: raise the limit of the process (ulimit -n, or LimitNOFILE of systemd) or of the machine (fs.file-max), or memory under [cache]".into(),
        ),
        WalkError::Storage(StorageError::Read(_)) | WalkError::Panicked => {
            (StatusCode::INTERNAL_SERVER_ERROR, INTERNAL.into())
        }
    }
}

/// Status and sentence of a failing upstream. The sentence never repeats the upstream's own words.
pub(super) fn describe_upstream(error: &UpstreamError) -> (StatusCode, &'static str) {
    let (bad_gateway, unavailable) = (StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE);
    match error {
        UpstreamError::Refused { .. } => {
            (bad_gateway, "DotApparel refuses the credentials configured for this brand")
        }
        UpstreamError::NotFound | UpstreamError::CursorRejected { .. } | UpstreamError::Invalid => {
            (bad_gateway, "DotApparel rejects the request of dotstory")
        }
        UpstreamError::Unreadable(error) if error.is_html() => {
            (bad_gateway, "DotApparel sent an HTML page instead of JSON")
        }
        UpstreamError::Unreadable(_) => {
            (bad_gateway, "DotApparel sent an answer that cannot be read")
        }
        UpstreamError::TooLarge { .. } => {
            (bad_gateway, "DotApparel sent an answer that is larger than max_body")
        }
        UpstreamError::Unexpected { .. } => {
            (bad_gateway, "DotApparel sent an answer with an unexpected status")
        }
        UpstreamError::Contradiction(_) => {
            (bad_gateway, "DotApparel's answer contradicts the request or itself")
        }
        UpstreamError::Redirected { .. } => {
            (bad_gateway, "DotApparel redirects the call to another address")
        }
        UpstreamError::Throttled { .. } => {
            (unavailable, "DotApparel throttles the calls of this brand")
        }
        UpstreamError::Unavailable { .. } => (unavailable, "DotApparel is not available"),
        UpstreamError::BreakerOpen { .. } => {
            (unavailable, "DotApparel kept failing, so no calls are made for a while")
        }
        UpstreamError::Crowded => (
            unavailable,
            "dotstory has too many calls for this brand's rate_limit: try later, with fewer requests at once",
        ),
        UpstreamError::Insecure(_) => (unavailable, "DotApparel's certificate is not valid"),
        UpstreamError::Connect(_) => (unavailable, "DotApparel cannot be reached"),
        UpstreamError::CutShort(_) => {
            (unavailable, "DotApparel's answer ended before it was complete")
        }
        UpstreamError::TimedOut => {
            (StatusCode::GATEWAY_TIMEOUT, "DotApparel did not answer in time")
        }
    }
}

#[cfg(test)]
mod tests;
