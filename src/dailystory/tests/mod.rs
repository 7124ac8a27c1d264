//! Tests of the whole module.
//!
//! `contract` compares the tables of `docs/RECORD.md` with the code, and `examples` compares the
//! examples. `explain` compares the explanations with the mapper, and `golden` compares records
//! with fixtures. `mapping` tests rules of a brand's mapping, each with a list of cases, and
//! `properties` tests records from any input. `shared_consent` tests refusals against a model.
//! `support` has the helpers.

mod contract;
mod examples;
mod explain;
mod golden;
mod mapping;
mod properties;
mod shared_consent;
mod support;
