//! Decides who may see a page of the console.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{HOST, LOCATION, ORIGIN, RETRY_AFTER};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, web};
use secrecy::SecretString;
use serde::Deserialize;

use super::routes::{Console, LoginPage, MessagePage, Page, html};
use super::sessions::{LIFETIME, PENALTY, Sessions};
use crate::auth::Credential;
use crate::config::Operator;

/// Who may open the console.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    token: Option<Credential>,
    is_loopback: bool,
    sessions: Sessions,
}

/// A request that may see the console.
pub(super) struct Admitted {
    /// Whether the operator logged in, and so can log out.
    pub(super) by_session: bool,
}

/// A request that may see the console and does not come from another site's page.
pub(super) struct AdmittedForm;

/// Why a request may not see the console.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("log in first")]
    LogIn,
    #[error(
        "the console is closed: name a secret with [operator] token in dotstory.toml, or open it on this machine under a loopback address"
    )]
    Closed,
    #[error("the form was sent from another site")]
    OtherSite,
}

/// The form of the login page.
#[derive(Deserialize)]
pub(super) struct Login {
    #[serde(default)]
    token: String,
}

/// The cookie's name.
const COOKIE: &str = "dotstory_session";

// === impl Gate ===

impl Gate {
    pub(super) fn new(operator: &Operator) -> Self {
        Self {
            token: operator.token.clone(),
            is_loopback: operator.listen.ip().is_loopback(),
            sessions: Sessions::new(),
        }
    }

    fn admit(&self, request: &HttpRequest) -> Result<Admitted, Refused> {
        if self.token.is_none() {
            // A page of another site could reach a loopback address through a host name of its own,
            // so the name in the request counts too.
            let is_local = self.is_loopback
                && host(request).is_some_and(is_loopback_name)
                && !is_forwarded(request);
            return if is_local {
                Ok(Admitted { by_session: false })
            } else {
                Err(Refused::Closed)
            };
        }
        let cookie = request.cookie(COOKIE);
        let is_known = cookie.is_some_and(|cookie| self.sessions.has(cookie.value()));
        if is_known { Ok(Admitted { by_session: true }) } else { Err(Refused::LogIn) }
    }
}

/// The host and port that the request names.
fn host(request: &HttpRequest) -> Option<&str> {
    request.headers().get(HOST)?.to_str().ok()
}

/// Whether a proxy passed the request on, as far as its headers show.
fn is_forwarded(request: &HttpRequest) -> bool {
    const HEADERS: [&str; 6] = [
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
    ];
    HEADERS.iter().any(|name| request.headers().contains_key(*name))
}

/// Whether a `Host` header names this machine.
fn is_loopback_name(host: &str) -> bool {
    let without_port = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    let name = without_port.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a form comes from a page of the console: the browser says so, or the `Origin` has the
/// host of the request.
fn is_same_site(request: &HttpRequest) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let of_origin = origin.split_once("://").map(|(_, host)| host);
            of_origin.is_some() && of_origin == host(request)
        }
        (None, None) => false,
    }
}

impl FromRequest for Admitted {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let console = request.app_data::<web::Data<Console>>();
        ready(console.ok_or(Refused::Closed).and_then(|console| console.gate.admit(request)))
    }
}

impl FromRequest for AdmittedForm {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !is_same_site(request) {
            return ready(Err(Refused::OtherSite));
        }
        ready(Admitted::from_request(request, payload).into_inner().map(|_| Self))
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::LogIn => StatusCode::SEE_OTHER,
            Self::Closed | Self::OtherSite => StatusCode::FORBIDDEN,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if matches!(self, Self::LogIn) {
            return HttpResponse::SeeOther().insert_header((LOCATION, "/login")).finish();
        }
        let page =
            MessagePage { page: Page::new(false), title: "Not allowed", text: self.to_string() };
        html(self.status_code(), &page)
    }
}

/// `GET /login`
pub(super) async fn show_login(console: web::Data<Console>) -> Result<HttpResponse, Refused> {
    console.gate.token.as_ref().ok_or(Refused::Closed)?;
    Ok(html(StatusCode::OK, &LoginPage { page: Page::new(false), problem: None }))
}

/// `POST /login`: begins a session if the token is right.
pub(super) async fn log_in(
    console: web::Data<Console>,
    request: HttpRequest,
    form: web::Form<Login>,
) -> Result<HttpResponse, Refused> {
    let Gate { token, sessions, .. } = &console.gate;
    let token = token.as_ref().ok_or(Refused::Closed)?;
    if !is_same_site(&request) {
        return Err(Refused::OtherSite);
    }
    let address = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    let refuse = |status, problem| {
        html(status, &LoginPage { page: Page::new(false), problem: Some(problem) })
    };
    if sessions.is_refused(address) {
        tracing::warn!(%address, "login to the console refused after too many wrong tokens");
        let mut response = refuse(
            StatusCode::TOO_MANY_REQUESTS,
            "too many wrong tokens from this address: try again in a minute",
        );
        response.headers_mut().insert(RETRY_AFTER, PENALTY.as_secs().into());
        return Ok(response);
    }
    if Credential::bearer(&SecretString::from(form.into_inner().token)) != *token {
        sessions.note_failure(address);
        tracing::warn!(%address, "login to the console with a wrong token");
        return Ok(refuse(StatusCode::FORBIDDEN, "this is not the operator's token"));
    }
    tracing::info!(%address, "login to the console");
    let lifetime = i64::try_from(LIFETIME.as_secs()).unwrap_or(i64::MAX);
    let cookie = Cookie::build(COOKIE, sessions.begin())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(actix_web::cookie::time::Duration::seconds(lifetime))
        .finish();
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, "/")).cookie(cookie).finish())
}

/// `POST /logout`: ends the session.
pub(super) async fn log_out(
    _admitted: AdmittedForm,
    console: web::Data<Console>,
    request: HttpRequest,
) -> HttpResponse {
    let mut response = HttpResponse::SeeOther().insert_header((LOCATION, "/login")).finish();
    if let Some(mut cookie) = request.cookie(COOKIE) {
        console.gate.sessions.end(cookie.value());
        cookie.set_path("/");
        // A response without its cookie only leaves a key that opens nothing.
        let _ = response.add_removal_cookie(&cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback_names() {
        for (host, is_loopback) in [
            ("localhost:8081", true),
            ("LOCALHOST", true),
            ("127.0.0.1:8081", true),
            ("127.1.2.3", true),
            ("[::1]:8081", true),
            ("evil.example:8081", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example:8081", false),
            ("10.0.0.1:8081", false),
            ("", false),
        ] {
            assert_eq!(is_loopback_name(host), is_loopback, "{host}");
        }
    }

    #[test]
    fn a_form_of_another_site_is_recognised() {
        for (headers, is_ours) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://here:1")], false),
            (&[("origin", "http://here:1")], true),
            (&[("origin", "https://here:1")], true),
            (&[("origin", "http://evil.example")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ] {
            let mut request = TestRequest::post().insert_header(("host", "here:1"));
            for header in headers {
                request = request.insert_header(*header);
            }
            assert_eq!(is_same_site(&request.to_http_request()), is_ours, "{headers:?}");
        }
    }
}
