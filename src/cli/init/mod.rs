//! `dotstory init`: writes the configuration of a new brand.
//!
//! This file has the options and collects the answers. `interview` asks on a terminal, and `files`
//! writes the files.

mod files;
mod interview;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use self::files::NewFiles;
use self::interview::{Interview, Question};
use crate::cli::output::print;
use crate::cli::runtime::USAGE;
use crate::config::BrandKey;
use crate::domain::{BrandId, country_zones};

/// Write the configuration of a new brand
///
/// Asks for each answer that no option gives; this needs a terminal. Writes the brand's file,
/// .env.example, and dotstory.toml if there is none. Overwrites no file, and writes no secret.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Directory of the configuration; it may have other brands
    #[arg(long, value_name = "DIRECTORY")]
    dir: Option<PathBuf>,
    /// Id of the brand, in logs and metrics: lower-case letters, digits, - and _
    #[arg(long)]
    brand: Option<String>,
    /// Country of phone numbers without a country code: two letters, such as AU
    #[arg(long)]
    country: Option<String>,
    /// Zone of the tenant's time stamps, such as Australia/Melbourne
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Address of DotApparel's API
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Alias of the brand at DotApparel: X-DotApparel-Name
    #[arg(long)]
    name: Option<String>,
    /// Shopify domain of the brand
    #[arg(long, value_name = "DOMAIN")]
    shop: Option<String>,
    /// API user at DotApparel
    #[arg(long)]
    username: Option<String>,
}

/// The offered directory. The other commands read the main file in this directory by default.
const DIRECTORY: &str = "config";

// === impl Options ===

impl Options {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let missing = self.missing();
        if !missing.is_empty() && !io::stdin().is_terminal() {
            eprintln!(
                "dotstory: init cannot ask, because its standard input is not a terminal: give {}",
                missing.join(", ")
            );
            return Ok(ExitCode::from(USAGE));
        }
        if let Some(mistake) = self.mistake() {
            eprintln!("dotstory: {mistake}");
            return Ok(ExitCode::from(USAGE));
        }
        let mut interview = Interview::new(io::stdin().lock(), io::stderr());
        let files = self.answer(&mut interview)?;
        print(&files.write()?)?;
        Ok(ExitCode::SUCCESS)
    }

    /// The options that are not given.
    fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        if self.dir.is_none() {
            missing.push("--dir".to_owned());
        }
        if self.brand.is_none() {
            missing.push("--brand".to_owned());
        }
        let keys = BrandKey::ALL.into_iter().filter(|key| self.given(*key).is_none());
        missing.extend(keys.map(flag));
        missing
    }

    /// The first option with an unusable value, and what is wrong with it.
    fn mistake(&self) -> Option<String> {
        let brand = self.brand.as_deref().map(check_brand);
        if let Some(Err(mistake)) = brand {
            return Some(format!("--brand: {mistake}"));
        }
        BrandKey::ALL.into_iter().find_map(|key| {
            let mistake = key.check(self.given(key)?).err()?;
            Some(format!("{}: {mistake}", flag(key)))
        })
    }

    fn given(&self, key: BrandKey) -> Option<&str> {
        let option = match key {
            BrandKey::Country => &self.country,
            BrandKey::Timezone => &self.timezone,
            BrandKey::BaseUrl => &self.base_url,
            BrandKey::Name => &self.name,
            BrandKey::Shop => &self.shop,
            BrandKey::Username => &self.username,
        };
        option.as_deref()
    }

    /// Collects the answers: from the options, else from the terminal.
    fn answer<R: io::BufRead, W: io::Write>(
        &self,
        interview: &mut Interview<R, W>,
    ) -> anyhow::Result<NewFiles> {
        // The prefix `./` gives each relative path a slash. The report prints the shell command
        // `. <path>`. For a path without a slash, the shell would search PATH.
        let directory = Path::new(".").join(match &self.dir {
            Some(directory) => directory.clone(),
            None => interview.ask(&directory_question())?.into(),
        });
        let brand = match &self.brand {
            Some(brand) => brand.clone(),
            None => interview.ask(&brand_question())?,
        };
        let brand: BrandId = brand.parse()?;
        let existing = files::brand_path(&directory, &brand);
        if existing.exists() {
            bail!(
                "{} exists, and init overwrites no file: choose another brand, or edit this file",
                existing.display()
            );
        }
        let mut values: Vec<(BrandKey, String)> = Vec::new();
        for key in BrandKey::ALL {
            let value = match self.given(key) {
                Some(given) => given.to_owned(),
                None => interview.ask(&key_question(key, &values))?,
            };
            values.push((key, value));
        }
        Ok(NewFiles { directory, brand, values })
    }
}

