//! A record as `google.protobuf.Struct`, which access logs print as what it is: one object, not a
//! text that holds one.
//!
//! ```text
//! message Struct    { map<string, Value> fields = 1; }     // an entry: key = 1, value = 2
//! message Value     { NullValue null_value = 1; double number_value = 2; string string_value = 3;
//!                     bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6; }
//! message ListValue { repeated Value values = 1; }
//! ```

use super::tree::{Fields, Item};

/// Bytes that most records fit in.
const USUAL: usize = 1024;

/// Wire types (Protocol Buffers, "Encoding").
const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const LENGTH: u8 = 2;

/// A `Struct`.
pub(super) fn write(fields: &Fields<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL);
    add_struct(&mut out, fields);
    out
}

fn add_struct(out: &mut Vec<u8>, fields: &Fields<'_>) {
    for (key, item) in fields.iter() {
        sized(out, 1, |entry| {
            bytes(entry, 1, key.as_bytes());
            sized(entry, 2, |inner| add_value(inner, item));
        });
    }
}

fn add_value(out: &mut Vec<u8>, item: &Item<'_>) {
    match item {
        Item::Null => {
            tag(out, 1, VARINT);
            out.push(0);
        }
        Item::Number(number) => {
            tag(out, 2, FIXED64);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Item::Text(text) => bytes(out, 3, text.as_bytes()),
        Item::Flag(flag) => {
            tag(out, 4, VARINT);
            out.push(u8::from(*flag));
        }
        Item::Object(fields) => sized(out, 5, |inner| add_struct(inner, fields)),
        Item::List(items) => sized(out, 6, |list| {
            for item in items {
                sized(list, 1, |inner| add_value(inner, item));
            }
        }),
    }
}

fn tag(out: &mut Vec<u8>, field: u8, wire_type: u8) {
    out.push((field << 3) | wire_type);
}

fn bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    tag(out, field, LENGTH);
    length(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Writes what has its length in front, which is known afterwards. Most lengths take one byte, for
/// which there is room; for a longer one, what was written moves.
fn sized(out: &mut Vec<u8>, field: u8, write: impl FnOnce(&mut Vec<u8>)) {
    tag(out, field, LENGTH);
    let place = out.len();
    out.push(0);
    let start = out.len();
    write(out);
    let size = out.len().saturating_sub(start);
    match (u8::try_from(size), out.get_mut(place)) {
        (Ok(byte @ ..=0x7f), Some(room)) => *room = byte,
        _ => {
            let mut prefix = Vec::new();
            length(&mut prefix, size);
            out.splice(place..start, prefix);
        }
    }
}

/// A varint: seven bits a byte, the lowest first.
fn length(out: &mut Vec<u8>, mut length: usize) {
    while let Ok(low) = u8::try_from(length & 0x7f) {
        length >>= 7;
        if length == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_struct_is_written_as_protobuf_has_it() {
        let mut inner = Fields::default();
        inner.text("b", "x");
        let mut fields = Fields::default();
        fields.number("n", 1);
        fields.add("l", Item::List(vec![Item::Flag(true), Item::Null]));
        fields.object("o", inner);
        let hex: String = write(&fields)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // Three entries, each with its key and its value.
        let number = "0a0e 0a016e 1209 11000000000000f03f";
        let list = "0a0f 0a016c 120a 3208 0a022001 0a020800";
        let object = "0a11 0a016f 120c 2a0a 0a08 0a0162 1203 1a0178";
        assert_eq!(hex, format!("{number}{list}{object}").replace(' ', ""));
    }

    #[test]
    fn lengths_beyond_a_byte_take_several() {
        let mut out = Vec::new();
        length(&mut out, 300);
        assert_eq!(out, [0xac, 0x02]);
        let mut fields = Fields::default();
        fields.text("k", "x".repeat(300));
        let written = write(&fields);
        // Outer length: key (3), value's tag and length (3), text's tag and length (3), text.
        assert_eq!(written.get(..3), Some(&[0x0a, 0xb5, 0x02][..]));
        assert_eq!(written.len(), 3 + 3 + 3 + 3 + 300);
    }
}
