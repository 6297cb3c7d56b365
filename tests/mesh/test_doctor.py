"""`mcp-guard doctor`: silent where all is well, and every kind of drift is found by what it does to a live mesh."""

import copy
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import yaml

from .doctor import Diagnosis, Doctor, daemon_set, install
from .drifts import Change, DRIFTS, Drift, NAMESPACE, SECURITY, SERVER, choosing, pod, put, thing
from .evidence import Evidence
from .mesh import Mesh
from .pod import SECRET, named
from .rollout import apply_stage, wait_for
from .test_layer2_callers import declare


@pytest.fixture(scope="module")
def doctor(mesh: Mesh) -> Iterator[Doctor]:
    """In a cluster with a network plugin that enforces NetworkPolicies."""
    plugin = daemon_set("calico-node")
    mesh.control.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": named("kube-system")}])
    install(mesh, plugin)
    yield Doctor(mesh, mesh.policy(SERVER))
    mesh.control.delete([plugin])


def test_nothing_is_found_where_all_is_well(doctor: Doctor, evidence: Evidence) -> None:
    seen = doctor.look("--probe")
    assert seen.findings == []
    assert seen.status == 0
    # Each check had its say: silence would be no proof.
    said = {line["check"] for line in seen.lines}
    assert said == {
        "objects", "others", "image", "proxy", "capture", "filter", "policy", "callers", "mutual-tls", "ports", "egress", "network-policy", "probe",
    }  # fmt: skip
    evidence.add("doctor", "none", "-", f"{len(seen.lines)} lines, all enforced")


@pytest.mark.parametrize("what", DRIFTS)
def test_drift_is_found(mesh: Mesh, doctor: Doctor, evidence: Evidence, what: str) -> None:
    drift = DRIFTS[what]
    with drifted(mesh, drift):
        seen = found(doctor, drift.finds)
    assert drift.finds <= seen.codes, seen.findings
    assert seen.status == 1
    first = next(finding for finding in seen.findings if f"{finding.check} {finding.code}" in drift.finds)
    evidence.add("doctor", what, ", ".join(sorted(drift.finds)), first.evidence)


def test_network_policies_that_nobody_enforces_are_found(mesh: Mesh, doctor: Doctor, evidence: Evidence) -> None:
    calico, flannel = daemon_set("calico-node"), daemon_set("kube-flannel-ds")
    mesh.control.delete([calico])
    try:
        seen = doctor.look()
        assert [(finding.code, finding.check) for finding in seen.findings] == [("MCP0510", "network-policy")]
        assert doctor.look("--accept", "MCP0510").status == 0
        # One that has no pods yet enforces nothing, whatever it would.
        install(mesh, calico, ready=0)
        seen = doctor.look()
        assert seen.codes == {"network-policy MCP0510"}
        assert "none of the pods of DaemonSet `calico-node` is ready" in seen.findings[0].evidence
        mesh.control.delete([calico])
        install(mesh, flannel)
        # Nobody can vouch for what is known to be untrue.
        seen = doctor.look("--accept", "MCP0510")
        assert seen.codes == {"network-policy MCP0510"}
        assert "kube-flannel-ds" in seen.findings[0].evidence
        evidence.add("doctor", "NetworkPolicy in a cluster that enforces none", "network-policy MCP0510", seen.findings[0].evidence)
    finally:
        mesh.control.delete([flannel])
        install(mesh, calico)


def test_objects_for_others_are_no_drift(mesh: Mesh, doctor: Doctor) -> None:
    others = (
        thing("networking.k8s.io/v1", "NetworkPolicy", "others", {"podSelector": choosing("NotIn"), "ingress": [{}]}),
        thing("networking.istio.io/v1", "DestinationRule", "others", {"host": "other", "trafficPolicy": {"tls": {"mode": "DISABLE"}}}),
    )
    with drifted(mesh, Drift(set(), adds=others)):
        assert doctor.look().findings == []


def test_a_pod_that_is_ending_is_asked(mesh: Mesh, doctor: Doctor, evidence: Evidence) -> None:
    ending = pod("ending")
    with drifted(mesh, Drift(set(), adds=(ending,))):
        # Nobody is there to end it, as where a node is cut off.
        mesh.control.kubectl("delete", "pod", "ending", "-n", NAMESPACE, "--wait=false")
        assert "deletionTimestamp" in mesh.control.get("pod", "ending", "-n", NAMESPACE)["metadata"]
        seen = doctor.look()
    assert seen.codes == {"proxy MCP0502"}
    assert [finding.subject for finding in seen.findings] == ["ending"]
    evidence.add("doctor", "a pod without sidecar that is being deleted", "proxy MCP0502", seen.findings[0].evidence)
    # Nobody vouches for a replica that does not answer.
    silent = pod("silent", initContainers=[{"name": "istio-proxy", "image": "proxyv2", "restartPolicy": "Always"}])
    with drifted(mesh, Drift(set(), adds=(silent,))):
        seen = doctor.look("--accept", "MCP0513")
    assert "proxy MCP0513" in seen.codes
    assert seen.status == 1


