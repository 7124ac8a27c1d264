//! The style sheet, the script and the icon of the console. They are part of the binary.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;

/// `GET /assets/console.css`
pub(super) async fn style() -> HttpResponse {
    file("text/css; charset=utf-8", include_str!("assets/console.css"))
}

/// `GET /assets/console.js`
pub(super) async fn script() -> HttpResponse {
    file("text/javascript; charset=utf-8", include_str!("assets/console.js"))
}

/// `GET /assets/icon.svg`
pub(super) async fn icon() -> HttpResponse {
    file("image/svg+xml", include_str!("assets/icon.svg"))
}

fn file(content_type: &str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, content_type)).body(text)
}
