//! Reads a brand's file, merged into the defaults.

use chrono_tz::Tz;

use super::callers::read_callers;
use super::dotapparel::read_dotapparel;
use super::mapping::{check_mapping, read_mapping};
use super::sync::read_sync;
use crate::config::Brand;
use crate::config::document::{Mistake, Reported, Section, country, zone};
use crate::dailystory::{self, PointsRule};
use crate::domain::BrandId;

/// Reads the brand with the id `id`, which is the stem of its file's name.
pub(crate) fn read_brand(id: &str, mut root: Section<'_>) -> Result<Brand, Reported> {
    let id: Result<BrandId, _> = id
        .parse()
        .map_err(|error| root.report(Mistake::new(format!("unusable file name: {error}"))));
    let timezone = root.required("timezone", zone);
    let country = root.required("country", country);
    let sync = root.section("sync").and_then(|section| {
        // A brand without a timezone is refused, so UTC is never used.
        read_sync(section, timezone.as_ref().copied().unwrap_or(Tz::UTC))
    });
    let mapping = root.section("mapping").and_then(read_mapping);
    let details = sync.as_ref().map(|sync| sync.details).map_err(|reported| *reported);
    let points_from_rewards =
        mapping.as_ref().is_ok_and(|mapping| matches!(mapping.points, PointsRule::Rewards));
    let dotapparel = root.section("dotapparel").and_then(|section| {
        read_dotapparel(section, timezone, country.as_ref().ok(), details, points_from_rewards)
    });
    let callers = root.section("dailystory").and_then(read_callers);
    let lists = dotapparel.as_ref().map(|dotapparel| dotapparel.lists);
    check_mapping(&root, lists.map_err(|reported| *reported), details);
    root.finish();

    let sync = sync?.paging;
    Ok(Brand {
        id: id?,
        dotapparel: dotapparel?,
        callers: callers?,
        sync,
        mapper: dailystory::Config {
            timezone: timezone?,
            country: country?,
            search_delay: sync.lookback,
            mapping: mapping?,
        },
    })
}
