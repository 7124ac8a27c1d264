//! The middleware around every request: id, log line, metrics, and one form for every failure.

use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, HeaderMap, HeaderValue};
use actix_web::http::{StatusCode, Version};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, ResponseError, web};
use futures_util::FutureExt;
use ipnet::IpNet;
use tokio::time::Instant;
use tracing::field::{self, Empty};
use tracing::{Instrument, error_span};

use crate::domain::BrandId;
use crate::http::edge::{Admission, ClientAddress, WrongCredentials, client_address, serve};
use crate::http::error::{ApiError, Cause};
use crate::http::request_id::{REQUEST_ID, request_id, trace};
use crate::http::request_log::{RequestReport, ServedWindow};
use crate::resilience::within_request;
use crate::telemetry::{Metrics, TraceContext, UpstreamUse};

/// What the requests of `DailyStory`'s listener share. Clones share the counts.
#[derive(Clone, Debug)]
pub(crate) struct Observer {
    /// The metrics of the process.
    pub metrics: Metrics,
    /// How long all upstream calls of one request may take together.
    pub request_timeout: Duration,
    /// The networks of the proxies that name their client in `X-Forwarded-For`.
    pub trusted_proxies: Arc<[IpNet]>,
    /// The limit of requests at the same time.
    pub admission: Admission,
    /// The wrong credentials of each client.
    pub wrong_credentials: WrongCredentials,
}

/// The brand of an authorized request. The extractor of `auth.rs` adds `CallerBrand` to the
/// request, for the log and the metrics.
#[derive(Clone, Debug)]
pub(super) struct CallerBrand(pub(super) BrandId);

/// The failure of a request without a response: a handler panicked or the framework failed.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
struct Unanswered {
    error: ApiError,
    request_id: HeaderValue,
}

/// The middleware around every request. It must be the outermost middleware.
///
/// # Errors
/// When a handler panicked or the framework failed. The error has the same form as every other
/// failure.
pub(crate) async fn observe<B: MessageBody + 'static>(
    observer: web::ThinData<Observer>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let began = Instant::now();
    if request.version() == Version::HTTP_10 {
        // A compressed body is sent in chunks, which HTTP/1.0 does not have.
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    let request_id = request_id(request.headers());
    let id_text = request_id.to_str().unwrap_or_default();
    let trace = trace(request.headers());
    // The span has the highest level, so that no log filter removes its fields from a log line.
    let span = error_span!(
        "request",
        request.id = id_text,
        trace.id = trace.map(|trace| field::display(trace.trace_id())),
        brand.id = Empty
    );
    let client = observer.client_of(&request);
    request.extensions_mut().insert(ClientAddress(client));
    let method = request.method().clone();
    let work = serve(&observer.admission, request, next);
    let work = within_request(observer.request_timeout, work);
    let work = TraceContext::scope(trace, work).instrument(span.clone());
    let (answer, upstream) = UpstreamUse::measure(AssertUnwindSafe(work).catch_unwind()).await;
    let duration = began.elapsed();
    let (mut response, failure) = match answer {
        Ok(Ok(response)) => in_our_form(response),
        Ok(Err(framework)) => {
            let status = framework.as_response_error().status_code();
            let (error, asked) = (ApiError::Framework(status), (client, method.as_str()));
            let unanswered = || observer.unanswered(error, request_id, asked, duration, upstream);
            return Err(span.in_scope(unanswered));
        }
        Err(_panic) => {
            let error = ApiError::Internal { cause: "a handler panicked".to_owned() };
            let asked = (client, method.as_str());
            let unanswered = || observer.unanswered(error, request_id, asked, duration, upstream);
            return Err(span.in_scope(unanswered));
        }
    };
    common_headers(response.headers_mut(), request_id);
    let caller = response.request().extensions().get::<CallerBrand>().cloned();
    let served = response.request().extensions_mut().remove::<ServedWindow>();
    let error = response.response().error().and_then(|error| error.as_error::<ApiError>());
    let is_summed = error.is_some_and(ApiError::is_summed);
    let report = RequestReport {
        client,
        brand: caller.as_ref().map_or("", |CallerBrand(brand)| brand.as_str()),
        method: method.as_str(),
        route: route_name(response.request().match_pattern().as_deref()),
        status: response.status(),
        duration,
        upstream,
        served,
        is_summed,
    };
    span.in_scope(|| observer.report(&report, failure.as_ref()));
    Ok(response)
}

// === impl Observer ===

