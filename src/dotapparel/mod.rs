//! The upstream: one client, one way out to the network, models as lenient as reality.

mod config;
mod lenient;
mod model;
mod render;

pub use config::Config;
pub use model::{
    Address, Attribute, DetailCustomer, Loyalty, Reference, RewardsAccount, SearchCustomer,
    SearchPage,
};
pub use render::Render;
