//! What a message asks for, and whether another policy would let it.

use super::client::{Context, Params, decide_call, task, text};
use super::{Decision, Ruling, Target};
use crate::json::Value;
use crate::jsonrpc::Message;
use crate::mcp::{Era, Governs, client_method};

/// What is kept of a message while its answer streams: all that decides about it but its arguments,
/// of which there may be much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    method: String,
    request: bool,
    era: Era,
    /// Whether it is about tasks.
    tasks: bool,
    /// What it names; of `subscriptions/listen`, each resource.
    targets: Vec<Target>,
}

impl Ask {
    /// What that message asks for. None: it answers a question.
    pub(crate) fn of(message: &Message<'_>, era: Era, target: &Target) -> Option<Self> {
        let (method, params, request) = match message {
            Message::Request { method, params, .. } => (method, *params, true),
            Message::Notification { method, params } => (method, *params, false),
            Message::Answer { .. } => return None,
        };
        let get = |key: &str| params?.get(key);
        let governs = client_method(method).map(|known| known.governs);
        let (tasks, targets) = match governs {
            Some(Governs::Listen) => listened(get("notifications")),
            Some(Governs::Tool) => (get("task").is_some(), vec![target.clone()]),
            _ => (false, vec![target.clone()]),
        };
        Some(Self {
            method: method.to_string(),
            request,
            era,
            tasks,
            targets,
        })
    }

    /// Bytes of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        let target = |target: &Target| size_of::<Target>().saturating_add(target.name().len());
        let targets = self.targets.iter().map(target);
        targets.fold(self.method.len(), usize::saturating_add)
    }

    /// Decides anew. As in a list, what it names passes if some call of it could; a human who let a
    /// call pass is not asked again.
    pub(crate) fn decide(&self, ruling: Ruling<'_>) -> Decision {
        let context = Context {
            ruling,
            era: self.era,
        };
        let known = client_method(&self.method);
        let tasks = self
            .tasks
            .then(|| task(ruling).unwrap_or_else(|refused| refused));
        let targets = self.targets.iter().map(|target| {
            let (name, params) = (&self.method, Params::Forgotten);
            decide_call(context, name, known, params, self.request, target).admitted()
        });
        Decision::of_all(tasks.into_iter().chain(targets))
    }
}

/// Whether a subscription is about tasks, and its resources.
fn listened(filter: Option<Value<'_>>) -> (bool, Vec<Target>) {
    let get = |key: &str| filter?.get(key);
    let uris = get("resourceSubscriptions");
    let uris = uris.iter().flat_map(|uris| uris.items());
    let mut targets: Vec<Target> = uris.filter_map(text).map(Target::Resource).collect();
    if targets.is_empty() {
        targets.push(Target::None);
    }
    (get("taskIds").is_some(), targets)
}
