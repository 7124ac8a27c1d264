//! The checks of one brand, in their order, within the time for all checks.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::checklist::{Check, Checklist, Failure, Stop};
use super::list::check_list;
use super::lookups::{check_by_email, check_by_id, check_rewards, check_stores};
use super::network::{Peer, THROUGH_PROXY, connect};
use super::tenant::Tenant;
use super::tls::check_tls;
use crate::clock::Clock;
use crate::config::Brand;
use crate::dotapparel::ListSource;

/// Checks a brand. The checks stop at `end`. `bound` is the time that all checks may take, for the
/// report.
pub(crate) async fn check_brand(
    brand: &Brand,
    clock: &dyn Clock,
    end: Instant,
    bound: Duration,
) -> Checklist {
    let config = &brand.dotapparel;
    let checks = brand_checks(config.lists, config.points_from_rewards);
    let list = Checklist::new(Some(brand.id.clone()), checks);
    within(end, bound, list, async |list| try_all(brand, clock, list).await).await
}

/// Runs `work` until `end`. In the returned checklist, each check has a result.
async fn within(
    end: Instant,
    bound: Duration,
    mut list: Checklist,
    work: impl AsyncFnOnce(&mut Checklist) -> Result<(), Stop>,
) -> Checklist {
    match timeout_at(end, work(&mut list)).await {
        Ok(Ok(())) => {
            list.skip_rest("no answer of DotApparel showed whether this setting is right");
        }
        Ok(Err(Stop(reason))) => list.skip_rest(&reason),
        Err(_) => list.interrupt(bound),
    }
    list
}

/// The checks of a brand with this source of lists. `wants_points` adds the check of rewards
/// accounts.
pub(crate) fn brand_checks(lists: ListSource, wants_points: bool) -> Vec<Check> {
    let lists = match lists {
        ListSource::Search => Check::Search,
        ListSource::Recent => Check::Recent,
    };
    let mut checks = vec![
        Check::Dns,
        Check::Tcp,
        Check::Tls,
        Check::Expiry,
        Check::Clock,
        Check::Credentials,
        Check::Name,
        Check::Shop,
        lists,
        Check::CustomerById,
        Check::CustomerByEmail,
        Check::Stores,
    ];
    if wants_points {
        checks.push(Check::Rewards);
    }
    checks
}

async fn try_all(brand: &Brand, clock: &dyn Clock, list: &mut Checklist) -> Result<(), Stop> {
    let config = &brand.dotapparel;
    let limit = config.limits.connect_timeout;
    if let Some(proxy) = &config.proxy {
        connect(Peer::Proxy, proxy, limit, list).await?;
        list.skip(Check::Tls, THROUGH_PROXY);
        list.skip(Check::Expiry, THROUGH_PROXY);
    } else {
        let stream = connect(Peer::BaseUrl, &config.base_url, limit, list).await?;
        check_tls(config, stream, clock.now(), list).await?;
    }
    let mut tenant = Tenant::new(config).map_err(|error| {
        let remedy = "Correct the setting that is named here.";
        list.fail(Check::Credentials, Failure::new(error.to_string(), remedy))
    })?;
    let customers = check_list(brand, &mut tenant, clock, list).await?;
    let wants_points = config.points_from_rewards;
    let (found, accounts) = check_by_id(&mut tenant, &customers, wants_points, list).await;
    check_by_email(&mut tenant, &found, list).await;
    check_stores(&mut tenant, list).await;
    if wants_points {
        check_rewards(&mut tenant, &accounts, list).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const CHECKS: [Check; 4] = [Check::Dns, Check::Tcp, Check::Search, Check::Stores];

    #[tokio::test(start_paused = true)]
    async fn at_the_end_of_the_time_the_running_check_fails_and_later_checks_are_skipped() {
        let start = Instant::now();
        let bound = Duration::from_secs(58);
        let list = within(start + bound, bound, Checklist::new(None, CHECKS), async |list| {
            list.pass(Check::Dns, "resolved");
            list.pass(Check::Tcp, "connected");
            pending().await
        });
        let text = list.await.to_text("brand acme");
        assert_eq!(start.elapsed(), bound);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "brand acme",
                "  ✓ DNS             [dotapparel] base_url resolved",
                "  ✓ TCP             [dotapparel] base_url connected",
                "  ✗ search          [dotapparel] attempt_timeout no result: the time for all checks, 58 s, is over",
                "      The tenant is slow. Check again later. If it stays slow, ask DotApparel, and lower",
                "      attempt_timeout to see the slow call.",
                "  – stores          [dotapparel] username skipped: the time for all checks, 58 s, is over",
            ]
        );
    }

    #[tokio::test]
    async fn checks_after_a_failed_check_are_skipped_with_the_reason() {
        let end = Instant::now() + Duration::from_mins(1);
        let list = within(end, Duration::ZERO, Checklist::new(None, CHECKS), async |list| {
            list.pass(Check::Dns, "resolved");
            Err(list.fail(Check::Tcp, Failure::new("refused", "Open the port.")))
        });
        let text = list.await.to_text("brand acme");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "brand acme",
                "  ✓ DNS             [dotapparel] base_url resolved",
                "  ✗ TCP             [dotapparel] base_url refused",
                "      Open the port.",
                "  – search          [dotapparel] lists    skipped: TCP failed",
                "  – stores          [dotapparel] username skipped: TCP failed",
            ]
        );
    }
}
