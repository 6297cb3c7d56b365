//! One object of a manifest file.

use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Sources, Span, Spanned};
use crate::yaml::{self, Node};
use serde_json::Value;

/// A Kubernetes object as it was written.
#[derive(Clone, Debug)]
pub struct Manifest {
    node: Node,
}

/// Reads the objects of a file; a `List` is its items. What is no object is left out.
pub fn read(sources: &Sources, file: FileId, found: &mut Diagnostics) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    for node in yaml::parse_documents(sources, file, found) {
        let manifest = Manifest { node };
        let is_list = manifest.kind().ends_with("List") && manifest.at(&["items"]).is_some();
        match is_list {
            true => {
                let items = manifest.items(&["items"]).iter();
                manifests.extend(items.map(|item| Manifest { node: item.clone() }));
            }
            false => manifests.push(manifest),
        }
    }
    manifests.retain(|manifest| !manifest.kind().is_empty());
    manifests
}

impl Manifest {
    /// An object that was not written but read from a cluster: all of it stands at `span`.
    #[must_use]
    pub fn live(value: &Value, span: Span) -> Self {
        let node = Node::from_json(value, span);
        Self { node }
    }

    /// Its kind; empty where it has none.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text(&["kind"]).unwrap_or_default()
    }

    /// The group of its API; empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        let version = self.text(&["apiVersion"]).unwrap_or_default();
        version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text(&["metadata", "name"]).unwrap_or_default()
    }

    /// Its namespace, where it says one; whoever applies it may choose one, else.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.text(&["metadata", "namespace"])
    }

    /// `WasmPlugin mcp-guard`, for messages.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} `{}`", self.kind(), self.name())
    }

    /// An annotation.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&Node> {
        self.at(&["metadata", "annotations", key])
    }

    /// Where it is named.
    #[must_use]
    pub fn span(&self) -> Span {
        let name = self.at(&["metadata", "name"]);
        name.or_else(|| self.at(&["kind"]))
            .map_or(self.node.span, |node| node.span)
    }

    /// The value at the end of a path.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        self.node.at(path)
    }

    /// The key at the end of a path, and its value.
    #[must_use]
    pub fn entry(&self, path: &[&str]) -> Option<(&Spanned<String>, &Node)> {
        let (last, parents) = path.split_last()?;
        self.node.at(parents)?.entry(last)
    }

    /// What a scalar at the end of a path says.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.scalar()
    }

    /// The items of the list at the end of a path.
    #[must_use]
    pub fn items(&self, path: &[&str]) -> &[Node] {
        self.at(path).map(Node::items).unwrap_or_default()
    }
}
