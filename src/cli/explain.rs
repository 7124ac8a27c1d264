//! `dotstory explain`: why a customer's record says what it says.

use std::fmt::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;

use crate::brands::{Brand, Explained};
use crate::cli::config_path::ConfigPath;
use crate::cli::runtime::{USAGE, block_on};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::dailystory::{DataSource, ExplainedKey, ExplainedRecord, SourceValue};
use crate::domain::{BrandId, CustomerId};
use crate::dotapparel::DetailPolicy;
use crate::paging::Budget;
use crate::runtime::Runtime;
use crate::telemetry::Metrics;

/// Explain a customer's record: of each key where it comes from, by which rule, what stands there, and what came of it
///
/// Asks DotApparel now, by id and in the search that lists are made of. With --masked the letters and digits of whatever
/// says who somebody is are hidden, so that the output can be sent to support.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    config: ConfigPath,
    /// The brand: the name of its file without .toml
    #[arg(long)]
    brand: BrandId,
    /// Hide personal data
    #[arg(long)]
    masked: bool,
    /// The customer's id: a whole number such as 244988
    id: CustomerId,
}

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let config = match self.config.load() {
            Ok(config) => config,
            Err(code) => return Ok(code),
        };
        let known: Vec<_> = config.brands.iter().map(|brand| brand.id.to_string()).collect();
        let Some(position) = config.brands.iter().position(|brand| brand.id == self.brand) else {
            eprintln!("dotstory: no brand {}: there is {}", self.brand, known.join(", "));
            return Ok(ExitCode::from(USAGE));
        };
        block_on(async {
            let explained = explain(config, position, self.id).await?;
            let is_somewhere = explained.is_somewhere();
            print!("{}", told(&self.brand, self.id, explained, self.masked));
            Ok(if is_somewhere { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}

async fn explain(mut config: Config, brand: usize, id: CustomerId) -> anyhow::Result<Explained> {
    let metrics = Metrics::new();
    let budget = Budget::new(&config.cache, &metrics);
    let runtime = Runtime::new(Arc::new(SystemClock), metrics);
    let brand = Brand::start(config.brands.swap_remove(brand), 0, &runtime, &budget)?;
    let explained = brand.explain(id).await.context("failed to ask DotApparel");
    runtime.tasks.stop();
    explained
}

/// The whole explanation, as it is printed.
fn told(brand: &BrandId, id: CustomerId, explained: Explained, masked: bool) -> String {
    const NEVER_FAILS: &str = "a string takes every line";
    let is_somewhere = explained.is_somewhere();
    let Explained { raw_customer, explanation, details } = explained;
    let pages =
        format!("{} page{}", raw_customer.pages, if raw_customer.pages == 1 { "" } else { "s" });
    let by_id = if raw_customer.detail.is_some() { "found" } else { "nobody (404)" };
    let in_search = match (&raw_customer.search, raw_customer.searched_to_end) {
        (Some(_), _) => format!("found after {pages}"),
        (None, true) => format!("not there, {pages}"),
        (None, false) => format!("not among the first {pages}, given up"),
    };
    let shown = if masked { "a customer".to_owned() } else { format!("customer {id}") };
    let lists = match details {
        DetailPolicy::Never => "the search alone",
        DetailPolicy::Incremental => "both if of changes, as shown here; else the search alone",
        DetailPolicy::Always => "both",
    };
    let mut text = format!(
        "{shown} of {brand}\n  /customers/{{id}}     {by_id}\n  /customers/search   {in_search}\n  lists are made of   {lists} ([sync] details)\n"
    );
    for (name, served) in [("in a list", &explanation.in_list), ("by id", &explanation.by_id)] {
        let what = match served {
            ExplainedRecord::Served(_) => continue,
            ExplainedRecord::NotFound => "nothing is served",
            ExplainedRecord::Unknown => "not known: the search was not looked through to its end",
            ExplainedRecord::Excluded => "not served: [mapping.exclude]",
        };
        writeln!(text, "  {name:<18}  {what}").expect(NEVER_FAILS);
    }
    let list_is_known = explanation.in_list != ExplainedRecord::Unknown;
    if !is_somewhere {
        return text;
    }
    for key in explanation.keys {
        let key = if masked { key.masked() } else { key };
        text.push('\n');
        tell(&key, list_is_known, &mut text);
    }
    text
}

fn tell(key: &ExplainedKey, list_is_known: bool, out: &mut String) {
    const NEVER_FAILS: &str = "a string takes every line";
    writeln!(out, "{} ({}): {}", key.key, key.json.word(), key.rule).expect(NEVER_FAILS);
    let is_same = |a: &SourceValue, b: &SourceValue| (&a.path, &a.raw) == (&b.path, &b.raw);
    for found in &key.found {
        let mut others = key.found.iter().filter(|other| other.source != found.source);
        let source = match (found.source, others.any(|other| is_same(found, other))) {
            (DataSource::Detail, true) => continue,
            (_, true) => "both",
            (source, false) => source.name(),
        };
        let raw = found.raw.as_deref().unwrap_or("(nothing)");
        writeln!(out, "  {source:<8} {:<34} {raw}", found.path).expect(NEVER_FAILS);
    }
    let said = |value: &Option<String>, known: bool| match value.as_deref() {
        None if known => "(absent)".to_owned(),
        value => value.unwrap_or("(not known)").to_owned(),
    };
    let (in_list, by_id) = (said(&key.in_list, list_is_known), said(&key.by_id, true));
    if in_list == by_id {
        writeln!(out, "  => {in_list}").expect(NEVER_FAILS);
    } else {
        writeln!(out, "  => in a list {in_list}\n  => by id {by_id}").expect(NEVER_FAILS);
    }
}
