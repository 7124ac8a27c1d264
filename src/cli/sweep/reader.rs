//! Reads a list window by window until its end, and waits for the walk as `DailyStory` does.

use std::io::{self, ErrorKind};
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::time::{Instant, sleep};

use super::progress::{ProgressReport, in_words};
use super::target::Target;
use crate::brands::Brand;
use crate::dotapparel;
use crate::paging::{
    Answer, Certificate, Error as SweepError, Filter, RETRY_LATER, Retryable, WalkError, Window,
};
use crate::telemetry::with_causes;

/// Reads one list of a brand.
pub(super) struct Reader<'a> {
    pub(super) brand: &'a Brand,
    pub(super) filter: Filter,
    /// The largest number of records to write; `None` for all.
    pub(super) limit: Option<NonZeroU64>,
    pub(super) progress: ProgressReport,
}

/// The result of a read to the end.
#[derive(Debug)]
pub(super) struct Summary {
    written: u64,
    /// Number of records in the list.
    count: u64,
    certificate: Certificate,
    elapsed: Duration,
}

/// Why reading ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// The list was not collected, or a window of it cannot be read.
    #[error("failed to read the list: {cause}{remedy}")]
    List {
        cause: String,
        /// `: ` and what to do; empty if no remedy is known.
        remedy: String,
    },
    /// The output cannot be written.
    #[error("failed to write the records: {0}")]
    Write(#[from] io::Error),
    /// The program that reads standard output has ended.
    #[error("the reader of the output has gone")]
    ReaderGone,
    /// A signal asked the process to stop.
    #[error("interrupted before all records were written")]
    Interrupted,
}

type ListError = SweepError<dotapparel::Error>;

/// Number of records per window: the largest `limit` that DailyStory may send by default.
const WINDOW: NonZeroU32 = NonZeroU32::new(500).expect("500 is not 0");

/// Largest number of retries for one window. In one outage, each try waits for at most
/// `walk_patience`, 15 minutes by default, so four tries wait for about an hour at most.
const MAX_RETRIES: u32 = 3;

// === impl Reader ===

impl Reader<'_> {
    /// Writes the records of the list to `target`.
    pub(super) async fn read(mut self, mut target: Target) -> Result<Summary, ReadError> {
        let began = Instant::now();
        let limit = self.limit.map_or(u64::MAX, NonZeroU64::get);
        let mut written = 0;
        loop {
            let answer = self.window(written, limit).await?;
            self.progress.clear();
            let count = answer.count() as u64;
            written += self.write(&answer, &mut target)?;
            if answer.is_empty() || written >= count.min(limit) {
                target.finish().map_err(ReadError::from_write)?;
                let (certificate, elapsed) = (answer.certificate(), began.elapsed());
                return Ok(Summary { written, count, certificate, elapsed });
            }
        }
    }

    /// The window that begins at `start`. Waits for the walk, and asks again after a failure that
    /// may pass.
    async fn window(&mut self, start: u64, limit: u64) -> Result<Answer, ReadError> {
        let left = u32::try_from(limit - start).ok().and_then(NonZeroU32::new);
        let window = Window::new(start, left.unwrap_or(WINDOW).min(WINDOW));
        let mut retries = 0;
        loop {
            let error = match self.brand.window(self.filter, window).await {
                Ok(answer) => return Ok(answer),
                Err(SweepError::StillWalking { progress, .. }) => {
                    if let Some(walk) = self.brand.activity().report().running.first() {
                        self.progress.show(walk);
                    }
                    if let Some(wait) = &progress.wait {
                        self.progress.show_wait(wait);
                    }
                    continue;
                }
                Err(error) => error,
            };
            if retries == MAX_RETRIES || !may_pass(&error) {
                return Err(ReadError::from_list(&error));
            }
            retries += 1;
            let wait = error.retry_after().unwrap_or(RETRY_LATER);
            self.progress.note(&retry_note(&error, wait));
            sleep(wait).await;
        }
    }

    /// Writes the records of a window. Returns their number.
    fn write(&self, answer: &Answer, target: &mut Target) -> Result<u64, ReadError> {
        let mut json = vec![b'['];
        self.brand.write_window(answer, &mut json).map_err(|error| ReadError::from_list(&error))?;
        self.brand.note_window(answer);
        json.push(b']');
        let records: Vec<&RawValue> =
            serde_json::from_slice(&json).expect("a window is the JSON that the mapper wrote");
        for record in &records {
            target.write_line(record.get()).map_err(ReadError::from_write)?;
        }
        Ok(records.len() as u64)
    }
}

/// Whether the same request may succeed later.
fn may_pass(error: &ListError) -> bool {
    match error {
        SweepError::Walk(error) => match &**error {
            WalkError::Source(error) | WalkError::DeadCursor(error) => error.is_retryable(),
            _ => false,
        },
        SweepError::TooManyLists => true,
        _ => false,
    }
}

/// Why and when the list is asked for again.
fn retry_note(error: &ListError, wait: Duration) -> String {
    let source = match error {
        // The limit of lists is dotstory's own.
        SweepError::TooManyLists => "",
        _ => "DotApparel: ",
    };
    format!("{source}{}; asking again in {}", with_causes(error), in_words(wait))
}

// === impl Summary ===

impl Summary {
    /// The summary in one line. `calls` is the number of calls to `DotApparel`.
    pub(super) fn sentence(&self, calls: u64) -> String {
        let Self { written, count, certificate, elapsed } = self;
        let doubt = match certificate {
            Certificate::Uncertified => " (nothing shows that the list is complete)",
            _ => "",
        };
        let plural = if calls == 1 { "" } else { "s" };
        format!(
            "{written} of {count} records; certified={certificate}{doubt}; {calls} call{plural} to \
             DotApparel; {}",
            in_words(*elapsed)
        )
    }
}

// === impl ReadError ===

impl ReadError {
    fn from_list(error: &ListError) -> Self {
        let remedy = match error {
            SweepError::Walk(error) => format!(": {}", error.remedy()),
            SweepError::OutOfReach => {
                ": give --since a time at most 7 days ago, because lists = \"recent\" under \
                 [dotapparel]"
                    .to_owned()
            }
            _ => String::new(),
        };
        Self::List { cause: with_causes(error), remedy }
    }

    fn from_write(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Write(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_summary_has_the_count_the_certificate_the_calls_and_the_time() {
        let elapsed = Duration::from_millis(61_250);
        let summary =
            |certificate| Summary { written: 10, count: 1037, certificate, elapsed }.sentence(12);
        assert_eq!(
            summary(Certificate::Stable),
            "10 of 1037 records; certified=stable; 12 calls to DotApparel; 1m 1s"
        );
        assert!(summary(Certificate::Uncertified).contains("certified=no (nothing shows"));
    }

    #[test]
    fn only_a_failure_of_dotapparel_has_its_name() {
        let wait = Duration::from_secs(30);
        let timeout = WalkError::Source(Arc::new(dotapparel::Error::TimedOut));
        assert_eq!(
            retry_note(&SweepError::Walk(Arc::new(timeout)), wait),
            "DotApparel: no answer in time; asking again in 30s"
        );
        assert_eq!(
            retry_note(&SweepError::TooManyLists, wait),
            "too many lists of this brand are being collected; asking again in 30s"
        );
    }
}
