//! What `--version` says: the tool, and every format that it reads or writes.

use mcp_guard_compiler::deployment::IstioVersion;
use mcp_guard_compiler::lower::FORMATS;
use mcp_guard_compiler::policy;
use std::sync::LazyLock;

/// `0.1.0 (language 1, format 1..2, Istio 1.29..1.31)`.
pub(crate) static TEXT: LazyLock<String> = LazyLock::new(|| {
    let tool = env!("CARGO_PKG_VERSION");
    let language = policy::VERSION;
    let (oldest, newest) = FORMATS;
    let istio: Vec<&str> = IstioVersion::WORDS.iter().map(|(word, _)| *word).collect();
    let first = istio.first().copied().unwrap_or_default();
    let last = istio.last().copied().unwrap_or_default();
    format!("{tool} (language {language}, format {oldest}..{newest}, Istio {first}..{last})")
});
