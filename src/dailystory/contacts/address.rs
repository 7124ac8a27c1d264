//! Addresses as `DailyStory` compares them, and their keyed hashes.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroU64;

/// A way to contact a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text message.
    Sms,
}

/// The keyed hash of an address. Without the random key of the hasher, the hash does not show the
/// address. The probability that any two of two million addresses have the same hash is about 1 in
/// 10 million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AddressKey(NonZeroU64);

/// Hashes addresses with a random key, which never leaves this process.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressHasher(RandomState);

/// The longest e-mail address that is put into small letters without an allocation. RFC 5321 allows
/// 254 bytes.
const USUAL_LENGTH: usize = 254;

// === impl Channel ===

impl Channel {
    pub(crate) const ALL: [Self; 2] = [Self::Email, Self::Sms];

    /// The channel's name in metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The name of the channel's addresses in messages.
    pub(crate) fn address_name(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::Sms => "mobile number",
        }
    }

    /// The record's key for the consent to this channel.
    pub(crate) fn consent_key(self) -> &'static str {
        match self {
            Self::Email => "allow_email",
            Self::Sms => "allow_sms",
        }
    }
}

// === impl AddressKey ===

impl AddressKey {
    /// The hash, for a table.
    pub(crate) fn as_hash(self) -> u64 {
        self.0.get()
    }
}

// === impl AddressHasher ===

impl AddressHasher {
    /// The hash of an e-mail address or of a number in E.164. Capital and small letters make no
    /// difference. Equal texts of different channels have different hashes.
    pub(crate) fn key(&self, channel: Channel, address: &str) -> AddressKey {
        let mut hasher = self.0.build_hasher();
        hasher.write_u8(channel as u8);
        let mut small = [0; USUAL_LENGTH];
        match small.get_mut(..address.len()) {
            Some(small) if address.is_ascii() => {
                small.copy_from_slice(address.as_bytes());
                small.make_ascii_lowercase();
                hasher.write(small);
            }
            _ => hasher.write(address.to_lowercase().as_bytes()),
        }
        AddressKey(NonZeroU64::new(hasher.finish()).unwrap_or(NonZeroU64::MIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_by_channel_and_without_case() {
        let hasher = AddressHasher::default();
        let email = |address| hasher.key(Channel::Email, address);
        assert_eq!(email("Mia@Acme.example"), email("mia@acme.example"));
        assert_eq!(email("ZOË@acme.example"), email("zoë@acme.example"));
        assert_ne!(email("mia@acme.example"), email("leo@acme.example"));
        assert_ne!(email("+61400000000"), hasher.key(Channel::Sms, "+61400000000"));
        let long = format!("{}@acme.example", "m".repeat(300));
        assert_eq!(email(&long.to_uppercase()), email(&long));
    }

    #[test]
    fn another_hasher_has_another_key() {
        let of_new_hasher = || AddressHasher::default().key(Channel::Email, "mia@acme.example");
        assert_ne!(of_new_hasher(), of_new_hasher());
    }
}
