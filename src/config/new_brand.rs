//! The files of a new brand, made of the shipped files, so that both have the same comments.

use std::fmt::Write;

use super::document::{Mistake, Value, base_url, country, header, username, zone};
use crate::domain::BrandId;

/// A key of a brand's file that has no default and is not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrandKey {
    /// `country`
    Country,
    /// `timezone`
    Timezone,
    /// `[dotapparel] base_url`
    BaseUrl,
    /// `[dotapparel] name`
    Name,
    /// `[dotapparel] shop`
    Shop,
    /// `[dotapparel] username`
    Username,
}

/// The environment variables of a brand's secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVariables {
    prefix: String,
}

const MAIN: &str = include_str!("../../config/dotstory.toml");
const EXAMPLE: &str = include_str!("../../config/brands/acme.toml.example");

/// The variables of the example begin with this text.
const EXAMPLE_PREFIX: &str = "ACME_";

/// The main file with each default commented out.
#[must_use]
pub fn new_main_file() -> String {
    let line = |line: &str| {
        let is_key = line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" = ");
        format!("{}{line}\n", if is_key { "# " } else { "" })
    };
    MAIN.lines().map(line).collect()
}

/// The file of a new brand. `values` has the text of each [`BrandKey`]. The file sets a token for
/// the callers, and shows a user as a commented example.
#[must_use]
pub fn new_brand_file(id: &BrandId, values: &[(BrandKey, String)]) -> String {
    let variables = SecretVariables::for_brand(id);
    let mut text = String::with_capacity(EXAMPLE.len());
    for line in EXAMPLE.lines() {
        let value = values.iter().find(|(key, _)| key.value_in(line).is_some());
        let line = match value {
            Some((key, value)) => format!("{} = {}", key.name(), quoted(value)),
            None if line.starts_with("users = ") => format!("#{line}"),
            None => line.to_owned(),
        };
        text.push_str(&line.replace(EXAMPLE_PREFIX, &variables.prefix));
        text.push('\n');
    }
    text
}

/// The text as a string of TOML. A JSON string without U+007F is also a TOML string.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text can be written as JSON")
}

// === impl BrandKey ===

impl BrandKey {
    /// Every key. The country is before the zone, because the country limits the choice of zones.
    pub const ALL: [Self; 6] =
        [Self::Country, Self::Timezone, Self::BaseUrl, Self::Name, Self::Shop, Self::Username];

    /// The key in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Timezone => "timezone",
            Self::BaseUrl => "base_url",
            Self::Name => "name",
            Self::Shop => "shop",
            Self::Username => "username",
        }
    }

    /// The comment of the shipped file about this key, in one line.
    #[must_use]
    pub fn comment(self) -> String {
        let lines: Vec<_> = EXAMPLE.lines().collect();
        let position = lines.iter().position(|line| self.value_in(line).is_some());
        let before = &lines[..position.unwrap_or_default()];
        let first = before.iter().rposition(|line| !line.starts_with("# ")).map_or(0, |at| at + 1);
        let comment: Vec<_> = before[first..].iter().map(|line| &line["# ".len()..]).collect();
        comment.join(" ")
    }

    /// The value in the shipped file.
    #[must_use]
    pub fn example(self) -> &'static str {
        EXAMPLE.lines().find_map(|line| self.value_in(line)).unwrap_or_default()
    }

    /// Checks a value as the configuration does.
    ///
    /// # Errors
    /// What is wrong with the value, for the operator. The message never shows a user name.
    pub fn check(self, text: &str) -> Result<(), String> {
        let value = Value::Text(text.to_owned());
        let checked = match self {
            Self::Country => country(&value).map(drop),
            Self::Timezone => zone(&value).map(drop),
            Self::BaseUrl => base_url(&value).map(drop),
            Self::Name | Self::Shop => header(&value).map(drop),
            Self::Username => username(&value).map(drop),
        };
        checked.map_err(|mistake: Mistake| mistake.to_string())
    }

    /// The value of this key, if the line sets it.
    fn value_in(self, line: &str) -> Option<&str> {
        Some(line.strip_prefix(self.name())?.strip_prefix(" = ")?.trim_matches('"'))
    }
}

// === impl SecretVariables ===

impl SecretVariables {
    /// The variables of the brand `id`. Their names begin with the id in upper case.
    #[must_use]
    pub fn for_brand(id: &BrandId) -> Self {
        let name = id.as_str().to_uppercase().replace('-', "_");
        // The name of a variable must not begin with a digit.
        let digit = name.starts_with(|c: char| c.is_ascii_digit());
        Self { prefix: format!("{}{name}_", if digit { "BRAND_" } else { "" }) }
    }

