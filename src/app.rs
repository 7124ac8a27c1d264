//! The wiring: two listeners from the configuration, and the order in which they stop.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use anyhow::{Context, anyhow, bail};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout_at};
use tracing::{info, warn};

use crate::brands::{Brands, FixedSettings, Reloader};
use crate::clock::Clock;
use crate::config::Config;
use crate::console::Console;
use crate::http::Observer;
use crate::paging::Budget;
use crate::runtime::Runtime;
use crate::shutdown::Tasks;
use crate::telemetry::Metrics;
use crate::tls::ServedCertificate;

mod listeners;

use listeners::{bind, observer, operator, server};

/// dotstory, bound to its ports and ready to run.
pub struct Application {
    server: Server,
    operator: Server,
    addr: SocketAddr,
    operator_addr: SocketAddr,
    brands: Brands,
    certificate: Option<ServedCertificate>,
    observer: Observer,
    fixed: FixedSettings,
    metrics: Metrics,
    tasks: Tasks,
    shutdown_deadline: Duration,
}

/// What must be done once a minute.
struct Upkeep {
    tasks: Tasks,
    brands: Brands,
    metrics: Metrics,
    observer: Observer,
    certificate: Option<ServedCertificate>,
}

/// Interval at which unused sweeps and old lookups are dropped, histogram samples are put into
/// their buckets, refused requests are logged, and the files of the certificate are read again.
const UPKEEP: Duration = Duration::from_mins(1);

// === impl Application ===

impl Application {
    /// Starts all brands and binds both listeners. The walks run on the current tokio runtime.
    ///
    /// # Errors
    /// When a brand cannot be started, the certificate cannot be read, or a port cannot be bound.
    pub fn build(config: Config, clock: Arc<dyn Clock>, metrics: Metrics) -> anyhow::Result<Self> {
        let fixed = FixedSettings::from_config(&config);
        let budget = Budget::new(&config.cache, &metrics);
        let runtime = Runtime::new(clock, metrics.clone());
        let tasks = runtime.tasks.clone();
        let brands = Brands::start(config.brands, config.details_memory, &runtime, &budget)
            .map_err(|(brand, error)| {
                anyhow!(error).context(format!("failed to start brand {brand}"))
            })?;
        let certificate = config.server.tls.clone().map(ServedCertificate::load).transpose();
        let certificate = certificate.context("failed to read [server.tls]")?;
        let listener = bind(config.server.listen).context("failed to open [server] listen")?;
        let operator_listener =
            bind(config.operator.listen).context("failed to open [operator] listen")?;
        let shutdown_deadline = config.server.shutdown_deadline;
        let observer = observer(&config.server, &metrics);
        let console = Console::new(
            &config.operator,
            brands.clone(),
            metrics.clone(),
            runtime.clock.clone(),
            tasks.clone(),
        );
        Ok(Self {
            addr: listener.local_addr().context("failed to read the bound port")?,
            operator_addr: operator_listener
                .local_addr()
                .context("failed to read the bound port")?,
            server: server(listener, certificate.as_ref(), &config.server, &brands, &observer)?,
            operator: operator(operator_listener, &config.server, &brands, &metrics, console)?,
            brands,
            certificate,
            observer,
            fixed,
            metrics,
            tasks,
            shutdown_deadline,
        })
    }

    /// The address that `DailyStory` calls.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Whether the API speaks TLS.
    pub(crate) fn has_certificate(&self) -> bool {
        self.certificate.is_some()
    }

    /// The address that the operator calls.
    #[must_use]
    pub fn operator_addr(&self) -> SocketAddr {
        self.operator_addr
    }

    /// The [`Reloader`] that applies a changed configuration while the application runs.
    #[must_use]
    pub fn reloader(&self) -> Reloader {
        let (brands, certificate) = (self.brands.clone(), self.certificate.clone());
        Reloader::new(brands, certificate, self.fixed.clone(), &self.metrics)
    }

