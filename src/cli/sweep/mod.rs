//! `dotstory sweep`: writes the records of a whole list, one per line.
//!
//! This file has the options and reports the end. `reader` reads the list window by window, as
//! `DailyStory` does. `target` writes the records, and `progress` shows the progress.

mod progress;
mod reader;
mod target;

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use self::progress::ProgressReport;
use self::reader::{ReadError, Reader};
use self::target::Target;
use crate::cli::brand_choice::BrandChoice;
use crate::cli::runtime::{USAGE, block_on, until_signal};
use crate::domain::{NaiveZone, last_updated};
use crate::paging::Filter;

/// Write the records of a whole list as DailyStory would get them, one JSON object per line
///
/// Walks through DotApparel's pages as `serve` does. At the end of the walk, writes the records of
/// the list to standard output or to a file. A summary follows on standard error, with the
/// certificate that X-Sweep shows to DailyStory: why the list is known to be complete, or `no`. The
/// records have personal data.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    choice: BrandChoice,
    /// Collect the customers that changed since this time, such as 2026-11-01T09:00:00Z. The list
    /// may also have customers that changed earlier. The time may have any form that DailyStory
    /// may send
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Write at most this many records. The command still reads the whole list, because no record
    /// is served before the end of the walk
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroU64>,
    /// Write to this file. The file is created or replaced only when all records are written
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Longest wait of one request for the walk, and the time between two looks at the progress.
const TICK: Duration = Duration::from_millis(500);

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let mut chosen = match self.choice.load() {
            Ok(chosen) => chosen,
            Err(code) => return Ok(code),
        };
        let Some(filter) = self.filter(chosen.config.sync.naive_zone) else {
            let text = self.since.unwrap_or_default();
            eprintln!("dotstory: --since must be {}, was {text:?}", last_updated::EXPECTED);
            return Ok(ExitCode::from(USAGE));
        };
        chosen.config.sync.count_wait = TICK;
        block_on(async {
            let target = Target::open(self.output.as_deref())?;
            let running = chosen.start()?;
            let progress = ProgressReport::new();
            let reader = Reader { brand: &running.brand, filter, limit: self.limit, progress };
            let ended = tokio::select! {
                ended = reader.read(target) => ended,
                signal = until_signal() => {
                    signal?;
                    Err(ReadError::Interrupted)
                }
            };
            match ended {
                Ok(summary) => {
                    eprintln!("{}", summary.sentence(running.calls()));
                    Ok(ExitCode::SUCCESS)
                }
                Err(ReadError::ReaderGone) => Ok(ExitCode::SUCCESS),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// The filter; `None` if `--since` is no time.
    fn filter(&self, naive: NaiveZone) -> Option<Filter> {
        match &self.since {
            None => Some(Filter::Everyone),
            Some(text) => last_updated::parse(text.trim(), naive).map(Filter::ChangedSince),
        }
    }
}
