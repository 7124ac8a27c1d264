//! All brands of the process. A credential alone selects its brand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

use super::Brand;
use crate::activity::Activity;
use crate::auth::Credential;
use crate::config;
use crate::domain::BrandId;
use crate::dotapparel::{BuildError, DetailPolicy};
use crate::health::Level;
use crate::paging::Budget;
use crate::runtime::Runtime;

/// All brands of this process. Clones share the brands, also after [`Brands::replace`].
#[derive(Clone)]
pub(crate) struct Brands {
    table: Arc<ArcSwap<Vec<Entry>>>,
    /// What the removed brands did, in case they come back. Locked for a few instructions.
    former: Arc<Mutex<BTreeMap<BrandId, Activity>>>,
    runtime: Runtime,
    budget: Budget,
}

/// A running brand, and its present settings. The credentials of callers are only here, not in the
/// brand, so a change of them needs no new brand. A healthy brand also goes on with another
/// password for the upstream, because the user and its customers are the same.
struct Entry {
    brand: Arc<Brand>,
    settings: Settings,
}

/// The settings of a brand.
#[derive(Clone)]
struct Settings {
    config: config::Brand,
    /// The largest number of bytes for looked-up customers.
    details_memory: u64,
}

/// What a new configuration changed, each brand by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BrandChanges {
    /// Brands that did not run before.
    pub added: Vec<BrandId>,
    /// Brands that no longer run.
    pub removed: Vec<BrandId>,
    /// Brands with another setting. They were started again, and have lost their earlier lists.
    pub restarted: Vec<BrandId>,
    /// Brands that run on, with other credentials of callers or another password for the upstream.
    pub new_credentials: Vec<BrandId>,
}

/// A brand that cannot be started, with the cause.
pub(crate) type StartError = (BrandId, BuildError);

// === impl Brands ===

impl Brands {
    /// Starts all brands. `details_memory` is in bytes. The brands that look up the customers of
    /// their lists share these bytes evenly, and each has a cache of its own.
    ///
    /// # Errors
    /// The first brand that cannot be started.
    pub(crate) fn start(
        configs: Vec<config::Brand>,
        details_memory: u64,
        runtime: &Runtime,
        budget: &Budget,
    ) -> Result<Self, StartError> {
        let (runtime, budget) = (runtime.clone(), budget.clone());
        let brands = Self { table: Arc::default(), former: Arc::default(), runtime, budget };
        brands.replace(configs, details_memory)?;
        Ok(brands)
    }

    /// Replaces all brands at once by those of `configs`. A brand with equal settings runs on.
    /// A running request keeps its old brand to the end. The walks of a replaced brand stop.
    ///
    /// # Errors
    /// The first brand that cannot be started. All brands are then as before.
    pub(crate) fn replace(
        &self,
        configs: Vec<config::Brand>,
        details_memory: u64,
    ) -> Result<BrandChanges, StartError> {
        let before = self.table.load_full();
        let mut changes = BrandChanges::default();
        let next: Vec<_> = with_shares(configs, details_memory)
            .map(|settings| self.next_entry(&before, settings, &mut changes))
            .collect::<Result<_, _>>()?;
        self.budget.share_among(next.len());
        let goes_on =
            |entry: &&Entry| next.iter().any(|next| Arc::ptr_eq(&next.brand, &entry.brand));
        let is_named = |id: &BrandId| next.iter().any(|next| next.brand.id() == id);
        let stopped: Vec<_> = before.iter().filter(|entry| !goes_on(entry)).collect();
        let ids = stopped.iter().map(|entry| entry.brand.id());
        changes.removed = ids.filter(|id| !is_named(id)).cloned().collect();
        for Entry { brand, settings } in &next {
            self.runtime.metrics.show_brand(brand.id().as_str());
            self.former().remove(brand.id());
            brand.set_password(&settings.config.dotapparel.password);
            brand.set_details_memory(settings.details_memory);
        }
        self.table.store(Arc::new(next));
        for entry in &stopped {
            entry.brand.stop();
        }
        for entry in stopped.iter().filter(|entry| changes.removed.contains(entry.brand.id())) {
            self.runtime.metrics.hide_brand(entry.brand.id().as_str());
            self.former().insert(entry.brand.id().clone(), entry.brand.activity().clone());
        }
        Ok(changes)
    }

