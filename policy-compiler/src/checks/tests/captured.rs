//! The list of tools that was captured from a server.

use super::said;
use crate::diagnostic::Code;

const TOOLS: &str = r##"{"jsonrpc": "2.0", "id": 1, "result": {"tools": [
    {"name": "search", "annotations": {"readOnlyHint": true}, "inputSchema": {"type": "object", "properties": {
        "q": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "n": {"type": "integer"},
        "sort": {"$ref": "#/$defs/Sort"},
        "opt": {"type": "object", "properties": {"deep": {"type": "boolean"}}},
        "free": {"type": "object"}
    }, "$defs": {"Sort": {"enum": ["up", "down"]}}}},
    {"name": "touch", "inputSchema": {"type": "object", "additionalProperties": {"type": "string"}}}
]}}"##;

#[test]
fn a_captured_list_is_held_against_the_policy() {
    for (rules, expected) in [
        (
            "allow: { x: { tools: [search] } }\n",
            &[] as &[(Code, &str)],
        ),
        (
            "allow: { x: { tools: [touch] } }\n",
            &[(Code::UnapprovedMutation, "touch")],
        ),
        (
            "allow: { x: { tools: [\"t*\"] } }\n",
            &[(Code::UnapprovedMutation, "\"t*\"")],
        ),
        (
            "allow: { x: { tools: [\"s*\", \"z*\"] } }\n",
            &[(Code::UnmatchedTool, "\"z*\"")],
        ),
        (
            "allow: { x: { tools: [search] } }\ndeny: { z: { tools: [touhc] } }\n",
            &[(Code::UnmatchedTool, "touhc")],
        ),
        (
            "allow: { x: { tools: [search], arguments: { q: { equals: a }, n: { equals: 1 }, sort: { equals: up }, opt.deep: { equals: true } } } }\n",
            &[],
        ),
        (
            "allow: { x: { tools: [search], arguments: { qq: { equals: a } } } }\n",
            &[(Code::UnknownArgument, "qq")],
        ),
        (
            "allow: { x: { tools: [search], arguments: { opt.shallow: { equals: a } } } }\n",
            &[(Code::UnknownArgument, "opt.shallow")],
        ),
        (
            "allow: { x: { tools: [search], arguments: { n.x: { equals: a } } } }\n",
            &[(Code::UnknownArgument, "n.x")],
        ),
        (
            "allow: { x: { tools: [search], arguments: { free.x: { equals: a } } } }\n",
            &[],
        ),
        (
            "allow: { x: { tools: [touch], arguments: { any: { equals: 1 } }, approval: notify } }\n",
            &[],
        ),
        (
            "allow: { x: { tools: [search], arguments: { q: { equals: 1 } } } }\n",
            &[(Code::ArgumentOutsideSchema, "1")],
        ),
        (
            "allow: { x: { tools: [search], arguments: { n: { one_of: [1, 1.5] } } } }\n",
            &[(Code::ArgumentOutsideSchema, "1.5")],
        ),
        (
            "allow: { x: { tools: [search], arguments: { sort: { equals: left } } } }\n",
            &[(Code::ArgumentOutsideSchema, "left")],
        ),
    ] {
        let found = said(rules, Some(TOOLS));
        let expected: Vec<_> = expected
            .iter()
            .map(|(code, place)| (*code, (*place).to_owned()))
            .collect();
        assert_eq!(found, expected, "{rules}");
    }
}

#[test]
fn a_broken_list_is_said_and_the_policy_still_checked() {
    for tools in [
        "",
        "[]",
        "{\"tools\": [{}]}",
        "{\"tools\": [{\"name\": 1}]}",
        "{\"tools\": 1}",
        "{\"é\": \u{1}}",
    ] {
        let found = said("allow: { x: { tools: [\"*\"] } }\n", Some(tools));
        let codes: Vec<Code> = found.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, [Code::OverBroad, Code::InvalidToolList], "{tools}");
    }
}
