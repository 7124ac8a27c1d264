//! What must be true at the end of each sweep and each night, held against what really happened.

use std::collections::BTreeMap;

use super::scenario::{PAGE, Scenario};
use super::tenant::{Life, Tenant, Version};
use super::visit::Visit;
use crate::paging::Certificate;

/// A reader's copy of the tenant: versions by customer.
pub(super) type Copy = BTreeMap<i64, i64>;

/// Promise 2 of a visit that came to its end, and promise 5 of the copy that it left.
pub(super) fn after_sweep(visit: &Visit, copy: &Copy, tenant: &Tenant) -> Result<(), String> {
    for (id, number) in &visit.seen {
        let had = tenant.version(*id, *number).is_some_and(|version| version.life == Life::Shown);
        if !had {
            return Err(format!("customer {id} never had version {number}"));
        }
    }
    for (id, versions) in tenant.customers() {
        let Some(steady) = steady(versions, visit) else { continue };
        let matched = visit.filter.since().is_none_or(|since| steady.at >= since);
        let seen = visit.seen.get(&id).copied();
        if matched && seen.is_none_or(|seen| seen < steady.number) {
            return Err(format!(
                "customer {id} of {} is missing from a sweep of {} begun {} ({}, {} walked) from {:?}, which has {seen:?}",
                told(steady),
                visit.seen.len(),
                visit.began,
                visit.certificate,
                visit.cost.pages,
                visit.filter.since(),
            ));
        }
        let copied = copy.get(&id).copied();
        if copied.is_none_or(|copied| copied < steady.number) {
            return Err(format!(
                "customer {id} of {} fell between sweeps, the copy has {copied:?} after one of {:?} begun {}",
                told(steady),
                visit.filter.since(),
                visit.began,
            ));
        }
    }
    Ok(())
}

/// Every customer that is shown when all is quiet is in the copy as it is.
pub(super) fn at_night(copy: &Copy, tenant: &Tenant) -> Result<(), String> {
    for (id, versions) in tenant.customers() {
        let Some(latest) = versions.last().filter(|version| version.life == Life::Shown) else {
            continue;
        };
        let copied = copy.get(&id).copied();
        if copied != Some(latest.number) {
            return Err(format!(
                "at night customer {id} of {} is {copied:?} in the copy",
                told(*latest)
            ));
        }
    }
    Ok(())
}

/// Promise 3: what the walk of a visit's first answer cost.
pub(super) fn cost(visit: &Visit, scenario: &Scenario, changes: u64) -> Result<(), String> {
    let page = PAGE as u64;
    // Rows that moved ahead of the walk, or came to be, were walked too.
    let walk = (visit.first_count + changes).div_ceil(page).max(1);
    let walks = u64::from(scenario.config().max_walks.get());
    let most = match (visit.certificate, scenario.faults) {
        (Certificate::Single, false) => 1,
        // A walk, a dozen to learn, and more walks where the cursor drifts.
        (_, false) => walks * (walk + 2) + 12,
        // Each walk may be begun again twice, and pages may be empty.
        (_, true) => 3 * 2 * (walks * (walk + 2) + 12),
    };
    if visit.cost.pages > most {
        return Err(format!(
            "{} pages for {} customers, where {most} are most",
            visit.cost.pages, visit.first_count
        ));
    }
    Ok(())
}

/// How many changes the search came to show during the walk of a visit.
pub(super) fn changes(visit: &Visit, tenant: &Tenant) -> u64 {
    tenant.customers().map(|(_, versions)| during_walk(versions, visit).count() as u64).sum()
}

/// The versions that the search came to show from the beginning of a visit's sweep to its first answer.
fn during_walk<'a>(versions: &'a [Version], visit: &'a Visit) -> impl Iterator<Item = &'a Version> {
    let since_it_began = versions.iter().rev().take_while(|version| version.visible >= visit.began);
    since_it_began.filter(|version| version.visible <= visit.first_answer)
}

/// The version that the search showed when the sweep began and until the visit had its first answer, if that is one.
fn steady(versions: &[Version], visit: &Visit) -> Option<Version> {
    if during_walk(versions, visit).next().is_some() {
        return None;
    }
    let latest = versions.iter().rev().find(|version| version.visible < visit.began)?;
    (latest.life == Life::Shown).then_some(*latest)
}

fn told(version: Version) -> String {
    format!(
        "version {} ({}, stamped {}, seen {})",
        version.number, version.at, version.stamp, version.visible
    )
}
