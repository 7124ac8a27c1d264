//! The wiring: two listeners from the configuration, and the order in which they stop.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, NormalizePath, from_fn};
use actix_web::{App, HttpServer, web};
use anyhow::{Context, anyhow, bail};
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{info, warn};

use crate::brands::{Brands, FixedSettings, Reloader};
use crate::clock::Clock;
use crate::config::Config;
use crate::console;
use crate::console::Console;
use crate::http;
use crate::http::{Observer, PageLimits};
use crate::paging::Budget;
use crate::runtime::Runtime;
use crate::shutdown::Tasks;
use crate::telemetry::Metrics;

/// dotstory, bound to its ports and ready to run.
pub struct Application {
    server: Server,
    operator: Server,
    addr: SocketAddr,
    operator_addr: SocketAddr,
    brands: Brands,
    fixed: FixedSettings,
    metrics: Metrics,
    tasks: Tasks,
    shutdown_deadline: Duration,
}

/// Interval at which unused sweeps and old lookups are dropped, and histogram samples are put into
/// their buckets.
const UPKEEP: Duration = Duration::from_mins(1);

/// How long an idle connection stays open. Common proxies close an idle connection after 60 s, so
/// the proxy closes first and sends no request on a closed connection.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

// === impl Application ===

impl Application {
    /// Starts all brands and binds both listeners. The walks run on the current tokio runtime.
    ///
    /// # Errors
    /// When a port cannot be bound or a brand cannot be started.
    pub fn build(config: Config, clock: Arc<dyn Clock>, metrics: Metrics) -> anyhow::Result<Self> {
        let fixed = FixedSettings::from_config(&config);
        let budget = Budget::new(&config.cache, &metrics);
        let runtime = Runtime::new(clock, metrics.clone());
        let tasks = runtime.tasks.clone();
        let brands = Brands::start(config.brands, config.details_memory, &runtime, &budget)
            .map_err(|(brand, error)| {
                anyhow!(error).context(format!("failed to start brand {brand}"))
            })?;
        let listener = bind(config.server.listen).context("failed to open [server] listen")?;
        let operator_listener =
            bind(config.operator.listen).context("failed to open [operator] listen")?;
        let shutdown_deadline = config.server.shutdown_deadline;
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
            server: server(listener, &config.server, &brands, &metrics)?,
            operator: operator(operator_listener, &config.server, &brands, &metrics, console)?,
            brands,
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

    /// The address that the operator calls.
    #[must_use]
    pub fn operator_addr(&self) -> SocketAddr {
        self.operator_addr
    }

    /// Applies a changed configuration while the application runs.
    #[must_use]
    pub fn reloader(&self) -> Reloader {
        Reloader::new(self.brands.clone(), self.fixed.clone(), &self.metrics)
    }

    /// Serves until `stop` ends. Then refuses new connections, and finishes running requests within
    /// the shutdown deadline.
    ///
    /// # Errors
    /// When a listener fails.
    pub async fn run_until_stopped(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let (server, operator) = (self.server.handle(), self.operator.handle());
        self.tasks.spawn(upkeep(self.tasks.clone(), self.brands, self.metrics));
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
        server.stop(true).await;
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

fn server(
    listener: TcpListener,
    config: &crate::config::Server,
    brands: &Brands,
    metrics: &Metrics,
) -> anyhow::Result<Server> {
    let limits = page_limits(config);
    let (brands, observer) = (
        brands.clone(),
        Observer { metrics: metrics.clone(), request_timeout: config.request_timeout },
    );
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(web::ThinData(observer.clone()))
            .configure(|app| http::routes(app, &brands, limits))
            .wrap(Compress::default())
            // Ignores double slashes and a slash at the end of a path. A caller sends them if its base
            // URL ends with a slash.
            .wrap(NormalizePath::trim())
            .wrap(from_fn(http::observe))
    })
    .disable_signals()
    .on_connect(http::watch_for_silence)
    .client_request_timeout(http::HEAD_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    // Each answer is written at once. Waiting to fill a packet would only delay the answer.
    .tcp_nodelay(true)
    .shutdown_timeout(whole_seconds(config.shutdown_deadline));
    if let Some(workers) = config.workers {
        server = server.workers(workers.get());
    }
    Ok(server.listen(listener).context("failed to listen")?.run())
}

fn page_limits(config: &crate::config::Server) -> PageLimits {
    PageLimits { max: config.max_limit, default: config.default_limit }
}

/// The duration in seconds, rounded up.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

fn operator(
    listener: TcpListener,
    config: &crate::config::Server,
    brands: &Brands,
    metrics: &Metrics,
    console: Console,
) -> anyhow::Result<Server> {
    let limits = page_limits(config);
    let (brands, metrics) = (brands.clone(), metrics.clone());
    let server = HttpServer::new(move || {
        App::new()
            .configure(|app| http::operator_routes(app, &brands, &metrics, limits))
            .configure(|app| console::routes(app, &console))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(listener)
    .context("failed to listen")?;
    Ok(server.run())
}

fn bind(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(addr).with_context(|| format!("failed to bind {addr}"))
}

async fn upkeep(tasks: Tasks, brands: Brands, metrics: Metrics) {
    let mut ticks = tokio::time::interval(UPKEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                brands.expire();
                metrics.upkeep();
            }
            () = tasks.stopping() => return,
        }
    }
}
