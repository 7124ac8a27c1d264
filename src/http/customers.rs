//! The two endpoints of the pattern by which `DailyStory` polls: one customer by id, and a window
//! of a list.

use std::convert::Infallible;

use actix_web::http::Method;
use actix_web::http::header::{ContentType, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use chrono::SecondsFormat;

use crate::domain::CustomerId;
use crate::dotapparel;
use crate::http::auth::Authorized;
use crate::http::error::{ApiError, BadParameter};
use crate::http::query::{ListQuery, ListTarget, PageLimits};
use crate::http::request_log::ServedWindow;
use crate::paging::{Answer, USUAL_RECORD_SIZE, Window};

static X_SWEEP: HeaderName = HeaderName::from_static("x-sweep");

/// `GET /api/v1/customer/{id}`: the bare record.
pub(super) async fn read_customer(
    brand: Authorized,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let text = request.match_info().query("id");
    let id: CustomerId = text
        .parse()
        .map_err(|_| BadParameter::new("id", "a whole number of 64 bits such as 244988", text))?;
    let record = brand.customer(id).await?.ok_or(ApiError::NoSuchCustomer(id))?;
    if receives_records(&request) {
        brand.note_records(1);
    }
    Ok(json(record))
}

/// `GET /api/v1/customers`: a window of a sweep, or of the customers with the address in `email`.
pub(super) async fn list_customers(
    brand: Authorized,
    request: HttpRequest,
    limits: actix_web::web::Data<PageLimits>,
) -> Result<HttpResponse, ApiError> {
    let query = ListQuery::parse(request.query_string(), **limits, brand.naive_last_updated())?;
    let window = query.window;
    match query.target {
        ListTarget::Sweep(filter) => {
            let answer = if receives_records(&request) {
                brand.window(filter, window).await?
            } else {
                brand.unread_window(filter, window).await?
            };
            let body = window_body(&brand, &answer).await?;
            if receives_records(&request) {
                brand.note_window(&answer);
            }
            request.extensions_mut().insert(ServedWindow {
                filter,
                window,
                count: answer.count(),
                certificate: answer.certificate(),
                is_last: answer.is_last(),
            });
            let mut response = json(body);
            response.headers_mut().insert(X_SWEEP.clone(), provenance(&answer));
            Ok(response)
        }
        ListTarget::Email(email) => {
            let records = brand.customers_by_email(&email).await.map_err(|error| match error {
                dotapparel::Error::Invalid => {
                    BadParameter::new("email", "an e-mail address that DotApparel accepts", &email)
                        .into()
                }
                other => ApiError::from(other),
            })?;
            let records_of_window = &records[window.range_in(records.len())];
            let body = envelope(records.len(), window, 0, |out| {
                join(records_of_window, out);
                Ok::<_, Infallible>(())
            });
            if receives_records(&request) {
                brand.note_records(records_of_window.len());
            }
            let Ok(body) = body;
            Ok(json(body))
        }
    }
}

/// The body of a window. Another thread reads records from disk, so that other callers do not wait
/// for the disk.
async fn window_body(brand: &Authorized, answer: &Answer) -> Result<Vec<u8>, ApiError> {
    let size = answer.len() * USUAL_RECORD_SIZE;
    let write = {
        let (brand, answer) = (brand.clone(), answer.clone());
        move || {
            let records = |out: &mut Vec<u8>| brand.write_window(&answer, out);
            envelope(answer.count(), answer.window(), size, records)
        }
    };
    let body = if answer.is_on_disk() {
        let written = actix_web::web::block(write).await;
        written.map_err(|error| ApiError::Internal { cause: error.to_string() })?
    } else {
        write()
    };
    Ok(body?)
}

/// Whether the caller gets the body. A HEAD request, such as a monitor's, is no part of a sync.
fn receives_records(request: &HttpRequest) -> bool {
    request.method() != Method::HEAD
}

/// The value of `X-Sweep`: the sweep of the answer, its certificate and its cost.
fn provenance(answer: &Answer) -> HeaderValue {
    let (began, cost) = (answer.began(), answer.cost());
    let text = format!(
        "{:x}; certified={}; began={}; pages={}; passes={}",
        began.timestamp_micros(),
        answer.certificate(),
        began.to_rfc3339_opts(SecondsFormat::Secs, true),
        cost.pages + cost.checks,
        cost.passes,
    );
    HeaderValue::try_from(text).expect("digits, letters and punctuation are valid in a header")
}

/// The list envelope of DailyStory's pattern: `count` is a number, `start` and `limit` are strings.
fn envelope<E>(
    count: usize,
    window: Window,
    size: usize,
    write_records: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let (start, limit) = (window.start(), window.limit());
    let head =
        format!("{{\"count\":{count},\"start\":\"{start}\",\"limit\":\"{limit}\",\"records\":[");
    let mut body = Vec::with_capacity(head.len() + size + 2);
    body.extend_from_slice(head.as_bytes());
    write_records(&mut body)?;
    body.extend_from_slice(b"]}");
    Ok(body)
}

fn join(records: &[Vec<u8>], out: &mut Vec<u8>) {
    for (position, record) in records.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        out.extend_from_slice(record);
    }
}

fn json(body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok().insert_header(ContentType::json()).body(body)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn the_envelope_has_the_types_of_the_pattern() {
        let window = Window::new(50, NonZeroU32::new(25).unwrap());
        let body = envelope(6692, window, 0, |out| {
            out.extend_from_slice(b"{\"id\":1},{\"id\":2}");
            Ok::<_, Infallible>(())
        });
        let Ok(body) = body;
        let expected = r#"{"count":6692,"start":"50","limit":"25","records":[{"id":1},{"id":2}]}"#;
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}
