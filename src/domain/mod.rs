//! The words every layer shares: who a brand is, who a customer is, what a clock says, what a number is worth.

mod brand_id;
mod customer_id;
mod decimal;
mod fact;
mod naive_zone;
mod time_text;
pub mod wall_clock;
mod yes_or_no;

pub use brand_id::{BrandId, InvalidBrandId};
pub use customer_id::{CustomerId, InvalidCustomerId};
pub use decimal::{Decimal, InvalidDecimal};
pub use fact::Fact;
pub use naive_zone::NaiveZone;
pub use time_text::TimeText;
pub use yes_or_no::yes_or_no;
