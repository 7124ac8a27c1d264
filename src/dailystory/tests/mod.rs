//! Tests of the whole module.
//!
//! `contract` compares `docs/RECORD.md` with the code; `explain` compares the explanations with the
//! mapper; `golden` compares records with fixtures; `mapping` tests a brand's rules by table;
//! `properties` tests records from any input; `shared_consent` tests
//! refusals against a model; `support` has the helpers.

mod contract;
mod explain;
mod golden;
mod mapping;
mod properties;
mod shared_consent;
mod support;
