//! The brand whose answers are read.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use chrono::DateTime;
use tokio::runtime::{Builder, Runtime as Tokio};

use crate::clock::ManualClock;
use crate::config::{Brand as Settings, Config};
use crate::dailystory::Mapper;
use crate::dotapparel::{Client, StoreNames};
use crate::health::Health;
use crate::runtime::Runtime;
use crate::telemetry::Metrics;

/// A brand that maps values of several types.
const FILE: &str = r#"
timezone = "Australia/Melbourne"
country = "AU"

[dotapparel]
base_url = "http://127.0.0.1:1"
name = "acme"
shop = "acme.myshopify.example"
username = "dailystory@acme.example"
password = { env = "SECRET" }

[dailystory]
tokens = [{ env = "SECRET" }]

[mapping]
mobile_from = ["mobile", "home", "work"]
placeholders = ["*@none.invalid"]

[mapping.consent]
allow_email = { attribute = "Email Opt In", granted = ["Yes"] }

[mapping.fields]
orders = { attribute = "Orders", type = "number" }
first_order = { attribute = "FirstOrder", type = "date-time" }
interests = { attributes = "Interest", type = "list" }
vip = { reference = "VIP", type = "boolean" }
"#;

/// Made once for all inputs. An input does not change how later inputs are read. Only the numbers
/// in `metrics` grow.
struct Shared {
    tokio: Tokio,
    settings: Settings,
    metrics: Metrics,
    client: Arc<Client>,
}

/// The brand. Its mapper is new, so the mapper knows no refusals.
pub(super) struct Brand {
    /// Reads bodies. It makes no call.
    pub(super) client: Arc<Client>,
    /// Writes records.
    pub(super) mapper: Arc<Mapper>,
}

static SHARED: LazyLock<Shared> = LazyLock::new(Shared::new);

// === impl Shared ===

impl Shared {
    fn new() -> Self {
        let tokio = Builder::new_current_thread().enable_all().build();
        let tokio = tokio.expect("the machine has a free descriptor");
        let secret = ("SECRET".to_owned(), "a-secret-of-this-brand".to_owned());
        let config = Config::from_texts(None, &[("acme", FILE)], &BTreeMap::from([secret]));
        let settings = config.expect("the file is complete").brands.remove(0);
        let metrics = Metrics::new();
        let client = {
            let _entered = tokio.enter();
            let runtime = Runtime::new(clock(), metrics.clone());
            Client::new(&settings.dotapparel, &runtime)
        };
        let client = Arc::new(client.expect("the settings are valid in headers"));
        Self { tokio, settings, metrics, client }
    }
}

// === impl Brand ===

impl Brand {
    pub(super) fn new() -> Self {
        let Shared { settings, metrics, client, .. } = &*SHARED;
        let mapper = Mapper::new(
            settings.mapper.clone(),
            StoreNames::default(),
            clock(),
            metrics,
            Health::default(),
        );
        Self { client: Arc::clone(client), mapper: Arc::new(mapper) }
    }
}

/// Runs a future that waits for nothing outside the process.
pub(super) fn run<F: Future>(future: F) -> F::Output {
    SHARED.tokio.block_on(future)
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(DateTime::from_timestamp(1_767_189_600, 0).expect("a past moment")))
}
