//! Replays the seeds of the fuzz targets, and every input that ever failed.

use mcp_guard_tests::fuzzing::TARGETS;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn inputs_hold() {
    for (target, run) in TARGETS {
        let seeds = files(&folder("corpus").join(target));
        assert!(!seeds.is_empty(), "{target} has no seeds");
        for path in [seeds, files(&folder("regressions").join(target))].concat() {
            // Shown only if the test fails.
            println!("{}", path.display());
            run(&fs::read(path).unwrap());
        }
    }
}

#[test]
fn every_target_is_fuzzed() {
    for (target, _) in TARGETS {
        let path = folder("targets").join(target).with_extension("rs");
        assert!(path.is_file(), "{} is missing", path.display());
    }
    assert_eq!(files(&folder("targets")).len(), TARGETS.len());
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz")
        .join(name)
}

/// The files in a folder; none if it does not exist.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}
