//! JSON: what the reader accepts, serde_json accepts with the same value, however it is cut.

use mcp_guard_engine::json::{Document, JsonFault, Kind, Options, Reader, Surrogates, Value};
use serde_json::Value as Theirs;

const OPTIONS: Options = Options {
    bytes: 2048,
    depth: 100,
    keys: 1000,
    values: 10_000,
    surrogates: Surrogates::Refuse,
};

/// Reads a text of which the first byte says how the rest is cut.
pub fn reader(input: &[u8]) {
    let Some((cut, text)) = input.split_first() else {
        return;
    };
    let whole = Document::parse(text.to_vec(), OPTIONS);
    let fault = whole.as_ref().err().copied();
    for size in [1, usize::from(*cut).max(1)] {
        let pieces = read_in_pieces(text, size);
        assert_eq!(pieces.as_ref().err().copied(), fault, "cut by {size}");
        if let (Ok(whole), Ok(pieces)) = (&whole, &pieces) {
            assert_same(whole.root(), pieces.root());
            assert_eq!(pieces.bytes(), text);
        }
    }
    let theirs = serde_json::from_slice::<Theirs>(text);
    if let Ok(document) = &whole {
        assert!(theirs.is_ok(), "serde_json refuses it: {theirs:?}");
        assert_eq!(Some(value(document.root())), theirs.ok());
    } else if let (Ok(_), Some(fault)) = (theirs, fault) {
        assert!(may_be_stricter(fault), "serde_json accepts it: {fault:?}");
    }
    check_leniency(text, fault);
}

/// Keeping lone surrogates changes nothing else.
fn check_leniency(text: &[u8], fault: Option<JsonFault>) {
    let options = Options {
        surrogates: Surrogates::Keep,
        ..OPTIONS
    };
    let kept = Document::parse(text.to_vec(), options).err();
    assert!(kept == fault || fault == Some(JsonFault::LoneSurrogate));
}

fn read_in_pieces(text: &[u8], size: usize) -> Result<Document, JsonFault> {
    let mut reader = Reader::new(OPTIONS);
    for piece in text.chunks(size) {
        reader.feed(piece.to_vec())?;
    }
    reader.finish()
}

/// Whether the reader may refuse for this reason what serde_json takes.
fn may_be_stricter(fault: JsonFault) -> bool {
    fault.is_limit() || matches!(fault, JsonFault::DuplicateKey | JsonFault::NumberRange)
}

fn assert_same(one: Value<'_>, other: Value<'_>) {
    assert_eq!((one.kind(), one.span()), (other.kind(), other.span()));
    assert_eq!(one.as_str(), other.as_str());
    assert_eq!(one.entries().count(), other.entries().count());
    for ((key, value), (other_key, other_value)) in one.entries().zip(other.entries()) {
        assert_same(key, other_key);
        assert_same(value, other_value);
    }
    assert_eq!(one.items().count(), other.items().count());
    for (value, other_value) in one.items().zip(other.items()) {
        assert_same(value, other_value);
    }
}

/// The value as serde_json would have it.
fn value(read: Value<'_>) -> Theirs {
    match read.kind() {
        Kind::Null => Theirs::Null,
        Kind::True => true.into(),
        Kind::False => false.into(),
        Kind::Number => read.as_number().map(number).unwrap_or_default(),
        Kind::String => string(read).into(),
        Kind::Array => read.items().map(value).collect(),
        Kind::Object => read
            .entries()
            .map(|(key, member)| {
                let key = string(key);
                assert!(
                    read.get(&key)
                        .is_some_and(|found| found.span() == member.span())
                );
                (key, value(member))
            })
            .collect(),
    }
}

fn string(read: Value<'_>) -> String {
    let text = read.as_str();
    assert!(text.is_some(), "a string that cannot be read");
    text.unwrap_or_default().into_owned()
}

fn number(lexeme: &str) -> Theirs {
    let number = serde_json::from_str(lexeme);
    assert!(number.is_ok(), "{lexeme}");
    number.unwrap_or_default()
}
