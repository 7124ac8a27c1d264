//! Updates what is known of the contacts, after each full list (a certified list of all customers)
//! and as time passes.

use std::io;

use tokio::time::Instant;
use tracing::{error, info};

use super::Contacts;
use super::address::Channel;
use super::served::ContactValues;
use super::shared::{SharedCounter, masked};
use crate::health::Reason;
use crate::paging::FullList;

// === impl Contacts ===

impl Contacts {
    /// Records what a full list shows: the refusals that ended, the customers that vanished, and
    /// the addresses that too many customers share.
    pub(in crate::dailystory) async fn read_full_list(&self, list: &FullList<'_>) {
        let (began, now) = (self.seconds(list.began()), self.seconds(Instant::now()));
        self.known_mut().refusals.note_full_list(began, now);
        if let Err(error) = self.find_shared(list).await {
            error!(%error, "failed to search the list for addresses that many customers share");
        }
        self.report();
    }

    async fn find_shared(&self, list: &FullList<'_>) -> io::Result<()> {
        let mut counter = SharedCounter::with_capacity(list.len());
        list.visit(|record| {
            let values = ContactValues::find(record);
            for channel in Channel::ALL {
                if let Some(address) = values.address(channel, record) {
                    counter.count(self.hasher.key(channel, &address));
                }
            }
        })
        .await?;
        counter.sort();
        let mut unnamed = {
            let mut known = self.known_mut();
            known.shared = counter.finish(self.max_shared, &known.shared);
            known.shared.unnamed()
        };
        if unnamed.is_empty() {
            return Ok(());
        }
        list.visit(|record| {
            let values = ContactValues::find(record);
            for channel in Channel::ALL {
                let Some(address) = values.address(channel, record) else { continue };
                let key = self.hasher.key(channel, &address);
                if let Some(customers) = unnamed.remove(&key) {
                    self.known_mut().shared.note_named(key);
                    let masked = masked(channel, &address);
                    info!(
                        address.masked = masked,
                        customers, "address of many customers is served as null from now on"
                    );
                }
            }
        })
        .await
    }

    /// Forgets the customers that vanished before `oldest`. No kept list has a record
    /// from before `oldest`.
    pub(in crate::dailystory) fn forget_before(&self, oldest: Instant) {
        self.known_mut().refusals.forget(self.seconds(oldest));
        self.report();
    }

    fn report(&self) {
        let known = self.known();
        if known.refusals.has_room() {
            self.health.clear(Reason::Refusals);
        }
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        self.refusing.set(number(known.refusals.len()));
        self.bytes.set(number(known.refusals.bytes()));
    }
}
