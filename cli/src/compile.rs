//! `mcp-guard compile`: a policy file in, the plugin configuration out.

use clap::{Args, ValueEnum};
use mcp_guard_compiler::compile;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Compile a policy to the filter's plugin configuration.
#[derive(Args)]
#[command(after_help = "Example:\n  mcp-guard compile policy.yaml > plugin-config.json")]
pub(crate) struct Arguments {
    /// The policy; `-` is standard input.
    policy: PathBuf,
    /// Whether the policy acts, or only records what it would do.
    #[arg(long, value_enum, default_value_t = Stage::Enforce)]
    stage: Stage,
}

#[derive(Clone, Copy, ValueEnum)]
enum Stage {
    Observe,
    Enforce,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let text = match read(&arguments.policy) {
        Ok(text) => text,
        Err(error) => {
            eprintln!(
                "error: cannot read `{}`: {error}",
                arguments.policy.display()
            );
            return ExitCode::from(2);
        }
    };
    let stage = match arguments.stage {
        Stage::Observe => mcp_guard_compiler::Stage::Observe,
        Stage::Enforce => mcp_guard_compiler::Stage::Enforce,
    };
    match compile(&text, stage) {
        Ok(config) => {
            println!("{config}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!(
                "error: `{}` does not compile: {error}",
                arguments.policy.display()
            );
            ExitCode::from(1)
        }
    }
}

fn read(path: &Path) -> std::io::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path)
}