    /// Serves until `stop` ends. Then finishes running requests within the shutdown deadline.
    /// Meanwhile, new requests get 503.
    ///
    /// # Errors
    /// When a listener fails.
    pub async fn run_until_stopped(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let (server, operator) = (self.server.handle(), self.operator.handle());
        let upkeep = Upkeep {
            tasks: self.tasks.clone(),
            brands: self.brands,
            metrics: self.metrics,
            observer: self.observer.clone(),
            certificate: self.certificate,
        };
        self.tasks.spawn(upkeep.run());
        let serving = self.tasks.spawn(self.server);
        let operating = self.tasks.spawn(self.operator);
        tokio::pin!(serving, operating);
        tokio::select! {
            () = stop => info!("stopping"),
            ended = &mut serving => {
                ended.context("the API's task failed")?.context("the API listener failed")?;
                bail!("the API listener ended by itself");
            }
            ended = &mut operating => {
                ended.context("the operator's task failed")?.context("the operator's listener failed")?;
                bail!("the operator's listener ended by itself");
            }
        }
        // Requests end before walks, so that a caller that waits for a walk may get its answer.
        let deadline = Instant::now() + self.shutdown_deadline;
        let requests_ended = timeout_at(deadline, self.observer.admission.stop()).await.is_ok();
        server.stop(requests_ended).await;
        self.tasks.stop();
        operator.stop(true).await;
        if let Err(unfinished) =
            self.tasks.drain(deadline.saturating_duration_since(Instant::now())).await
        {
            warn!(error = %unfinished, "stopped before everything had finished");
        }
        info!("stopped");
        Ok(())
    }
}

// === impl Upkeep ===

impl Upkeep {
    /// Ends when the tasks are asked to stop.
    async fn run(self) {
        let mut ticks = interval_at(Instant::now() + UPKEEP, UPKEEP);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.once().await,
                () = self.tasks.stopping() => return,
            }
        }
    }

    async fn once(&self) {
        self.brands.expire();
        self.metrics.upkeep();
        self.observer.report_refused();
        if let Some(certificate) = self.certificate.clone() {
            self.tasks.run_blocking(move || certificate.reload()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::num::NonZeroU32;

    use tokio::time::sleep;

    use super::*;
    use crate::clock::SystemClock;
    use crate::http::{Admission, WrongCredentials};
    use crate::paging::BudgetConfig;
    use crate::tls::tests::{certified, files};

    #[tokio::test(start_paused = true)]
    async fn changed_files_of_the_certificate_are_served_after_a_minute() {
        let ([cert, key], [next_cert, next_key]) = (certified(), certified());
        let (_folder, files) = files(&cert, &key);
        let certificate = ServedCertificate::load(files.clone()).unwrap();
        let metrics = Metrics::new();
        let runtime = Runtime::new(Arc::new(SystemClock), metrics.clone());
        let directory = std::env::temp_dir();
        let budget =
            Budget::new(&BudgetConfig { memory: 0, disk: 0, paused: 0, directory }, &metrics);
        let upkeep = Upkeep {
            tasks: runtime.tasks.clone(),
            brands: Brands::start(Vec::new(), 0, &runtime, &budget).unwrap(),
            observer: Observer {
                metrics: metrics.clone(),
                request_timeout: UPKEEP,
                trusted_proxies: Arc::default(),
                admission: Admission::new(NonZeroU32::MIN),
                wrong_credentials: WrongCredentials::new(),
            },
            metrics,
            certificate: Some(certificate.clone()),
        };
        runtime.tasks.spawn(upkeep.run());
        let first = certificate.chain();
        fs::write(&files.cert, next_cert).unwrap();
        fs::write(&files.key, next_key).unwrap();
        sleep(Duration::from_secs(59)).await;
        assert_eq!(certificate.chain(), first);
        sleep(Duration::from_secs(2)).await;
        runtime.tasks.drain(UPKEEP).await.unwrap();
        assert_ne!(certificate.chain(), first);
    }
}
