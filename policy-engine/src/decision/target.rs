/// What a message is about, for the answer and the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// Nothing in particular.
    #[default]
    None,
    /// A tool by name.
    Tool(String),
    /// A prompt by name.
    Prompt(String),
    /// A resource by URI, or a template of URIs.
    Resource(String),
}

impl Target {
    /// The name or URI.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::None => "",
            Self::Tool(name) | Self::Prompt(name) | Self::Resource(name) => name,
        }
    }
}
