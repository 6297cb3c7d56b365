//! Queries (RFC 3986, 3.4).
//!
//! ```text
//! query = *( pchar / "/" / "?" )
//! ```
//!
//! Servers take file names from queries, so the rules on segments hold in every piece between
//! delimiters. An encoded delimiter counts as one, as it is one to whoever decodes first.

use super::{UriFault, lookalikes, percent};

pub(super) fn check(query: &str) -> Result<(), UriFault> {
    let last = percent::decoded(query).last().ok_or(UriFault::EmptyQuery)?;
    if last.is_whitespace() {
        return Err(UriFault::TrailingBlank);
    }
    let mut before = Before::default();
    for c in percent::decoded(query) {
        before.check(c)?;
        before.push(c);
    }
    if before.only_dots {
        return Err(UriFault::DotSegment);
    }
    Ok(())
}

/// What has been read of a query, as far as it matters to the next character.
struct Before {
    last: [char; 3],
    /// The piece that is being read has dots and nothing else.
    only_dots: bool,
}

impl Default for Before {
    fn default() -> Self {
        Self {
            last: ['?'; 3],
            only_dots: false,
        }
    }
}

impl Before {
    fn check(&self, c: char) -> Result<(), UriFault> {
        if self.only_dots && separates(c) {
            return Err(UriFault::DotSegment);
        }
        match (self.last, c) {
            // Two slashes are well only in a nested URI, `https://`.
            ([_, before, '/'], '/') if before != ':' => Err(UriFault::Unc),
            // `C:/`, with any one character for the letter, as in segments.
            ([before, _, ':' | '|'], '/') if separates(before) => Err(UriFault::DriveLetter),
            _ => Ok(()),
        }
    }

    fn push(&mut self, c: char) {
        let [_, second, third] = self.last;
        let starts = separates(third);
        self.only_dots = c == '.' && (starts || self.only_dots);
        self.last = [second, third, c];
    }
}

/// `gen-delims`, `sub-delims`, `|` and blanks.
fn separates(c: char) -> bool {
    lookalikes::is_blank(c) || ":/?#[]@!$&'()*+,;=|".contains(c)
}
