//! The query of a call.

use actix_web::HttpRequest;
use actix_web::web::Query;
use chrono::NaiveDateTime;

use super::answer::Refusal;
use crate::sandbox::shop::read_filter;

/// The decoded query, in its order.
pub(crate) struct Parameters(Vec<(String, String)>);

// === impl Parameters ===

impl Parameters {
    /// Reads the query. A query that cannot be decoded counts as empty.
    pub(crate) fn from_request(request: &HttpRequest) -> Self {
        let query = Query::from_query(request.query_string());
        Self(query.map(Query::into_inner).unwrap_or_default())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// The parameter's value. A parameter that is given twice is refused.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Refusal::INVALID_QUERY);
        }
        Ok(first.map(|(_, value)| value.as_str()))
    }

    pub(crate) fn updated_after(&self) -> Result<Option<NaiveDateTime>, Refusal> {
        let time = self.one("updated_after")?;
        time.map(|text| read_filter(text).ok_or(Refusal::INVALID_TIMESTAMP)).transpose()
    }
}
