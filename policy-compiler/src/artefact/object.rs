//! One Kubernetes object.

use crate::yaml::write;
use serde_json::{Map, Value, json};

/// Annotation with the policy path that made the object: `allow.read-code`, `egress.hosts`.
pub const ANNOTATION_SOURCE: &str = "mcp-guard.dev/source";

/// Annotation with the policy's digest.
pub const ANNOTATION_DIGEST: &str = "mcp-guard.dev/policy-digest";

/// Annotation with what the reader of an object should know: comments do not reach the cluster.
pub const ANNOTATION_NOTE: &str = "mcp-guard.dev/note";

/// Where an object comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The policy path that made it; line numbers would change all objects at one inserted line.
    pub path: String,
    /// The policy's digest, where the object depends on the whole policy. An object that depends on
    /// a part alone names no digest, so that a change elsewhere leaves it untouched.
    pub digest: Option<String>,
}

/// A Kubernetes object, keys in the order in which people write them.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    value: Value,
}

impl Object {
    /// An object without a spec.
    #[must_use]
    pub fn new(
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
        provenance: &Provenance,
    ) -> Self {
        let mut annotations = Map::new();
        annotations.insert(ANNOTATION_SOURCE.into(), provenance.path.clone().into());
        if let Some(digest) = &provenance.digest {
            annotations.insert(ANNOTATION_DIGEST.into(), digest.clone().into());
        }
        Self {
            value: json!({
                "apiVersion": api_version,
                "kind": kind,
                "metadata": {"name": name, "namespace": namespace, "annotations": annotations},
            }),
        }
    }

    /// Adds or replaces a top-level field, `spec` mostly.
    #[must_use]
    pub fn with(mut self, key: &str, field: Value) -> Self {
        if let Some(map) = self.value.as_object_mut() {
            map.insert(key.into(), field);
        }
        self
    }

    /// Adds an annotation.
    #[must_use]
    pub fn annotate(mut self, key: &str, text: &str) -> Self {
        let annotations = self.value.pointer_mut("/metadata/annotations");
        if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
            annotations.insert(key.into(), text.into());
        }
        self
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// Its namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// The object as a value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The object as YAML.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        write::document(&self.value)
    }

    fn text(&self, pointer: &str) -> &str {
        self.value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}
