//! What a client asks for, in few words.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A request by what it names; exactly one of `tool`, `prompt`, `resource` and `method` is given.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Call {
    /// A tool to call.
    pub tool: Option<String>,
    /// A prompt to get.
    pub prompt: Option<String>,
    /// The URI of a resource to read.
    pub resource: Option<String>,
    /// Any other method, or a notification.
    pub method: Option<String>,
    /// Arguments of the tool or prompt.
    pub arguments: Option<Map<String, Value>>,
    /// Parameters of the method.
    pub params: Option<Map<String, Value>>,
}

impl Call {
    /// The JSON-RPC message.
    ///
    /// # Errors
    /// A sentence that says what cannot be meant.
    pub fn message(&self) -> Result<Value, String> {
        let named = [&self.tool, &self.prompt, &self.resource, &self.method];
        if named.into_iter().flatten().count() != 1 {
            return Err("needs exactly one of `tool`, `prompt`, `resource`, `method`".to_owned());
        }
        if self.arguments.is_some() && self.tool.is_none() && self.prompt.is_none() {
            return Err("`arguments` are those of a `tool` or `prompt`".to_owned());
        }
        if self.params.is_some() && self.method.is_none() {
            return Err("`params` are those of a `method`".to_owned());
        }
        Ok(self.request())
    }

    fn request(&self) -> Value {
        if let Some(name) = &self.tool {
            return request("tools/call", Some(self.named(name)));
        }
        if let Some(name) = &self.prompt {
            return request("prompts/get", Some(self.named(name)));
        }
        if let Some(uri) = &self.resource {
            return request("resources/read", Some(json!({"uri": uri})));
        }
        let method = self.method.as_deref().unwrap_or_default();
        request(method, self.params.clone().map(Value::Object))
    }

    fn named(&self, name: &str) -> Value {
        match &self.arguments {
            Some(arguments) => json!({"name": name, "arguments": arguments}),
            None => json!({"name": name}),
        }
    }
}

/// A request, or a notification where the method is one.
fn request(method: &str, params: Option<Value>) -> Value {
    let mut message = json!({"jsonrpc": "2.0", "method": method});
    if let Some(members) = message.as_object_mut() {
        if !method.starts_with("notifications/") {
            members.insert("id".to_owned(), Value::from(1));
        }
        members.extend(params.map(|params| ("params".to_owned(), params)));
    }
    message
}

#[cfg(test)]
mod tests {
    use super::Call;
    use serde_json::json;

    fn message(call: serde_json::Value) -> Result<serde_json::Value, String> {
        let call: Call = serde_json::from_value(call).unwrap();
        call.message()
    }

    #[test]
    fn a_call_is_the_message_that_a_client_would_send() {
        let tool = json!({"tool": "search", "arguments": {"q": "a"}});
        let expected = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "search", "arguments": {"q": "a"}}});
        assert_eq!(message(tool).unwrap(), expected);
        let notification = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let method = json!({"method": "notifications/initialized"});
        assert_eq!(message(method).unwrap(), notification);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert!(message(json!({})).is_err());
        assert!(message(json!({"tool": "a", "prompt": "b"})).is_err());
        assert!(message(json!({"resource": "a:b", "arguments": {}})).is_err());
        assert!(message(json!({"tool": "a", "params": {}})).is_err());
    }
}
