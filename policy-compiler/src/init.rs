//! A first policy, proposed from the tools that a server lists.

mod render;
mod tools;

pub use render::{deployment, policy};
pub use tools::{Level, Proposal, Tool, read};

/// What is known of the server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// The port of its container.
    pub port: u16,
    /// The path that speaks MCP.
    pub path: String,
    /// Its tools.
    pub tools: Vec<Tool>,
}
