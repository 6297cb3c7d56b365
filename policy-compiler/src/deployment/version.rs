//! `istio` and `attach`: which objects there are.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::yaml::{Kind, Node, fields};
use std::fmt;

/// A minor version of Istio that is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IstioVersion {
    /// 1.29.
    V1_29,
    /// 1.30.
    V1_30,
    /// 1.31.
    V1_31,
}

impl IstioVersion {
    /// The newest one.
    pub const NEWEST: Self = Self::V1_31;

    /// The words for them.
    pub const WORDS: &[(&str, Self)] = &[
        ("1.29", Self::V1_29),
        ("1.30", Self::V1_30),
        ("1.31", Self::V1_31),
    ];
}

impl fmt::Display for IstioVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::WORDS.iter().find(|(_, version)| version == self);
        f.write_str(word.map_or("", |(word, _)| word))
    }
}

/// The object that attaches the filter: exactly one, since both together would run it twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attachment {
    /// `WasmPlugin`, in every supported version.
    #[default]
    WasmPlugin,
    /// `TrafficExtension`, from 1.30.
    TrafficExtension,
}

impl Attachment {
    /// The words for them.
    pub const WORDS: &[(&str, Self)] = &[
        ("wasm-plugin", Self::WasmPlugin),
        ("traffic-extension", Self::TrafficExtension),
    ];
}

pub(super) fn read(node: &Node, found: &mut Diagnostics) -> Option<IstioVersion> {
    // `istio: 1.30` is the number 1.3 to YAML, so it must be text.
    if let Kind::Scalar { text, plain: true } = &node.kind
        && fields::plain(node) != Some(crate::yaml::scalar::Scalar::Text)
    {
        let quoted = format!("\"{text}\"");
        found.push(
            fields::wrong_type(node, "text")
                .help("put quotes around it, or 1.30 becomes 1.3")
                .patch(node.span, quoted),
        );
        return None;
    }
    fields::word(node, IstioVersion::WORDS, found).map(|version| version.value)
}

pub(super) fn check(
    istio: IstioVersion,
    attach: Attachment,
    span: Option<Span>,
    found: &mut Diagnostics,
) {
    if attach == Attachment::WasmPlugin || istio >= IstioVersion::V1_30 {
        return;
    }
    let message = format!("Istio {istio} has no TrafficExtension");
    let unsupported = match span {
        Some(span) => Diagnostic::new(Code::AttachmentUnsupported, span, message),
        None => Diagnostic::unplaced(Code::AttachmentUnsupported, message),
    };
    found.push(unsupported.help("use `wasm-plugin`, or Istio 1.30 or newer"));
}
