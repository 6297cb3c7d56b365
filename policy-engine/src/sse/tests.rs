use super::{Block, Event, Splitter, SseFault, write_comment, write_message};

const LIMIT: usize = 8 << 20;

fn blocks(stream: &[u8]) -> Vec<Block> {
    let mut splitter = Splitter::new(LIMIT);
    let mut out = Vec::new();
    splitter.feed(stream, &mut out).unwrap();
    splitter.finish(&mut out).unwrap();
    out
}

fn events(stream: &[u8]) -> Vec<Event> {
    let event = |block| match block {
        Block::Event(event) => Some(*event),
        Block::Comment => None,
    };
    blocks(stream).into_iter().filter_map(event).collect()
}

fn event(stream: &[u8]) -> Event {
    let [event] = <[Event; 1]>::try_from(events(stream)).unwrap();
    event
}

fn written(stream: &[u8]) -> String {
    let mut out = Vec::new();
    for block in blocks(stream) {
        match block {
            Block::Event(event) => event.write(&mut out),
            Block::Comment => write_comment(&mut out),
        }
    }
    String::from_utf8(out).unwrap()
}

fn fault(stream: &[u8], limit: usize) -> Option<SseFault> {
    Splitter::new(limit).feed(stream, &mut Vec::new()).err()
}

#[test]
fn a_canonical_stream_keeps_its_bytes() {
    for stream in [
        "data: {\"jsonrpc\":\"2.0\"}\n\n",
        "event: message\nid: 7_1\nretry: 500\ndata: {}\n\n",
        "id: 1\ndata: \n\n",
        "id: \n\n",
        "retry: 0\n\n",
        "data: {\"a\":\"\u{e9}\u{2027}\"}\n\n",
        ":\n\n",
    ] {
        assert_eq!(written(stream.as_bytes()), stream);
        for event in events(stream.as_bytes()) {
            assert_eq!(event.canonical(), Some(stream.as_bytes()));
            assert_eq!(
                Box::new(event).into_canonical().as_deref(),
                Ok(stream.as_bytes())
            );
        }
    }
}

#[test]
fn what_is_not_canonical_is_written_anew() {
    for (stream, canonical) in [
        ("data:{}\n\n", "data: {}\n\n"),
        ("data: \t{} \n\n", "data: {}\n\n"),
        ("data\n\n", "data: \n\n"),
        ("data: {}\nevent: a\n\n", "event: a\ndata: {}\n\n"),
        (
            "id: 1\nevent: a\ndata: {}\n\n",
            "event: a\nid: 1\ndata: {}\n\n",
        ),
        ("id: 1\nid: 2\ndata: {}\n\n", "id: 2\ndata: {}\n\n"),
        ("event: a\nevent:\ndata: {}\n\n", "data: {}\n\n"),
        ("retry: 007\n\n", "retry: 7\n\n"),
        ("data: [1,\ndata:\ndata: 2]\n\n", "data: [1, 2]\n\n"),
        ("data:\ndata: {}\ndata: \n\n", "data: {}\n\n"),
        ("data: [\nid: 1\ndata: ]\n\n", "id: 1\ndata: [ ]\n\n"),
        ("data: \"\u{2028}\"\n\n", "data: \"\\u2028\"\n\n"),
        (
            "data: \"\u{85}\u{2029}\"\n\n",
            "data: \"\\u0085\\u2029\"\n\n",
        ),
    ] {
        assert_eq!(written(stream.as_bytes()), canonical, "{stream:?}");
        assert_eq!(event(stream.as_bytes()).canonical(), None, "{stream:?}");
    }
}

#[test]
fn lines_may_end_in_any_of_three_ways() {
    for stream in [
        "event: a\r\ndata: {}\r\n\r\n",
        "event: a\rdata: {}\r\r",
        "event: a\ndata: {}\r\n\r",
        "event: a\rdata: {}\n\r\n",
    ] {
        let event = event(stream.as_bytes());
        assert_eq!((event.name(), event.data()), ("a", Some(&b"{}"[..])));
        assert_eq!(event.canonical(), Some(&b"event: a\ndata: {}\n\n"[..]));
    }
}

