//! Which passes of a walk met each customer, and on which page.

/// The passes that met each customer, by the customer's position in the snapshot builder.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    by_position: Vec<Sighting>,
    pass: PassNumber,
    next: PassNumber,
}

/// A pass of one walk, counted from 0. A walk has fewer than 64 passes: at most 20 along cursors
/// (`max_passes`), and at most as many along stamps.
pub(crate) type PassNumber = u32;

/// The passes that met a customer, one bit each, and the page where the latest pass first met it.
#[derive(Clone, Copy, Debug, Default)]
struct Sighting {
    passes: u64,
    page: u32,
}

// === impl Sightings ===

impl Sightings {
    /// Begins the next pass.
    pub(crate) fn begin_pass(&mut self) -> PassNumber {
        self.pass = self.next;
        self.next = (self.next + 1).min(u64::BITS - 1);
        self.pass
    }

    /// Restarts the current pass and forgets which customers it met.
    pub(crate) fn restart_pass(&mut self) -> PassNumber {
        for sighting in &mut self.by_position {
            sighting.passes &= !bit(self.pass);
        }
        self.pass
    }

    /// Memory in use, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        (self.by_position.capacity() * size_of::<Sighting>()) as u64
    }

    /// Records that the current pass met the customer at `position` on `page`. Returns the page on
    /// which this pass first met the customer, or `None` if it had not met the customer.
    pub(crate) fn meet(&mut self, position: usize, page: u32) -> Option<u32> {
        if self.by_position.len() <= position {
            self.by_position.resize(position + 1, Sighting::default());
        }
        let sighting = &mut self.by_position[position];
        if sighting.passes & bit(self.pass) != 0 {
            return Some(sighting.page);
        }
        *sighting = Sighting { passes: sighting.passes | bit(self.pass), page };
        None
    }

    /// Whether `pass` met the customer at `position`.
    pub(crate) fn was_met(&self, position: usize, pass: PassNumber) -> bool {
        self.by_position.get(position).is_some_and(|sighting| sighting.passes & bit(pass) != 0)
    }
}

fn bit(pass: PassNumber) -> u64 {
    1 << pass
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_customer_has_the_passes_that_met_it() {
        let mut sightings = Sightings::default();
        let first = sightings.begin_pass();
        assert_eq!(
            (sightings.meet(0, 0), sightings.meet(1, 0), sightings.meet(0, 3)),
            (None, None, Some(0))
        );
        let second = sightings.begin_pass();
        assert_eq!((sightings.meet(1, 0), sightings.meet(2, 1)), (None, None));
        let met =
            |pass| (0..4).map(|position| sightings.was_met(position, pass)).collect::<Vec<_>>();
        assert_eq!(met(first), [true, true, false, false]);
        assert_eq!(met(second), [false, true, true, false]);
    }
}
