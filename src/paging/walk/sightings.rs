//! In which passes of a walk each customer was met, and on which page.

/// What a walk remembers of its passes, by a customer's position in the gathering.
#[derive(Debug, Default)]
pub(crate) struct Sightings {
    of: Vec<Sighting>,
    pass: PassNumber,
    next: PassNumber,
}

/// Passes of one walk, counted from 0. There are fewer than 64: 20 walks at most (`max_passes`), each begun again twice,
/// and one along the stamps.
pub(crate) type PassNumber = u32;

/// The passes that a customer was met in, one bit each, and the page on which the last of them met it first.
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

    /// Notes that the customer at `position` is on this page of the pass under way. Answers the page on which this
    /// pass has met it before, if it has.
    pub(crate) fn meet(&mut self, position: usize, page: u32) -> Option<u32> {
        if self.of.len() <= position {
            self.of.resize(position + 1, Sighting::default());
        }
        let sighting = &mut self.of[position];
        if sighting.passes & bit(self.pass) != 0 {
            return Some(sighting.page);
        }
        *sighting = Sighting { passes: sighting.passes | bit(self.pass), page };
        None
    }

    /// Whether that pass has met the customer at `position`.
    pub(crate) fn met(&self, position: usize, pass: PassNumber) -> bool {
        self.of.get(position).is_some_and(|sighting| sighting.passes & bit(pass) != 0)
    }
}

fn bit(pass: PassNumber) -> u64 {
    1 << pass
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_customer_is_known_by_the_passes_that_met_it() {
        let mut sightings = Sightings::default();
        let first = sightings.begin_pass();
        assert_eq!(
            (sightings.meet(0, 0), sightings.meet(1, 0), sightings.meet(0, 3)),
            (None, None, Some(0))
        );
        let second = sightings.begin_pass();
        assert_eq!((sightings.meet(1, 0), sightings.meet(2, 1)), (None, None));
        let met = |pass| (0..4).map(|position| sightings.met(position, pass)).collect::<Vec<_>>();
        assert_eq!(met(first), [true, true, false, false]);
        assert_eq!(met(second), [false, true, true, false]);
    }
}