def test_another_root_namespace_is_found(mesh: Mesh, doctor: Doctor, evidence: Evidence) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": named("roots")}
    opens = [thing(SECURITY, "AuthorizationPolicy", "open", {"rules": [{}]}, where) for where in ("istio-system", "roots")]
    mesh.control.apply([namespace, opens[1]])
    try:
        # It reaches nobody, and is not read.
        assert doctor.look().findings == []
        mesh.control.reconfigure_istiod(rootNamespace="roots")
        seen = found(doctor, {"others MCP0411"})
        assert "AuthorizationPolicy roots/open" in {finding.subject for finding in seen.findings}
        evidence.add("doctor", "an ALLOW of another root namespace", "others MCP0411", seen.findings[0].evidence)
        # And what was the root namespace is none any more.
        mesh.control.delete([opens[1]])
        mesh.control.apply([opens[0]])
        assert doctor.look("--wait", "20s").findings == []
    finally:
        mesh.control.delete(opens)
        mesh.control.reconfigure_istiod(rootNamespace=None)
        mesh.control.wait_until_pushed()
    assert doctor.look("--wait", "30s").findings == []


def test_a_mesh_whose_configuration_is_not_there_is_unknown(mesh: Mesh, doctor: Doctor) -> None:
    config = mesh.control.get("configmap", "istio", "-n", "istio-system")
    mesh.control.delete([config])
    try:
        seen = doctor.look()
        assert seen.codes == {"facts MCP0513"}
        assert seen.findings[0].subject == "ConfigMap istio-system/istio"
    finally:
        mesh.control.apply([{**config, "metadata": named("istio", "istio-system")}])


def test_an_admin_network_policy_goes_before_ours(mesh: Mesh, doctor: Doctor, evidence: Evidence) -> None:
    definition = admin_definition()
    open_to_all = {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "AdminNetworkPolicy",
        "metadata": named("open"),
        "spec": {"priority": 1, "subject": {"namespaces": {}}, "ingress": [{"action": "Allow", "from": [{"namespaces": {}}]}]},
    }
    mesh.control.apply([definition])
    try:
        mesh.control.kubectl("wait", "--for=condition=Established", f"crd/{definition['metadata']['name']}", "--timeout=30s")
        assert doctor.look().findings == []
        mesh.control.apply([open_to_all])
        seen = doctor.look()
        assert seen.codes == {"others MCP0411"}
        evidence.add("doctor", "an AdminNetworkPolicy that lets everyone in", "others MCP0411", seen.findings[0].evidence)
    finally:
        mesh.control.delete([definition])


def test_a_probe_that_is_answered_is_found(mesh: Mesh, doctor: Doctor, evidence: Evidence) -> None:
    layer_2 = (("AuthorizationPolicy", f"{SERVER}-allow"), ("AuthorizationPolicy", f"{SERVER}-deny"), ("PeerAuthentication", SERVER))
    with drifted(mesh, Drift(set(), deletes=layer_2)):
        seen = found(doctor, {"probe MCP0512"}, "--probe")
    assert "probe MCP0512" in seen.codes, seen.lines
    # The page of another port was read; a tool was not even asked for by a name that a server has.
    assert set(mesh.github.calls()) == {"POST /mcp"}
    [probe, *_] = [finding for finding in seen.findings if finding.check == "probe"]
    evidence.add("doctor", "layer 2 gone, asked by --probe", "probe MCP0512", probe.evidence)


def test_a_probe_that_an_authorization_policy_refuses_is_refused(mesh: Mesh, doctor: Doctor) -> None:
    with drifted(mesh, DRIFTS["port-level PERMISSIVE"]):
        seen = found(doctor, {"mutual-tls MCP0507"}, "--probe")
    [probe] = [line for line in seen.lines if line["check"] == "probe" and line["subject"].endswith(":8080")]
    assert probe["state"] == "enforced", probe
    assert "RBAC: access denied" in probe["evidence"]


