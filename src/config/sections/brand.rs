//! One brand: the file `brands/<id>.toml`, laid over what the main file says of brands.

use std::sync::Arc;

use super::callers::read_callers;
use super::limits::{read_limits, read_sync};
use super::mapping;
use super::server::brand_defaults;
use crate::config::document::File;
use crate::config::document::Rule;
use crate::config::document::Section;
use crate::config::document::base_url;
use crate::config::document::{Entries, Node, Value, overlay};
use crate::config::document::{Mistake, Reported};
use crate::config::document::{NaiveZoneSetting, zone};
use crate::config::document::{country, header, username};
use crate::config::{Brand, NaiveZone, Place};
use crate::dailystory::{Mapping, PointsRule};
use crate::domain::BrandId;
use crate::dotapparel::DetailPolicy;
use crate::{dailystory, dotapparel};

/// What brands need not say, from `[defaults]` of the main file.
pub(crate) struct BrandDefaults {
    pub dotapparel: Entries,
    pub sync: Entries,
}

// === impl BrandDefaults ===

impl BrandDefaults {
    /// What the main file says of brands.
    pub(crate) fn of(main: &Entries) -> Self {
        Self { dotapparel: brand_defaults(main, "dotapparel"), sync: brand_defaults(main, "sync") }
    }

    /// A brand's own keys laid over the defaults. A section of it that is no table stays as it is, to be reported.
    pub(crate) fn under(&self, mut brand: Entries, file: &Arc<File>) -> Entries {
        for (name, defaults) in [("dotapparel", &self.dotapparel), ("sync", &self.sync)] {
            let (place, value) = match brand.remove(name) {
                None => {
                    let place = Place::of_file(Arc::clone(file)).key(name);
                    (place, Value::Table(defaults.clone()))
                }
                Some(Node { place, value }) => match value {
                    Value::Table(own) => (place, Value::Table(overlay(defaults, own))),
                    other => (place, other),
                },
            };
            brand.insert(name.to_owned(), Node { place, value });
        }
        brand
    }
}

/// Reads the brand whose file has the stem `stem`.
pub(crate) fn read(stem: &str, mut root: Section<'_>) -> Result<Brand, Reported> {
    let id: Result<BrandId, _> = stem
        .parse()
        .map_err(|error| root.report(Mistake::new(format!("unusable file name: {error}"))));
    let timezone = root.required("timezone", zone);
    let country = root.required("country", country);
    let sync = root.section("sync").and_then(read_sync);
    let details = sync.as_ref().map(|sync| sync.details).map_err(|reported| *reported);
    let dotapparel =
        root.section("dotapparel").and_then(|section| read_dotapparel(section, timezone, details));
    let callers = root.section("dailystory").and_then(read_callers);
    let mapping = root.section("mapping").and_then(mapping::read);
    let from_rewards = |mapping: &Mapping| matches!(mapping.points, PointsRule::Rewards);
    let points_from_rewards = mapping.as_ref().is_ok_and(from_rewards);
    mapping::check_consent(&root, details);
    root.finish();

    let (timezone, sync) = (timezone?, sync?);

    Ok(Brand {
        id: id?,
        dotapparel: dotapparel::Config { points_from_rewards, ..dotapparel? },
        callers: callers?,
        sync: sync.paging,
        naive_last_updated: NaiveZone(match sync.naive_zone {
            NaiveZoneSetting::Brand => timezone,
            NaiveZoneSetting::Zone(zone) => zone,
        }),
        mapping: dailystory::Config { timezone, country: country?, mapping: mapping? },
    })
}

fn read_dotapparel(
    mut section: Section<'_>,
    timezone: Result<chrono_tz::Tz, Reported>,
    details: Result<DetailPolicy, Reported>,
) -> Result<dotapparel::Config, Reported> {
    let base_url = section.required("base_url", base_url);
    let name = section.required("name", header);
    let shop = section.required("shop", header);
    let username = section.required("username", username);
    let password = section.secret("password", Rule::Presented);
    let limits = read_limits(&mut section);
    section.finish();

    Ok(dotapparel::Config {
        base_url: base_url?,
        name: name?,
        shop: shop?,
        username: username?,
        password: password?,
        timezone: timezone?,
        limits: limits?,
        details: details?,
        points_from_rewards: false,
    })
}
