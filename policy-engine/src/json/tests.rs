use super::*;
use proptest::prelude::*;

const OPTIONS: Options = Options {
    bytes: 1 << 20,
    depth: 64,
    keys: 200_000,
    values: 1 << 20,
    surrogates: Surrogates::Refuse,
};

fn parse(text: impl AsRef<[u8]>) -> Result<Document, JsonFault> {
    Document::parse(text.as_ref().to_vec(), OPTIONS)
}

fn parse_cut(text: &[u8], cuts: &[usize]) -> Result<Document, JsonFault> {
    let mut reader = Reader::new(OPTIONS);
    let mut rest = text;
    for cut in cuts {
        let (head, tail) = rest.split_at((*cut).min(rest.len()));
        reader.feed(head.to_vec())?;
        rest = tail;
    }
    reader.feed(rest.to_vec())?;
    reader.finish()
}

/// The document as serde_json would have it.
fn rebuild(value: Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::Object => value
            .entries()
            .map(|(key, value)| (key.as_str().unwrap().into_owned(), rebuild(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Kind::Array => value.items().map(rebuild).collect::<Vec<_>>().into(),
        Kind::String => value.as_str().unwrap().into_owned().into(),
        Kind::Number => serde_json::from_str(value.as_number().unwrap()).unwrap(),
        Kind::True => true.into(),
        Kind::False => false.into(),
        Kind::Null => serde_json::Value::Null,
    }
}

#[test]
fn values_read_as_serde_json_reads_them() {
    for text in [
        r#"{"a":1,"b":[true,false,null,-0.5e+3],"c":{"d":"\u00e9\ud83d\ude00\n\/"},"":""}"#,
        " [ ] ",
        "\"naïve\"",
        "-0",
        "1e308",
        "{\"\\u0061b\":[[],{}]}",
    ] {
        let document = parse(text).unwrap();
        let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(rebuild(document.root()), theirs, "{text}");
    }
}

#[test]
fn faults_are_named() {
    for (text, fault) in [
        (&b"\xef\xbb\xbf{}"[..], JsonFault::ByteOrderMark),
        (b"{\"a\":1,\"\\u0061\":2}", JsonFault::DuplicateKey),
        (b"{\"a\":{\"b\":1,\"b\":2}}", JsonFault::DuplicateKey),
        (b"", JsonFault::Incomplete),
        (b"{\"a\":", JsonFault::Incomplete),
        (b"tru", JsonFault::Incomplete),
        (b"\"\\ud800\"", JsonFault::LoneSurrogate),
        (b"\"\\udc00\"", JsonFault::LoneSurrogate),
        (b"\"\\ud800\\ud800\"", JsonFault::LoneSurrogate),
        (b"\"\\ud800x\"", JsonFault::LoneSurrogate),
        (b"\"\\ud800\\n\"", JsonFault::LoneSurrogate),
        (b"\"\xff\"", JsonFault::NotUtf8),
        (b"\"\xc3\"", JsonFault::NotUtf8),
        (b"\"\xed\xa0\x80\"", JsonFault::NotUtf8),
        (b"\"\xc0\xae\"", JsonFault::NotUtf8),
        (b"1e400", JsonFault::NumberRange),
        (b"{} {}", JsonFault::TrailingBytes),
        (b"{}]", JsonFault::TrailingBytes),
        (b"{}\0", JsonFault::TrailingBytes),
        (b"[1,]", JsonFault::Syntax),
        (b"{\"a\":1,}", JsonFault::Syntax),
        (b"{,}", JsonFault::Syntax),
        (b"[,1]", JsonFault::Syntax),
        (b"[1 2]", JsonFault::Syntax),
        (b"{\"a\" 1}", JsonFault::Syntax),
        (b"{1:1}", JsonFault::Syntax),
        (b"[}", JsonFault::Syntax),
        (b"01", JsonFault::Syntax),
        (b"+1", JsonFault::Syntax),
        (b"1.", JsonFault::Syntax),
        (b".5", JsonFault::Syntax),
        (b"1e", JsonFault::Syntax),
        (b"1-2", JsonFault::Syntax),
        (b"NaN", JsonFault::Syntax),
        (b"-Infinity", JsonFault::Syntax),
        (b"'a'", JsonFault::Syntax),
        (b"\"\t\"", JsonFault::Syntax),
        (b"\"\\x\"", JsonFault::Syntax),
        (b"\"\\u00g0\"", JsonFault::Syntax),
        (b"/**/1", JsonFault::Syntax),
        (b"\x0b1", JsonFault::Syntax),
        (b"\xc2\xa01", JsonFault::Syntax),
    ] {
        assert_eq!(
            parse(text).err(),
            Some(fault),
            "{}",
            String::from_utf8_lossy(text)
        );
    }
}

#[test]
fn bounds_hold() {
    assert!(parse("[".repeat(64) + &"]".repeat(64)).is_ok());
    assert_eq!(parse("[".repeat(65)).err(), Some(JsonFault::TooDeep));
    assert_eq!(parse("[".repeat(10_000)).err(), Some(JsonFault::TooDeep));
    assert_eq!(
        parse(" ".repeat((1 << 20) + 1)).err(),
        Some(JsonFault::TooLarge)
    );
    assert_eq!(parse("1".repeat(1025)).err(), Some(JsonFault::NumberRange));
}

#[test]
fn repeated_keys_are_found_in_large_objects() {
    let keys = |n: usize| {
        (0..n)
            .map(|i| format!("\"k{i}\":0"))
            .collect::<Vec<_>>()
            .join(",")
    };
    for n in [15, 16, 17, 18, 1000] {
        assert!(parse(format!("{{{}}}", keys(n))).is_ok(), "{n}");
        for twice in ["k0", "k7", "k14"] {
            let text = format!("{{{},\"{twice}\":1}}", keys(n));
            assert_eq!(
                parse(text).err(),
                Some(JsonFault::DuplicateKey),
                "{n} {twice}"
            );
        }
    }
}

#[test]
fn kept_surrogates_equal_no_string() {
    let options = Options {
        surrogates: Surrogates::Keep,
        ..OPTIONS
    };
    let document = Document::parse(
        br#"["\ud800","\udc00a","\ud800\n","\ud83d\ude00"]"#.to_vec(),
        options,
    );
    let texts: Vec<_> = document
        .unwrap()
        .root()
        .items()
        .map(|v| v.as_str().map(|s| s.into_owned()))
        .collect();
    assert_eq!(texts, [None, None, None, Some("😀".into())]);
}

/// Whether the key of an object with one member is a twin.
fn key_is_twin(key: &str, known: &[&str]) -> bool {
    let document = parse(format!("{{{key}:1}}")).unwrap();
    document.root().entries().all(|(key, _)| key.is_twin(known))
}

#[test]
fn keys_are_folded_as_texts_are() {
    let known = ["params", "token"];
    for (key, expected) in [
        ("\"Params\"", true),
        ("\"param\u{17f}\"", true),
        ("\"to\u{212a}en\"", true),
        (r#""p\u0061rams""#, false),
        (r#""P\u0061rams""#, true),
        ("\"params\"", false),
        ("\"param\"", false),
        ("\"\u{e9}\"", false),
    ] {
        assert_eq!(key_is_twin(key, &known), expected, "{key}");
    }
}

#[test]
fn folding_knows_the_two_odd_letters() {
    assert!(is_twin("Params", &["params"]));
    assert!(is_twin("param\u{17f}", &["params"]));
    assert!(is_twin("to\u{212a}en", &["token"]));
    assert!(!is_twin("params", &["params"]));
    assert!(!is_twin("param", &["params"]));
}

#[test]
fn edits_leave_the_rest_alone() {
    let mut edits = Edits::default();
    edits.replace(4..5, "XY");
    edits.insert(2, "-");
    assert_eq!(edits.apply(b"0123456789", 1..9), b"1-23XY5678");
}

#[test]
fn written_strings_read_back() {
    let text = "a\"\\\u{1}\u{7f}\u{85}\u{2028}é😀\n";
    let mut out = Vec::new();
    write_string(&mut out, text);
    assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    assert!(
        !String::from_utf8(out)
            .unwrap()
            .contains(['\u{85}', '\u{2028}', '\u{1}'])
    );
}

fn json_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\"a\""),
        Just("\"b\\u0061\""),
        Just("1"),
        Just("-2.5e3"),
        Just("true"),
        Just("null"),
        Just(" "),
        Just("\"é\\ud83d\\ude00\""),
        Just("\\"),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_is_accepted_that_serde_json_rejects(text in json_like()) {
        if let Ok(document) = parse(&text) {
            let theirs: serde_json::Value = serde_json::from_slice(&text).unwrap();
            prop_assert_eq!(rebuild(document.root()), theirs);
        }
    }

    #[test]
    fn cutting_changes_nothing(text in json_like(), cuts in proptest::collection::vec(0usize..5, 0..20)) {
        let whole = parse(&text).map(|d| rebuild(d.root()));
        let cut = parse_cut(&text, &cuts).map(|d| rebuild(d.root()));
        prop_assert_eq!(whole, cut);
    }
}
