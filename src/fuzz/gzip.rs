//! The compressed body of an answer.

use std::io::Read;

use flate2::read::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};

use crate::dotapparel::{Body, Error};

/// The largest unpacked body, in bytes.
const LIMIT: usize = 16 * 1024;

/// Unpacks a body. The first byte is the size of the chunks in which the rest arrives.
///
/// # Panics
/// - An accepted body is larger than the limit.
/// - The result depends on the chunks in which the body arrives.
/// - An accepted body differs from the body that another decoder unpacks.
/// - A body that is not compressed is changed, or is refused although it is within the limit.
pub fn gzip(bytes: &[u8]) {
    let Some((size, sent)) = bytes.split_first() else { return };
    let size = usize::from(*size).max(1);
    let gzip = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static("gzip"))]);
    let whole = unpacked(&gzip, sent, sent.len().max(1));
    let chunked = unpacked(&gzip, sent, size);
    match (&whole, &chunked) {
        (Ok(whole), Ok(chunked)) => {
            assert!(whole.len() <= LIMIT, "{} bytes", whole.len());
            assert_eq!(whole, chunked, "chunks of {size}");
            if !sent.is_empty() {
                assert_eq!(unpacked_by_reader(sent).as_ref(), Some(whole));
            }
        }
        (Err(whole), Err(chunked)) => assert_eq!(whole.outcome(), chunked.outcome()),
        _ => panic!("chunks of {size}: {whole:?}, {chunked:?}"),
    }
    match unpacked(&HeaderMap::new(), sent, size) {
        Ok(plain) => assert_eq!(plain, sent),
        Err(error) => assert!(matches!(error, Error::TooLarge { .. }) && sent.len() > LIMIT),
    }
}

fn unpacked(headers: &HeaderMap, sent: &[u8], size: usize) -> Result<Vec<u8>, Error> {
    let mut body = Body::new(headers, sent.len(), LIMIT);
    for chunk in sent.chunks(size) {
        body.push(chunk)?;
    }
    body.finish()
}

/// The body; `None` if it is larger than the limit, or is no gzip.
fn unpacked_by_reader(sent: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let limit = u64::try_from(LIMIT + 1).expect("16 KiB fit in 64 bits");
    MultiGzDecoder::new(sent).take(limit).read_to_end(&mut body).ok()?;
    (body.len() <= LIMIT).then_some(body)
}
