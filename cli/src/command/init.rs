//! `mcp-guard init`: a first policy.

mod server;

use crate::files;
use crate::output::tell;
use crate::report::could_not_run;
use clap::Args;
use mcp_guard_compiler::init::{self, Level, Server};
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
The tools come from an answer to `tools/list` in a file, or from a running server (Streamable HTTP).
Approval levels are guessed from names and annotations; the reason of each guess is a comment.
Writes policy.yaml and tools.json (the answer, for `mcp-guard check --tools`); with --deploy also
deploy.yaml. Nothing is overwritten.

Examples:
  mcp-guard init --tools tools.json --name github-mcp-server
  mcp-guard init --server http://127.0.0.1:8080/mcp --out policies/github --deploy";

/// Propose a first policy for a server
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// An answer to `tools/list`; `-` is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "server")]
    tools: Option<PathBuf>,
    /// A running server
    #[arg(long, value_name = "URL", conflicts_with = "tools")]
    server: Option<String>,
    /// A header of the requests to the server
    #[arg(long = "header", value_name = "NAME:VALUE", value_parser = super::header, requires = "server")]
    headers: Vec<(String, String)>,
    /// Name of the server [default: what it says]
    #[arg(long)]
    name: Option<String>,
    /// Folder to write to
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Write a deployment file to fill in, too
    #[arg(long)]
    deploy: bool,
}

/// What was learnt of a server.
struct Learnt {
    name: Option<String>,
    port: Option<u16>,
    path: Option<String>,
    /// The answer to `tools/list`.
    answer: Value,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match try_run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => could_not_run(&error),
    }
}

fn try_run(arguments: &Arguments) -> Result<(), String> {
    let learnt = match &arguments.server {
        Some(url) => server::ask(url, &arguments.headers)?,
        None => from_file(arguments)?,
    };
    let tools = init::read(&learnt.answer)?;
    let name = arguments.name.clone().or(learnt.name);
    let server = Server {
        name: name.unwrap_or_else(|| "mcp-server".to_owned()),
        port: learnt.port.unwrap_or(8080),
        path: learnt.path.unwrap_or_else(|| "/mcp".to_owned()),
        tools,
    };
    let capture = serde_json::to_string_pretty(&learnt.answer).map_err(|e| e.to_string())?;
    let mut texts = vec![
        (arguments.out.join("policy.yaml"), init::policy(&server)),
        (arguments.out.join("tools.json"), format!("{capture}\n")),
    ];
    if arguments.deploy {
        texts.push((arguments.out.join("deploy.yaml"), init::deployment(&server)));
    }
    // The capture that was read may stand where one would be written.
    texts.retain(|(path, _)| !is_same(path, arguments.tools.as_ref()));
    files::write_new(&texts)?;
    tell(&summary(&server, &texts));
    Ok(())
}

fn from_file(arguments: &Arguments) -> Result<Learnt, String> {
    let path = arguments.tools.clone().unwrap_or_else(|| "-".into());
    let text = files::text(&path).map_err(|error| error.to_string())?;
    let answer = serde_json::from_str(&text)
        .map_err(|error| format!("`{}` is not JSON: {error}", path.display()))?;
    Ok(Learnt {
        name: None,
        port: None,
        path: None,
        answer,
    })
}

fn is_same(path: &std::path::Path, other: Option<&PathBuf>) -> bool {
    let canonical = |path: &std::path::Path| path.canonicalize().ok();
    other.is_some_and(|other| canonical(path).is_some() && canonical(path) == canonical(other))
}

fn summary(server: &Server, texts: &[(PathBuf, String)]) -> String {
    let count = |level: Level| {
        let tools = server.tools.iter();
        tools.filter(|tool| tool.proposal().level == level).count()
    };
    let written = texts
        .iter()
        .map(|(path, _)| format!("wrote {}\n", path.display()));
    let counts = format!(
        "{} tools: {} read, {} unclear, {} change something\n",
        server.tools.len(),
        count(Level::Reads),
        count(Level::Unclear),
        count(Level::Changes)
    );
    written.chain([counts]).collect()
}
