//! The extractor that finds the caller's brand. A handler can reach customers only through this
//! extractor.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use tokio::time::Instant;

use crate::auth::Credential;
use crate::brands::{Brand, Brands};
use crate::http::edge::ClientAddress;
use crate::http::error::ApiError;
use crate::http::observe::{CallerBrand, Observer};

/// The brand whose credential the caller presents.
#[derive(Clone, Debug)]
pub(super) struct Authorized(Arc<Brand>);

// === impl Authorized ===

impl Deref for Authorized {
    type Target = Brand;

    fn deref(&self) -> &Brand {
        &self.0
    }
}

impl FromRequest for Authorized {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authorize(request).map(Self))
    }
}

/// Compares the credential first, so that no count of wrong credentials refuses a right one.
fn authorize(request: &HttpRequest) -> Result<Arc<Brand>, ApiError> {
    let brand = find_brand(request).map_err(|refused| throttle(request, refused))?;
    request.extensions_mut().insert(CallerBrand(brand.id().clone()));
    tracing::Span::current().record("brand.id", brand.id().as_str());
    Ok(brand)
}

fn find_brand(request: &HttpRequest) -> Result<Arc<Brand>, ApiError> {
    let brands = request.app_data::<web::Data<Brands>>().ok_or(ApiError::Unauthorized)?;
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let header = headers.next().ok_or(ApiError::Unauthorized)?;
    // Servers disagree about which of two different credentials counts, so the request is refused.
    // Two equal credentials are accepted, because some proxies send one credential twice.
    if headers.any(|other| other != header) {
        return Err(ApiError::TwoCredentials);
    }
    let presented = Credential::presented(header.as_bytes());
    let brand = presented.and_then(|presented| brands.of_caller(&presented));
    brand.ok_or(ApiError::Unauthorized)
}

/// Counts a refused request. Returns `refused`, or [`ApiError::TooManyWrong`] if the client sent
/// too many such requests.
fn throttle(request: &HttpRequest, refused: ApiError) -> ApiError {
    let observer = request.app_data::<web::ThinData<Observer>>();
    let client = request.extensions().get::<ClientAddress>().copied();
    let wait = observer.zip(client).and_then(|(observer, ClientAddress(client))| {
        observer.wrong_credentials.note(client, Instant::now())
    });
    wait.map_or(refused, |wait| ApiError::TooManyWrong { wait })
}
