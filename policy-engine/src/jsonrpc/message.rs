//! A client's message, read so that every server reads it the same way.

use super::Id;
use crate::decision::Reason;
use crate::json::Value;
use crate::mcp::keys;
use std::borrow::Cow;

/// One message of a client.
#[derive(Clone, Debug)]
pub enum Message<'d> {
    /// It awaits an answer.
    Request {
        /// Its id.
        id: Id,
        /// Its method.
        method: Cow<'d, str>,
        /// Its parameters, an object.
        params: Option<Value<'d>>,
    },
    /// It awaits none.
    Notification {
        /// Its method.
        method: Cow<'d, str>,
        /// Its parameters, an object.
        params: Option<Value<'d>>,
    },
    /// The answer to a server's request. None: an error.
    Answer {
        /// The result.
        result: Option<Value<'d>>,
    },
}

impl<'d> Message<'d> {
    /// Reads the envelope.
    ///
    /// # Errors
    /// Why some server might read it differently, or not at all.
    pub fn read(value: Value<'d>) -> Result<Self, Reason> {
        if !value.is_object() {
            return Err(Reason::InvalidRequest);
        }
        check_keys(value, keys::MESSAGE)?;
        let known =
            |(key, _): (Value<'_>, Value<'_>)| keys::MESSAGE.iter().any(|name| key.is_str(name));
        if !value.entries().all(known) || !value.get("jsonrpc").is_some_and(|v| v.is_str("2.0")) {
            return Err(Reason::InvalidRequest);
        }
        let id = value
            .get("id")
            .map(|id| Id::read(id).ok_or(Reason::InvalidRequest))
            .transpose()?;
        match (value.get("method"), value.get("result"), value.get("error")) {
            (Some(method), None, None) => Self::call(id, method, value.get("params")),
            (None, Some(result), None) if result.is_object() => {
                check_keys(result, keys::CLIENT_RESULT)?;
                id.map(|_| Self::Answer {
                    result: Some(result),
                })
                .ok_or(Reason::InvalidRequest)
            }
            (None, None, Some(error)) if error.is_object() => Ok(Self::Answer { result: None }),
            _ => Err(Reason::InvalidRequest),
        }
    }

    fn call(id: Option<Id>, method: Value<'d>, params: Option<Value<'d>>) -> Result<Self, Reason> {
        let method = method
            .as_str()
            .filter(|name| is_identifier(name))
            .ok_or(Reason::InvalidRequest)?;
        if let Some(params) = params {
            if !params.is_object() {
                return Err(Reason::InvalidRequest);
            }
            check_keys(params, keys::PARAMS)?;
            if let Some(meta) = params.get("_meta") {
                check_keys(meta, keys::META)?;
            }
        }
        Ok(match id {
            Some(id) => Self::Request { id, method, params },
            None => Self::Notification { method, params },
        })
    }
}

/// Longest name or URI in bytes. Names have up to 128 characters (server/tools, "Tool Names"), and
/// common servers take URLs up to 8,000 bytes; what is longer only costs time to match.
const LONGEST_IDENTIFIER: usize = 8 * 1024;

/// Whether a name or URI can stand in a log, a header and a metric without harm.
pub(crate) fn is_identifier(name: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST_IDENTIFIER && !name.contains(char::is_control)
}

/// Refuses keys that equal one of `known` only after folding case.
///
/// # Errors
/// [`Reason::AmbiguousKey`].
pub(crate) fn check_keys(object: Value<'_>, known: &[&str]) -> Result<(), Reason> {
    match object.entries().any(|(key, _)| key.is_twin(known)) {
        true => Err(Reason::AmbiguousKey),
        false => Ok(()),
    }
}
