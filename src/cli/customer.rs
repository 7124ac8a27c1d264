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
use crate::domain::CustomerId;

/// Print the record that DailyStory gets for a customer's id
///
/// Fetches the customer from DotApparel now. The output has personal data.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    choice: BrandChoice,
    /// Print what DotApparel sent instead: the answer of the lookup by id, and the customer's record
    /// in the search from which lists are made. A record that was not found is left out
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

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let chosen = match self.choice.load() {
            Ok(chosen) => chosen,
            Err(code) => return Ok(code),
        };
        block_on(async {
            let running = chosen.start()?;
            let json = if self.raw {
                let explained = running.brand.explain(self.id).await;
                received(explained.map_err(|error| failed_call(&error))?)?
            } else {
                let record = running.brand.customer(self.id).await;
                record.map_err(|error| failed_call(&error))?.map(into_text)
            };
            let (id, brand) = (self.id, self.choice.id());
            match &json {
                Some(json) => print(&pretty(json))?,
                None if self.raw => {
                    eprintln!("dotstory: DotApparel has no customer {id} of brand {brand}");
                }
                None => eprintln!(
                    "dotstory: no record for customer {id} of brand {brand}: DotApparel has no \
                     customer with this id, or [mapping.exclude] excludes the customer; `dotstory \
                     explain` shows which"
                ),
            }
            Ok(if json.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}

/// The answers about the customer as JSON; `None` if no answer has the customer.
fn received(explained: Explained) -> anyhow::Result<Option<String>> {
    if !explained.is_somewhere() {
        return Ok(None);
    }
    let raw = |json: Option<String>| json.map(RawValue::from_string).transpose();
    let received = Received {
        lookup: raw(explained.raw_customer.detail)?,
        search: raw(explained.raw_customer.search)?,
    };
    Ok(Some(serde_json::to_string(&received)?))
}

fn into_text(record: Vec<u8>) -> String {
    String::from_utf8(record).expect("the mapper writes JSON from texts, which are UTF-8")
}
