//! A folder of compiled files: written whole or not at all, and compared with what is there.
//!
//! INVARIANT: nothing is replaced or removed but regular files that bear the compiler's mark.

use crate::files::{self, Unreadable};
use mcp_guard_compiler::artefact::is_marked;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Texts by their path below the folder.
pub(crate) type Files = BTreeMap<PathBuf, String>;

/// Which files of the folder are looked at for those that are no longer made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The folder is this layout's: all of it.
    Whole,
    /// Others may lie beside: its own files, and the folders that this layout fills.
    Own,
}

/// Why a layout was not written.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// Files of the same name that someone else made.
    Foreign(Vec<PathBuf>),
    /// A path that leads out of the folder.
    Outside(PathBuf),
    /// The folder cannot be read.
    Unreadable(Unreadable),
    /// A file cannot be written.
    Io(PathBuf, io::Error),
}

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(paths) => {
                f.write_str("nothing was written: these files were not made by mcp-guard")?;
                paths
                    .iter()
                    .try_for_each(|path| write!(f, "\n  {}", path.display()))
            }
            Self::Outside(path) => write!(f, "`{}` leads out of the folder", path.display()),
            Self::Unreadable(unreadable) => unreadable.fmt(f),
            Self::Io(path, error) => write!(f, "cannot write `{}`: {error}", path.display()),
        }
    }
}

impl From<Unreadable> for Unwritten {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

/// Writes the files that differ and removes those that are no longer made.
pub(crate) fn write(folder: &Path, files: &Files, scope: Scope) -> Result<(), Unwritten> {
    check_paths(folder, files)?;
    let foreign: Vec<PathBuf> = files
        .keys()
        .map(|path| folder.join(path))
        .filter(|path| path.symlink_metadata().is_ok() && !is_own(path))
        .collect();
    if !foreign.is_empty() {
        return Err(Unwritten::Foreign(foreign));
    }
    let stale = stale(folder, files, scope)?;
    for (path, text) in files {
        let path = folder.join(path);
        if std::fs::read(&path).ok().as_deref() != Some(text.as_bytes()) {
            replace(&path, text).map_err(|error| Unwritten::Io(path, error))?;
        }
    }
    for path in stale {
        let path = folder.join(path);
        std::fs::remove_file(&path).map_err(|error| Unwritten::Io(path, error))?;
    }
    Ok(())
}

/// How the folder differs from the files, a line for each difference.
pub(crate) fn differences(
    folder: &Path,
    files: &Files,
    scope: Scope,
) -> Result<Vec<String>, Unwritten> {
    check_paths(folder, files)?;
    let mut lines = Vec::new();
    for (path, text) in files {
        let shown = path.display();
        match std::fs::read(folder.join(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                lines.push(format!("missing: {shown}"));
            }
            Err(error) => return Err(Unwritten::Io(folder.join(path), error)),
            Ok(there) if there == text.as_bytes() => {}
            Ok(there) => {
                let line = first_difference(&there, text.as_bytes());
                lines.push(format!("changed: {shown}, from line {line}"));
            }
        }
    }
    let stale = stale(folder, files, scope)?;
    lines.extend(
        stale
            .iter()
            .map(|path| format!("stale: {}", path.display())),
    );
    Ok(lines)
}

/// The line, counted from 1, in which two texts first differ.
fn first_difference(one: &[u8], other: &[u8]) -> usize {
    let same = one.iter().zip(other).take_while(|(a, b)| a == b);
    let lines = same.filter(|(byte, _)| **byte == b'\n').count();
    lines.saturating_add(1)
}

/// Files with the compiler's mark that are no longer made.
fn stale(folder: &Path, files: &Files, scope: Scope) -> Result<Vec<PathBuf>, Unreadable> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let filled: BTreeSet<_> = files.keys().filter_map(|path| top(path)).collect();
    let is_looked_at = |path: &Path| match (scope, top(path)) {
        (Scope::Whole, _) | (_, None) => true,
        (Scope::Own, Some(top)) => filled.contains(top),
    };
    let there = files::walk(folder)?;
    let relative = there.iter().filter_map(|path| {
        let relative = path.strip_prefix(folder).ok()?;
        let is_stale = !files.contains_key(relative) && is_looked_at(relative) && is_own(path);
        is_stale.then(|| relative.to_path_buf())
    });
    Ok(relative.collect())
}

/// The folder at the top of a path; none for a file that stands at the top itself.
fn top(path: &Path) -> Option<&Path> {
    path.ancestors()
        .filter(|ancestor| !ancestor.as_os_str().is_empty())
        .skip(1)
        .last()
}

/// A regular file with the compiler's mark. A link is not one: what it leads to is another's.
fn is_own(path: &Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|metadata| metadata.is_file())
        && std::fs::read_to_string(path).is_ok_and(|text| is_marked(&text))
}

/// Puts a file in place in one step, so that nobody ever reads half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = folder.join(format!(".{name}.{}.new", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    let written = options
        .write(true)
        .create_new(true)
        .open(&new)
        .and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()))
        .and_then(|()| std::fs::rename(&new, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&new);
    }
    written
}

/// No path leads out of the folder, by its own parts or by a folder on the way that is a link.
fn check_paths(folder: &Path, files: &Files) -> Result<(), Unwritten> {
    let is_link = |path: PathBuf| {
        path.symlink_metadata()
            .is_ok_and(|there| there.is_symlink())
    };
    for path in files.keys() {
        let is_normal = |component| matches!(component, Component::Normal(_));
        if !path.components().all(is_normal) {
            return Err(Unwritten::Outside(path.clone()));
        }
        let parents = path.ancestors().skip(1);
        let mut parents = parents.filter(|parent| !parent.as_os_str().is_empty());
        if let Some(link) = parents.find(|parent| is_link(folder.join(parent))) {
            return Err(Unwritten::Outside(folder.join(link)));
        }
    }
    Ok(())
}
