//! The seam between a case and what it is run against.

use crate::cuts::Cuts;
use crate::scenario::{Headers, Scenario};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that stands between client and server and can be asked to let one exchange happen.
pub trait Guard {
    /// Plays `scenario` with its bodies cut at `cuts`.
    ///
    /// # Errors
    /// The exchange could not take place at all, as with a configuration that is rejected.
    fn exchange(&self, scenario: &Scenario, cuts: &Cuts) -> Result<Outcome, String>;
}

/// What came of an exchange. Written as JSON, its bodies have the form of [`Body`](crate::body::Body).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The request that the server got whole, if it did.
    pub forwarded: Option<Forwarded>,
    /// The client's status.
    pub status: u16,
    /// The client's headers.
    pub headers: Headers,
    /// The client's body.
    #[serde(with = "crate::body::plain")]
    pub body: Vec<u8>,
    /// The decision record; `Null` if none was written.
    pub record: Value,
}

/// What the server got.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forwarded {
    /// Its headers.
    pub headers: Headers,
    /// Its body.
    #[serde(with = "crate::body::plain")]
    pub body: Vec<u8>,
}
