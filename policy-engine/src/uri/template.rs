//! URI templates (RFC 6570), judged by what is literal in them before the first expression.
//!
//! ```text
//! URI-Template = *( literals / expression )
//! expression   = "{" [ operator ] variable-list "}"
//! ```
//!
//! A template is only shown; what a client makes of it is judged again when it is read.

use super::{ResourceUri, UriFault, lookalikes};

/// The literal beginning of a URI template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplatePrefix<'a> {
    literal: &'a str,
    complete: bool,
}

/// What may follow a literal to make it a whole URI.
const CONTINUATIONS: [&str; 6] = ["x", "1", "x/", "1/", "/x", "//x/"];

impl<'a> TemplatePrefix<'a> {
    /// Reads the literal text before the first `{`, or all of a template that has none.
    ///
    /// # Errors
    /// No acceptable URI begins with that text, it ends inside a dot segment or an escape, or the
    /// template hides characters further on.
    pub fn parse(template: &'a str) -> Result<Self, UriFault> {
        let Some((literal, rest)) = template.split_once('{') else {
            ResourceUri::parse(template)?;
            return Ok(Self {
                literal: template,
                complete: true,
            });
        };
        check_rest(rest)?;
        check_literal(literal)?;
        Ok(Self {
            literal,
            complete: false,
        })
    }

    /// The literal text.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.literal
    }

    /// Whether the template has no expression, so that the literal text is its only expansion.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

/// The literal text of a URI template before its first `{`, unless that is hazardous.
#[must_use]
pub fn template_literal(template: &str) -> Option<&str> {
    TemplatePrefix::parse(template)
        .ok()
        .map(|prefix| prefix.as_str())
}

fn check_literal(literal: &str) -> Result<(), UriFault> {
    match ResourceUri::parse(literal) {
        Err(fault) if !is_mendable(fault) => Err(fault),
        Err(fault) if !begins_uri(literal) => Err(fault),
        _ => Ok(()),
    }
}

/// Faults of a beginning that may only come from its being cut off.
fn is_mendable(fault: UriFault) -> bool {
    matches!(
        fault,
        UriFault::Authority
            | UriFault::Host
            | UriFault::Port
            | UriFault::EmptyPath
            | UriFault::EmptyQuery
            | UriFault::TrailingBlank
    )
}

fn begins_uri(literal: &str) -> bool {
    CONTINUATIONS
        .iter()
        .any(|end| ResourceUri::parse(&format!("{literal}{end}")).is_ok())
}

/// Checks what follows the first `{`: expressions are closed and not nested, and no character is
/// there that no part of a template has a use for.
fn check_rest(rest: &str) -> Result<(), UriFault> {
    let mut inside = true;
    for c in rest.chars() {
        match c {
            '{' | '}' if inside == (c == '{') => return Err(UriFault::Character),
            '{' | '}' => inside = !inside,
            '\\' => return Err(UriFault::Backslash),
            c if c.is_ascii_control() => return Err(UriFault::Control),
            c if !c.is_ascii() => lookalikes::check(c)?,
            _ => {}
        }
    }
    if inside {
        return Err(UriFault::Character);
    }
    Ok(())
}
