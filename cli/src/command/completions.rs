//! `mcp-guard completions`: for shells.

use crate::output;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::process::ExitCode;

/// Print the completions of a shell
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    mcp-guard completions bash > ~/.local/share/bash-completion/completions/mcp-guard\n  \
    mcp-guard completions zsh > \"${fpath[1]}/_mcp-guard\"")]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut script = Vec::new();
    let mut command = crate::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "mcp-guard", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
