//! A page of a search whose records are written while the next page is asked for.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use chrono::NaiveDateTime;
use futures_util::FutureExt;
use tokio::sync::oneshot;
use tokio::task::yield_now;

use super::{CustomerFeed, Render, Sources, next_cursor, page_of};
use crate::dotapparel::calls::SearchRequest;
use crate::dotapparel::client::Error;
use crate::dotapparel::{Client, SearchCustomer, SearchPage};
use crate::paging::{Arriving, Cursor, Page};

/// Reads the body of one page, and writes the records of the page.
struct PageReader<R> {
    client: Arc<Client>,
    render: Arc<R>,
    since: Option<NaiveDateTime>,
    continued: bool,
}

// === impl CustomerFeed ===

impl<R: Render> CustomerFeed<R> {
    /// Fetches a page whose customers are not looked up. Returns when its next cursor is known.
    pub(super) async fn arriving(&self, request: SearchRequest<'_>) -> Result<Arriving, Error> {
        self.stores.ready().await;
        let read = |body| {
            let reader = PageReader {
                client: Arc::clone(&self.client),
                render: Arc::clone(&self.render),
                since: request.since,
                continued: request.cursor.is_some(),
            };
            read(reader, body)
        };
        self.client.search_raw(request, read).await
    }
}

/// Reads a body. Returns when its customers and its next cursor are read, before the records are
/// written.
async fn read<R: Render>(reader: PageReader<R>, body: Vec<u8>) -> Result<Arriving, Error> {
    let (send, mut next) = oneshot::channel();
    let mut page = reader.read_and_write(body, send).boxed();
    // The first poll reads the body on this thread. Another thread would first have to wake up,
    // which takes longer than reading a page.
    match poll_fn(|context| Poll::Ready(page.as_mut().poll(context))).await {
        Poll::Ready(page) => page.map(Arriving::from),
        Poll::Pending => {
            let next = next.try_recv().expect("the reader sends the cursor before it waits");
            Ok(Arriving::new(next, page.map(|page| page.expect("the body is readable"))))
        }
    }
}

/// Reads the body of the first page of a list of all customers, without a call.
#[cfg(any(test, fuzzing))]
pub(crate) async fn read_page<R: Render>(
    client: Arc<Client>,
    render: Arc<R>,
    body: Vec<u8>,
) -> Result<Arriving, Error> {
    read(PageReader { client, render, since: None, continued: false }, body).await
}

// === impl PageReader ===

impl<R: Render> PageReader<R> {
    /// Reads the body, sends the next cursor, and waits until the next page was asked for. Then
    /// writes the records. Only the reading of the body can fail, and it ends before the wait.
    async fn read_and_write(
        self,
        body: Vec<u8>,
        next: oneshot::Sender<Option<Cursor>>,
    ) -> Result<Page, Error> {
        let found = SearchPage::parse(&body)?;
        self.client.check(self.since, &found)?;
        next.send(next_cursor(&found)).expect("`read` keeps the receiver");
        // During the first wait, `read` ends. During the second wait, the task of the connection,
        // which runs on the same thread, sends the call for the next page.
        yield_now().await;
        yield_now().await;
        let write = |customer: &SearchCustomer<'_>, out: &mut Vec<u8>| {
            self.render.record(&Sources::searched(customer), out)
        };
        Ok(page_of(&self.client, SearchRequest::endpoint_of(self.continued), &found, write))
    }
}
