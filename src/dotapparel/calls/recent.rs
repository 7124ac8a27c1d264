//! The call for the customers that changed recently.

use chrono::NaiveDateTime;

use super::search::updated_after;
use crate::dotapparel::client::{Endpoint, Error};
use crate::dotapparel::{Client, DetailCustomer};

// === impl Client ===

impl Client {
    /// Returns a readable body with the customers whose stamp is `since` or later. The body may
    /// also have customers with earlier stamps. `oldest` is the earliest `since` that the tenant
    /// accepts, about 7 days ago. If the tenant refuses an earlier `since`, a second call asks for
    /// the changes since `oldest`.
    ///
    /// A 404 may mean an empty list: `DotApparel`'s documentation allows this. A 404 may also come
    /// from a wrong URL, or from a gateway that is being replaced. After a 404, a second call asks
    /// for the changes since `oldest`, if `oldest` is earlier than `since`. Then a second 404 is an
    /// error, because 7 days without any change are rare.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the last call gets a 404.
    pub(crate) async fn recent(
        &self,
        since: NaiveDateTime,
        oldest: NaiveDateTime,
    ) -> Result<Vec<u8>, Error> {
        match self.recent_since(since).await {
            Err(Error::NotFound) if oldest < since => self.recent_since(oldest).await,
            Err(Error::Invalid) if since < oldest => self.recent_since(oldest).await,
            found => found,
        }
    }

    async fn recent_since(&self, since: NaiveDateTime) -> Result<Vec<u8>, Error> {
        let mut url = self.url_of(&["customers"]);
        let text = updated_after(since).ok_or(Error::Invalid)?;
        url.query_pairs_mut().append_pair("updated_after", &text);
        let read = |body: &[u8]| DetailCustomer::parse_many(body).map(drop).map_err(Error::from);
        let (body, ()) = self.call(Endpoint::Recent, &url, read).await?;
        Ok(body)
    }
}
