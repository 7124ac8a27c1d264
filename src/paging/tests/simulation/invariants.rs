//! What must be true after each sweep and each night, compared with what really happened.

use super::copy::Copy;
use super::tenant::Tenant;
use super::version::{Life, Version, appeared};
use super::visit::Visit;
use crate::paging::Certificate;

/// Checks promise 2 for a finished visit, and promise 5 for the reader's copy after the visit.
/// After a certified sweep, a customer that is missing from the sweep or from the copy is an error.
/// After an uncertified sweep, such customers are excused, and their number is returned.
pub(crate) fn after_sweep(visit: &Visit, copy: &mut Copy, tenant: &Tenant) -> Result<u64, String> {
    for (id, number) in &visit.seen {
        let had = tenant.version(*id, *number).is_some_and(|version| version.life == Life::Shown);
        if !had {
            return Err(format!("customer {id} never had version {number}"));
        }
    }
    let mut missing = 0;
    for (id, versions) in tenant.customers() {
        let Some(steady) = steady(versions, visit) else { continue };
        let (is_missing, is_behind) = (is_missing(id, steady, visit), copy.is_behind(id, steady));
        if !is_missing && !is_behind {
            continue;
        }
        if visit.certificate != Certificate::Uncertified {
            let what = if is_missing { "is missing from" } else { "was lost before" };
            let copied = copy.version(id);
            return Err(format!(
                "customer {id}, {steady}, {what} {visit}; the copy has {copied:?}"
            ));
        }
        missing += 1;
        copy.excuse(id);
    }
    Ok(missing)
}

/// Checks that the copy has the current version of each customer, unless the customer is excused,
/// the search no longer shows the customer, or this version is back-dated.
pub(crate) fn at_night(copy: &mut Copy, tenant: &Tenant) -> Result<(), String> {
    for (id, versions) in tenant.customers() {
        let Some(latest) = versions.last().filter(|version| is_promised(version)) else {
            continue;
        };
        if copy.is_behind(id, *latest) {
            let copied = copy.version(id);
            return Err(format!(
                "at night, the copy of customer {id} has {copied:?} instead of {latest}"
            ));
        }
    }
    Ok(())
}

/// Whether a sync must deliver this version.
fn is_promised(version: &Version) -> bool {
    version.life == Life::Shown && !version.is_back_dated()
}

fn is_missing(id: i64, steady: Version, visit: &Visit) -> bool {
    let matched = visit.filter.since().is_none_or(|since| steady.at >= since);
    matched && visit.seen.get(&id).is_none_or(|seen| *seen < steady.number)
}

/// The version that the search showed from the start of the sweep to the first answer, if the
/// customer did not change in that time and a sync must deliver this version.
fn steady(versions: &[Version], visit: &Visit) -> Option<Version> {
    if appeared(versions, visit.began, visit.first_answer).next().is_some() {
        return None;
    }
    let latest = versions.iter().rev().find(|version| version.visible < visit.began)?;
    is_promised(latest).then_some(*latest)
}
