//! Characters outside ASCII that no resource URI holds.
//!
//! ```text
//! ucschar = %xA0-D7FF / %xF900-FDCF / %xFDF0-FFEF          ; RFC 3987, 2.2
//!         / %x10000-1FFFD / %x20000-2FFFD / %x30000-3FFFD / %x40000-4FFFD
//!         / %x50000-5FFFD / %x60000-6FFFD / %x70000-7FFFD / %x80000-8FFFD
//!         / %x90000-9FFFD / %xA0000-AFFFD / %xB0000-BFFFD / %xC0000-CFFFD
//!         / %xD0000-DFFFD / %xE1000-EFFFD
//! ```
//!
//! Private use and noncharacters are outside it; Cygwin, Samba and macOS map parts of the former
//! to `:` `\` and the like.

use super::UriFault;

/// Checks a character outside ASCII, whether it was raw or encoded.
pub(super) fn check(c: char) -> Result<(), UriFault> {
    if is_control(c) {
        return Err(UriFault::Control);
    }
    if is_invisible(c) {
        return Err(UriFault::Invisible);
    }
    if is_look_alike(c) {
        return Err(UriFault::LookAlike);
    }
    if is_ucschar(c) {
        Ok(())
    } else {
        Err(UriFault::Character)
    }
}

/// Blanks that names do hold, and variation selectors, which are as invisible.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FE00}'..='\u{FE0F}')
}

/// Characters whose NFKC form holds `:` `?` or `#`, at which a resolver would split.
pub(super) fn is_delimiter_form(c: char) -> bool {
    matches!(
        c,
        '\u{2047}'
            ..='\u{2049}'
                | '\u{2A74}'
                | '\u{FE13}'
                | '\u{FE16}'
                | '\u{FE55}'
                | '\u{FE56}'
                | '\u{FE5F}'
                | '\u{FF03}'
                | '\u{FF1A}'
                | '\u{FF1F}'
    )
}

/// C1 controls (NEL, U+0085, among them) and the separators of lines and paragraphs.
fn is_control(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9F}' | '\u{2028}' | '\u{2029}')
}

/// General category Cf (Unicode 16), which has all bidirectional and zero-width characters and
/// the byte order mark, and the visible blanks of Default_Ignorable_Code_Point. Variation
/// selectors stay, as emoji in names have them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}'
        | '\u{890}'..='\u{891}' | '\u{8E2}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

fn is_look_alike(c: char) -> bool {
    is_normalised_to_syntax(c) || is_mapped_to_syntax(c) || is_drawn_as_syntax(c)
}

/// All characters whose NFC or NFKC form (UnicodeData.txt) holds `.` `/` `\` or `%`.
fn is_normalised_to_syntax(c: char) -> bool {
    matches!(c,
        // `.`: leaders and the ellipsis, numbers with a full stop, squared abbreviations,
        // vertical, small and full-width forms.
        '\u{2024}'..='\u{2026}' | '\u{2488}'..='\u{249B}' | '\u{33C2}' | '\u{33C7}' | '\u{33D8}'
        | '\u{FE19}' | '\u{FE30}' | '\u{FE52}' | '\u{FF0E}' | '\u{1F100}'
        // `/`: a/c, a/s, c/o, c/u and the full-width solidus.
        | '\u{2100}' | '\u{2101}' | '\u{2105}' | '\u{2106}' | '\u{FF0F}'
        // `\` and `%`: small and full-width forms.
        | '\u{FE68}' | '\u{FF3C}' | '\u{FE6A}' | '\u{FF05}')
}

/// Characters that are mapped to a dot or a slash elsewhere.
fn is_mapped_to_syntax(c: char) -> bool {
    matches!(
        c,
        // Dots of host names (UTS #46, section 4).
        '\u{3002}' | '\u{FF61}'
        // Windows "best fit" tables: 1252 for the slashes, 932 and 949 for the yen and won
        // signs, which stand in place of the backslash.
        | '\u{2044}' | '\u{2215}' | '\u{2216}' | '\u{A5}' | '\u{20A9}' | '\u{FFE5}' | '\u{FFE6}'
    )
}

/// Signs that are drawn as a dot or a slash (UTS #39, confusables.txt). Letters and digits of
/// living scripts that resemble them (U+0660, U+30CE, U+4E36 ...) are no signs and stay.
fn is_drawn_as_syntax(c: char) -> bool {
    matches!(
        c,
        '\u{701}'
            | '\u{702}'
            | '\u{1735}'
            | '\u{2041}'
            | '\u{2571}'
            | '\u{2572}'
            | '\u{27CB}'
            | '\u{27CD}'
            | '\u{29F5}'
            | '\u{29F8}'
            | '\u{29F9}'
            | '\u{2CC6}'
            | '\u{2F02}'
            | '\u{2F03}'
            | '\u{3033}'
            | '\u{31D3}'
            | '\u{31D4}'
            | '\u{A60E}'
            | '\u{10A50}'
            | '\u{1D16D}'
            | '\u{1D20F}'
            | '\u{1D23A}'
            | '\u{1D23B}'
    )
}

fn is_ucschar(c: char) -> bool {
    match u32::from(c) {
        0xA0..=0xD7FF | 0xF900..=0xFDCF | 0xFDF0..=0xFFEF => true,
        plane @ 0x1_0000..=0xE_FFFD => plane & 0xFFFF <= 0xFFFD,
        _ => false,
    }
}
