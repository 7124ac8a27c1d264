//! What a walk costs the upstream.

/// The calls of one walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Passes that reached the end of the list.
    pub passes: u32,
    /// Pages fetched by passes, restarted ones included.
    pub pages: u64,
    /// Pages fetched only to see whether records moved.
    pub checks: u64,
    /// Passes restarted because the upstream refused a cursor.
    pub restarts: u32,
    /// Records left out because they came without a usable id.
    pub skipped: u64,
}