def test_roles_that_are_printed_suffice(mesh: Mesh, doctor: Doctor) -> None:
    text = doctor.run("--print-roles", "--probe").stdout
    mesh.control.apply(text)
    kubeconfig = login(mesh, [role for role in yaml.safe_load_all(text) if role])
    limited = Doctor(mesh, mesh.policy(SERVER), kubeconfig=kubeconfig)
    # The API server keeps connections open, and an open one outlives a change: hence the second try.
    seen = limited.look("--probe", "--wait", "60s")
    assert seen.findings == []
    assert seen.status == 0
    # What must not be read is unknown, and unknown is not fine.
    role = next(role for role in yaml.safe_load_all(text) if role and role["metadata"].get("namespace") == NAMESPACE)
    role["rules"] = [rule for rule in role["rules"] if rule["resources"] != ["envoyfilters"]]
    mesh.control.apply([role])
    seen = limited.look()
    assert seen.codes == {"facts MCP0513"}
    assert seen.status == 1
    assert "envoyfilters of ai-agents" in seen.findings[0].subject


def test_another_way_to_ask_the_proxies(mesh: Mesh, doctor: Doctor) -> None:
    template = f"ip netns exec {mesh.github.host.namespace} curl -s http://127.0.0.1:{{port}}/{{path}}"
    assert doctor.look("--proxy-admin", template).findings == []
    seen = doctor.look("--proxy-admin", "false {pod}")
    assert seen.codes == {"proxy MCP0513"}
    assert seen.status == 1


def test_it_waits_for_a_roll_out(mesh: Mesh, doctor: Doctor) -> None:
    drift = Drift(set(), changes=(("Sidecar", SERVER, put("spec", "outboundTrafficPolicy", "mode", value="ALLOW_ANY")),))
    with drifted(mesh, drift):
        found(doctor, {"egress MCP0509"})
        began = time.monotonic()
        assert doctor.look("--wait", "2s").status == 1
        assert time.monotonic() - began >= 2
        objects = mesh.policy(SERVER).objects()
        mended = threading.Timer(8, lambda: mesh.control.apply(objects))
        mended.start()
        seen = doctor.look("--wait", "60s")
        mended.join()
    assert seen.status == 0, seen.findings
    assert "waiting for objects, egress" in seen.errors


def test_what_was_recorded_is_judged_elsewhere(mesh: Mesh, doctor: Doctor) -> None:
    file = mesh.directory / "facts.json"
    seen = doctor.look("--record", file)
    again = doctor.run("--facts", file, "--format", "json")
    assert [line for report in json.loads(again.stdout) for line in report["lines"]] == seen.lines
    # Neither keys nor certificates leave the cluster with it, nor what a pod is told in its environment.
    assert SECRET in json.dumps(mesh.control.get("pods", "-n", NAMESPACE))
    for secret in ("BEGIN", SECRET):
        assert secret not in file.read_text()


