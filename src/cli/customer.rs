//! `dotstory customer`: prints one customer's record, or what it is made of.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::brands::Explained;
use crate::cli::brand_choice::BrandChoice;
use crate::cli::failed_call::failed_call;
use crate::cli::output::{pretty, print};
use crate::cli::runtime::block_on;
use crate::dailystory::ExplainedRecord;
use crate::domain::CustomerId;

/// Print the record that DailyStory gets for a customer's id
///
/// Fetches the customer from DotApparel now: by id, and in the search if lists come from the
/// search. A refusal by another customer with the same address also changes this record, if this
/// command sees that customer: by a lookup of the e-mail address, or on the pages read. A running
/// dotstory may know more refusals. The output has personal data.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    choice: BrandChoice,
    /// Print what DotApparel sent instead: the answer of the lookup by id, and the customer's
    /// record in the search, if lists come from the search. A record that was not found is left out
    #[arg(long)]
    raw: bool,
    /// The customer's id: a whole number such as 244988
    id: CustomerId,
}

/// What `DotApparel` sent about one customer, unchanged.
#[derive(Serialize)]
struct Received {
    /// The body of `/customers/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    lookup: Option<Box<RawValue>>,
    /// The record in `/customers/search`.
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<Box<RawValue>>,
}

const NOT_FOUND: &str = "DotApparel finds no customer by this id";

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let chosen = match self.choice.load() {
            Ok(chosen) => chosen,
            Err(code) => return Ok(code),
        };
        block_on(async {
            let running = chosen.start()?;
            let explained = running.brand.explain(self.id).await;
            let explained = explained.map_err(|error| failed_call(&error))?;
            let json = if self.raw { received(explained)? } else { record(explained) };
            let (id, brand) = (self.id, self.choice.id());
            match json {
                Ok(json) => {
                    print(&pretty(&json))?;
                    Ok(ExitCode::SUCCESS)
                }
                Err(reason) => {
                    eprintln!("dotstory: no record for customer {id} of brand {brand}: {reason}");
                    Ok(ExitCode::FAILURE)
                }
            }
        })
    }
}

/// The record that a caller gets by id, or the reason why there is no record. A refusal by another
/// customer with the same address also changes this record, as in a running dotstory.
fn record(explained: Explained) -> Result<String, &'static str> {
    match explained.explanation.by_id {
        ExplainedRecord::Served { json, .. } => Ok(json),
        ExplainedRecord::Excluded => Err("[mapping.exclude] excludes the customer"),
        ExplainedRecord::NotFound | ExplainedRecord::Unknown => Err(NOT_FOUND),
    }
}

/// The answers about the customer as JSON, or the reason why there is no answer.
fn received(explained: Explained) -> anyhow::Result<Result<String, &'static str>> {
    if !explained.is_somewhere() {
        return Ok(Err(NOT_FOUND));
    }
    let raw = |json: Option<String>| json.map(RawValue::from_string).transpose();
    let received = Received {
        lookup: raw(explained.raw_customer.detail)?,
        search: raw(explained.raw_customer.search)?,
    };
    Ok(Ok(serde_json::to_string(&received)?))
}
