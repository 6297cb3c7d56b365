//! From the written policy to the compiled one.

use crate::source::{Approval, Caller, Condition, Endpoints, Policy, Rule};
use crate::{CompileError, Stage};
use mcp_guard_engine::policy::format::{
    self, ArgumentSpec, CallerSpec, EndpointKind, EndpointSpec, FORMAT, PluginConfig, PolicySpec,
    RangeSpec, RuleSpec, Scalar,
};

/// The trust domain that stands for all of the mesh's, in Istio and in the engine.
const TRUST_DOMAIN: &str = "cluster.local";

/// Version of the language.
const VERSION: u32 = 1;

pub(crate) fn plugin_config(source: Policy, stage: Stage) -> Result<PluginConfig, CompileError> {
    if source.version != VERSION {
        let problem = format!("is {}, but this compiler knows {VERSION}", source.version);
        return Err(meaning("version", &problem));
    }
    let policy = Some(policy(source)?);
    Ok(match stage {
        Stage::Enforce => PluginConfig {
            format: FORMAT,
            policy,
            candidate: None,
        },
        Stage::Observe => PluginConfig {
            format: FORMAT,
            policy: None,
            candidate: policy,
        },
    })
}

fn policy(source: Policy) -> Result<PolicySpec, CompileError> {
    let rules = |at: &str, rules: std::collections::BTreeMap<String, Rule>| {
        let rule = |(id, source): (String, Rule)| {
            let at = format!("{at}.{id}");
            Ok((id, rule(source, &at)?))
        };
        rules
            .into_iter()
            .map(rule)
            .collect::<Result<_, CompileError>>()
    };
    let mut callers = std::collections::BTreeMap::new();
    for (name, source) in source.callers {
        let caller = caller(source, &format!("callers.{name}"))?;
        callers.insert(name, caller);
    }
    Ok(PolicySpec {
        server: source.server,
        endpoints: endpoints(&source.endpoints),
        open_paths: source.endpoints.open,
        origins: source.endpoints.origins,
        authorities: source.endpoints.authorities,
        callers,
        allow: rules("allow", source.allow)?,
        deny: rules("deny", source.deny)?,
        ..PolicySpec::default()
    })
}

fn endpoints(source: &Endpoints) -> Vec<EndpointSpec> {
    let kinds = [
        (&source.mcp, EndpointKind::Streamable),
        (&source.sse, EndpointKind::Sse),
        (&source.message, EndpointKind::Message),
    ];
    let of_kind = |(paths, kind): (&Vec<String>, EndpointKind)| {
        paths
            .iter()
            .map(move |path| EndpointSpec {
                path: path.clone(),
                kind,
            })
            .collect::<Vec<_>>()
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

fn caller(source: Caller, at: &str) -> Result<CallerSpec, CompileError> {
    let principal = |account: &String| match account.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => {
            Ok(format!("{TRUST_DOMAIN}/ns/{namespace}/sa/{name}"))
        }
        _ => Err(meaning(
            at,
            &format!("`{account}` is not `NAMESPACE/SERVICE-ACCOUNT`"),
        )),
    };
    Ok(CallerSpec {
        principals: source
            .service_accounts
            .iter()
            .map(principal)
            .collect::<Result<_, _>>()?,
        namespaces: source.namespaces,
        jwt: None,
        user_header: source.user.map(|user| user.header),
    })
}

fn rule(source: Rule, at: &str) -> Result<RuleSpec, CompileError> {
    let argument = |(path, condition): (String, Condition)| {
        let at = format!("{at}.arguments.{path}");
        argument(path.split('.').map(Into::into).collect(), condition, &at)
    };
    Ok(RuleSpec {
        callers: source.callers,
        tools: source.tools,
        prompts: source.prompts,
        resources: source.resources,
        methods: source.methods,
        arguments: source
            .arguments
            .into_iter()
            .map(argument)
            .collect::<Result<_, _>>()?,
        approval: source.approval.map(approval),
        dry_run: source.dry_run,
        ..RuleSpec::default()
    })
}

fn approval(source: Approval) -> format::Approval {
    match source {
        Approval::None => format::Approval::None,
        Approval::Notify => format::Approval::Notify,
        Approval::Required => format::Approval::Required,
    }
}

fn argument(
    path: Vec<String>,
    condition: Condition,
    at: &str,
) -> Result<ArgumentSpec, CompileError> {
    let spec = ArgumentSpec {
        path,
        ..ArgumentSpec::default()
    };
    Ok(match condition {
        Condition::Equals(value) => ArgumentSpec {
            equals: Some(scalar(value, at)?),
            ..spec
        },
        Condition::OneOf(values) => {
            let values = values.into_iter().map(|value| scalar(value, at));
            ArgumentSpec {
                one_of: Some(values.collect::<Result<_, _>>()?),
                ..spec
            }
        }
        Condition::Glob(glob) => ArgumentSpec {
            glob: Some(glob),
            ..spec
        },
        Condition::Range(range) => ArgumentSpec {
            range: Some(RangeSpec {
                min: range.min,
                max: range.max,
            }),
            ..spec
        },
    })
}

fn scalar(value: serde_json::Value, at: &str) -> Result<Scalar, CompileError> {
    match value {
        serde_json::Value::String(text) => Ok(Scalar::Text(text)),
        serde_json::Value::Bool(value) => Ok(Scalar::Bool(value)),
        serde_json::Value::Null => Ok(Scalar::Null),
        serde_json::Value::Number(number) => match number.as_f64() {
            Some(number) => Ok(Scalar::Number(number)),
            None => Err(meaning(at, &format!("`{number}` is no double"))),
        },
        _ => Err(meaning(
            at,
            "an argument is compared with a string, number, truth value or null",
        )),
    }
}

fn meaning(path: &str, problem: &str) -> CompileError {
    CompileError::Meaning {
        path: path.into(),
        problem: problem.into(),
    }
}
