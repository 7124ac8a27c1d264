//! The brands, and what their callers may expect at each moment.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is special about a brand. Each role has one brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A caller asks each second for the changes since another moment.
    Restless,
    /// The token of its callers changes.
    Token,
    /// A key of its mapping comes and goes.
    Mapping,
    /// Its file comes and goes.
    Removed,
    /// Its file is unreadable at times, so that the reload is refused. Its `rate_limit` is the
    /// default of 10, less than its callers ask for.
    Broken,
    /// Its upstream fails for 10 s of each minute.
    Outage,
    /// Its password at the upstream changes.
    Password,
    /// Its upstream refuses the password for 10 s of each minute.
    Refused,
}

/// A brand. The callers, the upstream and the reloads share it.
#[derive(Debug)]
pub(crate) struct Brand {
    pub(crate) role: Role,
    /// Number of authorized calls that its upstream received.
    pub(crate) calls: AtomicU64,
    /// The password of the last call that its upstream received.
    pub(crate) last_password: Mutex<String>,
    view: Mutex<View>,
}

/// What callers may expect of a brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// Number of changes of the view so far.
    version: u64,
    pub(crate) presence: Presence,
    /// Whether the records have the key [`FIELD`]; `None` while that changes.
    pub(crate) has_field: Option<bool>,
    pub(crate) token: String,
    pub(crate) password: String,
}

/// Whether dotstory knows a brand's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Known,
    Unknown,
    /// A reload is changing the brand, so dotstory may know the token or not.
    Changing,
}

/// The key that the mapping of [`Role::Mapping`] adds.
pub(crate) const FIELD: &str = "favourite_colour";

// === impl Role ===

impl Role {
    pub(crate) const ALL: [Self; 8] = [
        Self::Restless,
        Self::Token,
        Self::Mapping,
        Self::Removed,
        Self::Broken,
        Self::Outage,
        Self::Password,
        Self::Refused,
    ];

    /// The brand's id, and its name at the upstream.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Restless => "restless",
            Self::Token => "token",
            Self::Mapping => "mapping",
            Self::Removed => "removed",
            Self::Broken => "broken",
            Self::Outage => "outage",
            Self::Password => "password",
            Self::Refused => "refused",
        }
    }

    /// The domain of its customers' e-mail addresses.
    pub(crate) fn domain(self) -> String {
        format!("{}.example", self.id())
    }

    /// The beginning of each of its passwords.
    pub(crate) fn password_prefix(self) -> String {
        format!("{}-password-", self.id())
    }
}

// === impl Brand ===

impl Brand {
    pub(crate) fn new(role: Role) -> Self {
        Self {
            role,
            calls: AtomicU64::new(0),
            last_password: Mutex::default(),
            view: Mutex::new(View {
                version: 0,
                presence: Presence::Known,
                has_field: Some(false),
                token: format!("{}-token-0", role.id()),
                password: format!("{}0", role.password_prefix()),
            }),
        }
    }

    pub(crate) fn view(&self) -> View {
        lock(&self.view).clone()
    }

    /// Changes the view, and returns the new view.
    pub(crate) fn change(&self, change: impl FnOnce(&mut View)) -> View {
        let mut view = lock(&self.view);
        change(&mut view);
        view.version += 1;
        view.clone()
    }
}

// === impl View ===

impl View {
    /// What callers may expect of an answer to a request that began with this view and ended with
    /// `later`.
    pub(crate) fn until(self, later: &Self) -> Self {
        if self == *later {
            return self;
        }
        Self { presence: Presence::Changing, has_field: None, ..self }
    }
}

/// Locks `mutex`, even after a holder panicked: no holder leaves a half-made change.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
