//! `mcp-guard check`: everything that is wrong, in one run.

use crate::artefacts::{self, Compiled, Named};
use crate::files::{self, Unreadable};
use crate::registry;
use crate::report::{Report, could_not_run, status};
use crate::selection::{self, Selection};
use clap::Args;
use mcp_guard_compiler::deployment::{Overrides, Reference};
use mcp_guard_compiler::review::{self, image};
use mcp_guard_compiler::source::Span;
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
    let selection = Selection {
        policies: &arguments.policies,
        deploy: &arguments.deploy,
        tools: arguments.tools.as_deref(),
    };
    let mut compiled = match artefacts::compile(selection, Overrides::default()) {
        Ok(compiled) => compiled,
        Err(reason) => return could_not_run(&reason),
    };
    if let Err(unreadable) = check_manifests(arguments, &mut compiled) {
        return could_not_run(&unreadable);
    }
    check_images(arguments, &mut compiled);
    status(arguments.report.show(&compiled.sources, compiled.found))
}

fn check_manifests(arguments: &Arguments, compiled: &mut Compiled) -> Result<(), Unreadable> {
    let Some(folder) = &arguments.manifests else {
        return Ok(());
    };
    let Compiled { sources, found, .. } = compiled;
    let manifests: Vec<_> = files::add_manifests(sources, folder)?
        .into_iter()
        .flat_map(|file| review::read(sources, file, found))
        .collect();
    for one in &compiled.policies {
        review::run(&one.compilation, &manifests, found);
    }
    Ok(())
}

fn check_images(arguments: &Arguments, compiled: &mut Compiled) {
    let named = arguments.image.iter().cloned().map(|image| (image, None));
    let deployed = compiled.policies.iter().filter_map(deployed_image);
    let deployed = deployed.filter(|_| arguments.images);
    for (reference, span) in named.chain(deployed) {
        let answer = registry::ask(&reference);
        image::check(&reference, &answer, span, &mut compiled.found);
    }
}

fn deployed_image(policy: &Named) -> Option<(Reference, Option<Span>)> {
    let image = &policy.compilation.deployment.as_ref()?.image;
    let digest = image.digest.as_ref();
    let span = digest.map_or(image.url.span, |digest| digest.span);
    Some((Reference::of(image)?, Some(span)))
}

fn reference(text: &str) -> Result<Reference, String> {
    Reference::parse(text).ok_or_else(|| "this is no reference to an image".to_string())
}
