//! The mcp-guard command line.
//!
//! Artefacts go to standard output, everything else to standard error. Exit status: 0 done,
//! 1 something is wrong with what was given, 2 it could not be tried.

mod arguments;
mod artefacts;
mod command;
mod explained;
mod files;
mod http;
mod layout;
mod output;
mod policy;
mod registry;
mod report;
mod selection;
mod table;
mod version;

use clap::{Parser, Subcommand};
use command::{
    approve, can_i, check, checklist, compile, completions, doctor, explain, init, schema, test,
};
use std::process::ExitCode;

/// Security policy for MCP servers in an Istio mesh
#[derive(Parser)]
#[command(
    name = "mcp-guard",
    version = version::TEXT.as_str(),
    after_help = "Artefacts go to standard output, everything else to standard error. \
        `-` is standard input.\n\
        Exit status: 0 done, 1 something is wrong with what was given, 2 it could not be tried."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Checklist(checklist::Arguments),
    Compile(compile::Arguments),
    Completions(completions::Arguments),
    Doctor(doctor::Arguments),
    Schema(schema::Arguments),
    Test(test::Arguments),
    CanI(can_i::Arguments),
    Explain(explain::Arguments),
    Init(init::Arguments),
    Approve(approve::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Checklist(arguments) => checklist::run(&arguments),
        Command::Compile(arguments) => compile::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::CanI(arguments) => can_i::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Approve(arguments) => approve::run(&arguments),
    }
}
