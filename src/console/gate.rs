//! Decides whether a request may see a page of the console.

use std::future::{Ready, ready};

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, web};
use secrecy::SecretString;
use serde::Deserialize;

use super::origin::{
    client_address, is_foreign, is_forwarded, is_navigation, is_over_tls, is_same_origin,
    names_this_machine,
};
use super::routes::{Console, LoginPage, MessagePage, Page, html};
use super::sessions::{LIFETIME, PENALTY, Sessions};
use crate::auth::Credential;
use crate::config::Operator;

/// Decides which requests may see the console.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    token: Option<Credential>,
    is_loopback: bool,
    sessions: Sessions,
}

/// A request that may see the console.
pub(super) struct Admitted {
    gate: Gate,
    /// The key of the operator's session; `None` if the console needs no token.
    session: Option<String>,
}

/// A request that may see the console and shows that it comes from a page of the console, as a form
/// must.
pub(super) struct AdmittedForm;

/// Why a request may not see the console.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("log in first")]
    LogIn,
    #[error(
        "the console is closed: set [operator] token in dotstory.toml, or set [operator] listen to a loopback address and open this address on this machine, without a proxy"
    )]
    Closed,
    #[error(
        "the request came from another site's page, or a proxy changed its Host header: open the console itself, and let the proxy keep Host"
    )]
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
            // Another site can give its host name a loopback address, and then its pages reach the
            // console. So the request must also name this machine.
            let is_local =
                self.is_loopback && names_this_machine(request) && !is_forwarded(request);
            return if is_local { Ok(self.admitted(None)) } else { Err(Refused::Closed) };
        }
        let session = request.cookie(COOKIE).map(|cookie| cookie.value().to_owned());
        let known = session.filter(|session| self.sessions.has(session));
        known.map(|session| self.admitted(Some(session))).ok_or(Refused::LogIn)
    }

    fn admitted(&self, session: Option<String>) -> Admitted {
        Admitted { gate: self.clone(), session }
    }
}

// === impl Admitted ===

impl Admitted {
    /// Whether the operator logged in, and so can log out.
    pub(super) fn can_log_out(&self) -> bool {
        self.session.is_some()
    }

    /// Whether the request may still see the console: its session has not ended.
    pub(super) fn is_valid(&self) -> bool {
        self.session.as_ref().is_none_or(|session| self.gate.sessions.has(session))
    }
}

/// Refuses a request that another site's page caused, even a click on a link, which [`Admitted`]
/// allows. Another site must not cause the lookup of a customer, because a lookup costs calls to
/// the upstream.
pub(super) fn refuse_foreign(request: &HttpRequest) -> Result<(), Refused> {
    if is_foreign(request) { Err(Refused::OtherSite) } else { Ok(()) }
}

impl FromRequest for Admitted {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // A page of another site may link to a page of the console, but may load nothing else.
        if is_foreign(request) && !is_navigation(request) {
            return ready(Err(Refused::OtherSite));
        }
        let console = request.app_data::<web::Data<Console>>();
        ready(console.ok_or(Refused::Closed).and_then(|console| console.gate.admit(request)))
    }
}

impl FromRequest for AdmittedForm {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !is_same_origin(request) {
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
    if !is_same_origin(&request) {
        return Err(Refused::OtherSite);
    }
    let address = client_address(&request);
    let refuse = |status, problem| {
        html(status, &LoginPage { page: Page::new(false), problem: Some(problem) })
    };
    // The token is compared before the number of wrong tokens is checked, so that wrong tokens from
    // the same address do not lock the operator out.
    if Credential::bearer(&SecretString::from(form.into_inner().token)) != *token {
        if sessions.is_refused(address) {
            tracing::warn!(client.address = %address, "login to the console refused after too many wrong tokens");
            let problem = "too many wrong tokens from this address: try again in a minute";
            let mut response = refuse(StatusCode::TOO_MANY_REQUESTS, problem);
            response.headers_mut().insert(RETRY_AFTER, PENALTY.as_secs().into());
            return Ok(response);
        }
        sessions.note_failure(address);
        tracing::warn!(client.address = %address, "login to the console with a wrong token");
        return Ok(refuse(StatusCode::FORBIDDEN, "this is not the operator's token"));
    }
    tracing::info!(client.address = %address, "login to the console");
    let lifetime = i64::try_from(LIFETIME.as_secs()).unwrap_or(i64::MAX);
    let cookie = Cookie::build(COOKIE, sessions.begin())
        .path("/")
        .http_only(true)
        .secure(is_over_tls(&request))
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
        // If the cookie cannot be removed, the browser keeps a key that opens no session.
        let _ = response.add_removal_cookie(&cookie);
    }
    response
}
