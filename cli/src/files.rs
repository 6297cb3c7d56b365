//! Files of the user: read here and nowhere else.

use mcp_guard_compiler::compilation::Input;
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::policy::imports;
use mcp_guard_compiler::source::{FileId, Sources};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file that could not be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    path: PathBuf,
    error: std::io::Error,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read `{}`: {}", self.path.display(), self.error)
    }
}

/// Loads a policy, what it imports, its deployment, and what the server was seen to have.
pub(crate) fn load(
    sources: &mut Sources,
    policy: &Path,
    deployment: Option<&Path>,
    tools: Option<&Path>,
    overrides: Overrides,
) -> Result<Input, Unreadable> {
    let file = add(sources, policy)?;
    let beside = policy.parent().unwrap_or(Path::new(""));
    let mut imported = std::collections::BTreeMap::new();
    for name in imports(sources, file) {
        // A missing import is the policy's mistake, and said with its place.
        if let Ok(file) = add(sources, &beside.join(&name.value)) {
            imported.insert(name.value, file);
        }
    }
    let captured = match tools {
        Some(path) => Some(add(sources, path)?),
        // One that lies beside the policy is used without being asked for.
        None => match add(sources, &beside.join("tools.json")) {
            Err(missing) if missing.error.kind() == std::io::ErrorKind::NotFound => None,
            read => Some(read?),
        },
    };
    Ok(Input {
        policy: file,
        captured,
        imported,
        deployment: deployment.map(|path| add(sources, path)).transpose()?,
        overrides,
    })
}

fn add(sources: &mut Sources, path: &Path) -> Result<FileId, Unreadable> {
    let text = read(path).map_err(|error| Unreadable {
        path: path.into(),
        error,
    })?;
    Ok(sources.add(path.display().to_string(), text))
}

/// A file, or standard input for `-`.
fn read(path: &Path) -> std::io::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path)
}
