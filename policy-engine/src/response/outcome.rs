//! What judging a server's message yields.

use crate::decision::Reason;
use crate::json::Edits;

/// What becomes of one message.
#[derive(Debug)]
pub(super) enum Judged {
    /// It passes, with these changes.
    Pass(Edits),
    /// It is left out.
    Drop,
    /// Another message takes its place.
    Replace(Vec<u8>),
    /// Its request is answered with an error.
    Refuse(Reason),
}

/// How many items were taken out, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filtered {
    /// Tools of a list.
    pub tools: u32,
    /// Prompts of a list.
    pub prompts: u32,
    /// Resources of a list.
    pub resources: u32,
    /// Resource templates of a list.
    pub resource_templates: u32,
    /// Links to resources in a result.
    pub resource_links: u32,
    /// Requests and notifications of the server.
    pub server_messages: u32,
}

impl Filtered {
    /// The numbers by the names that metrics use.
    #[must_use]
    pub fn by_kind(&self) -> [(&'static str, u32); 6] {
        [
            ("tools", self.tools),
            ("prompts", self.prompts),
            ("resources", self.resources),
            ("resource_templates", self.resource_templates),
            ("resource_links", self.resource_links),
            ("server_messages", self.server_messages),
        ]
    }
}
