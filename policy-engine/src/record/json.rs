//! A record as JSON, for people and tests.

use super::tree::{Fields, Item};
use crate::json::write_string;

/// Bytes that most records fit in.
const USUAL: usize = 1024;

/// One JSON object.
pub(super) fn write(fields: &Fields<'_>) -> Vec<u8> {
    let mut json = Vec::with_capacity(USUAL);
    object(&mut json, fields);
    json
}

fn object(out: &mut Vec<u8>, fields: &Fields<'_>) {
    out.push(b'{');
    for (place, (key, item)) in fields.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_string(out, key);
        out.push(b':');
        value(out, item);
    }
    out.push(b'}');
}

fn value(out: &mut Vec<u8>, item: &Item<'_>) {
    match item {
        Item::Text(text) => write_string(out, text),
        Item::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Item::Flag(flag) => out.extend_from_slice(flag.to_string().as_bytes()),
        Item::Null => out.extend_from_slice(b"null"),
        Item::List(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                value(out, item);
            }
            out.push(b']');
        }
        Item::Object(fields) => object(out, fields),
    }
}
