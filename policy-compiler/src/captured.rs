//! A captured answer to `tools/list`: what the server really has.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Sources, Span, Spanned};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The tools of a server.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    /// In the order of the answer.
    pub tools: Vec<Tool>,
}

/// A tool, as far as the checks look at it.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name, and where it stands.
    pub name: Spanned<String>,
    /// Its annotations say `readOnlyHint: true`.
    pub is_read_only: bool,
    /// The JSON Schema of its arguments.
    pub input_schema: Value,
}

/// The result, or the whole answer around it.
#[derive(Deserialize)]
struct Answer<'t> {
    #[serde(borrow)]
    tools: Option<Vec<&'t RawValue>>,
    #[serde(borrow)]
    result: Option<Result<'t>>,
}

#[derive(Deserialize)]
struct Result<'t> {
    #[serde(borrow)]
    tools: Vec<&'t RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition<'t> {
    #[serde(borrow)]
    name: &'t RawValue,
    #[serde(default)]
    annotations: Option<Value>,
    #[serde(default)]
    input_schema: Value,
}

/// Reads a captured list. None: it is none, and that is said.
pub fn read(sources: &Sources, file: FileId, found: &mut Diagnostics) -> Option<Captured> {
    let text = sources.text(file);
    let answer: Answer<'_> = match serde_json::from_str(text) {
        Ok(answer) => answer,
        Err(error) => {
            found.push(unreadable(text, file, &error));
            return None;
        }
    };
    let Some(raw) = answer.tools.or(answer.result.map(|result| result.tools)) else {
        let message = "the file is no answer to `tools/list`";
        found.push(
            Diagnostic::new(Code::InvalidToolList, start(file), message)
                .label("holds neither `tools` nor `result.tools`"),
        );
        return None;
    };
    let tools = raw
        .into_iter()
        .filter_map(|raw| tool(text, file, raw, found));
    Some(Captured {
        tools: tools.collect(),
    })
}

fn tool(text: &str, file: FileId, raw: &RawValue, found: &mut Diagnostics) -> Option<Tool> {
    let definition = serde_json::from_str::<Definition<'_>>(raw.get());
    let name = definition
        .as_ref()
        .ok()
        .and_then(|definition| serde_json::from_str::<String>(definition.name.get()).ok());
    let (Ok(definition), Some(name)) = (definition, name) else {
        let message = "a tool in the list has no `name`, or no text for one";
        let span = place(text, file, raw.get());
        found.push(Diagnostic::new(Code::InvalidToolList, span, message));
        return None;
    };
    let hint = definition
        .annotations
        .as_ref()
        .and_then(|annotations| annotations.get("readOnlyHint"));
    Some(Tool {
        name: Spanned {
            value: name,
            span: place(text, file, definition.name.get()),
        },
        is_read_only: hint == Some(&Value::Bool(true)),
        input_schema: definition.input_schema,
    })
}

/// Where a part of the text stands in it.
fn place(text: &str, file: FileId, part: &str) -> Span {
    let start = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    let start = start.min(text.len());
    Span {
        file,
        start,
        end: start.saturating_add(part.len()).min(text.len()),
    }
}

fn start(file: FileId) -> Span {
    Span {
        file,
        start: 0,
        end: 0,
    }
}

fn unreadable(text: &str, file: FileId, error: &serde_json::Error) -> Diagnostic {
    let before = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1));
    let line: usize = before.map(str::len).sum();
    let mut at = line
        .saturating_add(error.column().saturating_sub(1))
        .min(text.len());
    while !text.is_char_boundary(at) {
        at = at.saturating_sub(1);
    }
    let span = Span {
        file,
        start: at,
        end: at,
    };
    // serde_json ends its messages with the place, which is shown anyway.
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    let message = format!("the tool list cannot be read: {said}");
    Diagnostic::new(Code::InvalidToolList, span, message)
}
