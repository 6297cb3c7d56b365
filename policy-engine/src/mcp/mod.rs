//! The vocabulary of the Model Context Protocol: versions, methods, keys, error codes, headers.

pub mod code;
pub mod header;
pub mod keys;
mod method;
mod version;

pub use method::{
    ClientMethod, Governs, ServerMethod, ServerRule, client_method, method_names, server_method,
};
pub(crate) use version::WITH_BATCHES;
pub use version::{Era, LEGACY, MODERN};
