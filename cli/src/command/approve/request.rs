//! What a human is asked to approve.

use super::Arguments;
use super::named::{digest, principal};
use crate::files;
use crate::policy::Enforced;
use mcp_guard_engine::approval::{Call, Digest};
use serde_json::{Map, Value};
use std::path::Path;

/// One call, as an approval binds it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) server: String,
    pub(super) caller: String,
    pub(super) user: String,
    pub(super) tool: String,
    pub(super) arguments: Digest,
    pub(super) policy: String,
    /// Longest validity in seconds, if the asking told it.
    pub(super) max_lifetime: Option<u32>,
}

impl Request {
    /// The call that the command line means.
    pub(super) fn of(arguments: &Arguments, enforced: Option<&Enforced>) -> Result<Self, String> {
        match (&arguments.challenge, enforced) {
            (Some(path), _) => {
                let request = Self::of_file(path)?;
                request.check_arguments(arguments)?;
                Ok(request)
            }
            (None, Some(enforced)) => Self::of_command_line(arguments, enforced),
            (None, None) => {
                Err("say what is approved: POLICY with `--tool`, or `--challenge`".to_owned())
            }
        }
    }

    fn of_command_line(arguments: &Arguments, enforced: &Enforced) -> Result<Self, String> {
        let tool = arguments.tool.clone();
        let caller = arguments.caller.as_deref();
        let caller = caller.map(|name| principal(name, enforced)).transpose()?;
        Ok(Self {
            server: enforced.policy.server.clone(),
            caller: caller.unwrap_or_default(),
            user: arguments.user.clone().unwrap_or_default(),
            tool: tool.ok_or("say which tool is called with `--tool`")?,
            arguments: digest(arguments)?.unwrap_or_else(Digest::of_nothing),
            policy: enforced.policy.digest.clone(),
            max_lifetime: None,
        })
    }

    /// The call that a refusal, or the record of one, is about.
    fn of_file(path: &Path) -> Result<Self, String> {
        let text = files::text(path).map_err(|error| error.to_string())?;
        let name = path.display();
        let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        // Of several lines of a log, the last is the newest.
        let mut found = None;
        for value in values {
            let value = value.map_err(|error| format!("`{name}` is not JSON: {error}"))?;
            found = find(&value).or(found);
        }
        found.ok_or_else(|| format!("`{name}` asks for no approval"))
    }

    /// What a human reads beside a challenge must be what the challenge is about.
    fn check_arguments(&self, arguments: &Arguments) -> Result<(), String> {
        match digest(arguments)? {
            Some(digest) if digest != self.arguments => {
                Err("the call that waits has other arguments than these".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// As the engine takes it.
    pub(super) fn call(&self) -> Call<'_> {
        Call {
            server: &self.server,
            caller: &self.caller,
            user: &self.user,
            tool: &self.tool,
            arguments: &self.arguments,
            policy: &self.policy,
        }
    }

    /// A line for each part, for the human who approves.
    pub(super) fn lines(&self) -> String {
        // What a challenge says stays on its line.
        let or_none = |text: &str| match text.is_empty() {
            true => "none".to_owned(),
            false => text.escape_debug().to_string(),
        };
        format!(
            "server     {}\ncaller     {}\nuser       {}\ntool       {}\narguments  {}\npolicy     {}\n",
            or_none(&self.server),
            or_none(&self.caller),
            or_none(&self.user),
            or_none(&self.tool),
            self.arguments.to_base64url(),
            or_none(&self.policy)
        )
    }
}

/// The first object, from the outside in, that names all that an approval binds: the details of a
/// challenge, or a record.
fn find(value: &Value) -> Option<Request> {
    match value {
        Value::Object(members) => of_members(members).or_else(|| members.values().find_map(find)),
        Value::Array(items) => items.iter().find_map(find),
        _ => None,
    }
}

fn of_members(members: &Map<String, Value>) -> Option<Request> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let digest = text("arguments").or_else(|| text("arguments_digest"));
    Some(Request {
        server: text("server")?.to_owned(),
        caller: owned(text("caller")),
        user: owned(text("user")),
        tool: text("tool")
            .or_else(|| text("gen_ai.tool.name"))?
            .to_owned(),
        arguments: Digest::from_base64url(digest?)?,
        policy: text("policy")?.to_owned(),
        max_lifetime: members
            .get("max_lifetime")
            .and_then(Value::as_u64)
            .and_then(|seconds| seconds.try_into().ok()),
    })
}
