//! Reads server-sent events.

/// The events of the console, in their order.
pub(crate) struct Events {
    response: reqwest::Response,
    received: String,
}

// === impl Events ===

impl Events {
    pub(crate) fn new(response: reqwest::Response) -> Self {
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, received: String::new() }
    }

    /// The text of the next event; `None` when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            while let Some((event, rest)) = self.received.split_once("\n\n") {
                let text =
                    event.strip_prefix("data: ").map(|json| serde_json::from_str(json).unwrap());
                self.received = rest.into();
                if text.is_some() {
                    return text;
                }
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.received.push_str(str::from_utf8(&chunk).unwrap());
        }
    }
}
