//! Every call to the host. Only calls that take and give bytes, since a header or property that is
//! not UTF-8 makes the others panic; and no call in a state in which the host would refuse it, since
//! the SDK panics over an unexpected status.

use mcp_guard_engine::http::Header;
use mcp_guard_engine::http::Reply;
use mcp_guard_engine::names::FILTER_STATE_KEY;
use proxy_wasm::hostcalls;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proxy_wasm::types::{BufferType, LogLevel, MapType, MetricType};

/// Which half of a stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Request,
    Response,
}

impl Half {
    fn headers(self) -> MapType {
        match self {
            Self::Request => MapType::HttpRequestHeaders,
            Self::Response => MapType::HttpResponseHeaders,
        }
    }

    fn body(self) -> BufferType {
        match self {
            Self::Request => BufferType::HttpRequestBody,
            Self::Response => BufferType::HttpResponseBody,
        }
    }
}

/// Writes to the proxy's log.
pub(crate) fn log(level: LogLevel, message: &str) {
    // A log that cannot be written has nowhere to be reported.
    let _ = hostcalls::log(level, message);
}

/// The plugin configuration.
pub(crate) fn configuration(size: usize) -> Vec<u8> {
    buffer(BufferType::PluginConfiguration, size)
}

/// All headers of one half.
pub(crate) fn headers(half: Half) -> Vec<Header> {
    hostcalls::get_map_bytes(half.headers()).unwrap_or_default()
}

/// Takes a header away.
pub(crate) fn remove_header(half: Half, name: &str) {
    let _ = hostcalls::set_map_value_bytes(half.headers(), name, None);
}

/// The first `size` bytes of a body.
pub(crate) fn body(half: Half, size: usize) -> Vec<u8> {
    buffer(half.body(), size)
}

fn buffer(buffer: BufferType, size: usize) -> Vec<u8> {
    if size == 0 {
        return Vec::new();
    }
    let bytes = hostcalls::get_buffer(buffer, 0, size);
    bytes.ok().flatten().unwrap_or_default()
}

/// Puts `bytes` in the place of the whole body of `size` bytes that the host holds.
pub(crate) fn set_body(half: Half, size: usize, bytes: &[u8]) {
    let _ = hostcalls::set_buffer(half.body(), 0, size, bytes);
}

/// Takes away the whole body of `size` bytes that the host holds. Without a body there is no buffer to
/// write to, and the attempt would panic.
pub(crate) fn empty_body(half: Half, size: usize) {
    if size > 0 {
        set_body(half, size, &[]);
    }
}

/// Answers the request here. Once for a stream: a second answer hangs it.
pub(crate) fn reply(reply: &Reply) {
    let headers = reply.headers.iter();
    let headers = headers
        .map(|(name, value)| (*name, value.as_ref()))
        .collect();
    let _ = hostcalls::send_http_response(u32::from(reply.status), headers, Some(&reply.body));
}

/// A property of the stream, as bytes.
pub(crate) fn property(path: &[&str]) -> Option<Vec<u8>> {
    hostcalls::get_property(path.to_vec()).ok().flatten()
}

/// Says that records are objects: access logs then print them as such. Once for a configuration.
pub(crate) fn declare_record() {
    let argument = record_declaration();
    if hostcalls::call_foreign_function("declare_property", Some(&argument)).is_err() {
        log(
            LogLevel::Warn,
            "mcp-guard: this proxy prints records as bytes",
        );
    }
}

/// ```text
/// message DeclarePropertyArguments {
///   string name = 1; bool readonly = 2; WasmType type = 3; bytes schema = 4; LifeSpan span = 5; }
/// ```
/// (Envoy, `source/extensions/common/wasm/ext/declare_property.proto`; type 3 is protobuf.)
fn record_declaration() -> Vec<u8> {
    let mut argument = vec![0x18, 3];
    for (tag, text) in [(0x0a, FILTER_STATE_KEY), (0x22, STRUCT)] {
        argument.push(tag);
        argument.push(u8::try_from(text.len()).unwrap_or_default());
        argument.extend_from_slice(text.as_bytes());
    }
    argument
}

/// The type of records.
const STRUCT: &str = "type.googleapis.com/google.protobuf.Struct";

/// Writes the record into the stream's filter state.
pub(crate) fn set_record(record: &[u8]) {
    let _ = hostcalls::set_property(vec![FILTER_STATE_KEY], Some(record));
}

/// The time, in whole seconds since 1970. None: the clock is set before it.
pub(crate) fn now() -> Option<u64> {
    let time = hostcalls::get_current_time().ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}

/// Bytes that nobody can guess.
pub(crate) fn random() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

/// What all workers of the proxy share under that key, and the version of it.
pub(crate) fn shared(key: &str) -> (Option<Vec<u8>>, Option<u32>) {
    hostcalls::get_shared_data(key).unwrap_or_default()
}

/// A version that nothing has: counting from 1, it takes 2^32 writes to come there.
const NO_VERSION: u32 = u32::MAX;

/// Shares a value in the place of that version; None: in the place of nothing, so that nothing that
/// another worker shared is lost. False: another was quicker.
pub(crate) fn share(key: &str, value: &[u8], version: Option<u32>) -> bool {
    hostcalls::set_shared_data(key, Some(value), version.or(Some(NO_VERSION))).is_ok()
}

/// Shares a value, whatever was there.
pub(crate) fn publish(key: &str, value: &[u8]) {
    let _ = hostcalls::set_shared_data(key, Some(value), None);
}

/// Makes the following calls be about that context, until the host's call ends. False: it is gone.
pub(crate) fn enter(context: u32) -> bool {
    hostcalls::set_effective_context(context).is_ok()
}

/// What a stream carries that is broken off already.
const ENDED: &str = "mcp_guard_ended";

/// Breaks off the stream that was entered. The host does so once its own call has ended, and never refuses
/// what is about a stream; but to end one twice, as a filter would that stands in its chain twice, crashes it.
pub(crate) fn end_stream() {
    if property(&[ENDED]).is_none() {
        let _ = hostcalls::set_property(vec![ENDED], Some(b"1"));
        let _ = hostcalls::reset_http_request();
    }
}

/// Has `on_tick` called again and again.
pub(crate) fn set_tick_period(period: Duration) {
    let _ = hostcalls::set_tick_period(period);
}

/// A counter of that name.
pub(crate) fn counter(name: &str) -> Option<u32> {
    hostcalls::define_metric(MetricType::Counter, name).ok()
}

/// A histogram of that name.
pub(crate) fn histogram(name: &str) -> Option<u32> {
    hostcalls::define_metric(MetricType::Histogram, name).ok()
}

/// Adds a value to a histogram.
pub(crate) fn record(metric: u32, value: u64) {
    let _ = hostcalls::record_metric(metric, value);
}

/// The time of day.
pub(crate) fn time_of_day() -> Option<SystemTime> {
    hostcalls::get_current_time().ok()
}

/// A gauge of that name.
pub(crate) fn gauge(name: &str) -> Option<u32> {
    hostcalls::define_metric(MetricType::Gauge, name).ok()
}

/// Adds to a counter or gauge.
pub(crate) fn increment(metric: u32, by: i64) {
    let _ = hostcalls::increment_metric(metric, by);
}
