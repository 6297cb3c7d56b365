//! The guard's own `requestState` (2026-07-28, patterns, "Multi round-trip requests").
//!
//! It travels through the client, so it is authenticated: the specification asks that it binds the
//! principal, the request and an expiry. It has two uses. A challenge's only tells that a call was
//! challenged. A round's admits the next round of a call that was approved, and carries the server's
//! own state, which it stands for.
//!
//! ```text
//! state = "mcp-guard.1." base64url( mac body )       mac: HMAC-SHA-256 (RFC 2104) over body
//! body  = kind expires round binding text text text inner
//! text  = length *OCTET                             length: 32 bits; all numbers big endian
//! inner = no / length *OCTET                        the JSON string as the server wrote it
//! ```

use crate::base64::{decode_url, encode_url};
use crate::decision::approval::Admission;
use crate::parts;
use core::fmt;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What every state of the guard's begins with.
pub(crate) const PREFIX: &str = "mcp-guard.1.";

/// In place of a length: there is nothing.
const NO: u32 = u32::MAX;

const MAC: usize = 32;

/// The key of a proxy's states, made by it and known to nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A key of random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(random)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// What a state is bound to: SHA-256 over the caller, the call and the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding([u8; 32]);

impl Binding {
    /// The binding to these parts, in order.
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        Self(parts::digest(parts))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A short name of it, for what must be unique and tell nothing.
    pub(crate) fn short(&self) -> String {
        encode_url(self.0.first_chunk::<16>().unwrap_or(&[0; 16]))
    }
}

/// What a state is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The call was challenged.
    Challenge,
    /// The call was approved, and the server has asked something.
    Round {
        /// Counted from 1, so that no two states of a call are the same.
        number: u32,
        /// Whose approval it was.
        admission: Admission,
        /// The server's own state, a JSON string as it stood on the wire.
        inner: Option<Vec<u8>>,
    },
}

/// A state that the guard made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Seconds since 1970 from which on it is worth nothing.
    pub(crate) expires: u64,
    /// The call that it belongs to.
    pub(crate) binding: Binding,
    pub(crate) purpose: Purpose,
}

impl State {
    /// The text that travels. None: it cannot be written.
    pub(crate) fn seal(&self, secret: &Secret) -> Option<String> {
        let body = self.body()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret.0).ok()?;
        mac.update(&body);
        let mut sealed = mac.finalize().into_bytes().to_vec();
        sealed.extend_from_slice(&body);
        Some(format!("{PREFIX}{}", encode_url(&sealed)))
    }

    /// The state that a text is, if the guard made it.
    pub(crate) fn open(text: &str, secret: &Secret) -> Option<Self> {
        let sealed = decode_url(text.strip_prefix(PREFIX)?.as_bytes())?;
        let (tag, body) = sealed.split_first_chunk::<MAC>()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret.0).ok()?;
        mac.update(body);
        // In constant time.
        mac.verify_slice(tag).ok()?;
        Self::read(body)
    }

    fn body(&self) -> Option<Vec<u8>> {
        let (kind, number) = match &self.purpose {
            Purpose::Challenge => (0u8, 0u32),
            Purpose::Round { number, .. } => (1, *number),
        };
        let mut body = vec![kind];
        body.extend_from_slice(&self.expires.to_be_bytes());
        body.extend_from_slice(&number.to_be_bytes());
        body.extend_from_slice(&self.binding.0);
        if let Purpose::Round {
            admission, inner, ..
        } = &self.purpose
        {
            for text in [&admission.id, &admission.issuer, &admission.approver] {
                write(&mut body, Some(text.as_bytes()))?;
            }
            write(&mut body, inner.as_deref())?;
        }
        Some(body)
    }

    fn read(body: &[u8]) -> Option<Self> {
        let (kind, rest) = body.split_first_chunk::<1>()?;
        let (expires, rest) = rest.split_first_chunk::<8>()?;
        let (number, rest) = rest.split_first_chunk::<4>()?;
        let (binding, mut rest) = rest.split_first_chunk::<32>()?;
        let purpose = match kind {
            [0] => Purpose::Challenge,
            _ => Purpose::Round {
                number: u32::from_be_bytes(*number),
                admission: Admission {
                    id: text(&mut rest)?,
                    issuer: text(&mut rest)?,
                    approver: text(&mut rest)?,
                },
                inner: next(&mut rest)?.map(Into::into),
            },
        };
        Some(Self {
            expires: u64::from_be_bytes(*expires),
            binding: Binding(*binding),
            purpose,
        })
    }
}

fn write(body: &mut Vec<u8>, bytes: Option<&[u8]>) -> Option<()> {
    let length = match bytes {
        Some(bytes) => u32::try_from(bytes.len())
            .ok()
            .filter(|&length| length < NO)?,
        None => NO,
    };
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(bytes.unwrap_or_default());
    Some(())
}

fn next<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes(*length);
    *rest = after;
    if length == NO {
        return Some(None);
    }
    let (bytes, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(Some(bytes))
}

fn text(rest: &mut &[u8]) -> Option<String> {
    String::from_utf8(next(rest)??.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round() -> State {
        State {
            expires: 1_800_000_000,
            binding: Binding::of(&[b"caller", b"tool"]),
            purpose: Purpose::Round {
                number: 2,
                admission: Admission {
                    id: "a1".into(),
                    issuer: "desk".into(),
                    approver: "álvaro".into(),
                },
                inner: Some(b"\"theirs\"".to_vec()),
            },
        }
    }

    fn secret(byte: u8) -> Secret {
        Secret::new([byte; 32])
    }

    #[test]
    fn what_is_sealed_is_opened() {
        let challenge = State {
            purpose: Purpose::Challenge,
            ..round()
        };
        let mut stateless = round();
        if let Purpose::Round { inner, .. } = &mut stateless.purpose {
            *inner = None;
        }
        for state in [round(), challenge, stateless] {
            let text = state.seal(&secret(7)).unwrap();
            assert_eq!(State::open(&text, &secret(7)), Some(state));
            assert_eq!(State::open(&text, &secret(8)), None);
        }
    }

    #[test]
    fn no_change_of_a_state_is_taken() {
        let text = round().seal(&secret(7)).unwrap();
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(State::open(&changed, &secret(7)), None, "{at}");
            assert_eq!(
                State::open(text.get(..at).unwrap(), &secret(7)),
                None,
                "{at}"
            );
        }
        assert_eq!(State::open(&format!("{text}A"), &secret(7)), None);
    }
}
