//! Properties of event streams, on streams that look like some.

use mcp_guard_tests::fuzzing;
use proptest::prelude::*;

/// A line end, or what some client takes for one.
fn line_end() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        8 => Just("\n"),
        2 => Just("\r\n"),
        2 => Just("\r"),
        1 => prop::sample::select(vec!["\u{B}", "\u{C}", "\u{1C}", "\u{85}", "\u{2028}", "\u{2029}"]),
    ]
}

fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        5 => Just("data"),
        2 => Just("event"),
        1 => Just("id"),
        1 => prop::sample::select(vec!["retry", "", "foo", "Data", " data", "\u{FEFF}data", "data\0"]),
    ]
}

fn colon() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        5 => Just(": "),
        1 => prop::sample::select(vec!["", ":", ":  ", ":\t", ":\u{A0}", ": : "]),
    ]
}

fn value() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => prop::sample::select(vec!["{}", "1", "\"a\"", "[", "]", ",", "message", "endpoint", "/m"]),
        1 => prop::sample::select(vec![" ", "\t", "\0", "\u{A0}", "\u{FEFF}", "\u{e9}", "data: 0", "event:", ":"]),
        1 => line_end(),
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let line = (name(), colon(), value(), line_end());
    let line = line.prop_map(|(name, colon, value, end)| [name, colon, &value, end].concat());
    let piece = prop_oneof![
        4 => line,
        2 => line_end().prop_map(str::to_owned),
        1 => Just(": ping\n\n".to_owned()),
    ];
    let pieces = prop::collection::vec(piece, 0..12);
    (any::<bool>(), pieces).prop_map(|(mark, pieces)| {
        let mark = if mark { "\u{FEFF}" } else { "" };
        [mark.to_owned(), pieces.concat()].concat().into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn no_client_reads_another_event_than_the_one_that_was_judged(
        cut in 1..20_u8,
        stream in stream(),
    ) {
        fuzzing::sse(&[&[cut][..], &stream].concat());
    }

    #[test]
    fn any_bytes_may_come(input in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzzing::sse(&input);
    }
}
