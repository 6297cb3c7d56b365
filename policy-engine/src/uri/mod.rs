//! Resource URIs: accepted only in one normal form, which is exactly the bytes that were sent.
//!
//! Servers resolve a resource URI with whatever library they have, once or twice, as a URL, as a
//! file name or as a key. A URI is accepted here only if all of these must agree on what it names;
//! every spelling that some resolver would rewrite is refused, never repaired. So a pattern that
//! fits the text also holds for what the server opens.
//!
//! The grammar is RFC 3986 with three extensions that servers use and resolvers agree on: letters
//! outside ASCII (`ucschar` of RFC 3987), the space inside a path or query, and `[` `]` there.
//! `%20` and a raw space, `%C3%A9` and `é` therefore remain two spellings of one name:
//! [`ResourcePattern::permits`] tells them apart, [`ResourcePattern::forbids`] does not.
//!
//! Decided on purpose: `..foo`, `a..b`, `foo.` and `foo..` are ordinary names, as no resolver
//! takes them for dot segments; a segment of dots and blanks only, of any number, is refused. So
//! is one with a `:` or `|` as its second character (`C:x`, but also `1:2`), a drive to Windows.

mod authority;
mod fault;
mod grammar;
mod lookalikes;
mod pattern;
mod percent;
mod query;
mod segments;
mod template;
#[cfg(test)]
mod tests;

pub use fault::UriFault;
pub use pattern::{PatternFault, ResourcePattern};
pub use template::{TemplatePrefix, template_literal};

/// A resource URI in normal form.
///
/// ```
/// use mcp_guard_engine::uri::{ResourceUri, UriFault};
///
/// let uri = ResourceUri::parse("file:///home/me/My Documents/naïve.txt")?;
/// assert_eq!(uri.scheme(), "file");
///
/// assert_eq!(
///     ResourceUri::parse("file:///srv/data/%2e%2e/secret"),
///     Err(UriFault::EncodedUnreserved),
/// );
/// # Ok::<(), UriFault>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceUri<'a> {
    text: &'a str,
    scheme: &'a str,
}

impl<'a> ResourceUri<'a> {
    /// Reads a URI.
    ///
    /// # Errors
    /// The text is no URI, or some resolver would take it for another one.
    pub fn parse(text: &'a str) -> Result<Self, UriFault> {
        let (scheme, rest) = grammar::scheme(text)?;
        percent::check(text)?;
        let parts = grammar::split(rest)?;
        if let Some(authority) = parts.authority {
            authority::check(scheme, authority)?;
        }
        segments::check(scheme, &parts)?;
        if let Some(query) = parts.query {
            query::check(query)?;
        }
        Ok(Self { text, scheme })
    }

    /// The URI, as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// The scheme, without its colon.
    #[must_use]
    pub fn scheme(&self) -> &'a str {
        self.scheme
    }
}