impl Observer {
    /// Logs what was refused in the last minute. Must be called every minute.
    pub(crate) fn report_refused(&self) {
        self.admission.report();
        self.wrong_credentials.report(Instant::now());
    }

    fn client_of(&self, request: &ServiceRequest) -> IpAddr {
        let peer = request.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
        client_address(peer, request.headers(), &self.trusted_proxies)
    }

    fn unanswered(
        &self,
        error: ApiError,
        request_id: HeaderValue,
        (client, method): (IpAddr, &str),
        duration: Duration,
        upstream: UpstreamUse,
    ) -> actix_web::Error {
        let status = error.status_code();
        let (brand, route, served, is_summed) = ("", "none", None, false);
        let report = RequestReport {
            client,
            brand,
            method,
            route,
            status,
            duration,
            upstream,
            served,
            is_summed,
        };
        self.report(&report, error.cause().as_ref());
        Unanswered { error, request_id }.into()
    }

    /// Counts the request and writes its log line. `failure` is the cause of a failure that is not
    /// the caller's mistake.
    fn report(&self, report: &RequestReport<'_>, failure: Option<&Cause>) {
        let RequestReport { brand, route, status, duration, .. } = *report;
        let labels = &[("brand", brand), ("route", route), ("status", status.as_str())];
        self.metrics.counter("dotstory_http_requests_total", labels).increment(1);
        self.metrics
            .histogram("dotstory_http_request_duration_seconds", &[("route", route)])
            .record(duration);
        report.log(failure);
    }
}

// === impl Unanswered ===

impl ResponseError for Unanswered {
    fn status_code(&self) -> StatusCode {
        self.error.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.error.error_response();
        common_headers(response.headers_mut(), self.request_id.clone());
        response
    }
}

/// The response to send, and the cause of its failure for the log. A failure of the framework,
/// which has a body of its own, gets the common form.
fn in_our_form(response: ServiceResponse<BoxBody>) -> (ServiceResponse<BoxBody>, Option<Cause>) {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return (response, None);
    }
    if let Some(ours) = response.response().error().and_then(|error| error.as_error::<ApiError>()) {
        let cause = ours.cause();
        return (response, cause);
    }
    let (request, _) = response.into_parts();
    let error = ApiError::Framework(status);
    let cause = error.cause();
    (ServiceResponse::from_err(error, request), cause)
}

fn common_headers(headers: &mut HeaderMap, request_id: HeaderValue) {
    headers.insert(REQUEST_ID.clone(), request_id);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// The route as a label from a closed set.
fn route_name(pattern: Option<&str>) -> &'static str {
    match pattern {
        Some("/api/v1/customers") => "customers",
        Some("/api/v1/customer/{id}") => "customer",
        Some("/openapi.json") => "openapi",
        _ => "none",
    }
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use std::num::NonZeroU32;

    use actix_web::test::{TestRequest, init_service, try_call_service};
    use actix_web::{App, HttpResponse};

    use super::*;
    use crate::dotapparel::tests::Log;

    #[actix_web::test]
    async fn the_log_line_of_a_request_whose_handler_panicked_has_its_ids() {
        let (log, _listening) = Log::listen();
        let observer = Observer {
            metrics: Metrics::new(),
            request_timeout: Duration::from_secs(25),
            trusted_proxies: Arc::default(),
            admission: Admission::new(NonZeroU32::MIN),
            wrong_credentials: WrongCredentials::new(),
        };
        let fails = async || -> HttpResponse { panic!("a mistake") };
        let app = App::new().app_data(web::ThinData(observer)).route("/", web::get().to(fails));
        let service = init_service(app.wrap(from_fn(observe))).await;
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let request = TestRequest::get()
            .insert_header((REQUEST_ID.clone(), "the-request"))
            .insert_header((TraceContext::HEADER, format!("00-{trace}-00f067aa0ba902b7-01")));
        let error = try_call_service(&service, request.to_request()).await.unwrap_err();
        assert_eq!(error.as_response_error().status_code(), StatusCode::INTERNAL_SERVER_ERROR);

        let lines = log.lines();
        let line = lines.iter().find(|line| line["message"] == "request").unwrap();
        assert_eq!(
            (&line["level"], &line["cause"]),
            (&"ERROR".into(), &"a handler panicked".into())
        );
        let span = &line["spans"][0];
        assert_eq!(
            (&span["request.id"], &span["trace.id"]),
            (&"the-request".into(), &trace.into())
        );
    }
}
