use super::*;
use crate::diagnostic::Code;
use crate::testing::{DEPLOYMENT, POLICY, compiled, try_compiled};
use std::collections::BTreeMap;

const IRSA: &str = r#"identity: { service_account: github-mcp-sa, mode: irsa, region: eu-central-1, role_arn: "arn:aws:iam::123456789012:role/mcp/reader" }"#;

const POD_IDENTITY: &str = r#"identity: { service_account: github-mcp-sa, mode: pod_identity, region: eu-central-1, cluster: main, role_arn: "arn:aws:iam::123456789012:role/reader" }"#;

fn with(identity: &str) -> (Compilation, Deployment) {
    let compilation = compiled(POLICY, &format!("{DEPLOYMENT}{identity}"));
    let deployment = compilation.deployment.clone().unwrap();
    (compilation, deployment)
}

/// Who asks IAM for the role, and what IAM knows of the request.
#[derive(Clone)]
struct Request {
    principal: Value,
    actions: Vec<&'static str>,
    context: BTreeMap<String, String>,
}

impl Request {
    fn without(&self, key: &str) -> Self {
        let mut request = self.clone();
        assert!(request.context.remove(key).is_some(), "{key}");
        request
    }

    fn having(&self, key: &str, value: &str) -> Self {
        let mut request = self.without(key);
        request.context.insert(key.into(), value.into());
        request
    }
}

/// What IAM says: allowed if a statement allows it (IAM User Guide, "Policy evaluation logic").
fn admits(policy: &Value, request: &Request) -> bool {
    assert_eq!(policy["Version"], "2012-10-17");
    let statements = policy["Statement"].as_array().unwrap();
    statements
        .iter()
        .any(|statement| allows(statement, request))
}

fn allows(statement: &Value, request: &Request) -> bool {
    let listed = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let actions = listed(&statement["Action"]);
    let conditions = statement["Condition"].as_object().unwrap();
    let string_equals = |(key, accepted): (&String, &Value)| {
        // Exact, with case and without wildcards; a key that the request does not have fails.
        let value = request.context.get(key);
        value.is_some_and(|value| listed(accepted).contains(&value.as_str().into()))
    };
    assert_eq!(statement["Effect"], "Allow");
    assert!(!conditions.is_empty());
    statement["Principal"] == request.principal
        && request
            .actions
            .iter()
            .all(|action| actions.contains(&(*action).into()))
        && conditions.iter().all(|(operator, keys)| {
            assert_eq!(operator, "StringEquals");
            keys.as_object().unwrap().iter().all(string_equals)
        })
}

const PROVIDER: &str = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF";

