//! Searches the log, the metrics and the failures of an application for credentials, and for the
//! personal data and the cursors of its tenants.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use dotstory::sandbox::Control;
use serde_json::Value;
use url::form_urlencoded;

/// The texts that no log line, no metric and no error body may have.
pub(crate) struct Canaries {
    /// Credentials and cursors.
    exact: Patterns,
    /// Surnames, and e-mail addresses or their local parts, in upper or lower case.
    folded: Patterns,
    /// The last digits of phone numbers.
    digits: Patterns,
}

/// The kind of a canary, in words.
type Kind = &'static str;

struct Patterns {
    kinds: Vec<Kind>,
    search: AhoCorasick,
}

/// Collects canaries.
#[derive(Clone, Default)]
pub(crate) struct CanaryList {
    exact: BTreeSet<(String, Kind)>,
    folded: BTreeSet<(String, Kind)>,
    digits: BTreeSet<(String, Kind)>,
}

/// Number of digits at the end of a phone number that identify its owner.
const LAST_DIGITS: usize = 8;

/// A shorter credential is no canary. A test may present an ordinary word as a wrong credential.
const SHORTEST_CREDENTIAL: usize = 8;

/// A shorter surname may be a part of an ordinary word.
const SHORTEST_SURNAME: usize = 5;

/// A shorter local part of an e-mail address, before the `@`, may be an ordinary word. In this
/// case the whole address is the canary.
const SHORTEST_LOCAL_PART: usize = 8;

/// The fields of a log line that are not searched, because they have random digits or the name of a
/// module.
const OTHER_FIELDS: [&str; 4] = ["request.id", "trace.id", "timestamp", "target"];

// === impl CanaryList ===

impl CanaryList {
    /// Adds the customers of a tenant, and the cursors that it gave out.
    pub(crate) fn add_tenant(&mut self, tenant: &Control) {
        for customer in tenant.ids().into_iter().filter_map(|id| tenant.customer(id)) {
            self.add_customer(&customer);
        }
        for cursor in tenant.cursors() {
            let escaped: String = form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
            self.exact.extend([(cursor, "cursor"), (escaped, "cursor")]);
        }
    }

    /// Adds the canaries of another list.
    pub(crate) fn extend(&mut self, other: Self) {
        self.exact.extend(other.exact);
        self.folded.extend(other.folded);
        self.digits.extend(other.digits);
    }

    /// Adds a password or a token.
    pub(crate) fn add_credential(&mut self, credential: &str) {
        if credential.len() >= SHORTEST_CREDENTIAL {
            self.exact.insert((credential.to_owned(), "credential"));
        }
    }

    /// Adds an e-mail address.
    pub(crate) fn add_email(&mut self, email: &str) {
        let email = email.trim();
        let Some((local, _)) = email.rsplit_once('@').filter(|(local, _)| !local.is_empty()) else {
            return;
        };
        let is_word = local.chars().count() < SHORTEST_LOCAL_PART;
        let canary = if is_word { email } else { local };
        self.folded.insert((canary.to_owned(), "e-mail address"));
    }

    /// Adds the canaries of a customer. The tenant may write any key as any JSON value.
    fn add_customer(&mut self, customer: &Value) {
        let Value::Object(entries) = customer else { return };
        for (key, value) in entries {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => String::new(),
            };
            match (key.as_str(), text.trim()) {
                ("email", email) => self.add_email(email),
                ("surname", surname) if surname.chars().count() >= SHORTEST_SURNAME => {
                    self.folded.insert((surname.to_owned(), "surname"));
                }
                ("home" | "mobile" | "work", phone) => self.add_phone(phone),
                _ => self.add_customer(value),
            }
        }
    }

    fn add_phone(&mut self, phone: &str) {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        if let Some(begin) = digits.len().checked_sub(LAST_DIGITS) {
            self.digits.insert((digits[begin..].to_owned(), "phone number"));
        }
    }

    /// The search for all canaries of the list.
    pub(crate) fn finish(self) -> Canaries {
        Canaries {
            exact: Patterns::new(self.exact, false),
            folded: Patterns::new(self.folded, true),
            digits: Patterns::new(self.digits, false),
        }
    }
}

