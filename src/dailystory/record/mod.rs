//! The record: every key, its order, its JSON type.

mod datetime;
mod json_type;
mod json_writer;
mod named_keys;
mod snake_case;

pub use json_type::JsonType;

pub use datetime::{Date, Moment};
pub use json_writer::{Object, Texts};
pub use snake_case::snake_case;

use std::sync::Arc;

use crate::dailystory::mapper::BrandValues;
use crate::domain::Decimal;
use crate::domain::Fact;
use json_writer::Json;
use named_keys::NamedKeys;

macro_rules! record {
    ($lt:lifetime:
        pattern { $($(#[$doc:meta])* $key:ident: $type:ty,)* }
        without_source { $($unsourced:ident: $json:ident,)* }
        ours { $($(#[$our_doc:meta])* $ours:ident: $our_type:ty,)* }
    ) => {
        /// One customer as it is served: DESIGN section 3, keys in its order. `Default` knows nothing.
        #[derive(Debug, Default)]
        pub struct Record<$lt> {
            $($(#[$doc])* pub $key: Fact<$type>,)*
            $($(#[$our_doc])* pub $ours: Fact<$our_type>,)*
            /// `attr_<key>` and `ref_<type>`, text each.
            pub(super) extras: NamedKeys<$lt>,
            /// What the brand maps.
            pub(super) brand: BrandValues<$lt>,
        }

        /// The pattern's keys for which `DotApparel` has no source, in its order: they are there where a brand maps them.
        pub const PATTERN: &[(&str, JsonType)] =
            &[$((stringify!($unsourced), JsonType::$json),)*];

        impl<$lt> Record<$lt> {
            /// Every key but the extras and a brand's own, with its type.
            pub const KEYS: &'static [(&'static str, JsonType)] = &[
                $((stringify!($key), <$type as Json>::TYPE),)*
                $((stringify!($unsourced), JsonType::$json),)*
                $((stringify!($ours), <$our_type as Json>::TYPE),)*
            ];
        }

        impl Record<'_> {
            /// Appends the record to `out`: one JSON object.
            pub fn write(&self, out: &mut Vec<u8>) {
                let mut object = Object::begin(out);
                $(object.entry(concat!("\"", stringify!($key), "\":"), &self.$key);)*
                self.brand.write_pattern(&mut object);
                $(object.entry(concat!("\"", stringify!($ours), "\":"), &self.$ours);)*
                self.extras.write(&mut object);
                self.brand.write_own(&mut object);
                object.end();
            }
        }
    };
}

record! { 'a:
    pattern {
        /// The Apparel21 person id.
        id: i64,
        /// First name.
        first_name: &'a str,
        /// Last name.
        last_name: &'a str,
        /// E.164.
        mobile_phone: String,
        /// E-mail address as it was sent.
        email: &'a str,
        /// The balance of loyalties or of the rewards account, as the brand has it.
        points: Decimal,
        /// Whether text messages may be sent; unknown is `false`.
        allow_sms: bool,
        /// Whether e-mail may be sent; unknown is `false`.
        allow_email: bool,
        /// City.
        city: &'a str,
        /// State, as it was typed.
        state: &'a str,
        /// First line of the address.
        address: &'a str,
        /// Postcode.
        zip: &'a str,
        /// Birth date, if it is plausible.
        birth_date: Date,
        /// Id of the store where the customer joined.
        store_id: i64,
    }
    without_source {
        total_orders: Number,
        total_sales: Number,
        date_first_order: DateTime,
        date_last_order: DateTime,
        last_order_value: Number,
        categories: List,
    }
    ours {
        /// Country, by its usual English short name where it was an ISO code or upper case.
        country: &'a str,
        /// Second line of the address.
        address_2: &'a str,
        /// Company of the billing address.
        company: &'a str,
        /// Title, such as `MR`.
        title: &'a str,
        /// Initials.
        initials: &'a str,
        /// `M`, `F`, `NS`, or what else was typed.
        gender: &'a str,
        /// Job title.
        job_title: &'a str,
        /// Home phone, as it was typed.
        home_phone: &'a str,
        /// Work phone, as it was typed.
        work_phone: &'a str,
        /// Apparel21's code of the customer.
        customer_code: &'a str,
        /// Code of the store where the customer joined.
        store_code: &'a str,
        /// Name of the store where the customer joined.
        store_name: Arc<str>,
        /// Code of the latest loyalty.
        loyalty_code: &'a str,
        /// Name of the latest loyalty.
        loyalty_name: &'a str,
        /// Card of the latest loyalty.
        loyalty_card: &'a str,
        /// When the latest loyalty was joined.
        loyalty_joined: Date,
        /// When the latest loyalty expires.
        loyalty_expires: Date,
        /// Name of the rewards programme.
        rewards_program: &'a str,
        /// Name of the tier in it.
        rewards_tier: &'a str,
        /// Currency, such as `AUD`.
        currency_code: &'a str,
        /// Whether this is staff.
        is_staff: bool,
        /// Whether this is a retail customer.
        is_retail_customer: bool,
        /// Whether this is an agent.
        is_agent: bool,
        /// Whether the customer asked not to be contacted.
        privacy: bool,
        /// Shopify's number of the customer, as text.
        shopify_customer_id: &'a str,
        /// When the customer was added.
        date_created: Moment,
        /// When the customer was last changed.
        date_updated: Moment,
    }
}
