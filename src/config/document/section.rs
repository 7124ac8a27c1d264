//! Reads the keys of one table and reports every problem, including unknown keys.

use std::cell::RefCell;
use std::fmt::Display;
use std::sync::Arc;

use super::environment::Environment;
use super::nearest::nearest;
use super::place::Place;
use super::problem::{Mistake, Report, Reported};
use super::raw::{Entries, Node, Value};
use crate::auth::Credential;

/// State that all sections of a configuration share.
pub(crate) struct Context<'a> {
    pub(crate) environment: &'a dyn Environment,
    pub(crate) report: Report,
    /// The credentials of callers and the operator's token, as far as read, with their places. Each
    /// must be unique in the whole configuration.
    pub(crate) credentials: RefCell<Vec<(Place, Credential)>>,
}

/// A table whose keys are read. Reading continues after a problem, so that every problem is
/// reported.
pub(crate) struct Section<'a> {
    place: Place,
    entries: &'a Entries,
    known: Vec<&'static str>,
    context: &'a Context<'a>,
}

/// The entries of an absent section.
static NO_ENTRIES: Entries = Entries::new();

// === impl Context ===

impl<'a> Context<'a> {
    pub(crate) fn new(environment: &'a dyn Environment) -> Self {
        Self { environment, report: Report::default(), credentials: RefCell::default() }
    }
}

// === impl Section ===

impl<'a> Section<'a> {
    pub(crate) fn new(place: Place, entries: &'a Entries, context: &'a Context<'a>) -> Self {
        Self { place, entries, known: Vec::new(), context }
    }

    /// The table that is the value of `node`.
    pub(crate) fn from_node(node: &'a Node, context: &'a Context<'a>) -> Result<Self, Reported> {
        match &node.value {
            Value::Table(entries) => Ok(Self::new(node.place.clone(), entries, context)),
            // The message shows the kind only: the value may be a secret in the wrong place.
            other => {
                let mistake = Mistake::expected("a table", other.kind());
                Err(context.report.add(node.place.clone(), mistake))
            }
        }
    }

    /// The place of a key. A missing key has the line of its section.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        match self.entries.get(key) {
            Some(node) => node.place.clone(),
            None => self.place.key(key),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn context(&self) -> &'a Context<'a> {
        self.context
    }

    /// The value at a path of keys below this section. Does not mark the keys as known.
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

    /// Reports a mistake in the section as a whole.
    pub(crate) fn report(&self, mistake: Mistake) -> Reported {
        self.context.report.add(self.place.clone(), mistake)
    }

    /// Reports a mistake at a key.
    pub(crate) fn report_at(&self, key: &str, mistake: Mistake) -> Reported {
        self.context.report.add(self.place_of(key), mistake)
    }

    /// Reads the value of a required key. `parse` rejects [`Value::Nothing`].
    pub(crate) fn required<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Value) -> Result<T, Mistake>,
    ) -> Result<T, Reported> {
        let value = self.node(key).map_or(&Value::Nothing, |node| &node.value);
        parse(value).map_err(|mistake| self.report_at(key, mistake))
    }

    /// Reads the value of an optional key.
    pub(crate) fn optional<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Value) -> Result<T, Mistake>,
    ) -> Result<Option<T>, Reported> {
        match self.node(key) {
            Some(_) => self.required(key, parse).map(Some),
            None => Ok(None),
        }
    }

    /// Reads a subsection. An absent subsection is empty, so that its required keys are reported.
    pub(crate) fn section(&mut self, key: &'static str) -> Result<Section<'a>, Reported> {
        if let Some(node) = self.node(key) {
            return Section::from_node(node, self.context);
        }
        let key_path = self.place.key(key);
        let place = Place::from_file(Arc::clone(self.place.file())).key(key_path.key_path());
        Ok(Section::new(place, &NO_ENTRIES, self.context))
    }

    /// Reads a subsection if it is present.
    pub(crate) fn optional_section(
        &mut self,
        key: &'static str,
    ) -> Result<Option<Section<'a>>, Reported> {
        self.node(key).map(|node| Section::from_node(node, self.context)).transpose()
    }

    /// All entries, for a section whose keys the operator chooses.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Node)> + use<'a> {
        self.entries.iter().map(|(key, node)| (key.as_str(), node))
    }

    /// Reads the elements of a list. An absent list is empty.
    pub(crate) fn list(&mut self, key: &'static str) -> Result<&'a [Node], Reported> {
        match self.node(key).map(|node| &node.value) {
            None => Ok(&[]),
            Some(Value::List(list)) => Ok(list),
            Some(other) => Err(self.report_at(key, Mistake::expected("a list", other.kind()))),
        }
    }

    /// Parses each element of an optional list that must not be empty.
    pub(crate) fn each<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&Value) -> Result<T, Mistake>,
    ) -> Result<Option<Vec<T>>, Reported> {
        if self.node(key).is_none() {
            return Ok(None);
        }
        let elements = self.list(key)?;
        if elements.is_empty() {
            return Err(self.report_at(key, Mistake::expected("at least one element", "none")));
        }
        let read = |node: &Node| {
            let report = |mistake| self.context.report.add(node.place.clone(), mistake);
            parse(&node.value).map_err(report)
        };
        // Collects all results first, so that every mistake is reported.
        let elements: Vec<_> = elements.iter().map(read).collect();
        elements.into_iter().collect::<Result<_, _>>().map(Some)
    }

    /// Checks that no value is less than the value before it. Reports each wrong pair at the key
    /// that was set last.
    pub(crate) fn check_ascending<T: PartialOrd>(&self, values: &[(&str, &Result<T, Reported>)]) {
        for pair in values.windows(2) {
            let [(low_key, Ok(low)), (high_key, Ok(high))] = pair else {
                continue;
            };
            if low > high {
                self.report_order(low_key, high_key);
            }
        }
    }

    fn report_order(&self, low_key: &str, high_key: &str) {
        let (low_place, high_place) = (self.place_of(low_key), self.place_of(high_key));
        let (key, bound, other, place) = if low_place.cmp(&high_place).is_ge() {
            (low_key, "at most", high_key, high_place)
        } else {
            (high_key, "at least", low_key, low_place)
        };
        let bound = format!("{bound} {other}, which is {}", self.shown(other));
        let mistake = Mistake::expected(bound, self.shown(key));
        let hint = if place.is_built_in() {
            format!("{other} has its default value")
        } else {
            format!("{other} is set at {place}")
        };
        self.report_at(key, mistake.hint(hint));
    }

    /// Reports every key that was not read.
    pub(crate) fn finish(self) {
        for (key, node) in self.entries {
            if !self.known.contains(&key.as_str()) {
                self.context.report.add(node.place.clone(), self.unknown(key, node));
            }
        }
    }

    /// The mistake of an unknown key. It hides the value, which may be a secret.
    fn unknown(&self, key: &str, node: &Node) -> Mistake {
        let is_section = self.place.key_path().is_empty() && matches!(node.value, Value::Table(_));
        let mistake = Mistake::new(if is_section { "unknown section" } else { "unknown key" });
        match nearest(key, self.known.iter().copied()) {
            None if self.known.is_empty() => mistake,
            None => mistake.hint(format!("known here: {}", self.known.join(", "))),
            meant => mistake.did_you_mean(meant),
        }
    }

    /// The value of a key. Marks the key as known.
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
