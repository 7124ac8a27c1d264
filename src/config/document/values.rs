//! Parses single values into types. Each function returns a [`Mistake`] for a value that it does
//! not accept.

mod base_url;

use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU32, NonZeroU64};
use std::ops::RangeInclusive;
use std::time::Duration;

use bytesize::ByteSize;
use ipnet::IpNet;
use url::Url;

use super::nearest::nearest;
use super::problem::Mistake;
use super::raw::Value;
use crate::dailystory::{Country, FoldedName};

pub(crate) use base_url::base_url;

pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// Text that `parse` accepts.
pub(crate) fn text<T>(
    value: &Value,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Mistake> {
    let parsed = match value {
        Value::Text(text) => parse(text),
        _ => None,
    };
    parsed.ok_or_else(|| Mistake::expected(expected, value))
}

/// Text that `is_valid` accepts. No message shows the text, because an operator may have put a
/// secret there.
fn hidden_text(
    value: &Value,
    expected: &str,
    is_valid: impl FnOnce(&str) -> bool,
) -> Result<String, Mistake> {
    match value {
        Value::Text(text) if is_valid(text) => Ok(text.clone()),
        Value::Text(_) => Err(Mistake::expected(expected, "other text")),
        other => Err(Mistake::expected(expected, other.kind())),
    }
}

/// The URL of an HTTP proxy. A message never shows the text, because it may have a password.
pub(crate) fn proxy(value: &Value) -> Result<Url, Mistake> {
    let expected = "the URL of an HTTP proxy, without a user and a path, such as \"http://proxy.example:3128\"";
    let is_proxy = |url: &Url| {
        url.scheme() == "http"
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && (url.path(), url.query(), url.fragment()) == ("/", None, None)
    };
    let text =
        hidden_text(value, expected, |text| text.parse::<Url>().is_ok_and(|url| is_proxy(&url)))?;
    text.parse().map_err(|_| Mistake::expected(expected, "other text"))
}

/// One of `words`.
pub(crate) fn one_of<'w, T: Copy>(
    words: &'w [(&'w str, T)],
) -> impl Fn(&Value) -> Result<T, Mistake> + 'w {
    move |value| {
        let names = || words.iter().map(|&(word, _)| word);
        let find = |text: &str| words.iter().find(|(word, _)| *word == text);
        let quoted: Vec<_> = names().map(|word| format!("{word:?}")).collect();
        let expected = format!("one of {}", quoted.join(", "));
        text(value, &expected, |text| find(text).map(|&(_, meaning)| meaning)).map_err(|mistake| {
            match value {
                Value::Text(text) => mistake.did_you_mean(nearest(text, names())),
                _ => mistake,
            }
        })
    }
}

/// `true` or `false`.
pub(crate) fn boolean(value: &Value) -> Result<bool, Mistake> {
    match value {
        Value::Boolean(boolean) => Ok(*boolean),
        _ => Err(Mistake::expected("true or false", value)),
    }
}

/// A name or a word that the brand uses: the name of a loyalty type, for example, or a word such as
/// `Yes` that grants consent. Case does not matter.
pub(crate) fn name(value: &Value) -> Result<FoldedName, Mistake> {
    text(value, "text that is not blank", FoldedName::new)
}

/// A whole number in a range.
pub(crate) fn number(
    range: RangeInclusive<u32>,
) -> impl FnOnce(&Value) -> Result<NonZeroU32, Mistake> {
    move |value| {
        let number = match value {
            Value::Integer(Some(number)) => u32::try_from(*number).ok(),
            _ => None,
        };
        number.filter(|number| range.contains(number)).and_then(NonZeroU32::new).ok_or_else(|| {
            let (least, most) = range.into_inner();
            Mistake::expected(format!("a whole number from {least} to {most}"), value)
        })
    }
}

