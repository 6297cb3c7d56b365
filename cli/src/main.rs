//! The mcp-guard command line.
//!
//! Artefacts go to standard output, everything else to standard error. Exit status: 0 done,
//! 1 something is wrong with what was given, 2 it could not be tried.

mod command;
mod explained;
mod files;
mod policy;
mod report;
mod table;

use clap::{Parser, Subcommand};
use command::{can_i, check, compile, explain, init, test};
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
    Test(test::Arguments),
    CanI(can_i::Arguments),
    Explain(explain::Arguments),
    Init(init::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Compile(arguments) => compile::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::CanI(arguments) => can_i::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
    }
}
