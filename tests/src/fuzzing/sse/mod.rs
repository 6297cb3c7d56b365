//! Event streams: no client may read another event than the one that was judged.

mod dialects;
mod judged;

pub(super) use dialects::seen_by_clients;
use judged::Judged;
use mcp_guard_engine::sse::{Block, Event, Splitter, SseFault, write_comment};

/// What a run of the splitter came to.
type Outcome = (Vec<Block>, Result<(), SseFault>);

const LIMIT: usize = 4096;

/// Reads bytes as an event stream. The first byte chooses how the rest is cut.
pub fn sse(input: &[u8]) {
    let Some((cut, stream)) = input.split_first() else {
        return;
    };
    let whole = split(&[stream]);
    assert_eq!(split(&chunks(stream, *cut)), whole, "cut by {cut}");
    assert_eq!(split(&chunks(stream, 1)), whole, "cut at every byte");
    let (blocks, Ok(())) = whole else {
        return;
    };
    dialects::assert_read_as_html_does(stream, &events(&blocks));

    let output = write(&blocks);
    let judged = Judged::all(&events(&blocks));
    dialects::assert_all_read(&output, &judged);
    assert_canonical(&output, blocks.len());
}

/// What is written is read as it is, and nothing of it is written otherwise.
fn assert_canonical(output: &[u8], count: usize) {
    let mut splitter = Splitter::new(usize::MAX);
    let mut again = Vec::new();
    assert_eq!(splitter.feed(output, &mut again), Ok(()));
    assert_eq!(again.len(), count);
    assert_eq!(write(&again), output);
    for event in events(&again) {
        let mut written = Vec::new();
        event.write(&mut written);
        assert_eq!(event.canonical(), Some(&written[..]));
    }
}

fn split(chunks: &[&[u8]]) -> Outcome {
    let mut splitter = Splitter::new(LIMIT);
    let mut out = Vec::new();
    let mut result = Ok(());
    for chunk in chunks {
        result = splitter.feed(chunk, &mut out);
        assert!(splitter.held() <= LIMIT.saturating_add(1));
    }
    result = result.and_then(|()| splitter.finish(&mut out));
    (out, result)
}

fn chunks(stream: &[u8], size: u8) -> Vec<&[u8]> {
    stream.chunks(usize::from(size.max(1))).collect()
}

fn events(blocks: &[Block]) -> Vec<&Event> {
    fn event(block: &Block) -> Option<&Event> {
        match block {
            Block::Event(event) => Some(event),
            Block::Comment => None,
        }
    }
    blocks.iter().filter_map(event).collect()
}

fn write(blocks: &[Block]) -> Vec<u8> {
    let mut out = Vec::new();
    for block in blocks {
        match block {
            Block::Comment => write_comment(&mut out),
            Block::Event(event) => match event.canonical() {
                Some(bytes) => out.extend_from_slice(bytes),
                None => event.write(&mut out),
            },
        }
    }
    out
}
