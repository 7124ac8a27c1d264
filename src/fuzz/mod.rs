//! Entry points for fuzzing. Each takes any bytes, and panics if dotstory breaks a promise.
//!
//! `query` and `authorization` read what callers send. `search_page`, `customers` (one customer,
//! and a list of customers) and `small_bodies` (rewards accounts and stores) read bodies of
//! `DotApparel`, and `gzip` unpacks a body. `configuration` reads files of the operator, `phone`
//! reads texts that people type, and `stored_blocks` reads the records of a snapshot.
//!
//! `brand` has the settings under which bodies are read, `items` checks parsed bodies, and `record`
//! checks written records. `tests` runs each entry point with the seeds in `fuzz/corpus` and with
//! changes of the seeds. The programs in `fuzz/` run the same entry points with libFuzzer.

mod authorization;
mod brand;
mod configuration;
mod customers;
mod gzip;
mod items;
mod phone;
mod query;
mod record;
mod search_page;
mod small_bodies;
mod stored_blocks;
#[cfg(test)]
mod tests;

pub use authorization::authorization;
pub use configuration::configuration;
pub use customers::{customer, customers};
pub use gzip::gzip;
pub use phone::phone;
pub use query::query;
pub use search_page::search_page;
pub use small_bodies::{rewards_account, stores};
pub use stored_blocks::{stored_block, stored_records};
