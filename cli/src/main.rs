//! The mcp-guard command line.
//!
//! Artefacts go to standard output, everything else to standard error. Exit status: 0 done,
//! 1 something is wrong with what was given, 2 it could not be tried.

mod command;
mod files;
mod report;

use clap::{Parser, Subcommand};
use command::{check, compile};
use std::process::ExitCode;

/// Security policy for MCP servers in an Istio mesh
#[derive(Parser)]
#[command(name = "mcp-guard", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Compile(compile::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Compile(arguments) => compile::run(&arguments),
    }
}
