//! How a body arrives, and what may be held where.
//!
//! The host's buffer is bounded (`per_connection_buffer_limit_bytes`, 1 MiB by default). A request
//! beyond it is answered by Envoy in its own words; an answer beyond it, whose head has left, resets
//! the stream. So only small bodies stay with the host, and the bytes of others are taken over as
//! they come. What was taken over is given back with the last piece, while one is at hand: trailers
//! come without one, unless the host still buffers, which takes pausing, whose risk is the bound
//! again if the next piece is large. Hence the cases below.

use mcp_guard_engine::http::Header;
use proxy_wasm::types::Action;

/// Bodies up to this size stay with the host: half of its bound.
const HOST_HOLDS: usize = 512 * 1024;

/// Largest payload of an HTTP/2 frame unless both sides agree on more (RFC 9113, section 4.2), and
/// so the largest piece that arrives on a connection that may have trailers.
const FRAME: usize = 16 * 1024;

/// Whether the host keeps the whole body of a request without coming near its bound. It pauses after
/// any piece: the worst that can come of it is an answer in Envoy's words to what is too large.
pub(crate) fn request_stays_with_host(headers: &[Header]) -> bool {
    total(headers).is_some_and(|total| total <= HOST_HOLDS)
}

/// How the body of an answer arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    /// Its whole size, if the head states it.
    total: Option<usize>,
    /// Whether pieces are small, so that pausing with an empty buffer is safe.
    small_pieces: bool,
}

impl Delivery {
    /// By its head: one without length, encoding or connection header is HTTP/2's.
    pub(crate) fn new(headers: &[Header]) -> Self {
        let has = |wanted: &str| headers.iter().any(|(name, _)| name == wanted);
        let http1 = has("transfer-encoding") || has("connection");
        Self {
            total: total(headers),
            small_pieces: !http1,
        }
    }

    /// Whether the host keeps the whole body without coming near its bound.
    pub(crate) fn stays_with_host(&self) -> bool {
        self.total.is_some_and(|total| total <= HOST_HOLDS)
    }

    /// Whether `received` bytes are all there will be.
    pub(crate) fn is_complete(&self, received: usize) -> bool {
        self.total == Some(received)
    }

    /// What follows the taking over of a piece.
    pub(crate) fn after_piece(&mut self, size: usize) -> Action {
        self.small_pieces &= size <= FRAME;
        match self.total.is_none() && self.small_pieces {
            true => Action::Pause,
            false => Action::Continue,
        }
    }
}

fn total(headers: &[Header]) -> Option<usize> {
    let (_, value) = headers.iter().find(|(name, _)| name == "content-length")?;
    core::str::from_utf8(value).ok()?.parse().ok()
}
