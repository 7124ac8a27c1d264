//! The record: its keys, their order and their JSON types.
//!
//! This file has the record and its list of keys. `brand_values` and `named_keys` are the keys that
//! differ from brand to brand; `snake_case` makes a key from a name; `datetime` has the types of
//! days and moments; `json_writer` writes the JSON; `json_type` names the types. `filled` counts
//! how often each key has a value.

mod brand_values;
mod datetime;
mod filled;
mod json_type;
mod json_writer;
mod named_keys;
mod snake_case;

pub use filled::{FilledKey, FilledKeys};
pub use json_type::JsonType;

pub(super) use brand_values::{BrandEntry, BrandValue, BrandValues};
pub(super) use datetime::{Date, Moment};
pub(super) use json_writer::TextList;
pub(super) use named_keys::{ATTRIBUTE_PREFIX, NamedKeys, NamedKeysBuilder, REFERENCE_PREFIX};
pub(super) use snake_case::snake_case;

use std::borrow::Cow;
use std::sync::Arc;

use crate::domain::{Decimal, Fact};
use json_writer::{Json, ObjectWriter};

/// Calls `visit` for a key of the record. A record has no key for an unknown value.
pub(super) fn visit_fact<T>(key: &str, value: &Fact<T>, visit: &mut dyn FnMut(&str, bool)) {
    match value {
        Fact::Value(_) => visit(key, true),
        Fact::Empty => visit(key, false),
        Fact::Unknown => {}
    }
}

macro_rules! record {
    ($lt:lifetime:
        pattern { $($(#[doc = $doc:literal])* $key:ident: $type:ty,)* }
        without_source { $($unsourced:ident: $json:ident,)* }
        ours { $($(#[doc = $our_doc:literal])* $ours:ident: $our_type:ty,)* }
    ) => {
        /// One customer as it is served. First the keys of [`Record::KEYS`] are written, in their
        /// order, then `named_keys`, then the brand's own keys. In `Default`, every key is unknown.
        #[derive(Default)]
        pub struct Record<$lt> {
            $($(#[doc = $doc])* pub $key: Fact<$type>,)*
            $($(#[doc = $our_doc])* pub $ours: Fact<$our_type>,)*
            /// The keys `attr_<key>` and `ref_<type>`. Their values are text.
            pub(super) named_keys: NamedKeys<$lt>,
            /// The keys that the brand maps.
            pub(super) brand: BrandValues<$lt>,
        }

        /// `DailyStory` documents its pattern for partners with an example of a record. These keys
        /// of the example have no source in `DotApparel`. They are in the order of the example. A
        /// record has such a key only if the brand maps the key.
        pub(crate) const PATTERN: &[(&str, JsonType)] =
            &[$((stringify!($unsourced), JsonType::$json),)*];

        impl<$lt> Record<$lt> {
            /// Every key with its type, except `attr_`, `ref_` and a brand's own keys.
            pub const KEYS: &'static [(&'static str, JsonType)] = &[
                $((stringify!($key), <$type as Json>::TYPE),)*
                $((stringify!($unsourced), JsonType::$json),)*
                $((stringify!($ours), <$our_type as Json>::TYPE),)*
            ];

            /// The meaning of each key of `KEYS`, in the same order.
            pub(crate) const MEANINGS: &'static [&'static str] = &[
                $(concat!($($doc),*),)*
                $(concat!("`", stringify!($unsourced), "` of DailyStory's pattern, if the brand maps it."),)*
                $(concat!($($our_doc),*),)*
            ];
        }

        impl Record<'_> {
            /// Appends the record to `out` as one JSON object.
            pub fn write(&self, out: &mut Vec<u8>) {
                let mut object = ObjectWriter::new(out);
                $(object.entry(concat!("\"", stringify!($key), "\":"), &self.$key);)*
                self.brand.write_pattern(&mut object);
                $(object.entry(concat!("\"", stringify!($ours), "\":"), &self.$ours);)*
                self.named_keys.write(&mut object);
                self.brand.write_own(&mut object);
                object.end();
            }

            /// Calls `visit` with each key of the record, and whether it has a value.
            pub(crate) fn visit_keys(&self, visit: &mut dyn FnMut(&str, bool)) {
                $(visit_fact(stringify!($key), &self.$key, visit);)*
                $(visit_fact(stringify!($ours), &self.$ours, visit);)*
                self.brand.visit_keys(visit);
                self.named_keys.visit_keys(visit);
            }
        }
    };
}

record! { 'a:
    pattern {
        /// The Apparel21 person id.
        id: i64,
        /// First name.
        first_name: Cow<'a, str>,
        /// Last name.
        last_name: Cow<'a, str>,
        /// Mobile phone, in E.164 format.
        mobile_phone: String,
        /// E-mail address.
        email: Cow<'a, str>,
        /// The balance of the loyalties or of the rewards account, by the brand's rule.
        points: Decimal,
        /// Whether text messages may be sent, by the brand's rule.
        allow_sms: bool,
        /// Whether e-mail may be sent, by the brand's rule.
        allow_email: bool,
        /// City.
        city: &'a str,
        /// State, as typed.
        state: &'a str,
        /// First line of the address.
        address: &'a str,
        /// Postcode.
        zip: Cow<'a, str>,
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
        /// Country; an ISO code or an upper-case name becomes the usual English short name.
        country: &'a str,
        /// Second line of the address.
        address_2: &'a str,
        /// Company of the billing address.
        company: &'a str,
        /// Title, such as `MR`.
        title: &'a str,
        /// Initials.
        initials: &'a str,
        /// Gender, as typed: `M`, `F`, `NS` or any other text.
        gender: &'a str,
        /// Job title.
        job_title: &'a str,
        /// Home phone, as typed.
        home_phone: &'a str,
        /// Work phone, as typed.
        work_phone: &'a str,
        /// Apparel21's code for the customer.
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
        /// When the customer joined the latest loyalty.
        loyalty_joined: Date,
        /// When the latest loyalty expires.
        loyalty_expires: Date,
        /// Name of the rewards programme.
        rewards_program: &'a str,
        /// Name of the tier in the rewards programme.
        rewards_tier: &'a str,
        /// Currency, such as `AUD`.
        currency_code: &'a str,
        /// Whether the customer is staff.
        is_staff: bool,
        /// Whether the customer is a retail customer.
        is_retail_customer: bool,
        /// Whether the customer is an agent.
        is_agent: bool,
        /// Whether the customer asked not to be contacted.
        privacy: bool,
        /// Shopify's id of the customer, as text.
        shopify_customer_id: &'a str,
        /// When the customer was added.
        date_created: Moment,
        /// When the customer was last changed.
        date_updated: Moment,
    }
}
