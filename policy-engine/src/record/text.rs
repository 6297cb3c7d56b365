//! Texts of strangers in a record.

use std::borrow::Cow;

/// Longest text in a record, in characters; a longer one is cut.
pub(super) const LONGEST: usize = 512;

/// What a text ends in that was cut.
pub(super) const MARK: char = '…';

/// At most [`LONGEST`] characters of a text.
pub(super) fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    // As many bytes are as many characters or fewer.
    if text.len() <= LONGEST {
        return text;
    }
    let end = text.char_indices().nth(LONGEST);
    match end.and_then(|(at, _)| text.get(..at)) {
        Some(head) => Cow::Owned(format!("{head}{MARK}")),
        None => text,
    }
}
