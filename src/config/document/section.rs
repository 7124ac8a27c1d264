//! Takes keys out of a table one by one, collects what is wrong with them, and reports those nobody asked for.

mod lists;

use std::fmt::Display;
use std::sync::Arc;

use secrecy::SecretString;

use super::nearest::nearest;
use super::problem::{Mistake, Report, Reported};
use super::raw::{Entries, Node, Value};
use super::secret;
use crate::config::sections::Credentials;
use crate::config::{Environment, Place};

/// What every reader needs: where variables come from, which credentials are taken, where problems go.
pub(crate) struct Context<'a> {
    pub environment: &'a dyn Environment,
    pub credentials: Credentials,
    pub report: Report,
}

/// One table while it is read. A key that cannot be had is reported and the reading goes on, so that one run finds
/// every problem.
pub(crate) struct Section<'a> {
    place: Place,
    entries: &'a Entries,
    known: Vec<&'static str>,
    context: &'a Context<'a>,
}

/// What a section holds that is not there.
static NO_ENTRIES: Entries = Entries::new();

// === impl Context ===

impl<'a> Context<'a> {
    /// A fresh start.
    pub(crate) fn new(environment: &'a dyn Environment) -> Self {
        Self { environment, credentials: Credentials::default(), report: Report::default() }
    }
}

// === impl Section ===

impl<'a> Section<'a> {
    /// The table that stands at `place`.
    pub(crate) fn new(place: Place, entries: &'a Entries, context: &'a Context<'a>) -> Self {
        Self { place, entries, known: Vec::new(), context }
    }

    /// The table that is the value of `node`.
    pub(crate) fn of(node: &'a Node, context: &'a Context<'a>) -> Result<Self, Reported> {
        match &node.value {
            Value::Table(entries) => Ok(Self::new(node.place.clone(), entries, context)),
            // A value here may be a secret that its owner put into the wrong place.
            other => {
                let mistake = Mistake::expected("a table", other.kind());
                Err(context.report.add(node.place.clone(), mistake))
            }
        }
    }

    /// The place of the key, or the one where it is missing.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        match self.entries.get(key) {
            Some(node) => node.place.clone(),
            None => self.place.key(key),
        }
    }

    /// Whether the key is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Whether the section has no keys at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What this section is read with.
    pub(crate) fn context(&self) -> &'a Context<'a> {
        self.context
    }

    /// What stands at the path of keys below this section.
    pub(crate) fn find(&self, path: &[&str]) -> Option<&'a Node> {
        let (last, sections) = path.split_last()?;
        let mut entries = self.entries;
        for section in sections {
            let Value::Table(table) = &entries.get(*section)?.value else {
                return None;
            };
            entries = table;
        }
        entries.get(*last)
    }

    /// Reports a mistake in this section as a whole.
    pub(crate) fn report(&self, mistake: Mistake) -> Reported {
        self.context.report.add(self.place.clone(), mistake)
    }

    /// Reports a mistake at a key.
    pub(crate) fn report_at(&self, key: &str, mistake: Mistake) -> Reported {
        self.context.report.add(self.place_of(key), mistake)
    }

    /// The value of a key that must be there.
    pub(crate) fn required<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Value) -> Result<T, Mistake>,
    ) -> Result<T, Reported> {
        let value = self.node(key).map_or(&Value::Nothing, |node| &node.value);
        parse(value).map_err(|mistake| self.report_at(key, mistake))
    }

    /// The value of a key that may be absent.
    pub(crate) fn optional<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Value) -> Result<T, Mistake>,
    ) -> Result<Option<T>, Reported> {
        if self.has(key) {
            self.required(key, parse).map(Some)
        } else {
            self.known.push(key);
            Ok(None)
        }
    }

    /// The secret that a key names, which must be there and keep to the `rule`.
    pub(crate) fn secret(
        &mut self,
        key: &'static str,
        rule: secret::Rule,
    ) -> Result<SecretString, Reported> {
        match self.node(key) {
            Some(node) => secret::read(node, rule, self.context),
            None => Err(self.report_at(key, secret::missing())),
        }
    }

    /// The section of this name. One that is absent is empty, so that all its required keys are reported.
    pub(crate) fn section(&mut self, key: &'static str) -> Result<Section<'a>, Reported> {
        if let Some(node) = self.node(key) {
            return Section::of(node, self.context);
        }
        let key_path = self.place.key(key);
        let place = Place::of_file(Arc::clone(self.place.file())).key(key_path.key_path());
        Ok(Section::new(place, &NO_ENTRIES, self.context))
    }

    /// The section of this name, if it is there.
    pub(crate) fn optional_section(
        &mut self,
        key: &'static str,
    ) -> Result<Option<Section<'a>>, Reported> {
        self.node(key).map(|node| Section::of(node, self.context)).transpose()
    }

    /// Every entry, of a section whose keys are not ours to name.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Node)> + use<'a> {
        self.entries.iter().map(|(key, node)| (key.as_str(), node))
    }

    /// Reports it when `low` is above `high`, at whichever of the two keys was set last.
    pub(crate) fn in_order<T: PartialOrd>(
        &self,
        (low_key, low): (&str, &Result<T, Reported>),
        (high_key, high): (&str, &Result<T, Reported>),
    ) {
        let (Ok(low), Ok(high)) = (low, high) else {
            return;
        };
        if low <= high {
            return;
        }
        let (low_place, high_place) = (self.place_of(low_key), self.place_of(high_key));
        let (key, bound, other, place) = if low_place.cmp(&high_place).is_ge() {
            (low_key, "at most", high_key, high_place)
        } else {
            (high_key, "at least", low_key, low_place)
        };
        let bound = format!("{bound} {other}, which is {}", self.shown(other));
        let mistake = Mistake::expected(bound, self.shown(key));
        let hint = if place.is_built_in() {
            format!("{other} is so by default")
        } else {
            format!("{other} is set at {place}")
        };
        self.report_at(key, mistake.hint(hint));
    }

    /// Reports every key that nobody asked for.
    pub(crate) fn finish(self) {
        for (key, node) in self.entries {
            if !self.known.contains(&key.as_str()) {
                self.context.report.add(node.place.clone(), self.unknown(key, node));
            }
        }
    }

    /// What to say of a key that nobody knows. Never its value: it may be a secret under a misspelt name.
    fn unknown(&self, key: &str, node: &Node) -> Mistake {
        let is_section = self.place.key_path().is_empty() && matches!(node.value, Value::Table(_));
        let mistake = Mistake::new(if is_section { "unknown section" } else { "unknown key" });
        match nearest(key, self.known.iter().copied()) {
            None if self.known.is_empty() => mistake,
            None => mistake.hint(format!("known here: {}", self.known.join(", "))),
            meant => mistake.did_you_mean(meant),
        }
    }

    /// The value of the key, if it is there; the key is known from here on.
    pub(crate) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.entries.get(key)
    }

    fn shown(&self, key: &str) -> impl Display + use<'a> {
        self.entries.get(key).map_or(&Value::Nothing, |node| &node.value)
    }
}
