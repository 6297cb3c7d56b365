//! The mcp-guard command line.
//!
//! Artefacts go to standard output, everything else to standard error. Exit status: 0 done,
//! 1 the policy is wrong, 2 it could not be tried.

mod compile;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Compiles MCP security policy for Envoy and Istio.
#[derive(Parser)]
#[command(name = "mcp-guard", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Compile(compile::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Compile(arguments) => compile::run(&arguments),
    }
}
