//! Prints generated URIs that the engine accepts, for resolvers that know nothing of it.
//!
//! `uri_corpus [COUNT] [SEED]` generates COUNT different URIs, the same ones for the same seed.
//! Each one that fits a pattern is a line of two JSON strings with a tab between: the root that
//! the pattern allows, and the URI. It fails if so few are accepted that the check says nothing.
//!
//! `uri_corpus characters` prints all characters that are accepted in a path, as ranges of code
//! points in hexadecimal.

mod grammar;
mod random;
mod words;

use mcp_guard_engine::uri::{PatternFault, ResourcePattern, ResourceUri};
use random::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use words::{ROOTS, Root};

const COUNT: usize = 120_000;
const SEED: u64 = 20_261_120;

/// Below this the resolvers would have nothing to contradict.
const FEWEST_ACCEPTED_PERCENT: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("uri_corpus: {error}");
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[String]) -> Result<bool, Box<dyn std::error::Error>> {
    match arguments {
        [] => run(COUNT, SEED),
        [word] if word == "characters" => characters(),
        [count] => run(count.parse()?, SEED),
        [count, seed, ..] => run(count.parse()?, seed.parse()?),
    }
}

fn characters() -> Result<bool, Box<dyn std::error::Error>> {
    let accepted = |c: &char| ResourceUri::parse(&format!("repo://acme/a{c}b")).is_ok();
    let mut range: Option<(u32, u32)> = None;
    let mut out = BufWriter::new(io::stdout().lock());
    for code in ('\0'..=char::MAX).filter(accepted).map(u32::from) {
        match &mut range {
            Some((_, end)) if end.checked_add(1) == Some(code) => *end = code,
            _ => {
                if let Some((start, end)) = range.replace((code, code)) {
                    writeln!(out, "{start:04X} {end:04X}")?;
                }
            }
        }
    }
    if let Some((start, end)) = range {
        writeln!(out, "{start:04X} {end:04X}")?;
    }
    out.flush()?;
    Ok(true)
}

fn run(count: usize, seed: u64) -> Result<bool, Box<dyn std::error::Error>> {
    let roots = compiled()?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut random = Random::new(seed);
    let mut seen = BTreeSet::new();
    let mut accepted = 0_usize;
    let mut refused: BTreeMap<&'static str, usize> = BTreeMap::new();
    while seen.len() < count {
        let Some((root, patterns)) = random.pick(&roots) else {
            break;
        };
        let uri = grammar::uri(root, &mut random);
        if !seen.insert(uri.clone()) {
            continue;
        }
        match ResourceUri::parse(&uri) {
            Ok(parsed) if patterns.iter().any(|pattern| pattern.permits(&parsed)) => {
                let (root, uri) = (
                    serde_json::to_string(root.uri)?,
                    serde_json::to_string(&uri)?,
                );
                writeln!(out, "{root}\t{uri}")?;
                accepted = accepted.saturating_add(1);
            }
            Ok(_) => count_one(&mut refused, "outside_the_pattern"),
            Err(fault) => count_one(&mut refused, fault.label()),
        }
    }
    out.flush()?;
    eprintln!("uri_corpus: {} generated, {accepted} accepted", seen.len());
    eprintln!("uri_corpus: refused {refused:?}");
    Ok(accepted.saturating_mul(100) >= count.saturating_mul(FEWEST_ACCEPTED_PERCENT))
}

fn compiled() -> Result<Vec<(&'static Root, Vec<ResourcePattern>)>, PatternFault> {
    let compile = |root: &'static Root| {
        let patterns = root.patterns.iter().map(|text| ResourcePattern::new(text));
        Ok((root, patterns.collect::<Result<_, _>>()?))
    };
    ROOTS.iter().map(compile).collect()
}

fn count_one(counts: &mut BTreeMap<&'static str, usize>, label: &'static str) {
    let count = counts.entry(label).or_default();
    *count = count.saturating_add(1);
}
