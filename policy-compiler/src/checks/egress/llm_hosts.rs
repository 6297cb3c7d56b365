//! Public hosts of large language models.

/// Hosts that answer for a public model; `*` is one or more characters.
///
/// A server that reaches one can send there whatever it reads, so a policy says so on purpose.
pub(crate) const LLM_HOSTS: &[&str] = &[
    // OpenAI, and its models on Azure
    "api.openai.com",
    "*.api.openai.com",
    "chatgpt.com",
    "*.openai.azure.com",
    "*.services.ai.azure.com",
    "*.inference.ai.azure.com",
    "models.inference.ai.azure.com",
    "models.github.ai",
    // Anthropic
    "api.anthropic.com",
    "claude.ai",
    // Google
    "generativelanguage.googleapis.com",
    "aiplatform.googleapis.com",
    "*-aiplatform.googleapis.com",
    // Amazon Bedrock
    "bedrock-runtime.*.amazonaws.com",
    "bedrock-runtime-fips.*.amazonaws.com",
    "bedrock-agent-runtime.*.amazonaws.com",
    // Others
    "api.mistral.ai",
    "codestral.mistral.ai",
    "api.cohere.ai",
    "api.cohere.com",
    "api.groq.com",
    "api.deepseek.com",
    "api.x.ai",
    "api.perplexity.ai",
    "api.together.ai",
    "api.together.xyz",
    "api.fireworks.ai",
    "api.replicate.com",
    "api.ai21.com",
    "api.cerebras.ai",
    "api.moonshot.ai",
    "api.moonshot.cn",
    "dashscope.aliyuncs.com",
    "dashscope-intl.aliyuncs.com",
    "integrate.api.nvidia.com",
    "openrouter.ai",
    "api-inference.huggingface.co",
    "router.huggingface.co",
    "*.endpoints.huggingface.cloud",
];

/// The first of these hosts that a name, perhaps with `*.` before it, lets through.
pub(super) fn reached_by(host: &str) -> Option<&'static str> {
    LLM_HOSTS
        .iter()
        .copied()
        .find(|llm| overlap(host.as_bytes(), llm.as_bytes()))
}

/// Whether one name fits both patterns.
fn overlap(a: &[u8], b: &[u8]) -> bool {
    match (a, b) {
        ([], []) => true,
        ([b'*', rest @ ..], other) | (other, [b'*', rest @ ..]) => match other {
            [] => false,
            // The star takes one character of the other, and ends there or takes more.
            [_, behind @ ..] => overlap(rest, behind) || star(rest, behind),
        },
        ([x, a @ ..], [y, b @ ..]) => x == y && overlap(a, b),
        _ => false,
    }
}

/// A star that has taken something already: it may end here, or go on.
fn star(rest: &[u8], other: &[u8]) -> bool {
    match other {
        [] => rest.is_empty(),
        [_, behind @ ..] => overlap(rest, other) || star(rest, behind),
    }
}

#[cfg(test)]
mod tests {
    use super::{LLM_HOSTS, reached_by};

    #[test]
    fn models_are_known_by_name_and_by_wildcard() {
        for (host, llm) in [
            ("api.openai.com", "api.openai.com"),
            ("*.openai.com", "api.openai.com"),
            ("eu.api.openai.com", "*.api.openai.com"),
            ("corp.openai.azure.com", "*.openai.azure.com"),
            ("*.azure.com", "*.openai.azure.com"),
            (
                "europe-west4-aiplatform.googleapis.com",
                "*-aiplatform.googleapis.com",
            ),
            (
                "bedrock-runtime.eu-central-1.amazonaws.com",
                "bedrock-runtime.*.amazonaws.com",
            ),
            (
                "*.eu-central-1.amazonaws.com",
                "bedrock-runtime.*.amazonaws.com",
            ),
            ("*.amazonaws.com", "bedrock-runtime.*.amazonaws.com"),
        ] {
            assert_eq!(reached_by(host), Some(llm), "{host}");
        }
        for host in [
            "api.github.com",
            "*.github.com",
            "openai.com",
            "sts.eu-central-1.amazonaws.com",
            "s3.eu-central-1.amazonaws.com",
            "storage.googleapis.com",
            "*.example.org",
            "api.openai.com.example.org",
        ] {
            assert_eq!(reached_by(host), None, "{host}");
        }
    }

    #[test]
    fn every_entry_is_found_and_stands_once() {
        for (index, host) in LLM_HOSTS.iter().enumerate() {
            assert!(reached_by(host).is_some(), "{host}");
            assert!(!LLM_HOSTS[..index].contains(host), "{host}");
        }
    }
}
