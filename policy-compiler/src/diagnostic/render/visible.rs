//! Text that others wrote, among our own: it is shown, and does nothing.

/// A text in which nothing acts on what shows it, a terminal or a build server. Lines stay lines.
///
/// Control characters, and those that change the direction of text (Unicode, UAX 9, section 2), stand
/// as `\u{1b}`. Build servers take a line that begins with `::`, and `##[` anywhere, for a command
/// (GitHub Actions, "Workflow commands"): a backslash is put between.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let begins = line.len().saturating_sub(line.trim_start().len());
        let is_command = line.trim_start().starts_with("::");
        let mut before = ['\0'; 2];
        for (place, character) in line.char_indices() {
            let is_first = is_command && place == begins;
            if is_first || (character == '[' && before == ['#', '#']) {
                shown.push('\\');
            }
            match acts(character) {
                true => shown.extend(character.escape_unicode()),
                false => shown.push(character),
            }
            before = [before[1], character];
        }
    }
    shown
}

/// The same in one line.
pub(super) fn in_line(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}

fn acts(character: char) -> bool {
    let turns = matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}');
    let is_layout = matches!(character, '\n' | '\t');
    turns || matches!(character, '\u{2028}' | '\u{2029}') || (character.is_control() && !is_layout)
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn nothing_acts() {
        for (text, shown) in [
            ("plain, ünï: a::b [x]\n\ttab", "plain, ünï: a::b [x]\n\ttab"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\rb\u{9b}c\u{0}", "a\\u{d}b\\u{9b}c\\u{0}"),
            ("abc\u{202e}fed", "abc\\u{202e}fed"),
            (
                "::error::x\n ::stop-commands::y",
                "\\::error::x\n \\::stop-commands::y",
            ),
            ("x ##[error]y", "x ##\\[error]y"),
            ("###[a]", "###\\[a]"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