/// A duration in a range, in the syntax of `humantime`.
pub(crate) fn duration(
    range: RangeInclusive<Duration>,
) -> impl FnOnce(&Value) -> Result<Duration, Mistake> {
    move |value| {
        let parse = |text: &str| humantime::parse_duration(text).ok();
        let (least, most) = (range.start(), range.end());
        let bounds = format!(
            "a duration from {} to {}",
            humantime::format_duration(*least),
            humantime::format_duration(*most)
        );
        let expected = format!("{bounds}, such as \"20s\" or \"30m\"");
        text(value, &expected, |text| parse(text).filter(|duration| range.contains(duration)))
    }
}

/// A size in bytes in a range, in the syntax of `bytesize`.
pub(crate) fn size(
    range: RangeInclusive<ByteSize>,
) -> impl FnOnce(&Value) -> Result<NonZeroU64, Mistake> {
    move |value| {
        let expected = format!(
            "a size from {:.0} to {:.0}, such as \"16MiB\"",
            range.start().display().iec(),
            range.end().display().iec()
        );
        text(value, &expected, |text| {
            let size: ByteSize = text.parse().ok().filter(|size| range.contains(size))?;
            NonZeroU64::new(size.as_u64())
        })
    }
}

/// A size in bytes in a range, or 0.
pub(crate) fn size_or_zero(
    range: RangeInclusive<ByteSize>,
) -> impl FnOnce(&Value) -> Result<u64, Mistake> {
    move |value| match value {
        Value::Text(text) if text.parse() == Ok(ByteSize::b(0)) => Ok(0),
        _ => {
            let expected = format!(
                "\"0\", or a size from {:.0} to {:.0}, such as \"4GiB\"",
                range.start().display().iec(),
                range.end().display().iec()
            );
            text(value, &expected, |text| {
                text.parse().ok().filter(|size| range.contains(size)).map(|size| size.as_u64())
            })
        }
    }
}

/// An address to listen on.
pub(crate) fn address(value: &Value) -> Result<SocketAddr, Mistake> {
    text(value, "an IP address and a port such as \"127.0.0.1:8080\"", |text| text.parse().ok())
}

/// A network, or one address. A network of all addresses is refused, because it would trust every
/// client.
pub(crate) fn network(value: &Value) -> Result<IpNet, Mistake> {
    text(value, "an IP address, or a network such as \"10.0.0.0/8\"", |text| {
        let one = || text.parse::<IpAddr>().map(IpNet::from).ok();
        let network: IpNet = text.parse().ok().or_else(one)?;
        (network.prefix_len() > 0).then_some(network)
    })
}

/// A country that the phone number library supports.
pub(crate) fn country(value: &Value) -> Result<Country, Mistake> {
    let expected = "a two-letter country code (ISO 3166) such as \"AU\"";
    text(value, expected, |text| text.parse().ok()).map_err(|mistake| match value {
        Value::Text(text) => {
            let upper = text.trim().to_uppercase();
            let is_country = upper.parse::<Country>().is_ok();
            mistake.did_you_mean(is_country.then_some(&upper))
        }
        _ => mistake,
    })
}

/// The value of a request header: visible ASCII, so that no parser trims it.
pub(crate) fn header(value: &Value) -> Result<String, Mistake> {
    text(value, "text of visible ASCII characters", |text| {
        let is_visible = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
        is_visible.then(|| text.to_owned())
    })
}

/// The user of `Authorization: Basic`. In RFC 7617 a colon ends the name, and control characters
/// are forbidden.
pub(crate) fn username(value: &Value) -> Result<String, Mistake> {
    let expected = "a user name without a colon or control characters";
    hidden_text(value, expected, |text| {
        !text.trim().is_empty() && !text.chars().any(|c| c == ':' || c.is_control())
    })
}

/// The name of an environment variable: upper case, digits and `_`, as in POSIX. A secret that is
/// written here by mistake rarely has this form, so it is refused and not shown.
pub(crate) fn variable_name(value: &Value) -> Result<String, Mistake> {
    let expected = "the name of an environment variable in upper-case letters, digits and '_'";
    hidden_text(value, expected, |text| {
        text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
            && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
}

/// The path of a file.
pub(crate) fn file_path(value: &Value) -> Result<String, Mistake> {
    hidden_text(value, "the path of a file", |text| {
        !text.trim().is_empty() && !text.chars().any(char::is_control)
    })
}

#[cfg(test)]
mod tests;
