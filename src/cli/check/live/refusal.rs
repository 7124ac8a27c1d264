//! Finds the setting that the tenant refuses: the user, the name or the shop.
//!
//! `DotApparel` documents one status for all three. So the call is made again for each setting,
//! with a value that no tenant accepts. If the answer to the wrong value differs from the answer to
//! the brand's value, the tenant accepts the brand's value. If both answers are the same, the
//! tenant may refuse the brand's value.

use super::checklist::{Check, Checklist, Failure, Stop};
use super::tenant::{Tenant, status_text};
use crate::dotapparel::{Config, Password, RawAnswer};

/// A setting that can be refused.
struct Suspect {
    check: Check,
    /// The word for the setting in a sentence.
    word: &'static str,
    /// Replaces the setting by a value that no tenant accepts.
    change: fn(&mut Config),
}

/// No tenant has this name or shop: RFC 2606 reserves `invalid`.
const UNKNOWN: &str = "dotstory-check.invalid";

/// The changed user has no name and no password, so the brand's user cannot be locked out.
const SUSPECTS: [Suspect; 3] = [
    Suspect {
        check: Check::Credentials,
        word: "the user",
        change: |config| {
            config.username.clear();
            config.password = Password::default();
        },
    },
    Suspect {
        check: Check::Name,
        word: "the name",
        change: |config| UNKNOWN.clone_into(&mut config.name),
    },
    Suspect {
        check: Check::Shop,
        word: "the shop",
        change: |config| UNKNOWN.clone_into(&mut config.shop),
    },
];

/// What the answer to a call with a wrong value shows about the right value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The tenant accepts the right value: a wrong one gets another refusal.
    Accepted,
    /// The tenant may refuse the right value: a wrong one gets the same refusal.
    Alike,
    /// The call with the wrong value got no refusal that can be compared.
    Unknown,
}

/// Records which settings the tenant accepts, after `call` got the refusal `answer`. Returns `Ok`
/// if all settings are accepted: the user lacks the right to make `call`.
pub(crate) async fn find_refused(
    config: &Config,
    tenant: &mut Tenant,
    call: (&[&str], &[(&str, &str)]),
    answer: &RawAnswer,
    list: &mut Checklist,
) -> Result<(), Stop> {
    let (segments, query) = call;
    let again = tenant.get_as(config, segments, query).await;
    // A body may have a request number. So bodies are compared only if the same call gets the same
    // body again.
    let has_stable_body = again.is_some_and(|again| again.body == answer.body);
    let mut suspected = Vec::new();
    for suspect in SUSPECTS {
        let mut changed = config.clone();
        (suspect.change)(&mut changed);
        let other = tenant.get_as(&changed, segments, query).await;
        let reason = match verdict(answer, other.as_ref(), has_stable_body) {
            Verdict::Accepted => {
                list.pass(suspect.check, "accepted: a wrong value gets another answer");
                continue;
            }
            Verdict::Alike => format!("any value gets the same {}", answer.status),
            Verdict::Unknown => "a call with a wrong value got no refusal to compare".to_owned(),
        };
        suspected.push((suspect, reason));
    }
    let words: Vec<_> = suspected.iter().map(|(suspect, _)| suspect.word).collect();
    let Some(((first, _), others)) = suspected.split_first() else { return Ok(()) };
    for (other, reason) in others {
        list.skip(other.check, reason);
    }
    let found = format!("refused with {}", status_text(answer));
    Err(list.fail(first.check, Failure::new(found, remedy(first.check, &words))))
}

/// Compares the refusal `answer` with `other`, the answer to a call with a wrong value, by the
/// statuses and, if `with_body`, by the bodies. An answer of a busy or failing tenant is no
/// refusal.
fn verdict(answer: &RawAnswer, other: Option<&RawAnswer>, with_body: bool) -> Verdict {
    let is_refusal = |other: &&RawAnswer| matches!(other.status.as_u16(), 400 | 401 | 403 | 404);
    match other.filter(is_refusal) {
        None => Verdict::Unknown,
        Some(other) if other.status != answer.status => Verdict::Accepted,
        Some(other) if with_body && other.body != answer.body => Verdict::Accepted,
        Some(_) => Verdict::Alike,
    }
}

/// What to do if one of the settings `words` is refused. `first` is the check of the first of them.
fn remedy(first: Check, words: &[&str]) -> String {
    let wrong = match words {
        [only] => format!("DotApparel refuses {only}."),
        [others @ .., last] => format!(
            "DotApparel refuses {} or {last}; its answer does not show which.",
            others.join(", ")
        ),
        [] => String::new(),
    };
    let compare = match first {
        Check::Credentials => {
            "Compare username, password (also the variable or file that holds it), name and shop \
             with what the retailer's DotApparel administrator gave you. Ask the administrator \
             whether the user still exists and has the role visitor."
        }
        Check::Name => {
            "Compare name (the alias of the brand, sent as X-DotApparel-Name) and shop with what the \
             retailer's DotApparel administrator gave you."
        }
        _ => {
            "Compare shop (the Shopify domain, usually <brand>.myshopify.com) with what the \
             retailer's DotApparel administrator gave you."
        }
    };
    format!("{wrong} {compare}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::StatusCode;

    use super::*;
    use crate::domain::Personal;

    fn answer(status: u16, body: &str) -> RawAnswer {
        RawAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            date: None,
            retry_after: None,
            content_type: None,
            body: Personal(body.into()),
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn only_another_refusal_shows_that_a_setting_was_accepted() {
        let refused = answer(401, "no");
        for (other, with_body, expected) in [
            (Some(answer(401, "no")), true, Verdict::Alike),
            (Some(answer(401, "unknown shop")), true, Verdict::Accepted),
            (Some(answer(401, "request 17")), false, Verdict::Alike),
            (Some(answer(403, "no")), false, Verdict::Accepted),
            (Some(answer(400, "no")), true, Verdict::Accepted),
            (Some(answer(200, "{}")), true, Verdict::Unknown),
            (Some(answer(429, "later")), true, Verdict::Unknown),
            (Some(answer(502, "<p>")), true, Verdict::Unknown),
            (None, true, Verdict::Unknown),
        ] {
            assert_eq!(verdict(&refused, other.as_ref(), with_body), expected, "{other:?}");
        }
    }
}
