//! Which customers of a brand refuse to be contacted, and at which addresses.

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry as TableEntry;

use super::address::{AddressKey, Channel};
use super::sighting::{Arrival, Side, Sighting};
use crate::domain::CustomerId;

/// The refusals of one brand's customers.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    entries: Vec<Refusal>,
    /// Indexes of `entries` that are not in use.
    free: Vec<u32>,
    /// Indexes of `entries` by customer.
    by_id: HashTable<u32>,
    /// Number of customers that refuse, by address.
    by_address: HashTable<(AddressKey, u32)>,
    /// Customers that a full list (a certified list of all customers) did not have. Each has the
    /// time in seconds at which that list ended. The earliest time is first.
    vanished: VecDeque<(u32, CustomerId)>,
    hasher: RandomState,
}

/// What one customer refuses.
#[derive(Clone, Copy, Debug)]
struct Refusal {
    id: CustomerId,
    /// Indexed by `Channel as usize`.
    sides: [Side; 2],
}

/// Largest number of customers whose refusals are kept. The refusals take about 170 MB.
const MAX_CUSTOMERS: usize = 1_000_000;

// === impl Refusals ===

impl Refusals {
    /// Whether there is room for the refusal of one more customer.
    pub(crate) fn has_room(&self) -> bool {
        self.len() < MAX_CUSTOMERS
    }

    /// Number of customers that refuse any channel.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether the customer refuses any channel.
    pub(crate) fn has(&self, id: CustomerId) -> bool {
        !self.by_id.is_empty() && self.index(id).is_some()
    }

    /// Whether the customer refuses this channel.
    pub(crate) fn refuses(&self, id: CustomerId, channel: Channel) -> bool {
        let refusal = self.index(id).map(|index| &self.entries[index]);
        refusal.is_some_and(|refusal| refusal.sides[channel as usize].refused.is_some())
    }

    /// Whether any customer refuses at this address.
    pub(crate) fn refuses_at(&self, address: AddressKey) -> bool {
        self.by_address.find(address.as_hash(), |(known, _)| *known == address).is_some()
    }

    /// A customer other than `id` that refuses at this address. Reads all refusals.
    pub(crate) fn other_at(&self, address: AddressKey, id: CustomerId) -> Option<CustomerId> {
        let refusals = self.by_id.iter().map(|index| &self.entries[*index as usize]);
        let has_address = |refusal: &&Refusal| {
            refusal.id != id
                && refusal.sides.iter().any(|side| side.counted().any(|known| known == address))
        };
        refusals.filter(has_address).map(|refusal| refusal.id).min()
    }

    /// Records what an answer shows of a customer. `sightings` is indexed by `Channel as usize`.
    ///
    /// A later version that grants ends a refusal. Of equal versions, the stricter counts until a
    /// full list ends the refusal. An answer of an earlier version does not itself end a refusal.
    ///
    /// Returns false if a refusal is lost because [`MAX_CUSTOMERS`] customers already refuse.
    pub(crate) fn record(
        &mut self,
        id: CustomerId,
        sightings: [Sighting; 2],
        arrival: Arrival,
    ) -> bool {
        let refuses = sightings.iter().any(|sighting| sighting.allowed == Some(false));
        let index = match self.index(id) {
            Some(index) => index,
            None if refuses && self.has_room() => self.insert(id),
            None => return !refuses,
        };
        for (channel, sighting) in sightings.into_iter().enumerate() {
            let after = self.entries[index].sides[channel].after(sighting, arrival);
            self.replace(index, channel, after);
        }
        self.remove_if_empty(index);
        true
    }

    /// Ends the refusals that a full list contradicts. The list began at `began` and ends at `now`.
    /// A customer that the list does not have has vanished, so its addresses no longer count. The
    /// customer is kept until [`Refusals::forget`], because earlier lists may still have it.
    pub(crate) fn note_full_list(&mut self, began: u32, now: u32) {
        for index in 0..self.entries.len() {
            let before = self.entries[index].sides;
            let after = before.map(|side| side.after_full_list(began));
            let vanishes = (0..2).any(|side| after[side].is_gone && !before[side].is_gone);
            for (channel, side) in after.into_iter().enumerate() {
                self.replace(index, channel, side);
            }
            if vanishes {
                self.vanished.push_back((now, self.entries[index].id));
            }
            if before.iter().any(|side| side.refused.is_some()) {
                self.remove_if_empty(index);
            }
        }
    }

    /// Forgets the customers that vanished before `oldest` and were not seen since.
    pub(crate) fn forget(&mut self, oldest: u32) {
        while let Some((at, id)) = self.vanished.pop_front_if(|(at, _)| *at < oldest) {
            let Some(index) = self.index(id) else { continue };
            for channel in 0..2 {
                let side = self.entries[index].sides[channel];
                if side.is_gone && side.believed_until.max(side.granted_at) < at {
                    self.replace(index, channel, Side::default());
                }
            }
            self.remove_if_empty(index);
        }
    }

    /// Memory in use, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Refusal>()
            + self.free.capacity() * size_of::<u32>()
            + self.vanished.capacity() * size_of::<(u32, CustomerId)>()
            + self.by_id.allocation_size()
            + self.by_address.allocation_size()
    }

    fn index(&self, id: CustomerId) -> Option<usize> {
        let is_same = |index: &u32| self.entries[*index as usize].id == id;
        self.by_id.find(self.hasher.hash_one(id), is_same).map(|index| *index as usize)
    }

    fn insert(&mut self, id: CustomerId) -> usize {
        let refusal = Refusal { id, sides: [Side::default(); 2] };
        let index = if let Some(index) = self.free.pop() {
            self.entries[index as usize] = refusal;
            index
        } else {
            self.entries.push(refusal);
            u32::try_from(self.entries.len() - 1).expect("there are at most MAX_CUSTOMERS")
        };
        let (entries, hasher) = (&self.entries, &self.hasher);
        let hash = |index: &u32| hasher.hash_one(entries[*index as usize].id);
        self.by_id.insert_unique(hasher.hash_one(id), index, hash);
        index as usize
    }

    /// Removes the customer if it refuses nothing.
    fn remove_if_empty(&mut self, index: usize) {
        if self.entries[index].sides.iter().any(|side| side.refused.is_some()) {
            return;
        }
        let hash = self.hasher.hash_one(self.entries[index].id);
        if let Ok(found) = self.by_id.find_entry(hash, |known| *known as usize == index) {
            let (index, _) = found.remove();
            self.free.push(index);
        }
    }

    /// Replaces the customer's side by `side`, and updates the counts of the addresses of the old
    /// and the new side.
    fn replace(&mut self, index: usize, channel: usize, side: Side) {
        let before = std::mem::replace(&mut self.entries[index].sides[channel], side);
        for address in side.counted() {
            self.entry(address)
                .and_modify(|(_, customers)| *customers += 1)
                .or_insert((address, 1));
        }
        for address in before.counted() {
            let TableEntry::Occupied(mut found) = self.entry(address) else { continue };
            found.get_mut().1 -= 1;
            if found.get().1 == 0 {
                found.remove();
            }
        }
    }

    fn entry(&mut self, address: AddressKey) -> TableEntry<'_, (AddressKey, u32)> {
        let is_same = |(known, _): &(AddressKey, u32)| *known == address;
        self.by_address.entry(address.as_hash(), is_same, |(known, _)| known.as_hash())
    }
}
