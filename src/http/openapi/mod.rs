//! The `OpenAPI` documents of both listeners, and the viewer of both documents.
//!
//! `dailystory_side` and `operator_side` describe the operations of their listener. `parts` makes
//! what their operations share. `schemas` describes the bodies without a type that serde writes:
//! the record and the list. `resources` serves the documents, and `viewer` serves `/docs`.

mod dailystory_side;
mod operator_side;
mod parts;
mod resources;
mod schemas;
mod viewer;

pub(super) use resources::{callers_document, operators_documents};
pub(super) use viewer::viewer;
