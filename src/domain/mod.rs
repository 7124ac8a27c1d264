//! The words every layer shares: who a brand is, who a customer is.

mod brand_id;
mod customer_id;

pub use brand_id::{BrandId, InvalidBrandId};
pub use customer_id::{CustomerId, InvalidCustomerId};