// === impl Patterns ===

impl Patterns {
    fn new(canaries: BTreeSet<(String, Kind)>, ignores_case: bool) -> Self {
        let (texts, kinds): (Vec<_>, _) = canaries.into_iter().unzip();
        let search = AhoCorasick::builder().ascii_case_insensitive(ignores_case).build(texts);
        Self { kinds, search: search.unwrap() }
    }

    /// The kind and the place of each canary in the text.
    fn find(&self, text: &str) -> Vec<(Kind, std::ops::Range<usize>)> {
        let found = self.search.find_overlapping_iter(text);
        found.map(|found| (self.kinds[found.pattern().as_usize()], found.range())).collect()
    }
}

// === impl Canaries ===

impl Canaries {
    /// Each canary in the text, as a sentence without the canary. A canary that `allowed` contains
    /// is no leak, unless it is a phone number.
    pub(crate) fn in_text(&self, text: &str, allowed: &str) -> Vec<String> {
        // An address in a URL may be escaped.
        let (text, allowed) = (&text.replace("%40", "@"), allowed.to_lowercase());
        let mut found = self.exact.find(text);
        found.extend(self.folded.find(text));
        found.retain(|(_, range)| !allowed.contains(&text[range.clone()].to_lowercase()));
        let mut leaks: Vec<_> = found
            .into_iter()
            .map(|(kind, range)| {
                let masked = format!("{}[{kind}]{}", &text[..range.start], &text[range.end..]);
                format!("{kind} at {range:?} of {masked}")
            })
            .collect();
        for (kind, _) in self.digits.find(&digits_of(text)) {
            leaks.push(format!("{kind} in {}", text.replace(|c: char| c.is_ascii_digit(), "9")));
        }
        leaks
    }

    /// Each canary in a log line.
    pub(crate) fn in_line(&self, line: &Value) -> Vec<String> {
        let leaks = self.in_json(line, "").into_iter();
        leaks.map(|leak| format!("{leak}\n    in {}", line["message"])).collect()
    }

    /// Each canary in the body of an answer, as [`Self::in_text`].
    pub(crate) fn in_body(&self, body: &str, allowed: &str) -> Vec<String> {
        match serde_json::from_str(body) {
            Ok(json) => self.in_json(&json, allowed),
            Err(_) => self.in_text(body, allowed),
        }
    }

    fn in_json(&self, json: &Value, allowed: &str) -> Vec<String> {
        let mut leaks = Vec::new();
        for_each_text(json, &mut |text| leaks.extend(self.in_text(text, allowed)));
        leaks
    }

    /// Each canary in the text of `/metrics`, except in the values, whose digits are random.
    pub(crate) fn in_metrics(&self, text: &str) -> Vec<String> {
        let names = text.lines().filter_map(|line| line.rsplit_once(' '));
        names.flat_map(|(name, _)| self.in_text(name, "")).collect()
    }
}

/// The digits of the text. A line break is between two numbers, but not between the groups of one
/// phone number.
fn digits_of(text: &str) -> String {
    let mut digits = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !" ()-./+".contains(*c)) {
        digits.push(if c.is_ascii_digit() { c } else { '\n' });
    }
    digits
}

/// Calls `visit` with each text and each whole number of a log line or a body, except the values of
/// [`OTHER_FIELDS`].
fn for_each_text(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Number(number) if !number.is_f64() => visit(&number.to_string()),
        Value::Array(list) => list.iter().for_each(|value| for_each_text(value, visit)),
        Value::Object(map) => {
            let fields = map.iter().filter(|(name, _)| !OTHER_FIELDS.contains(&name.as_str()));
            fields.for_each(|(_, value)| for_each_text(value, visit));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
