//! Runs all checks and prints their results.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::brand::{brand_checks, check_brand};
use super::checklist::Checklist;
use super::machine::{check_machine, report_problems};
use super::report::{summary, to_json};
use crate::cli::output::Format;
use crate::clock::SystemClock;
use crate::config::{Config, Problems};
use crate::dotapparel::ListSource;

/// The checks of all brands end after this time, so that the command takes at most a minute.
const BOUND: Duration = Duration::from_secs(58);

/// Why the other checks are skipped if the configuration is wrong.
const NOT_TRIED: &str = "not tried, because the configuration is wrong";

/// Runs all checks. If the configuration is wrong, each of its problems is a failed check. The exit
/// code is 1 if a check failed.
pub(crate) async fn run(
    config: Result<Config, Problems>,
    path: &Path,
    format: Format,
) -> anyhow::Result<ExitCode> {
    let title = format!("this machine, {}", path.display());
    let lists = match config {
        Ok(config) => check_all(&config, &title, format).await?,
        Err(problems) => {
            let machine = report_problems(&problems, NOT_TRIED);
            print(&machine, &title, format)?;
            // The brands are not known, so one checklist is printed in place of theirs. It has the
            // checks of a brand that uses the search and rewards.
            let mut brands = Checklist::new(None, brand_checks(ListSource::Search, true));
            brands.skip_rest(NOT_TRIED);
            print(&brands, "\neach brand", format)?;
            vec![machine, brands]
        }
    };
    let end = match format {
        Format::Text => format!("\n{}\n", summary(&lists)),
        Format::Json => to_json(&lists) + "\n",
    };
    io::stdout().write_all(end.as_bytes())?;
    let has_failure = lists.iter().any(Checklist::has_failure);
    Ok(if has_failure { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Checks this machine and each brand. Prints each checklist as soon as this checklist and those
/// before it are complete.
async fn check_all(config: &Config, title: &str, format: Format) -> io::Result<Vec<Checklist>> {
    let end = Instant::now() + BOUND;
    let machine = check_machine(config);
    print(&machine, title, format)?;
    let mut lists = vec![machine];
    let count = config.brands.len();
    let mut brands = stream::iter(&config.brands)
        .map(async |brand| (brand, check_brand(brand, &SystemClock, end, BOUND).await))
        .buffered(count);
    while let Some((brand, list)) = brands.next().await {
        print(&list, &format!("\nbrand {}, {}", brand.id, brand.dotapparel.base_url), format)?;
        lists.push(list);
    }
    Ok(lists)
}

/// Prints a checklist as text. Prints nothing for JSON, which has all checklists in one object.
fn print(list: &Checklist, title: &str, format: Format) -> io::Result<()> {
    match format {
        Format::Text => io::stdout().write_all(list.to_text(title).as_bytes()),
        Format::Json => Ok(()),
    }
}
