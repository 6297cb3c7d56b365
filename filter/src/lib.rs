//! The Proxy-Wasm shell: reads host facts, runs the engine, performs its effects.
//!
//! It decides nothing. [`plugin`] holds the configuration, [`stream`] one HTTP stream, and
//! [`host`] is the only file that calls the host. Nothing here panics: a panic would end the VM of
//! its worker, and with it every later request.
#![cfg(target_family = "wasm")]

mod approvals;
mod delivery;
mod host;
mod memory;
mod metrics;
mod peer;
mod plugin;
mod request;
mod response;
mod stream;
mod succession;

/// The same algorithm as the C library's, which the module would hold otherwise, in less code.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

// The macro makes the entry point that the host calls, and cannot document it.
mod entry {
    use crate::{host, plugin::Plugin};
    use proxy_wasm::traits::RootContext;
    use proxy_wasm::types::LogLevel;

    proxy_wasm::main! {{
        std::panic::set_hook(Box::new(|info| host::log(LogLevel::Critical, &info.to_string())));
        proxy_wasm::set_root_context(|id| -> Box<dyn RootContext> { Box::new(Plugin::new(id)) });
    }}
}
