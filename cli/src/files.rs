//! Files of the user: read here and nowhere else.

use crate::selection::{Selected, TOOLS};
use mcp_guard_compiler::compilation::Input;
use mcp_guard_compiler::deployment::Overrides;
use mcp_guard_compiler::policy::imports;
use mcp_guard_compiler::source::{FileId, Sources};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A file that could not be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    path: PathBuf,
    error: io::Error,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read `{}`: {}", self.path.display(), self.error)
    }
}

/// Loads a policy, what it imports, its deployment, and what the server was seen to have.
pub(crate) fn load(
    sources: &mut Sources,
    selected: &Selected,
    overrides: Overrides,
) -> Result<Input, Unreadable> {
    let file = add(sources, &selected.policy)?;
    let beside = selected.policy.parent().unwrap_or(Path::new(""));
    let mut imported = BTreeMap::new();
    for name in imports(sources, file) {
        // A missing import is the policy's mistake, and said with its place.
        if let Ok(file) = add(sources, &beside.join(&name.value)) {
            imported.insert(name.value, file);
        }
    }
    let captured = match &selected.tools {
        Some(path) => Some(add(sources, path)?),
        // One that lies beside the policy is used without being asked for.
        None => match add(sources, &beside.join(TOOLS)) {
            Err(missing) if missing.error.kind() == io::ErrorKind::NotFound => None,
            read => Some(read?),
        },
    };
    let deployment = selected.deploy.as_deref();
    Ok(Input {
        policy: file,
        captured,
        imported,
        deployment: deployment.map(|path| add(sources, path)).transpose()?,
        overrides,
    })
}

/// A file's bytes; `-` is standard input, which is there once.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Unreadable> {
    let read = match path == Path::new("-") {
        true => standard_input(),
        false => std::fs::read(path),
    };
    read.map_err(|error| Unreadable {
        path: path.into(),
        error,
    })
}

fn standard_input() -> io::Result<Vec<u8>> {
    static WAS_READ: AtomicBool = AtomicBool::new(false);
    if WAS_READ.swap(true, Ordering::Relaxed) {
        return Err(io::Error::other("standard input can be read only once"));
    }
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file's text; `-` is standard input.
pub(crate) fn text(path: &Path) -> Result<String, Unreadable> {
    String::from_utf8(bytes(path)?).map_err(|error| Unreadable {
        path: path.into(),
        error: io::Error::other(format!("it is not UTF-8 ({})", error.utf8_error())),
    })
}

/// Every YAML file under `folder`, in order of their names; none, if it does not exist.
pub(crate) fn yaml_under(folder: &Path) -> Result<Vec<PathBuf>, Unreadable> {
    let unreadable = |error| Unreadable {
        path: folder.into(),
        error,
    };
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unreadable)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        // Links are not followed, so that none leads in a circle.
        if entry.file_type().map_err(unreadable)?.is_dir() {
            files.extend(yaml_under(&entry.path())?);
        } else if is_yaml(&entry.path()) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Whether its name says that it holds YAML.
pub(crate) fn is_yaml(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Writes files that do not exist yet: all of them, or none.
pub(crate) fn write_new(texts: &[(PathBuf, String)]) -> Result<(), String> {
    if let Some((path, _)) = texts.iter().find(|(path, _)| path.exists()) {
        return Err(format!(
            "`{}` exists, and is not overwritten",
            path.display()
        ));
    }
    for (path, text) in texts {
        write(path, text).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create_new(path)?;
    std::io::Write::write_all(&mut file, text.as_bytes())
}

/// Adds one file.
pub(crate) fn add(sources: &mut Sources, path: &Path) -> Result<FileId, Unreadable> {
    Ok(sources.add(path.display().to_string(), text(path)?))
}

/// Adds every manifest of a folder and of the folders in it, hidden ones too, as `kubectl apply`
/// does, in the order of their paths.
pub(crate) fn add_manifests(
    sources: &mut Sources,
    folder: &Path,
) -> Result<Vec<FileId>, Unreadable> {
    let files = walk_but(folder, |name| name == ".git")?;
    let is_manifest = |path: &&PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| matches!(extension, "yaml" | "yml" | "json"))
    };
    files
        .iter()
        .filter(is_manifest)
        .map(|path| add(sources, path))
        .collect()
}

/// Every file of a folder and of the folders in it, hidden ones left out, in the order of their
/// paths. A link to a folder is not followed: it could lead in circles.
pub(crate) fn walk(folder: &Path) -> Result<Vec<PathBuf>, Unreadable> {
    walk_but(folder, |name| name.starts_with('.'))
}

/// Every file of a folder and of the folders in it, but those with a name that is left out.
fn walk_but(folder: &Path, is_left_out: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, Unreadable> {
    let unreadable = |path: &Path| {
        let path = path.to_path_buf();
        move |error| Unreadable { path, error }
    };
    let mut folders = vec![folder.to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(unreadable(&folder))? {
            let entry = entry.map_err(unreadable(&folder))?;
            let path = entry.path();
            if is_left_out(&entry.file_name().to_string_lossy()) {
                continue;
            }
            let kind = entry.file_type().map_err(unreadable(&path))?;
            match kind.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    Ok(files)
}
