//! `dotstory explain`: prints where the values of a customer's record come from.
//!
//! This file has the options. `text` writes the explanation for a person, and `json` for a program.

mod json;
mod text;

use std::process::ExitCode;

use clap::Args;

use crate::cli::brand_choice::BrandChoice;
use crate::cli::failed_call::failed_call;
use crate::cli::output::{Format, pretty, print};
use crate::cli::runtime::block_on;
use crate::domain::CustomerId;

/// Explain a customer's record: for each key its rule, DotApparel's values and the value served
///
/// Fetches the customer from DotApparel now: by id, and in the search if lists come from the
/// search. --masked hides the letters and digits of personal data, so that the output can be sent
/// to support.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    choice: BrandChoice,
    /// Hide personal data
    #[arg(long)]
    masked: bool,
    /// Text for a person, or one JSON object for a program
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The customer's id: a whole number such as 244988
    id: CustomerId,
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
            let explained = running.brand.explain(self.id).await;
            let explained = explained.map_err(|error| failed_call(&error))?;
            let is_somewhere = explained.is_somewhere();
            let (brand, id, masked) = (self.choice.id(), self.id, self.masked);
            match self.format {
                Format::Text => print(&text::report(brand, id, explained, masked))?,
                Format::Json => print(&pretty(&json::report(brand, id, explained, masked)))?,
            }
            Ok(if is_somewhere { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}
