//! Who is on the other side, as Envoy verified it.

use crate::host;
use mcp_guard_engine::policy::{Guard, Peer};
use std::collections::BTreeMap;

/// The URI SAN of the peer's certificate (Envoy, "Attributes").
const PEER: [&str; 2] = ["connection", "uri_san_peer_certificate"];

/// Where jwt_authn puts a verified token as Istio configures it (`payload_in_metadata: payload`).
const TOKEN: [&str; 4] = [
    "metadata",
    "filter_metadata",
    "envoy.filters.http.jwt_authn",
    "payload",
];

/// The verified other side; of a token only the claims that the policies ask for.
pub(crate) fn read(guard: &Guard) -> Peer {
    let spiffe = host::property(&PEER).and_then(|bytes| String::from_utf8(bytes).ok());
    let peer = Peer {
        spiffe: spiffe.filter(|uri| !uri.is_empty()),
        claims: BTreeMap::new(),
    };
    let mut claims = BTreeMap::new();
    for name in guard.policies().flat_map(|policy| policy.claims(&peer)) {
        if claims.contains_key(name) {
            continue;
        }
        if let Some(value) = host::property(&claim(name)) {
            claims.insert(name.to_owned(), values(value));
        }
    }
    Peer { claims, ..peer }
}

fn claim(name: &str) -> Vec<&str> {
    let mut path = TOKEN.to_vec();
    path.push(name);
    path
}

/// The strings of a claim: itself, or the elements of a list.
fn values(bytes: Vec<u8>) -> Vec<String> {
    if let Some(list) = list(&bytes) {
        return list;
    }
    String::from_utf8(bytes)
        .map(|text| vec![text])
        .unwrap_or_default()
}

/// A list as Envoy's host hands it over: pairs whose second half is empty.
///
/// ```text
/// list = count *( size zero ) *( bytes NUL NUL )        all numbers 32 bits, little endian
/// ```
fn list(bytes: &[u8]) -> Option<Vec<String>> {
    let (count, mut sizes) = number(bytes)?;
    let mut rest = sizes.get(count.checked_mul(8)?..)?;
    let mut values = Vec::new();
    for _ in 0..count {
        let (size, after) = number(sizes)?;
        let (zero, after) = number(after)?;
        sizes = after;
        let value = rest.get(..size)?;
        let end = size.checked_add(2)?;
        if zero != 0 || rest.get(size..end)? != [0, 0] {
            return None;
        }
        values.push(String::from_utf8(value.to_vec()).ok()?);
        rest = rest.get(end..)?;
    }
    rest.is_empty().then_some(values)
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    Some((usize::try_from(u32::from_le_bytes(*head)).ok()?, rest))
}