#[test]
fn the_end_of_the_stream_ends_an_event() {
    for stream in ["data: {}", "data: {}\n", "data: {}\r", "data: {}\n: ping"] {
        assert_eq!(event(stream.as_bytes()).data(), Some(&b"{}"[..]));
    }
    assert_eq!(written(b": ping"), ":\n\n");
    assert_eq!(written(b"foo"), ":\n\n");
}

#[test]
fn a_final_cr_does_not_hold_an_event_back() {
    let mut splitter = Splitter::new(LIMIT);
    let mut out = Vec::new();
    splitter.feed(b"data: 1\r\n\r", &mut out).unwrap();
    assert_eq!(out.len(), 1);
    splitter.feed(b"\ndata: 2\r\n\r\n", &mut out).unwrap();
    assert_eq!(out.len(), 2);
    splitter.feed(b"\n", &mut out).unwrap();
    splitter.finish(&mut out).unwrap();
    assert_eq!(out.len(), 2);
}

#[test]
fn comments_pass_at_once_and_bare() {
    let mut splitter = Splitter::new(LIMIT);
    let mut out = Vec::new();
    splitter.feed(b"data: {}\n: ping\r", &mut out).unwrap();
    assert_eq!(out, [Block::Comment]);
    splitter.feed(b"\n\r\n", &mut out).unwrap();
    assert!(matches!(&out[1..], [Block::Event(_)]));
    assert_eq!(written(b": ping\n\n"), ":\n\n");
    assert_eq!(written("\u{FEFF}: ping\n\n".as_bytes()), ":\n\n");
    assert_eq!(written(b": {\"jsonrpc\"\x0Cdata: {}\n\n"), ":\n\n");
}

#[test]
fn blocks_that_say_nothing_are_signs_of_life() {
    for stream in [
        "ping: 1\n\n",
        "event: a\n\n",
        "event:\n\n",
        "retry: soon\n\n",
        "id: \0\n\n",
        "\u{FEFF}\u{FEFF}data: {}\n\n",
        "Data: {}\n\n",
        " data: {}\n\n",
    ] {
        assert_eq!(written(stream.as_bytes()), ":\n\n", "{stream:?}");
    }
    assert_eq!(written(b"\n\r\n\r"), "");
    assert_eq!(written(b""), "");
}

#[test]
fn only_what_all_clients_read_alike_is_kept() {
    for line in [
        "id: 1\0",
        "event: a\tb",
        "event: a\u{85}data: {}",
        "id: \u{2028}data: {}\u{2028}1",
        "id: 1\u{1B}",
        "event: a\u{7F}",
        "retry: 1_0",
        "retry: +1",
        "retry: \u{661}",
        "retry: 99999999999999999999",
        "foo: bar",
        "foo",
    ] {
        let stream = format!("data: {{}}\n{line}\n\n");
        assert_eq!(written(stream.as_bytes()), "data: {}\n\n", "{stream:?}");
    }
}

#[test]
fn white_space_around_a_value_is_not_kept() {
    let event =
        event("event:  endpoint\u{A0}\nid:\t1 \ndata:\u{3000}/messages\u{85}\n\n".as_bytes());
    assert_eq!(event.name(), "endpoint");
    assert_eq!(event.id(), Some("1"));
    assert_eq!(event.data(), Some(&b"/messages"[..]));
    assert_eq!(event.canonical(), None);
}

#[test]
fn only_the_first_byte_order_mark_is_removed() {
    let events = events("\u{FEFF}data: 1\n\n\u{FEFF}data: 2\n\ndata: 3\n\n".as_bytes());
    let data: Vec<_> = events.iter().map(Event::data).collect();
    assert_eq!(data, [Some(&b"1"[..]), Some(&b"3"[..])]);
    assert_eq!(events[0].canonical(), Some(&b"data: 1\n\n"[..]));
}

