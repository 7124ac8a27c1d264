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
    let mut refused = Vec::new();
    for suspect in SUSPECTS {
        let mut changed = config.clone();
        (suspect.change)(&mut changed);
        let other = tenant.get_as(&changed, segments, query).await;
        if other.is_some_and(|other| is_other_refusal(answer, &other, has_stable_body)) {
            list.pass(suspect.check, "accepted: a wrong value gets another answer");
        } else {
            refused.push(suspect);
        }
    }
    let words: Vec<_> = refused.iter().map(|suspect| suspect.word).collect();
    let Some((first, others)) = refused.split_first() else { return Ok(()) };
    let reason = format!("any value gets the same {}", answer.status);
    for other in others {
        list.skip(other.check, &reason);
    }
    let found = format!("refused with {}", status_text(answer));
    Err(list.fail(first.check, Failure::new(found, remedy(first.check, &words))))
}

/// Whether `other` refuses the request for another reason than `answer` does, by the statuses and,
/// if `with_body`, by the bodies. An answer of a busy or failing tenant is no refusal.
fn is_other_refusal(answer: &RawAnswer, other: &RawAnswer, with_body: bool) -> bool {
    let is_refusal = matches!(other.status.as_u16(), 400 | 401 | 403 | 404);
    is_refusal && (other.status != answer.status || (with_body && other.body != answer.body))
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
        for (other, with_body, is_other) in [
            (answer(401, "no"), true, false),
            (answer(401, "unknown shop"), true, true),
            (answer(401, "request 17"), false, false),
            (answer(403, "no"), false, true),
            (answer(400, "no"), true, true),
            (answer(200, "{}"), true, false),
            (answer(429, "later"), true, false),
            (answer(502, "<p>"), true, false),
        ] {
            assert_eq!(is_other_refusal(&refused, &other, with_body), is_other, "{other:?}");
        }
    }
}
