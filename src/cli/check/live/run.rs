//! Runs all checks and prints their results.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::brand::check_brand;
use super::checklist::Checklist;
use super::machine::check_machine;
use super::report::{summary, to_json};
use crate::cli::output::Format;
use crate::clock::SystemClock;
use crate::config::Config;

/// The checks of all brands end after this time, so that the command takes at most a minute.
const BOUND: Duration = Duration::from_secs(58);

/// Runs all checks. The exit code is 1 if a check failed.
pub(crate) async fn run(config: Config, path: &Path, format: Format) -> anyhow::Result<ExitCode> {
    let end = Instant::now() + BOUND;
    let print = |text: &str| match format {
        Format::Text => io::stdout().write_all(text.as_bytes()),
        Format::Json => Ok(()),
    };
    let machine = check_machine(&config);
    print(&machine.to_text(&format!("this machine, {}", path.display())))?;
    let mut lists = vec![machine];

    let count = config.brands.len();
    let mut brands = stream::iter(&config.brands)
        .map(async |brand| (brand, check_brand(brand, &SystemClock, end, BOUND).await))
        .buffered(count);
    while let Some((brand, list)) = brands.next().await {
        let title = format!("\nbrand {}, {}", brand.id, brand.dotapparel.base_url);
        print(&list.to_text(&title))?;
        lists.push(list);
    }
    let end = match format {
        Format::Text => format!("\n{}\n", summary(&lists)),
        Format::Json => to_json(&lists) + "\n",
    };
    io::stdout().write_all(end.as_bytes())?;
    let has_failure = lists.iter().any(Checklist::has_failure);
    Ok(if has_failure { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