    fn next_entry(
        &self,
        before: &[Entry],
        settings: Settings,
        changes: &mut BrandChanges,
    ) -> Result<Entry, StartError> {
        let id = settings.config.id.clone();
        let running = before.iter().find(|entry| *entry.brand.id() == id);
        // After refused calls, a brand has failures and waits that fit its old password only.
        let password = |settings: &Settings| settings.config.dotapparel.password.clone();
        let runs_on = |entry: &&Entry| {
            entry.settings.are_same_brand(&settings)
                && (password(&entry.settings) == password(&settings)
                    || entry.brand.health().state == Level::Healthy)
        };
        if let Some(running) = running.filter(runs_on) {
            if running.settings.config != settings.config {
                changes.new_credentials.push(id);
            }
            return Ok(Entry { brand: Arc::clone(&running.brand), settings });
        }
        let Settings { config, details_memory } = settings.clone();
        let brand = Brand::start(config, details_memory, &self.runtime, &self.budget)
            .map_err(|error| (id.clone(), error))?;
        let before = running.map(|entry| entry.brand.activity().clone());
        if let Some(before) = before.or_else(|| self.former().get(&id).cloned()) {
            brand.activity().continue_from(&before);
        }
        let kind = if running.is_some() { &mut changes.restarted } else { &mut changes.added };
        kind.push(id);
        Ok(Entry { brand: Arc::new(brand), settings })
    }

    fn former(&self) -> MutexGuard<'_, BTreeMap<BrandId, Activity>> {
        self.former.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The brand with this credential. Compares the credentials of every brand, so that the
    /// duration of the comparison reveals nothing.
    pub(crate) fn of_caller(&self, presented: &Credential) -> Option<Arc<Brand>> {
        let table = self.table.load();
        let found = table.iter().fold(None, |found, entry| {
            if entry.settings.accept(presented) { Some(&entry.brand) } else { found }
        });
        found.map(Arc::clone)
    }

    /// All brands, in the order of their files.
    pub(crate) fn all(&self) -> Vec<Arc<Brand>> {
        self.table.load().iter().map(|entry| Arc::clone(&entry.brand)).collect()
    }

    /// Calls [`Brand::expire`] of every brand. Must be called every minute.
    pub(crate) fn expire(&self) {
        self.all().iter().for_each(|brand| brand.expire());
    }
}

impl std::fmt::Debug for Brands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.all().iter().map(|brand| brand.id().clone())).finish()
    }
}

// === impl Settings ===

/// The settings of each brand, with its share of the memory for looked-up customers.
fn with_shares(configs: Vec<config::Brand>, details_memory: u64) -> impl Iterator<Item = Settings> {
    let looks_up = |config: &config::Brand| config.dotapparel.details != DetailPolicy::Never;
    let sharers = configs.iter().filter(|config| looks_up(config)).count() as u64;
    let share = details_memory / sharers.max(1);
    configs.into_iter().map(move |config| {
        let details_memory = if looks_up(&config) { share } else { 0 };
        Settings { config, details_memory }
    })
}

impl Settings {
    /// Whether `next` differs at most in the credentials of callers and in the password for the
    /// upstream.
    fn are_same_brand(&self, next: &Self) -> bool {
        let (own, mut with_own_credentials) = (&self.config, next.config.clone());
        with_own_credentials.callers.clone_from(&own.callers);
        with_own_credentials.dotapparel.password.clone_from(&own.dotapparel.password);
        *own == with_own_credentials
    }

    /// Whether the brand has this credential. Compares it with every credential of the brand, in
    /// constant time.
    fn accept(&self, presented: &Credential) -> bool {
        self.config.callers.iter().filter(|held| *held == presented).count() > 0
    }
}