fn filled_in(policy: &Value) -> Value {
    let text = policy.to_string().replace(OIDC_PROVIDER, PROVIDER);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn irsa_admits_this_service_account_alone() {
    let (_, deployment) = with(IRSA);
    let as_written = trust_policy(&deployment).unwrap();
    let policy = filled_in(&as_written);
    let (sub, aud) = (format!("{PROVIDER}:sub"), format!("{PROVIDER}:aud"));
    let federated = |account: &str| json!({"Federated": format!("arn:aws:iam::{account}:oidc-provider/{PROVIDER}")});
    let this = Request {
        principal: federated("123456789012"),
        actions: vec!["sts:AssumeRoleWithWebIdentity"],
        context: BTreeMap::from([
            (
                sub.clone(),
                "system:serviceaccount:ai-agents:github-mcp-sa".into(),
            ),
            (aud.clone(), "sts.amazonaws.com".into()),
        ]),
    };
    assert!(admits(&policy, &this));
    assert!(!admits(&as_written, &this), "the placeholder admits nobody");
    for subject in [
        "system:serviceaccount:other:github-mcp-sa",
        "system:serviceaccount:ai-agents:default",
        "system:serviceaccount:ai-agents:*",
        "system:serviceaccount:*:github-mcp-sa",
        "system:serviceaccount:ai-agents:github-mcp-sa2",
        "system:serviceaccount:AI-AGENTS:github-mcp-sa",
        "*",
        "",
    ] {
        assert!(!admits(&policy, &this.having(&sub, subject)), "{subject}");
    }
    for audience in ["sts.amazonaws.com.cn", "kubernetes.default.svc", "*", ""] {
        assert!(!admits(&policy, &this.having(&aud, audience)), "{audience}");
    }
    assert!(!admits(&policy, &this.without(&aud)));
    assert!(!admits(&policy, &this.without(&sub)));
    for principal in [
        federated("210987654321"),
        json!({"Federated": "arn:aws:iam::123456789012:oidc-provider/oidc.example.com"}),
        json!({"AWS": "*"}),
        json!({"Service": "pods.eks.amazonaws.com"}),
    ] {
        let request = Request {
            principal,
            ..this.clone()
        };
        assert!(!admits(&policy, &request));
    }
    let request = Request {
        actions: vec!["sts:AssumeRole"],
        ..this
    };
    assert!(!admits(&policy, &request));
}

#[test]
fn pod_identity_admits_this_service_account_of_this_cluster_alone() {
    let (_, deployment) = with(POD_IDENTITY);
    let policy = trust_policy(&deployment).unwrap();
    let cluster = "arn:aws:eks:eu-central-1:123456789012:cluster/main";
    let key = |name: &str| format!("aws:RequestTag/{name}");
    let this = Request {
        principal: json!({"Service": "pods.eks.amazonaws.com"}),
        actions: vec!["sts:AssumeRole", "sts:TagSession"],
        context: BTreeMap::from([
            ("aws:SourceAccount".into(), "123456789012".into()),
            (key("eks-cluster-arn"), cluster.into()),
            (key("kubernetes-namespace"), "ai-agents".into()),
            (key("kubernetes-service-account"), "github-mcp-sa".into()),
        ]),
    };
    assert!(admits(&policy, &this));
    for name in this.context.keys() {
        assert!(!admits(&policy, &this.without(name)), "{name}");
        assert!(!admits(&policy, &this.having(name, "*")), "{name}");
        assert!(!admits(&policy, &this.having(name, "other")), "{name}");
    }
    let principal = json!({"Service": "eks.amazonaws.com"});
    assert!(!admits(&policy, &Request { principal, ..this }));
}

#[test]
fn the_account_is_created_on_request_and_kept() {
    let (compilation, deployment) = with(IRSA);
    assert_eq!(objects(&compilation, &deployment), []);
    let patch = account_patch(&deployment).unwrap();
    let role = "arn:aws:iam::123456789012:role/mcp/reader";
    assert_eq!(patch["metadata"]["annotations"], json!({ROLE_ARN: role}));

    let create = IRSA.replace("mode:", "create_service_account: true, mode:");
    let (compilation, deployment) = with(&create);
    assert_eq!(account_patch(&deployment), None);
    let [account] = &objects(&compilation, &deployment)[..] else {
        panic!("one account")
    };
    let metadata = &account.value()["metadata"];
    assert_eq!(metadata["name"], "github-mcp-sa");
    assert_eq!(metadata["annotations"]["helm.sh/resource-policy"], "keep");
    assert_eq!(metadata["annotations"][ROLE_ARN], role);
}

#[test]
fn pod_identity_needs_no_annotation_of_the_account() {
    let (_, deployment) = with(POD_IDENTITY);
    assert_eq!(account_patch(&deployment), None);
}

#[test]
fn the_pod_is_hardened_by_name_of_its_containers() {
    let (compilation, deployment) = with(IRSA);
    assert_eq!(
        pod_patch(&compilation, &deployment),
        json!({"spec": {
            "serviceAccountName": "github-mcp-sa",
            "securityContext": {
                "runAsNonRoot": true,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{"name": "server", "securityContext": {
                "readOnlyRootFilesystem": true,
                "allowPrivilegeEscalation": false,
                "capabilities": {"drop": ["ALL"]},
            }}],
        }})
    );
}

#[test]
fn the_sidecar_leaves_the_agent_of_pod_identity_alone() {
    let (compilation, deployment) = with(POD_IDENTITY);
    let patch = pod_patch(&compilation, &deployment);
    assert_eq!(
        patch["metadata"]["annotations"],
        json!({"traffic.sidecar.istio.io/excludeOutboundIPRanges": "169.254.170.23/32"})
    );
}

#[test]
fn an_identity_is_whole_or_refused() {
    for (identity, from, to) in [
        (IRSA, "123456789012", "12345678901"),
        (IRSA, "arn:aws:iam", "arn:awsx:iam"),
        (IRSA, "arn:aws:iam", "arn:aws-cn:iam"),
        (IRSA, "role/mcp/reader", "role/mcp/"),
        (IRSA, "role/mcp/reader", "user/reader"),
        (IRSA, "eu-central-1", "cn-north-1"),
        (IRSA, "eu-central-1", "europe"),
        (IRSA, "region:", "cluster: main, region:"),
        (POD_IDENTITY, "region: eu-central-1, ", ""),
        (POD_IDENTITY, "cluster: main", "cluster: \"main/*\""),
        (POD_IDENTITY, "region:", "sts_cidrs: [10.0.0.0/8], region:"),
    ] {
        let identity = identity.replace(from, to);
        let (compilation, found) = try_compiled(POLICY, &format!("{DEPLOYMENT}{identity}"));
        assert!(compilation.is_none(), "{identity}");
        let codes: Vec<_> = found.iter().map(|found| found.code).collect();
        assert!(
            codes.contains(&Code::IdentityIncomplete),
            "{identity}: {codes:?}"
        );
    }
}
