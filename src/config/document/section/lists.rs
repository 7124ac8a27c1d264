//! Keys whose values are lists.

use super::Section;
use crate::config::document::problem::{Mistake, Reported};
use crate::config::document::raw::{Node, Value};

// === impl Section ===

impl<'a> Section<'a> {
    /// The elements of a list; none when it is absent.
    pub(in crate::config) fn list(&mut self, key: &'static str) -> Result<&'a [Node], Reported> {
        match self.node(key).map(|node| &node.value) {
            None => Ok(&[]),
            Some(Value::List(list)) => Ok(list),
            Some(other) => Err(self.report_at(key, Mistake::expected("a list", other.kind()))),
        }
    }

    /// What each element of a list is, of which there must be one; `None` when the list is absent.
    pub(in crate::config) fn each<T>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&Value) -> Result<T, Mistake>,
    ) -> Result<Option<Vec<T>>, Reported> {
        if !self.has(key) {
            self.known.push(key);
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
        // All of them, so that each mistake is reported.
        let elements: Vec<_> = elements.iter().map(read).collect();
        elements.into_iter().collect::<Result<_, _>>().map(Some)
    }
}
