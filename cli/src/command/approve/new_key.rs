//! Making a key pair.

use super::Arguments;
use crate::output::{print, tell};
use crate::report::could_not_run;
use mcp_guard_engine::approval::{Algorithm, PrivateKey};
use mcp_guard_engine::base64;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(arguments: &Arguments, path: &Path) -> ExitCode {
    let kid = arguments.kid.as_deref().unwrap_or_default();
    match make(arguments.algorithm.into(), kid, path) {
        Ok(public) => {
            tell(&format!(
                "wrote the private key to {}: keep it where only the approval desk can read it\n",
                path.display()
            ));
            print(&public)
        }
        Err(error) => could_not_run(&error),
    }
}

fn make(algorithm: Algorithm, kid: &str, path: &Path) -> Result<String, String> {
    if kid.is_empty() {
        return Err("`--kid` is empty".to_owned());
    }
    let mut secret = [0; 32];
    let key = loop {
        getrandom::fill(&mut secret).map_err(|error| format!("no random bytes: {error}"))?;
        // Of 2^32 numbers, one is no key of P-256.
        if let Some(key) = PrivateKey::new(algorithm, &secret) {
            break key;
        }
    };
    let public = serde_json::to_value(key.public(kid)).map_err(|error| error.to_string())?;
    let mut private = public.clone();
    if let Some(members) = private.as_object_mut() {
        members.insert("d".to_owned(), json!(base64::encode_url(&secret)));
    }
    write_secret(path, &format!("{private}\n"))
        .map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    Ok(format!("{public}\n"))
}

/// Writes a new file that only its owner can read, from its first byte on.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
