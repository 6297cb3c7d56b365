//! `mcp-guard schema`: what editors need to know.

use crate::output;
use clap::{Args, ValueEnum};
use mcp_guard_compiler::schema;
use std::process::ExitCode;

/// Print the JSON Schema of a file, for editors
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    mcp-guard schema policy > mcp-guard.schema.json\n\n\
    The first line of a policy then tells the editor:\n  \
    # yaml-language-server: $schema=./mcp-guard.schema.json")]
pub(crate) struct Arguments {
    /// The file
    #[arg(value_enum)]
    file: File,
}

#[derive(Clone, Copy, ValueEnum)]
enum File {
    /// The policy
    Policy,
    /// What several policies import
    Shared,
    /// Where a policy runs
    Deploy,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let schema = match arguments.file {
        File::Policy => schema::policy(),
        File::Shared => schema::shared(),
        File::Deploy => schema::deployment(),
    };
    output::print(&format!("{schema:#}\n"))
}
