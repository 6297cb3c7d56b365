//! Label selectors, as Kubernetes evaluates them (`LabelSelector` of apimachinery).

use crate::yaml::Node;
use std::collections::BTreeMap;

/// The labels of something that may be selected.
#[derive(Debug)]
pub(super) struct Labels {
    known: BTreeMap<String, String>,
    /// Whether it has no others. Else it may have any.
    is_whole: bool,
}

impl Labels {
    pub(super) fn whole(known: BTreeMap<String, String>) -> Self {
        let is_whole = true;
        Self { known, is_whole }
    }

    pub(super) fn some(known: BTreeMap<String, String>) -> Self {
        let is_whole = false;
        Self { known, is_whole }
    }

    /// Whether they may have all of these: a map of keys and values.
    pub(super) fn may_have(&self, labels: &Node) -> bool {
        labels.entries().all(|(key, value)| {
            let wanted = value.scalar();
            self.may(&key.value, |known| wanted == Some(known))
        })
    }

    /// Whether a selector, by `matchLabels` and `matchExpressions`, may choose them.
    pub(super) fn may_be_chosen(&self, selector: &Node) -> bool {
        let expressions = selector.get("matchExpressions").map(Node::items);
        let mut expressions = expressions.unwrap_or_default().iter();
        let labels = selector.get("matchLabels");
        labels.is_none_or(|labels| self.may_have(labels))
            && expressions.all(|expression| self.may_satisfy(expression))
    }

    fn may_satisfy(&self, expression: &Node) -> bool {
        let text = |key| expression.get(key).and_then(Node::scalar);
        let key = text("key").unwrap_or_default();
        let values = expression.get("values").map(Node::items);
        let lists = |known: &str| {
            let mut values = values.unwrap_or_default().iter();
            values.any(|value| value.scalar() == Some(known))
        };
        match text("operator") {
            Some("In") => self.may(key, lists),
            // A label that is not there is in no list.
            Some("NotIn") => self.known.get(key).is_none_or(|known| !lists(known)),
            Some("Exists") => self.may(key, |_| true),
            Some("DoesNotExist") => !self.known.contains_key(key),
            // The API server takes no other.
            _ => true,
        }
    }

    fn may(&self, key: &str, fits: impl Fn(&str) -> bool) -> bool {
        match self.known.get(key) {
            Some(known) => fits(known),
            None => !self.is_whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Labels;
    use crate::source::{Sources, Span};
    use crate::yaml::Node;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[test]
    fn expressions_are_evaluated_as_kubernetes_does() {
        let known = || BTreeMap::from([("app".to_owned(), "a".to_owned())]);
        let mut sources = Sources::default();
        let file = sources.add("x", "");
        for (key, operator, values, of_whole, of_some) in [
            ("app", "In", json!(["a", "b"]), true, true),
            ("app", "In", json!(["b"]), false, false),
            ("tier", "In", json!(["b"]), false, true),
            ("app", "NotIn", json!(["a"]), false, false),
            ("app", "NotIn", json!(["b"]), true, true),
            ("tier", "NotIn", json!(["b"]), true, true),
            ("app", "Exists", json!([]), true, true),
            ("tier", "Exists", json!([]), false, true),
            ("app", "DoesNotExist", json!([]), false, false),
            ("tier", "DoesNotExist", json!([]), true, true),
        ] {
            let expression = json!({"key": key, "operator": operator, "values": values});
            let selector = json!({"matchExpressions": [expression]});
            let span = Span {
                file,
                start: 0,
                end: 0,
            };
            let node = Node::from_json(&selector, span);
            assert_eq!(
                Labels::whole(known()).may_be_chosen(&node),
                of_whole,
                "{selector}"
            );
            assert_eq!(
                Labels::some(known()).may_be_chosen(&node),
                of_some,
                "{selector}"
            );
        }
    }
}
