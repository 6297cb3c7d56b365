//! Who may call what, as a table.

use crate::arguments::Format;
use crate::explained::rule_json;
use crate::output;
use crate::policy::Enforced;
use crate::table::table;
use mcp_guard_cases::access::{self, Access};
use mcp_guard_cases::wording;
use mcp_guard_engine::policy::format::Approval;
use serde_json::{Value, json};
use std::process::ExitCode;

pub(super) fn show(compiled: &Enforced, format: Format) -> ExitCode {
    let tools = access::tools(compiled.spec());
    let cells = access::table(&compiled.policy, &compiled.setting, &tools);
    match format {
        Format::Json => {
            let cells: Vec<Value> = cells.iter().map(|cell| to_json(compiled, cell)).collect();
            output::print(&format!("{}\n", Value::Array(cells)))
        }
        Format::Human => output::answer(&human(compiled, &tools, &cells), ExitCode::SUCCESS),
    }
}

fn human(compiled: &Enforced, tools: &[String], cells: &[Access]) -> String {
    let mut callers: Vec<String> = compiled.setting.callers.keys().cloned().collect();
    if callers.is_empty() {
        callers.push("anyone".to_owned());
    }
    let mut rows = vec![["tool".to_owned()].into_iter().chain(callers).collect()];
    for tool in tools {
        let cells = cells.iter().filter(|cell| cell.tool == *tool);
        let row = [tool.clone()].into_iter().chain(cells.map(word));
        rows.push(row.collect());
    }
    table(&rows)
}

fn word(cell: &Access) -> String {
    let Some(level) = cell.approval else {
        return "no".to_owned();
    };
    let word = match level {
        Approval::None => "yes",
        Approval::Notify => "yes, with a notice",
        Approval::Required => "approval required",
    };
    match cell.conditional {
        true => format!("{word}, if the arguments fit"),
        false => word.to_owned(),
    }
}

fn to_json(compiled: &Enforced, cell: &Access) -> Value {
    let rules: Vec<Value> = cell
        .rules
        .iter()
        .map(|rule| rule_json(compiled, rule))
        .collect();
    json!({
        "caller": cell.caller,
        "tool": cell.tool,
        "allowed": cell.approval.is_some_and(|level| level != Approval::Required),
        "approval": cell.approval.map(wording::approval),
        "depends_on_arguments": cell.conditional,
        "rules": rules,
    })
}