def test_a_cluster_that_cannot_be_reached_is_no_finding(mesh: Mesh, doctor: Doctor) -> None:
    config = yaml.safe_load(mesh.control.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    nowhere = mesh.directory / "nowhere.kubeconfig"
    nowhere.write_text(yaml.safe_dump(config))
    seen = Doctor(mesh, mesh.policy(SERVER), kubeconfig=nowhere).look()
    assert seen.status == 2
    assert seen.errors.startswith("error: cannot read namespaces ai-agents")


def test_every_replica_is_asked(mesh: Mesh, doctor: Doctor) -> None:
    replica = mesh.add_replica("github", "github-1", "10.10.1.12")
    try:
        asked = Doctor(mesh, mesh.policy(SERVER), replica)
        seen = asked.look("--wait", "30s")
        assert seen.findings == []
        assert {line["subject"] for line in seen.lines if line["check"] == "policy"} == {"github-0", "github-1"}
        replica.stop_sidecar()
        seen = asked.look()
        assert {(finding.code, finding.subject.split(",")[0]) for finding in seen.findings} == {("MCP0513", "github-1")}
    finally:
        mesh.remove_replica("github", replica)


def test_either_attachment_will_do(mesh: Mesh, doctor: Doctor) -> None:
    policy = mesh.policy(SERVER, ('istio: "1.31"', 'istio: "1.31"\nattach: traffic-extension'))
    with drifted(mesh, Drift(set(), deletes=(("WasmPlugin", SERVER),))):
        objects = policy.objects()
        mesh.control.apply(objects)
        wait_for(mesh, objects, mesh.github)
        try:
            assert Doctor(mesh, policy).look("--wait", "20s").findings == []
            # It is not what the other deployment file asks for.
            assert "objects MCP0501" in doctor.look().codes
        finally:
            mesh.control.delete([one for one in objects if one["kind"] == "TrafficExtension"])


def test_observe_is_in_place(mesh: Mesh, doctor: Doctor) -> None:
    policy = mesh.policy("runbooks")
    apply_stage(mesh, policy, "observe", mesh.runbooks)
    seen = Doctor(mesh, policy).look()
    assert seen.findings == []
    assert (seen.status, seen.verdicts) == (0, [{"stage": "observe", "holds": True, "enforced": False}])
    # What is not enforced is not called so, whatever else is in place.
    seen = Doctor(mesh, policy).look("--stage", "enforce")
    assert {"policy MCP0504", "callers MCP0506", "mutual-tls MCP0507", "ports MCP0508", "egress MCP0509"} <= seen.codes
    mesh.control.delete(policy.objects("observe"))
    declare_nothing = [{"op": "remove", "path": "/spec/ports/0/appProtocol"}]
    mesh.control.kubectl("patch", "service", "runbooks", "-n", "platform", "--type=json", "-p", json.dumps(declare_nothing))
    mesh.control.wait_until_pushed()


@contextmanager
def drifted(mesh: Mesh, drift: Drift) -> Iterator[None]:
    """The mesh with something done to it, for a while."""
    objects = mesh.policy(SERVER).objects()
    changed = [changed_copy(objects, *change) for change in drift.changes]
    gone = [one for one in objects if (one["kind"], one["metadata"]["name"]) in drift.deletes]
    try:
        if drift.protocol != "http":
            declare(mesh, drift.protocol)
        annotate(mesh, drift.annotates)
        # As it is meant, not merged: what a change leaves out is to be gone.
        replace(mesh, changed)
        mesh.control.apply([*drift.adds]) if drift.adds else None
        mesh.control.delete(gone) if gone else None
        yield
    finally:
        if drift.adds:
            mesh.control.kubectl("delete", "--ignore-not-found", "--force", "--grace-period=0", "-f", "-", stdin=dump(drift.adds))
        annotate(mesh, drift.annotates.split("=")[0] + "-" if drift.annotates else "")
        replace(mesh, [one for one in objects if any(named_alike(one, other) for other in changed)])
        if drift.protocol != "http":
            declare(mesh, "http")
        mesh.control.apply(gone) if gone else None
        wait_for(mesh, objects, mesh.github)


def changed_copy(objects: list[dict], kind: str, name: str, change: Change) -> dict:
    value = copy.deepcopy(next(one for one in objects if one["kind"] == kind and one["metadata"]["name"] == name))
    change(value)
    return value


def named_alike(one: dict, other: dict) -> bool:
    return (one["kind"], one["metadata"]["name"]) == (other["kind"], other["metadata"]["name"])


def replace(mesh: Mesh, objects: list[dict]) -> None:
    if objects:
        mesh.control.kubectl("replace", "-f", "-", stdin=dump(objects))


def annotate(mesh: Mesh, annotation: str) -> None:
    if annotation:
        mesh.control.kubectl("annotate", "pod", mesh.github.spec.name, "-n", NAMESPACE, annotation)


def dump(objects: tuple[dict, ...] | list[dict]) -> str:
    return yaml.safe_dump_all(objects)


def found(doctor: Doctor, wanted: set[str], *options: str) -> Diagnosis:
    """What it says once the drift has reached the proxies."""
    deadline = time.monotonic() + 20
    while True:
        seen = doctor.look(*options)
        if wanted <= seen.codes or time.monotonic() > deadline:
            return seen
        time.sleep(0.3)


def login(mesh: Mesh, roles: list[dict]):
    """A kubeconfig of an account that has these roles alone."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named("doctor", "other")}
    bindings = [binding(role) for role in roles]
    mesh.control.apply([account, *bindings])
    token = mesh.control.token("other", "doctor", "https://kubernetes.default.svc")
    config = yaml.safe_load(mesh.control.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token}
    file = mesh.directory / "doctor.kubeconfig"
    file.write_text(yaml.safe_dump(config))
    return file


def binding(role: dict) -> dict:
    """Gives that account a role, or one of the cluster."""
    kind, namespace = role["kind"], role["metadata"].get("namespace")
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": f"{kind}Binding",
        "metadata": named("doctor", namespace),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role["metadata"]["name"]},
        "subjects": [{"kind": "ServiceAccount", "name": "doctor", "namespace": "other"}],
    }


def admin_definition() -> dict:
    """AdminNetworkPolicy, as far as the API server has to know of it."""
    version = {
        "name": "v1alpha1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    names = {"kind": "AdminNetworkPolicy", "plural": "adminnetworkpolicies", "singular": "adminnetworkpolicy"}
    group = "policy.networking.k8s.io"
    # The API server wants to know who agreed to a group of Kubernetes' own.
    agreed = {"api-approved.kubernetes.io": "https://github.com/kubernetes-sigs/network-policy-api/pull/30"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {**named(f"{names['plural']}.{group}"), "annotations": agreed},
        "spec": {"group": group, "scope": "Cluster", "names": names, "versions": [version]},
    }
