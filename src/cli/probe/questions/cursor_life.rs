//! How long a cursor lives.

use tokio::time::Instant;

use crate::cli::probe::findings::Finding;
use crate::cli::probe::tenant::{FoundPage, Reply, Tenant};
use crate::dotapparel::Error;

/// A cursor from the beginning of the probe.
pub(crate) struct OldCursor {
    cursor: String,
    received: Instant,
}

// === impl OldCursor ===

impl OldCursor {
    /// The cursor at the end of a page that has just arrived; `None` on the last page.
    pub(crate) fn keep(page: &FoundPage) -> Option<Self> {
        Some(Self { cursor: page.next.clone()?, received: Instant::now() })
    }

    /// Asks for the page after the cursor.
    pub(crate) async fn ask_again(this: Option<&Self>, tenant: &Tenant) -> Result<Finding, Error> {
        const NAME: &str = "cursor life";
        let Some(Self { cursor, received }) = this else {
            return Ok(Finding::open(NAME, "not known: all customers are on one page", None));
        };
        let reply = tenant.search(None, Some(cursor)).await?;
        let seconds = received.elapsed().as_secs();
        Ok(match reply {
            Reply::Page(_) => Finding::fits(NAME, format!("at least {seconds} s")),
            Reply::Refused(status) => Finding::open(
                NAME,
                format!("refused after {seconds} s or less ({})", status.as_u16()),
                Some(
                    "ask DotApparel how long a cursor lives: a longer walk begins again, or \
                     continues along the stamps"
                        .to_owned(),
                ),
            ),
        })
    }
}
