//! What keeps a sync from losing anything, piece by piece: so that a simulation can take one away and show what it is
//! good for. In production all stand; there is no setting.

/// Each defence, and whether it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is taken away by itself")]
pub(crate) struct Defences {
    /// After a walk of several pages the upstream is asked what changed meanwhile.
    pub(crate) closing_probe: bool,
    /// A customer met twice with different stamps says that records moved.
    pub(crate) met_twice: bool,
    /// Five marks must have held before a cursor is believed to be stable, not one.
    pub(crate) second_opinion: bool,
    /// What several walks found is united; without it the last one counts.
    pub(crate) union: bool,
    /// A `last_updated` within a served sweep goes back to its beginning.
    pub(crate) rewind: bool,
    /// The upstream is asked from earlier on than the reader asks.
    pub(crate) lookback: bool,
    /// Cursors seen before, and pages without anyone new, end a walk.
    pub(crate) cycle_guard: bool,
    /// A customer met twice is served once.
    pub(crate) dedupe: bool,
    /// A new walk renews the list in place while older readers are on it.
    pub(crate) renewal: bool,
    /// Going on with an unknown sweep is an error and not the beginning of a new walk.
    pub(crate) unknown_sweep: bool,
}

// === impl Defences ===

impl Defences {
    /// All of them.
    pub(crate) const ALL: Self = Self {
        closing_probe: true,
        met_twice: true,
        second_opinion: true,
        union: true,
        rewind: true,
        lookback: true,
        cycle_guard: true,
        dedupe: true,
        renewal: true,
        unknown_sweep: true,
    };
}
