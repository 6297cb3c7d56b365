//! Public hosts of large language models.

/// Hosts that answer for a public model; `*` is one or more characters.
///
/// A server that reaches one can send there whatever it reads, so a policy says so on purpose.
///
/// Each is the host of the address that its provider's API reference gives clients, as of November
/// 2026.
pub(crate) const LLM_HOSTS: &[&str] = &[
    // OpenAI (platform.openai.com/docs/api-reference), regions before the name
    "api.openai.com",
    "*.api.openai.com",
    "chatgpt.com",
    // Azure (learn.microsoft.com/azure/ai-foundry, "Endpoints"), also for keys of several services
    "*.openai.azure.com",
    "*.cognitiveservices.azure.com",
    "*.services.ai.azure.com",
    "*.models.ai.azure.com",
    "*.inference.ai.azure.com",
    "models.inference.ai.azure.com",
    // GitHub (docs.github.com, "GitHub Models", "Copilot allowlist reference")
    "models.github.ai",
    "api.githubcopilot.com",
    "*.githubcopilot.com",
    // Anthropic (docs.anthropic.com/en/api)
    "api.anthropic.com",
    "claude.ai",
    // Google (ai.google.dev/api; cloud.google.com/vertex-ai, "Locations", regional endpoints, too)
    "generativelanguage.googleapis.com",
    "aiplatform.googleapis.com",
    "*-aiplatform.googleapis.com",
    "aiplatform.*.rep.googleapis.com",
    // Amazon Bedrock (docs.aws.amazon.com/general/latest/gr/bedrock.html)
    "bedrock-runtime.*.amazonaws.com",
    "bedrock-runtime-fips.*.amazonaws.com",
    "bedrock-agent-runtime.*.amazonaws.com",
    "bedrock-agent-runtime-fips.*.amazonaws.com",
    "bedrock-runtime.*.api.aws",
    "bedrock-mantle.*.api.aws",
    // Others with models of their own
    "api.mistral.ai", // docs.mistral.ai/api, regions within the name
    "api.*.mistral.ai",
    "codestral.mistral.ai",
    "api.cohere.ai", // docs.cohere.com/reference
    "api.cohere.com",
    "api.deepseek.com", // api-docs.deepseek.com
    "api.x.ai",         // docs.x.ai, regions before the name
    "*.api.x.ai",
    "api.perplexity.ai", // docs.perplexity.ai
    "api.ai21.com",      // docs.ai21.com
    "api.moonshot.ai",   // platform.moonshot.ai/docs
    "api.moonshot.cn",
    "api.z.ai",         // docs.z.ai
    "open.bigmodel.cn", // docs.bigmodel.cn
    "api.minimax.io",   // platform.minimax.io/docs
    "api.minimaxi.com",
    "api.stepfun.com",               // platform.stepfun.com/docs
    "api.upstage.ai",                // console.upstage.ai/docs
    "api.writer.com",                // dev.writer.com
    "api.llama.com",                 // llama.developer.meta.com/docs
    "api.hunyuan.cloud.tencent.com", // cloud.tencent.com/document/product/1729
    "qianfan.baidubce.com",          // cloud.baidu.com/doc/qianfan-api
    "aip.baidubce.com",
    "ark.*.volces.com",       // volcengine.com/docs/82379
    "dashscope.aliyuncs.com", // help.aliyun.com/zh/model-studio
    "dashscope-intl.aliyuncs.com",
    "dashscope-us.aliyuncs.com",
    "*.maas.aliyuncs.com",
    // Others' models, run or passed on
    "api.groq.com",    // console.groq.com/docs/api-reference
    "api.together.ai", // docs.together.ai/reference
    "api.together.xyz",
    "api.fireworks.ai",     // docs.fireworks.ai/api-reference
    "api.replicate.com",    // replicate.com/docs/reference/http
    "api.cerebras.ai",      // inference-docs.cerebras.ai
    "api.sambanova.ai",     // docs.sambanova.ai
    "api.deepinfra.com",    // deepinfra.com/docs
    "api.novita.ai",        // novita.ai/docs
    "api.hyperbolic.xyz",   // docs.hyperbolic.xyz
    "inference.baseten.co", // docs.baseten.co
    "*.api.baseten.co",
    "api.studio.nebius.com", // docs.nebius.com/studio
    "api.studio.nebius.ai",
    "api.tokenfactory.nebius.com",
    "api.siliconflow.com", // docs.siliconflow.com
    "api.siliconflow.cn",
    "api-inference.modelscope.cn", // modelscope.cn/docs
    "integrate.api.nvidia.com",    // docs.api.nvidia.com/nim
    "inference.do-ai.run",         // docs.digitalocean.com/products/gradient-ai-platform
    "api.scaleway.ai",             // scaleway.com/en/docs/generative-apis
    "*.ml.cloud.ibm.com",          // cloud.ibm.com/apidocs/watsonx-ai
    "inference.generativeai.*.oci.oraclecloud.com", // docs.oracle.com/iaas/Content/generative-ai
    "gateway.ai.cloudflare.com",   // developers.cloudflare.com/ai-gateway
    "ai-gateway.vercel.sh",        // vercel.com/docs/ai-gateway
    "openrouter.ai",               // openrouter.ai/docs
    "ollama.com",                  // docs.ollama.com/cloud
    "api-inference.huggingface.co", // huggingface.co/docs/inference-providers
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
            (
                "bedrock-mantle.eu-central-1.api.aws",
                "bedrock-mantle.*.api.aws",
            ),
            (
                "aiplatform.eu.rep.googleapis.com",
                "aiplatform.*.rep.googleapis.com",
            ),
            ("ark.cn-beijing.volces.com", "ark.*.volces.com"),
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
