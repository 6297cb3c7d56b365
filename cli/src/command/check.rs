//! `mcp-guard check`: everything that is wrong, in one run.

use crate::artefacts::Compiled;
use crate::files::{self, Unreadable};
use crate::report::{Report, could_not_run, status};
use crate::selection::{self, Member};
use crate::{artefacts, registry};
use clap::Args;
use mcp_guard_compiler::compilation;
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::diagnostic::Diagnostics;
use mcp_guard_compiler::review::{self, image, image::Reference};
use mcp_guard_compiler::source::{Sources, Span};
use std::path::PathBuf;
use std::process::ExitCode;

/// Find mistakes in policies, and in what stands beside them
#[derive(Args)]
#[command(after_help = format!("{}\n\n{}", selection::HELP, EXAMPLES))]
pub(crate) struct Arguments {
    /// The policies, or folders of policies; `-` is standard input
    #[arg(required_unless_present = "image", value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// Where they run: once, or once for each policy in their order
    #[arg(long, value_name = "FILE")]
    deploy: Vec<PathBuf>,
    /// What the server has: its answer to `tools/list`; else `tools.json` beside the policy
    #[arg(long, value_name = "FILE", requires = "policies")]
    tools: Option<PathBuf>,
    /// Other manifests of the namespace: report what weakens or breaks the policy
    #[arg(long, value_name = "DIR", requires = "policies")]
    manifests: Option<PathBuf>,
    /// Ask the registry for this image of the filter
    #[arg(long, value_name = "REF", value_parser = reference)]
    image: Option<Reference>,
    /// Ask the registries for the image of every deployment
    #[arg(long, requires = "policies")]
    images: bool,
    #[command(flatten)]
    report: Report,
}

const EXAMPLES: &str = "Examples:\n  \
    mcp-guard check policy.yaml\n  \
    mcp-guard check policy.yaml --deploy deploy.yaml --manifests k8s/ai-agents/\n  \
    mcp-guard check servers/ --images --format github\n  \
    mcp-guard check --image registry.example.com/mcp-guard-filter@sha256:…\n  \
    mcp-guard check policy.yaml --format sarif 2> findings.sarif";

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut sources = Sources::default();
    let mut found = Diagnostics::default();
    let compiled = match compile(arguments, &mut sources, &mut found) {
        Ok(compiled) => compiled,
        Err(reason) => return could_not_run(&reason),
    };
    artefacts::check(&compiled, &mut found);
    if let Err(unreadable) = check_manifests(arguments, &compiled, &mut sources, &mut found) {
        return could_not_run(&unreadable);
    }
    check_images(arguments, &compiled, &mut found);
    status(arguments.report.show(&sources, found))
}

fn compile(
    arguments: &Arguments,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Result<Vec<Compiled>, String> {
    let tools = arguments.tools.as_deref();
    let members = selection::members(&arguments.policies, &arguments.deploy)
        .and_then(|members| selection::with_tools(members, tools));
    let members = members.map_err(|unusable| unusable.to_string())?;
    compile_all(&members, Overrides::default(), sources, found)
        .map_err(|unreadable| unreadable.to_string())
}

/// Compiles every member; what is wrong with one does not hide what is wrong with another.
pub(crate) fn compile_all(
    members: &[Member],
    overrides: Overrides,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Result<Vec<Compiled>, Unreadable> {
    let mut compiled = Vec::new();
    for member in members {
        let input = files::load(sources, member, overrides)?;
        let mut own = Diagnostics::default();
        let compilation = compilation::compile(sources, &input, &mut own);
        compiled.extend(compilation.map(|compilation| Compiled::new(member, compilation)));
        found.extend(own.into_sorted());
    }
    Ok(compiled)
}

fn check_manifests(
    arguments: &Arguments,
    compiled: &[Compiled],
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Result<(), Unreadable> {
    let Some(folder) = &arguments.manifests else {
        return Ok(());
    };
    let files = files::add_manifests(sources, folder)?;
    let manifests: Vec<_> = files
        .into_iter()
        .flat_map(|file| review::read(sources, file, found))
        .collect();
    for one in compiled {
        review::run(&one.compilation, &manifests, found);
    }
    Ok(())
}

fn check_images(arguments: &Arguments, compiled: &[Compiled], found: &mut Diagnostics) {
    let named = arguments.image.iter().cloned().map(|image| (image, None));
    let deployed = compiled.iter().filter_map(deployed_image);
    let deployed = deployed.filter(|_| arguments.images);
    for (reference, span) in named.chain(deployed) {
        image::check(&reference, &registry::ask(&reference), span, found);
    }
}

fn deployed_image(compiled: &Compiled) -> Option<(Reference, Option<Span>)> {
    let image = &compiled.compilation.deployment.as_ref()?.image;
    let digest = image.digest.as_ref();
    let span = digest.map_or(image.url.span, |digest| digest.span);
    Some((Reference::of(image)?, Some(span)))
}

fn reference(text: &str) -> Result<Reference, String> {
    Reference::parse(text).ok_or_else(|| "this is no reference to an image".to_string())
}
