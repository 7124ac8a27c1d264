//! All brands of the process. A credential alone selects its brand.

use std::sync::Arc;

use super::Brand;
use crate::auth::Credential;
use crate::config;
use crate::domain::BrandId;
use crate::dotapparel::{BuildError, DetailPolicy};
use crate::paging::Budget;
use crate::runtime::Runtime;

/// All brands of this process.
#[derive(Clone, Debug)]
pub(crate) struct Brands {
    brands: Arc<[Arc<Brand>]>,
}

// === impl Brands ===

impl Brands {
    /// Starts all brands. `details_memory` is in bytes. The brands that look up the customers of
    /// their lists share these bytes evenly, and each has a cache of its own.
    ///
    /// # Errors
    /// The first brand that cannot be started, with the cause.
    pub(crate) fn start(
        configs: Vec<config::Brand>,
        details_memory: u64,
        runtime: &Runtime,
        budget: &Budget,
    ) -> Result<Self, (BrandId, BuildError)> {
        let looks_up = |config: &config::Brand| config.dotapparel.details != DetailPolicy::Never;
        let sharers = configs.iter().filter(|config| looks_up(config)).count() as u64;
        let share = details_memory / sharers.max(1);
        let start = |config: config::Brand| {
            let id = config.id.clone();
            let share = if looks_up(&config) { share } else { 0 };
            Brand::start(config, share, runtime, budget).map(Arc::new).map_err(|error| (id, error))
        };
        Ok(Self { brands: configs.into_iter().map(start).collect::<Result<_, _>>()? })
    }

    /// The brand with this credential. Compares the credentials of every brand, so that the
    /// duration of the comparison reveals nothing.
    pub(crate) fn of_caller(&self, presented: &Credential) -> Option<&Arc<Brand>> {
        self.brands
            .iter()
            .fold(None, |found, brand| if brand.knows(presented) { Some(brand) } else { found })
    }

    /// All brands, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Brand>> {
        self.brands.iter()
    }

    /// Calls [`Brand::expire`] of every brand. Must be called every minute.
    pub(crate) fn expire(&self) {
        self.iter().for_each(|brand| brand.expire());
    }
}
