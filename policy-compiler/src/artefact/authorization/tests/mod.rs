mod istio;
mod peers;
mod tokens;

use crate::testing::{DEPLOYMENT, POLICY, kinds, objects_of, only};

#[test]
fn observing_changes_no_strictness() {
    let policy = POLICY.replace(
        "user: {",
        "jwt: { issuer: \"https://idp.example.com\", audiences: [a] }, user: {",
    );
    let observed = objects_of(&policy, &DEPLOYMENT.replace("enforce", "observe"));
    let allowed = [
        "Telemetry",
        "WasmPlugin",
        "AuthorizationPolicy",
        "ServiceEntry",
    ];
    for kind in kinds(&observed) {
        assert!(allowed.contains(&kind), "{kind}");
    }
    let policies = observed
        .iter()
        .filter(|object| object.kind() == "AuthorizationPolicy");
    for policy in policies {
        let annotations = &policy.value()["metadata"]["annotations"];
        assert_eq!(annotations["istio.io/dry-run"], "true");
    }
    let config = &only(&observed, "WasmPlugin")["spec"]["pluginConfig"];
    assert!(config.get("policy").is_none());
    assert!(config.get("candidate").is_some());
}

#[test]
fn enforcing_demands_mutual_tls_of_this_workload_alone() {
    let objects = objects_of(POLICY, DEPLOYMENT);
    let spec = &only(&objects, "PeerAuthentication")["spec"];
    assert_eq!(spec["mtls"]["mode"], "STRICT");
    assert_eq!(spec["selector"]["matchLabels"]["app"], "github");
}
