//! `mcp-guard approve`: a signed approval of one call, from the command line.

mod inspect;
mod key;
mod named;
mod new_key;
mod request;
mod token;

use crate::arguments::{Format, pair};
use crate::policy::{Enforced, PolicyArguments};
use clap::{ArgGroup, Args, ValueEnum};
use mcp_guard_engine::approval::Algorithm;
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
The approval goes to standard output, what it approves to standard error. With POLICY it is held
against the policy before it is shown. It is the caller who attaches it to the call, in the header
`x-mcp-guard-approval` or in `params._meta[\"dev.mcp-guard/approval\"]`; it holds once.
Exit status: 0 done, 1 it would be refused, 2 it could not be tried.

Examples:
  mcp-guard approve --new-key desk.jwk --kid 2026-11 > desk.pub.jwk
  mcp-guard approve policy.yaml --key desk.jwk --issuer desk --as gateway --tool delete_repo name=x
  mcp-guard approve --challenge answer.json --key desk.jwk --issuer desk --approver kim@example.com
  mcp-guard approve policy.yaml --inspect eyJhbGciOi…";

/// What only signing takes: nothing is silently ignored.
const SIGNING: [&str; 6] = ["key", "kid", "issuer", "approver", "challenge", "expires"];

/// What is about a call, or its approval, and not about a new key.
const CALLING: [&str; 11] = [
    "policy",
    "key",
    "issuer",
    "approver",
    "caller",
    "user",
    "tool",
    "arguments",
    "challenge",
    "expires",
    "inspect",
];

/// Approve a call that waits for a human
#[derive(Args)]
#[command(after_help = HELP, group = ArgGroup::new("asked").args(["policy", "challenge"]).multiple(true))]
pub(crate) struct Arguments {
    /// The policy under which the call is made; `-` is standard input
    policy: Option<PathBuf>,
    /// Arguments of the call
    #[arg(value_name = "KEY=VALUE", value_parser = pair, conflicts_with = "arguments")]
    pairs: Vec<(String, Value)>,
    /// Where the policy runs, for the trust domains
    #[arg(long, value_name = "FILE", requires = "policy")]
    deploy: Option<PathBuf>,
    /// The private key: JWK or PEM (PKCS #8 or SEC1)
    #[arg(long, value_name = "FILE", required_unless_present_any = ["inspect", "new_key"])]
    key: Option<PathBuf>,
    /// The key's name, if the policy and the key's file do not tell it
    #[arg(long)]
    kid: Option<String>,
    /// Who issues the approval, by the name that the policy gives; needless if it names one
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    /// The human who approves [default: who is logged in]
    #[arg(long, value_name = "NAME")]
    approver: Option<String>,
    /// Who calls, by the name that the policy gives, or by its principal
    #[arg(long = "as", value_name = "CALLER", requires = "policy")]
    caller: Option<String>,
    /// The human for whom is called, as the caller names them
    #[arg(long, value_name = "USER", requires = "policy")]
    user: Option<String>,
    /// The tool that is called
    #[arg(long, value_name = "NAME", requires = "policy")]
    tool: Option<String>,
    /// All arguments of the call: a file with one JSON object
    #[arg(long, value_name = "FILE", requires = "asked")]
    arguments: Option<PathBuf>,
    /// What a human was asked: the answer to the refused call, or its record; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["caller", "user", "tool"])]
    challenge: Option<PathBuf>,
    /// For how long it is valid: seconds, or as in `60s`, `5m` [default: as long as the policy
    /// permits, at most 60s]
    #[arg(long, value_name = "TIME", value_parser = token::seconds)]
    expires: Option<u32>,
    /// Explain this approval, and why it would be refused; `-` is standard input
    #[arg(long, value_name = "TOKEN", conflicts_with_all = SIGNING)]
    inspect: Option<String>,
    /// Make a key: the private half goes to this file, the public half to standard output
    #[arg(long, value_name = "FILE", requires = "kid", conflicts_with_all = CALLING)]
    new_key: Option<PathBuf>,
    /// What the new key is for
    #[arg(long, value_enum, default_value_t = Kind::EdDsa, conflicts_with_all = ["key", "inspect"])]
    algorithm: Kind,
    /// Who reads the explanation
    #[arg(long, value_enum, default_value_t = Format::Human, conflicts_with_all = ["key", "new_key"])]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    #[value(name = "EdDSA")]
    EdDsa,
    #[value(name = "ES256")]
    Es256,
}

impl From<Kind> for Algorithm {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::EdDsa => Self::EdDsa,
            Kind::Es256 => Self::Es256,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    if let Some(path) = &arguments.new_key {
        return new_key::run(arguments, path);
    }
    let enforced = match arguments.compile() {
        Ok(enforced) => enforced,
        Err(status) => return status,
    };
    match &arguments.inspect {
        Some(token) => inspect::run(arguments, token, enforced.as_ref()),
        None => token::run(arguments, enforced.as_ref()),
    }
}

impl Arguments {
    fn compile(&self) -> Result<Option<Enforced>, ExitCode> {
        let policy = self.policy.clone().map(|policy| PolicyArguments {
            policy,
            deploy: self.deploy.clone(),
        });
        policy.map(|policy| policy.compile()).transpose()
    }
}