    /// The variable of the token with which `DailyStory` calls.
    #[must_use]
    pub fn token(&self) -> String {
        format!("{}DAILYSTORY_TOKEN", self.prefix)
    }

    /// The variable of the password of the API user.
    #[must_use]
    pub fn password(&self) -> String {
        format!("{}DOTAPPAREL_PASSWORD", self.prefix)
    }

    /// Lines that a shell can load. Each value is empty, and a comment explains how to get it.
    #[must_use]
    pub fn env_lines(&self, id: &BrandId) -> String {
        let mut text = String::new();
        let (password, token) = (self.password(), self.token());
        write!(
            text,
            "# The secrets of the brand {id}: copy this file to .env, and write them there, between \
             the quotes.\n# Keep .env readable by its owner alone. dotstory does not read it: load it \
             into the environment.\n# The password of the API user, from your DotApparel \
             administrator:\n{password}=''\n# The token with which DailyStory calls. This command \
             makes a new one:\n#   openssl rand -hex 32\n{token}=''\n"
        )
        .expect("writing to a string cannot fail");
        text
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Config;

    fn values() -> Vec<(BrandKey, String)> {
        let values = [
            "NZ",
            "Pacific/Auckland",
            "https://proxy.example/nz",
            "tui\"\\",
            "tui.myshopify.example",
            "a b\"\\é@tui.example",
        ];
        BrandKey::ALL.into_iter().zip(values.map(str::to_owned)).collect()
    }

    #[test]
    fn the_new_files_are_valid_and_have_the_values() {
        for id in ["tui", "7-eleven_nz"] {
            let id: BrandId = id.parse().unwrap();
            let variables = SecretVariables::for_brand(&id);
            let environment = BTreeMap::from([
                (variables.password(), "fixture".to_owned()),
                (variables.token(), "fixture-token".to_owned()),
            ]);
            let brand = new_brand_file(&id, &values());
            let brands = [(id.as_str(), brand.as_str())];
            let read = |main: Option<&str>| Config::from_texts(main, &brands, &environment);
            let config = read(Some(&new_main_file())).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(format!("{config:?}"), format!("{:?}", read(None).unwrap()));
            let brand = &config.brands[0];
            assert_eq!(brand.dotapparel.timezone.name(), "Pacific/Auckland");
            assert_eq!(brand.mapper.country.to_string(), "NZ");
            assert_eq!(brand.dotapparel.base_url.as_str(), "https://proxy.example/nz/");
            assert_eq!(brand.dotapparel.name, "tui\"\\");
            assert_eq!(brand.dotapparel.shop, "tui.myshopify.example");
            assert_eq!(brand.dotapparel.username, "a b\"\\é@tui.example");
            assert_eq!(brand.callers.len(), 1);
        }
    }

    #[test]
    fn a_new_brand_file_has_every_comment_of_the_shipped_file() {
        let id: BrandId = "tui".parse().unwrap();
        let file = new_brand_file(&id, &values());
        let changed: Vec<_> = EXAMPLE.lines().zip(file.lines()).filter(|(a, b)| a != b).collect();
        assert_eq!(EXAMPLE.lines().count(), file.lines().count());
        assert_eq!(changed.len(), BrandKey::ALL.len() + "password tokens users".split(' ').count());
        assert!(changed.iter().all(|(_, line)| !line.starts_with("# ")), "{changed:?}");
    }

    #[test]
    fn a_key_has_a_comment_and_a_valid_example() {
        assert_eq!(BrandKey::BaseUrl.example(), "https://api.dotapparel.io");
        for key in BrandKey::ALL {
            assert_eq!(key.check(key.example()), Ok(()), "{key:?}");
            let comment = key.comment();
            assert!(comment.ends_with('.') && !comment.contains('#'), "{comment}");
        }
    }

    #[test]
    fn a_key_does_not_have_the_comment_of_another_key() {
        let comment = "Sent as X-DotApparel-Name: the brand's alias at DotApparel.";
        assert_eq!(BrandKey::Name.comment(), comment);
    }

    #[test]
    fn a_wrong_value_is_refused_as_the_configuration_refuses_it() {
        for (key, text, words) in [
            (BrandKey::Country, "au", "did you mean \"AU\"?"),
            (BrandKey::Timezone, "AEST", "use a region and city"),
            (BrandKey::BaseUrl, "http://api.example.com", "http sends the password unencrypted"),
            (BrandKey::Name, "my brand", "visible ASCII"),
            (BrandKey::Shop, "", "visible ASCII"),
            (BrandKey::Username, "user:hunter2", "without a colon"),
        ] {
            let error = key.check(text).unwrap_err();
            assert!(error.contains(words) && !error.contains("hunter2"), "{error}");
        }
    }
}
