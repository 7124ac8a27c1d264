//! The `OpenAPI` documents of both listeners, and the viewer of both documents.
//!
//! `dailystory_side` and `operator_side` describe the operations of their listener. `parts` makes
//! the parts of the documents. `schemas` describes the record and the list, which dotstory writes
//! without serde. `resources` serves the documents, and `viewer` serves `/docs`.

mod dailystory_side;
mod operator_side;
mod parts;
mod resources;
mod schemas;
mod viewer;

pub(super) use resources::{callers_document, operators_documents};
pub(super) use viewer::viewer;
