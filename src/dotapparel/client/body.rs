//! Collects the body of an answer, unpacked, up to a limit.

use std::io::{self, ErrorKind, Write};

use flate2::write::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use super::error::Error;

/// A body that arrives in chunks.
pub(crate) enum Body {
    Plain(Limited),
    /// A body in gzip may have several members, one after another (RFC 1952). An answer may have
    /// the header `Content-Encoding`, but no body.
    Gzip {
        decoder: Box<MultiGzDecoder<Limited>>,
        is_empty: bool,
    },
}

/// Bytes up to a limit.
pub(crate) struct Limited {
    bytes: Vec<u8>,
    limit: usize,
}

/// The encoding that requests accept.
pub(super) const ACCEPTED: &str = "gzip";

/// Largest number of bytes that are reserved for a body in advance. The announced length may be
/// wrong.
const MAX_RESERVED: usize = 1024 * 1024;

// === impl Body ===

impl Body {
    /// The body of an answer with these headers. `announced` is the length of the body as sent.
    /// `limit` is for the unpacked body.
    pub(crate) fn new(headers: &HeaderMap, announced: usize, limit: usize) -> Self {
        let bytes = Vec::with_capacity(announced.min(MAX_RESERVED));
        let limited = Limited { bytes, limit };
        let encoding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
        match encoding.map(str::trim) {
            Some(encoding) if encoding.eq_ignore_ascii_case(ACCEPTED) => {
                Self::Gzip { decoder: Box::new(MultiGzDecoder::new(limited)), is_empty: true }
            }
            _ => Self::Plain(limited),
        }
    }

    /// Adds a chunk.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), Error> {
        let (added, limit) = match self {
            Self::Plain(bytes) => (bytes.write_all(chunk), bytes.limit),
            Self::Gzip { decoder, is_empty } => {
                *is_empty &= chunk.is_empty();
                (decoder.write_all(chunk), decoder.get_ref().limit)
            }
        };
        added.map_err(|error| unpacking_failed(error, limit))
    }

    /// The whole body.
    pub(crate) fn finish(self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Plain(limited) => Ok(limited.bytes),
            Self::Gzip { is_empty: true, .. } => Ok(Vec::new()),
            Self::Gzip { decoder, .. } => {
                let limit = decoder.get_ref().limit;
                match decoder.finish() {
                    Ok(limited) => Ok(limited.bytes),
                    Err(error) => Err(unpacking_failed(error, limit)),
                }
            }
        }
    }
}

fn unpacking_failed(error: io::Error, limit: usize) -> Error {
    match error.kind() {
        ErrorKind::FileTooLarge => Error::TooLarge { limit },
        _ => Error::CutShort(error.into()),
    }
}

impl Write for Limited {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if chunk.len() > self.limit - self.bytes.len() {
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
