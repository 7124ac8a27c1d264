//! The extractor that finds the caller's brand. A handler can reach customers only through this
//! extractor.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use crate::auth::Credential;
use crate::brands::{Brand, Brands};
use crate::http::error::ApiError;
use crate::http::observe::CallerBrand;

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

fn authorize(request: &HttpRequest) -> Result<Arc<Brand>, ApiError> {
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
    let brand = brand.ok_or(ApiError::Unauthorized)?;
    request.extensions_mut().insert(CallerBrand(brand.id().clone()));
    tracing::Span::current().record("brand.id", brand.id().as_str());
    Ok(brand)
}
