//! A page of a search whose records are written while the next page is asked for.

use std::sync::Arc;

use chrono::NaiveDateTime;
use tokio::sync::oneshot;
use tracing::{Dispatch, Span, dispatcher};

use super::{CustomerFeed, Render, Sources, next_cursor, page_of};
use crate::dotapparel::calls::SearchRequest;
use crate::dotapparel::client::Error;
use crate::dotapparel::{Client, SearchCustomer, SearchPage};
use crate::paging::{Arriving, Cursor, Page};
use crate::shutdown::Tasks;

/// Writes the records of one page on a separate thread.
struct PageWriter<R> {
    client: Arc<Client>,
    render: Arc<R>,
    since: Option<NaiveDateTime>,
    continued: bool,
    /// The log and the span of the walk.
    log: (Dispatch, Span),
}

// === impl CustomerFeed ===

impl<R: Render> CustomerFeed<R> {
    /// Fetches a page whose customers are not looked up. Returns when its next cursor is known.
    pub(super) async fn arriving(&self, request: SearchRequest<'_>) -> Result<Arriving, Error> {
        self.stores.ready().await;
        let read = |body| {
            let writer = PageWriter {
                client: Arc::clone(&self.client),
                render: Arc::clone(&self.render),
                since: request.since,
                continued: request.cursor.is_some(),
                log: (dispatcher::get_default(Dispatch::clone), Span::current()),
            };
            read(writer, body, self.tasks.clone())
        };
        self.client.search_raw(request, read).await
    }
}

/// Reads a body. Returns when its customers and its next cursor are read, before the records are
/// written.
async fn read<R: Render>(
    writer: PageWriter<R>,
    body: Vec<u8>,
    tasks: Tasks,
) -> Result<Arriving, Error> {
    let (send, received) = oneshot::channel();
    let writing = tasks.spawn_blocking(move || {
        let (log, span) = writer.log.clone();
        dispatcher::with_default(&log, || span.in_scope(|| writer.write(&body, send)))
    });
    let page = async move {
        writing.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    };
    match received.await {
        Ok(next) => Ok(Arriving::new(next?, page)),
        // The writer panicked. The wait for the page panics too.
        Err(_) => Ok(page.await.into()),
    }
}

// === impl PageWriter ===

impl<R: Render> PageWriter<R> {
    /// Reads the body, sends the next cursor or the error, and returns the page. After an error,
    /// the page is empty.
    fn write(self, body: &[u8], next: oneshot::Sender<Result<Option<Cursor>, Error>>) -> Page {
        let found = SearchPage::parse(body).map_err(Error::from).and_then(|found| {
            self.client.check(self.since, &found)?;
            Ok(found)
        });
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                // A walk that was stopped does not receive the error.
                let _stopped = next.send(Err(error));
                return Page::default();
            }
        };
        let _stopped = next.send(Ok(next_cursor(&found)));
        let write = |customer: &SearchCustomer<'_>, out: &mut Vec<u8>| {
            self.render.record(&Sources::searched(customer), out)
        };
        page_of(&self.client, SearchRequest::endpoint_of(self.continued), &found, write)
    }
}