/// The option that gives the answer for `key`.
fn flag(key: BrandKey) -> String {
    format!("--{}", key.name().replace('_', "-"))
}

fn check_brand(text: &str) -> Result<(), String> {
    text.parse::<BrandId>().map(drop).map_err(|error| error.to_string())
}

fn directory_question() -> Question {
    Question {
        subject: "directory".to_owned(),
        explanation: "The directory of the configuration. It may have other brands.".to_owned(),
        offer: Some(DIRECTORY.to_owned()),
        choices: Vec::new(),
        check: Box::new(|text| {
            let is_file = Path::new(text).is_file();
            if is_file { Err("expected a directory, found a file".to_owned()) } else { Ok(()) }
        }),
    }
}

fn brand_question() -> Question {
    Question {
        subject: "brand".to_owned(),
        explanation: "The brand's id, in logs and metrics: lower-case letters, digits, - and _."
            .to_owned(),
        offer: None,
        choices: Vec::new(),
        check: Box::new(check_brand),
    }
}

/// The question for `key`, after the answers `before`.
fn key_question(key: BrandKey, before: &[(BrandKey, String)]) -> Question {
    let country = before.iter().find(|(key, _)| *key == BrandKey::Country);
    let (offer, choices) = match (key, country) {
        (BrandKey::BaseUrl, _) => (Some(key.example().to_owned()), Vec::new()),
        (BrandKey::Timezone, Some((_, country))) => {
            let zones: Vec<_> = country_zones(country).map(|zone| zone.name().to_owned()).collect();
            let only = (zones.len() == 1).then(|| zones[0].clone());
            (only, zones)
        }
        _ => (None, Vec::new()),
    };
    Question {
        subject: key.name().to_owned(),
        explanation: key.comment(),
        offer,
        choices,
        check: Box::new(move |text| key.check(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING_GIVEN: Options = Options {
        dir: None,
        brand: None,
        country: None,
        timezone: None,
        base_url: None,
        name: None,
        shop: None,
        username: None,
    };

    #[test]
    fn each_answer_that_no_option_gives_is_asked_for_on_the_terminal() {
        let directory = tempfile::tempdir().unwrap();
        let options = Options { dir: Some(directory.path().into()), ..NOTHING_GIVEN };
        let answers = "Tui\ntui\nNZ\n2\n\ntui\ntui.example\ndailystory@tui.example\n";
        let mut shown = Vec::new();
        let mut interview = Interview::new(answers.as_bytes(), &mut shown);
        let files = options.answer(&mut interview).unwrap();
        assert_eq!(files.brand.as_str(), "tui");
        let values: Vec<_> = files.values.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(
            values,
            [
                "NZ",
                "Pacific/Chatham",
                "https://api.dotapparel.io",
                "tui",
                "tui.example",
                "dailystory@tui.example"
            ]
        );
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains("  1  Pacific/Auckland\n  2  Pacific/Chatham\n"), "{shown}");
        assert!(shown.contains("found \"Tui\"") && shown.contains("base_url ["), "{shown}");
    }

    #[test]
    fn a_zone_is_offered_if_the_country_has_one_zone() {
        let zone = |country: &str| {
            let before = [(BrandKey::Country, country.to_owned())];
            key_question(BrandKey::Timezone, &before).offer
        };
        assert_eq!(zone("GB").as_deref(), Some("Europe/London"));
        assert_eq!(zone("AU"), None);
    }
}
