//! Serves admitted requests. The body of an answer holds the place of its request.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::web::Bytes;

use super::admission::{Admission, Place};
use super::connection::Exchange;

/// The body of an answer. The framework drops the body when its last bytes are in the framework's
/// write buffer, or when the connection ends. The place and the exchange of the request end
/// together with the body.
struct HeldBody {
    body: BoxBody,
    _place: Option<Place>,
    _exchange: Exchange,
}

/// Serves the request if it is admitted, and refuses it in any other case.
///
/// # Errors
/// When the framework failed.
pub(in crate::http) async fn serve<B: MessageBody + 'static>(
    admission: &Admission,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let exchange = Exchange::begin(&request);
    let (mut response, place) = match admission.admit() {
        Ok(place) => (next.call(request).await?.map_into_boxed_body(), Some(place)),
        Err(refused) => (request.error_response(refused), None),
    };
    if admission.is_stopping() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    exchange.begin_answer();
    Ok(response
        .map_body(|_, body| BoxBody::new(HeldBody { body, _place: place, _exchange: exchange })))
}

// === impl HeldBody ===

impl MessageBody for HeldBody {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
