//! The call for the customers that changed lately.

use chrono::NaiveDateTime;

use super::search::updated_after;
use crate::dotapparel::client::{Endpoint, Error};
use crate::dotapparel::{Client, DetailCustomer};

// === impl Client ===

impl Client {
    /// The body of the customers with the stamp `since` or later, which is known to be readable;
    /// `None` if there are none. The tenant refuses a `since` that is more than 7 days ago.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a 404, unless another call has shown that the base URL is right. No
    /// document says whether an empty list is a 404.
    pub(crate) async fn recent(&self, since: NaiveDateTime) -> Result<Option<Vec<u8>>, Error> {
        let mut url = self.url_of(&["customers"]);
        let text = updated_after(since).ok_or(Error::Invalid)?;
        url.query_pairs_mut().append_pair("updated_after", &text);
        let read = |body: &[u8]| DetailCustomer::parse_many(body).map(drop).map_err(Error::from);
        match self.call(Endpoint::Recent, &url, read).await {
            Ok((body, ())) => Ok(Some(body)),
            Err(Error::NotFound) if self.has_answered() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
