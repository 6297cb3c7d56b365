//! The one JSON reader: a resumable push tokenizer, and the document that it fills.
//!
//! Requests and answers, whole or in pieces, pass through the same [`Tokenizer`]; two readers would
//! be a parser differential inside the product. It accepts RFC 8259 and less: no byte order mark,
//! no repeated key in any object, no number that a double cannot hold, bounded depth and size.
//!
//! ```text
//! chunks ─▶ Tokenizer ─▶ Token ─▶ Document ─▶ Value cursors, Edits
//! ```

mod document;
mod edit;
mod fault;
mod fold;
mod keys;
mod number;
mod run;
mod string;
mod token;
mod tokenizer;
mod utf8;
mod value;
mod write;

pub use document::{Document, Reader};
pub use edit::Edits;
pub use fault::JsonFault;
pub use fold::{equal_folded, is_twin};
pub(crate) use number::LARGEST_SAFE;
pub use token::{Kind, Options, Sink, Surrogates, Token};
pub use tokenizer::Tokenizer;
pub use value::{Entries, Items, Value};
pub use write::write_string;

#[cfg(test)]
mod tests;