#[test]
fn a_name_does_not_reach_the_next_event() {
    assert_eq!(
        written(b"event: endpoint\ndata: \n\ndata: {}\n\n"),
        "data: \n\ndata: {}\n\n"
    );
    assert_eq!(
        written(b"data: 0\n\nevent: endpoint\ndata: /m\n\ndata: 1\n\nid: 1\n\nevent: message\ndata: 2\n\n"),
        "data: 0\n\nevent: endpoint\ndata: /m\n\nevent: message\ndata: 1\n\nid: 1\n\nevent: message\ndata: 2\n\n"
    );
}

#[test]
fn an_event_may_have_no_data() {
    for stream in ["id: 1\ndata: \n\n", "id: 1\n\n", "data\ndata:\n\n"] {
        assert_eq!(event(stream.as_bytes()).data(), None);
    }
}

#[test]
fn other_data_takes_the_place_of_what_was_sent() {
    let mut out = Vec::new();
    event(b"event: a\nid: 1\ndata: {}\n\n").write_with(b" [1,\r\n2]\n", &mut out);
    assert_eq!(out, b"event: a\nid: 1\ndata: [1,  2]\n\n");
    out.clear();
    event(b"event: a\nid: 1\ndata: {}\n\n").write_with(b"", &mut out);
    assert_eq!(out, b"id: 1\ndata: \n\n");
    out.clear();
    write_message("\"\u{2029}\"".as_bytes(), &mut out);
    assert_eq!(out, b"event: message\ndata: \"\\u2029\"\n\n");
}

#[test]
fn bytes_that_are_not_utf8_are_a_fault_wherever_they_stand() {
    for stream in [
        &b"data: \xFF\n"[..],
        b": \xC0\x80\n",
        b"foo\xED\xA0\x80: \n",
        b"id: \xE2\x80\n",
    ] {
        assert_eq!(fault(stream, LIMIT), Some(SseFault::NotUtf8));
    }
    let mut splitter = Splitter::new(LIMIT);
    let mut out = Vec::new();
    splitter.feed(b"data: 1\n\ndata: \xE2", &mut out).unwrap();
    assert_eq!(splitter.finish(&mut out), Err(SseFault::NotUtf8));
    assert_eq!(out.len(), 1);
    assert_eq!(splitter.feed(b"", &mut out), Err(SseFault::NotUtf8));
}

#[test]
fn no_more_than_the_limit_is_held() {
    assert_eq!(fault(b"data: 123\n\n", 10), None);
    assert_eq!(fault(b"data: 1234\n\n", 10), Some(SseFault::TooLarge));
    assert_eq!(fault(b":12345678", 9), None);
    assert_eq!(fault(b":123456789", 9), Some(SseFault::TooLarge));
    assert_eq!(fault(b"data\ndata\ndata", 9), Some(SseFault::TooLarge));

    let mut splitter = Splitter::new(9);
    let mut out = Vec::new();
    for _ in 0..100 {
        splitter.feed(b":ping\nfoo\n", &mut out).unwrap();
        assert!(splitter.held() <= 9);
    }
    assert_eq!(
        splitter.feed(b"0123456789", &mut out),
        Err(SseFault::TooLarge)
    );
    assert_eq!(splitter.held(), 0);
    assert_eq!(splitter.finish(&mut out), Err(SseFault::TooLarge));
}

#[test]
fn a_large_event_takes_time_in_proportion() {
    let chunk = [b'x'; 16 << 10];
    let mut splitter = Splitter::new(usize::MAX);
    let mut out = Vec::new();
    splitter.feed(b"data: ", &mut out).unwrap();
    for _ in 0..1024 {
        splitter.feed(&chunk, &mut out).unwrap();
    }
    splitter.feed(b"\n\n", &mut out).unwrap();
    let [Block::Event(event)] = &out[..] else {
        panic!("one event");
    };
    assert_eq!(event.data().map(<[u8]>::len), Some(16 << 20));

    let lines = "data:x\n".repeat(1 << 20);
    assert_eq!(
        self::event(lines.as_bytes()).data().map(<[u8]>::len),
        Some((2 << 20) - 1)
    );
}
