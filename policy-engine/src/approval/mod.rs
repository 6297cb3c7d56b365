//! Signed approvals: whether a token is a human's consent to exactly this call.
//!
//! A token is a compact JWS (RFC 7515) with the claims of a JWT (RFC 7519) that name one call. The
//! engine verifies it offline against the issuers' public keys in the policy. That it is used once is
//! not decided here: whoever executes the call remembers [`Approval::issuer`] and [`Approval::id`] until
//! [`Approval::expires`].
//!
//! ```text
//! token ─▶ Jws ─▶ key of `iss` and `kid` ─▶ signature ─▶ Claims ─▶ time, call ─▶ Approval
//! params.arguments ─▶ canonical form ─▶ Digest ─▶ Call
//! ```

mod canonical;
mod claims;
mod fault;
mod issuers;
mod jwk;
mod jws;
mod key;
mod number;
#[cfg(any(test, feature = "sign"))]
mod sign;
mod verify;

pub use canonical::{Digest, Unfit};
pub use claims::Claims;
pub use fault::Fault;
pub use issuers::{Issuer, Issuers};
pub use jwk::{Jwk, KeyFault, PRIVATE_MEMBERS};
pub use jws::{Jws, TYPE};
pub use key::{Algorithm, PublicKey};
#[cfg(any(test, feature = "sign"))]
pub use sign::PrivateKey;
pub(crate) use verify::SKEW;
pub use verify::{Approval, Call, verify};

#[cfg(test)]
mod tests;
