use core::fmt;

/// Why a text is not taken as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonFault {
    /// The text begins with U+FEFF (RFC 8259, section 8.1).
    ByteOrderMark,
    /// A key occurs twice in one object, after unescaping.
    DuplicateKey,
    /// The text ends before the value does.
    Incomplete,
    /// `\ud800`–`\udfff` without its other half.
    LoneSurrogate,
    /// The text is not UTF-8.
    NotUtf8,
    /// A number that no double holds, or with more than 1,024 characters.
    NumberRange,
    /// The grammar of RFC 8259 is broken.
    Syntax,
    /// Containers are nested deeper than permitted.
    TooDeep,
    /// More bytes than permitted.
    TooLarge,
    /// More keys than permitted.
    TooManyKeys,
    /// More values than permitted.
    TooManyValues,
    /// Something other than white space follows the value.
    TrailingBytes,
}

impl JsonFault {
    /// Whether the text may be fine JSON and is only larger than permitted.
    #[must_use]
    pub fn is_limit(self) -> bool {
        matches!(
            self,
            Self::TooDeep | Self::TooLarge | Self::TooManyKeys | Self::TooManyValues
        )
    }
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByteOrderMark => "begins with a byte order mark",
            Self::DuplicateKey => "repeats a key",
            Self::Incomplete => "ends too early",
            Self::LoneSurrogate => "holds half of a surrogate pair",
            Self::NotUtf8 => "is not UTF-8",
            Self::NumberRange => "holds a number out of range",
            Self::Syntax => "is not JSON",
            Self::TooDeep => "is nested too deep",
            Self::TooLarge => "is too large",
            Self::TooManyKeys => "has too many keys",
            Self::TooManyValues => "has too many values",
            Self::TrailingBytes => "goes on after its value",
        })
    }
}

impl core::error::Error for JsonFault {}
