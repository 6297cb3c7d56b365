//! The digest, held against another implementation of RFC 8785.

use super::{OPTIONS, digest};
use crate::approval::{Digest, Unfit};
use crate::json::Document;
use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};
use sha2::Digest as _;

fn of(value: &Value) -> Result<Digest, Unfit> {
    digest(&value.to_string())
}

fn expected(canonical: &str) -> [u8; 32] {
    sha2::Sha256::digest(canonical).into()
}

/// RFC 8785, section 3.2.2, but for its number 333333333.33333329, which a double does not hold.
#[test]
fn the_example_of_the_rfc() {
    let text = r#"{
        "numbers": [1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    assert_eq!(digest(text), Err(Unfit::Number));
    let canonical = "{\"literals\":[null,true,false],\"numbers\":[4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
    let found = digest(&text.replace("1E30, ", "")).unwrap();
    assert_eq!(*found.as_bytes(), expected(canonical));
}

/// RFC 8785, section 3.2.3.
#[test]
fn keys_are_sorted_by_utf_16_code_units() {
    let text = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#;
    let canonical = "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}";
    assert_eq!(*digest(text).unwrap().as_bytes(), expected(canonical));
}

#[test]
fn no_arguments_are_empty_arguments() {
    assert_eq!(Digest::of(None), digest("{}"));
    assert_eq!(Digest::of(None), Ok(Digest::of_nothing()));
    assert_ne!(digest("{}"), digest("[]"));
    assert_ne!(digest("{}"), digest("null"));
}

#[test]
fn values_that_readers_confuse_have_digests_of_their_own() {
    let texts = [
        "1",
        "\"1\"",
        "[1]",
        "true",
        "\"true\"",
        "null",
        "\"null\"",
        "\"\"",
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "0",
        "false",
        "\"0\"",
        r#"{"a":1}"#,
        r#"{"a":"1"}"#,
        r#"{"a":[1]}"#,
        r#"{"A":1}"#,
        r#"{"a":1,"b":null}"#,
        r#"{"a":{"b":1}}"#,
        r#"{"a":1,"b":1}"#,
        r#"["a",1]"#,
        r#"["a","b"]"#,
        r#"["a,b"]"#,
        r#"["a\",\"b"]"#,
        r#""\u0000""#,
        r#""\\u0000""#,
        r#""é""#,
        r#""e\u0301""#,
        r#""\u212a""#,
        r#""K""#,
        r#""\ufeff""#,
    ];
    for (at, text) in texts.iter().enumerate() {
        for other in &texts[..at] {
            assert_ne!(
                digest(text).unwrap(),
                digest(other).unwrap(),
                "{text} {other}"
            );
        }
    }
}

#[test]
fn what_no_reader_agrees_on_has_none() {
    for text in [
        "9007199254740993",
        "-0",
        r#"{"a":[{"b":1e99}]}"#,
        "0.1000000000000000055",
    ] {
        assert_eq!(digest(text), Err(Unfit::Number), "{text}");
    }
    let keep = crate::json::Options {
        surrogates: crate::json::Surrogates::Keep,
        ..OPTIONS
    };
    for text in [r#""\ud800""#, r#"{"\udc00":1}"#] {
        let document = Document::parse(text.into(), keep).unwrap();
        assert_eq!(
            Digest::of(Some(document.root())),
            Err(Unfit::Text),
            "{text}"
        );
    }
}

#[test]
fn a_digest_is_read_as_it_is_written() {
    let digest = Digest::of_nothing();
    let text = digest.to_base64url();
    assert_eq!(text, "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o");
    assert_eq!(Digest::from_base64url(&text), Some(digest));
    for broken in [
        "",
        "RBNv",
        "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4p",
        "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o=",
    ] {
        assert_eq!(Digest::from_base64url(broken), None, "{broken}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Number::from),
        (-100i64..100).prop_map(Number::from),
        any::<f64>().prop_filter_map("within ±(2^53 − 1)", |number| {
            // From 2^49 on a fraction may lie halfway between its two shortest forms. Writers differ in which they
            // take (808847721256437.25 is …7.2 to ECMAScript, …7.3 to Rust), so such arguments need no digest.
            let is_plain = number.abs() < 562_949_953_421_312.0 || number.fract() == 0.0;
            let fits = is_plain
                && number.abs() <= 9_007_199_254_740_991.0
                && !(number == 0.0 && number.is_sign_negative());
            Number::from_f64(number).filter(|_| fits)
        }),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let key = prop_oneof!["[a-d]{0,2}", any::<String>()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..6)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// The same value, with its strings escaped and its members in another order.
fn written_otherwise(value: &Value) -> String {
    let text = |text: &str| {
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
        format!("\"{}\"", units.collect::<String>())
    };
    match value {
        Value::String(string) => text(string),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(written_otherwise).collect();
            format!("[ {} ]", items.join(" ,\n"))
        }
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| {
                format!("{} : {}", text(key), written_otherwise(value))
            };
            let members: Vec<_> = members.iter().rev().map(member).collect();
            format!("{{\t{}}}", members.join(","))
        }
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn it_is_that_of_another_implementation(value in value()) {
        let canonical = serde_json_canonicalizer::to_string(&value).unwrap();
        let found = of(&value).unwrap();
        prop_assert_eq!(*found.as_bytes(), expected(&canonical), "{}", canonical);
    }

    #[test]
    fn layout_escapes_and_order_mean_nothing(value in value()) {
        prop_assert_eq!(of(&value), digest(&written_otherwise(&value)));
    }

    #[test]
    fn two_values_never_share_one(a in value(), b in value()) {
        // Numbers of another type may be equal, and are written alike.
        let same = serde_json_canonicalizer::to_string(&a).unwrap() == serde_json_canonicalizer::to_string(&b).unwrap();
        prop_assert_eq!(of(&a) == of(&b), same);
    }

    #[test]
    fn whatever_is_in_the_way_of_a_value_shows(value in value(), key in "[a-z]{1,3}") {
        prop_assert_ne!(of(&value), of(&json!([value])));
        prop_assert_ne!(of(&value), of(&json!({key: value})));
    }

    /// No two lexemes of different value share a digest, however they are written.
    #[test]
    fn numbers_of_different_value_never_share_one(
        whole in "0|[1-9][0-9]{0,20}", fraction in "(\\.[0-9]{1,22})?", exponent in "([eE][+-]?[0-9]{1,2})?",
        at: prop::sample::Index, digit in b'0'..=b'9',
    ) {
        let lexeme = format!("{whole}{fraction}{exponent}");
        let mut other = lexeme.clone().into_bytes();
        let at = at.index(whole.len().saturating_add(fraction.len()));
        if other[at].is_ascii_digit() {
            other[at] = digit;
        }
        let other = String::from_utf8(other).unwrap();
        let is_number = !(other.len() > 1 && other.starts_with('0') && other.as_bytes()[1].is_ascii_digit());
        if is_number && other != lexeme {
            match (digest(&lexeme), digest(&other)) {
                (Ok(a), Ok(b)) => prop_assert_ne!(a, b, "{} {}", lexeme, other),
                (a, b) => prop_assert!(a.is_err() || b.is_err()),
            }
        }
    }
}
