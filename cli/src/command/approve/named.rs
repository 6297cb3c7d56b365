//! The call that is approved, as it is described on the command line.

use super::Arguments;
use crate::arguments::nested;
use crate::files;
use crate::policy::Enforced;
use mcp_guard_engine::approval::Digest;
use mcp_guard_engine::json::{Document, Options, Surrogates};
use std::path::Path;

/// As much as a request may hold by far.
const OPTIONS: Options = Options {
    bytes: 64 << 20,
    depth: 128,
    keys: 1 << 20,
    values: 1 << 22,
    surrogates: Surrogates::Refuse,
};

/// The digest of the arguments that are given, if any are.
pub(super) fn digest(arguments: &Arguments) -> Result<Option<Digest>, String> {
    if let Some(path) = &arguments.arguments {
        let bytes = files::bytes(path).map_err(|error| error.to_string())?;
        return of_json(bytes, path).map(Some);
    }
    if arguments.pairs.is_empty() {
        return Ok(None);
    }
    let values = serde_json::to_vec(&nested(&arguments.pairs)?);
    let values = values.map_err(|error| error.to_string())?;
    of_json(values, Path::new("KEY=VALUE")).map(Some)
}

/// Read by the filter's reader, so that what it refuses is refused here.
fn of_json(text: Vec<u8>, path: &Path) -> Result<Digest, String> {
    let name = path.display();
    let document = Document::parse(text, OPTIONS).map_err(|fault| format!("`{name}` {fault}"))?;
    if !document.root().is_object() {
        return Err(format!("`{name}` is no JSON object"));
    }
    Digest::of(Some(document.root()))
        .map_err(|unfit| format!("`{name}` cannot be approved: it holds {unfit}"))
}

/// The principal of the caller that is named, by the policy's name for it or in full.
pub(super) fn principal(name: &str, enforced: &Enforced) -> Result<String, String> {
    if name.contains('/') {
        return Ok(name.trim_start_matches("spiffe://").to_owned());
    }
    enforced.check_caller(Some(name))?;
    let declared = enforced.spec().callers.get(name);
    let several = declared
        .is_some_and(|caller| caller.principals.len() != 1 || !caller.namespaces.is_empty());
    let identity = enforced.setting.caller(name)?;
    let principal = identity.caller.spiffe.as_deref().unwrap_or_default();
    match several && !principal.is_empty() {
        true => Err(format!(
            "`{name}` may be several principals: name the one that calls, as in `--as {}`",
            principal.trim_start_matches("spiffe://")
        )),
        false => Ok(principal.trim_start_matches("spiffe://").to_owned()),
    }
}
