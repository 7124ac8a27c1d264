//! What background work needs from its process.

use std::future::Future;
use std::sync::Arc;

use tracing::{Instrument, Span, error_span};

use crate::activity::Activity;
use crate::clock::Clock;
use crate::domain::BrandId;
use crate::health::Health;
use crate::shutdown::Tasks;
use crate::telemetry::{Metrics, TraceContext};

/// The parts of the process that its tasks use. Clones share the same clock, tasks and metrics.
#[derive(Clone)]
pub struct Runtime {
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Runs work that outlives the request that started it.
    pub tasks: Tasks,
    /// Where metrics are recorded. [`Runtime::for_brand`] adds the brand's label.
    pub metrics: Metrics,
    /// The state of the brand. [`Runtime::for_brand`] makes a new state.
    pub health: Health,
    /// What the sweeps of the brand did. [`Runtime::for_brand`] makes a new activity.
    pub activity: Activity,
    /// The span of the log lines of tasks. [`Runtime::for_brand`] adds the brand's name.
    pub span: Span,
}

// === impl Runtime ===

impl Runtime {
    /// A runtime without tasks, on the current tokio runtime.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new(clock: Arc<dyn Clock>, metrics: Metrics) -> Self {
        let health = Health::default();
        // This activity belongs to no brand, so its metrics are not shown.
        let activity = Activity::new(Arc::clone(&clock), &Metrics::new(), &health);
        Self { clock, tasks: Tasks::new(), metrics, health, activity, span: Span::none() }
    }

    /// A runtime for one brand in the same process. The metrics and log lines carry the brand's
    /// name. The health and the activity are the brand's own. The brand's tasks can be stopped
    /// alone.
    #[must_use]
    pub fn for_brand(&self, brand: &BrandId) -> Self {
        let metrics = self.metrics.scoped(&[("brand", brand.as_str())]);
        let health = Health::new(&metrics);
        Self {
            activity: Activity::new(Arc::clone(&self.clock), &metrics, &health),
            health,
            metrics,
            tasks: self.tasks.group(),
            // The span has the highest level, so that no log filter removes the brand's name.
            span: error_span!("brand", brand.id = %brand),
            ..self.clone()
        }
    }

    /// Runs `work` as a task of the process, with log lines that carry the brand's name. The task
    /// continues the trace of the request that starts it.
    pub fn spawn(&self, work: impl Future<Output: Send> + Send + 'static) {
        let trace = TraceContext::current();
        let span = match trace {
            Some(trace) => error_span!(parent: &self.span, "trace", trace.id = %trace.trace_id()),
            None => self.span.clone(),
        };
        self.tasks.spawn(TraceContext::scope(trace, work).instrument(span));
    }
}
