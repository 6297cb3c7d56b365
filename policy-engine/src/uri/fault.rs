//! Why a URI is refused.

use std::fmt;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $label:literal, $text:literal;)*) => {
        /// Why a URI is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum UriFault {
            $($(#[$doc])* $name,)*
        }

        impl UriFault {
            /// The fault's name in records.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)*
                }
            }
        }

        impl fmt::Display for UriFault {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $text,)*
                })
            }
        }
    };
}

faults! {
    /// No scheme, or one that is not lower case or not RFC 3986.
    Scheme = "scheme", "the scheme is missing, not lower case or not valid";
    /// `C:`, `c|` or a scheme of one letter.
    DriveLetter = "drive_letter", "a drive letter";
    /// A character that RFC 3986 does not allow in an authority, or no authority where one must be.
    Authority = "authority", "the authority is missing or not valid";
    /// `user@host`.
    Userinfo = "userinfo", "the authority names a user";
    /// `file:` with an authority, also `localhost`.
    FileAuthority = "file_authority", "a file URI names a host";
    /// A host of a web URI that is not in normal form.
    Host = "host", "the host is not in normal form";
    /// A port that is empty, not a number, out of range, padded or the scheme's own.
    Port = "port", "the port is not in normal form";
    /// A web URI without a path, whose normal form has `/`.
    EmptyPath = "empty_path", "the path is empty";
    /// `//` where a path has none.
    EmptySegment = "empty_segment", "a segment is empty";
    /// A segment that ends in `;`, which some parsers drop.
    EmptyParameter = "empty_parameter", "a path parameter is empty";
    /// A path or value that starts with `//`.
    Unc = "unc", "a path starts with two slashes";
    /// A segment of dots and blanks, or one that a resolver may cut down to that.
    DotSegment = "dot_segment", "a segment consists of dots";
    /// A segment that ends in a blank, which some file systems cut off.
    TrailingBlank = "trailing_blank", "a segment ends in a blank";
    /// A `?` with nothing after it.
    EmptyQuery = "empty_query", "the query is empty";
    /// `#`.
    Fragment = "fragment", "a fragment";
    /// `\`.
    Backslash = "backslash", "a backslash";
    /// A control character or a line separator, raw or encoded.
    Control = "control", "a control character";
    /// A character that is not seen: zero width, bidirectional, a filler.
    Invisible = "invisible", "an invisible character";
    /// A character outside ASCII that looks like, or is normalised to, a dot, a slash or `%`.
    LookAlike = "look_alike", "a character that is taken for a dot, a slash or a percent sign";
    /// A character that must be encoded or cannot be in a URI at all.
    Character = "character", "a character that a URI cannot hold";
    /// `%` without two hexadecimal digits.
    Escape = "escape", "a percent sign without two hexadecimal digits";
    /// `%c3` for `%C3`.
    EscapeCase = "escape_case", "an escape in lower case";
    /// An escape of a character that needs none, such as `%61` or `%2E`.
    EncodedUnreserved = "encoded_unreserved", "an escape of a character that needs none";
    /// `%2F` or `%5C`.
    EncodedSeparator = "encoded_separator", "an encoded slash or backslash";
    /// `%25` before what would then be an escape.
    DoubleEncoding = "double_encoding", "an escape within an escape";
    /// Escapes that are not UTF-8, overlong forms among them.
    EncodedUtf8 = "encoded_utf8", "escapes that are not utf-8";
}

impl std::error::Error for UriFault {}
