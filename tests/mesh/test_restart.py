"""What restarts and expiries do: enforcement stays."""

import ssl
import time
from collections.abc import Iterator

import pytest
from cryptography import x509

from tests.env.waiting import until

from .calls import DENIED, Target, call, ran, refused_by_filter
from .evidence import Evidence
from .load import SdkLoad
from .mesh import Mesh
from .rollout import apply_stage

LAYER = "restart"
# A certificate of so many seconds is renewed at half of them.
SHORT = {"SECRET_TTL": "16s", "SECRET_GRACE_PERIOD_RATIO_JITTER": "0"}


@pytest.fixture
def istiod_down(mesh: Mesh) -> Iterator[None]:
    mesh.control.stop("istiod")
    yield
    if "istiod" not in mesh.control.running():
        mesh.control.start_istiod()
    until(lambda: len(mesh.control.debug("syncz")) == 4, lambda: f"{len(mesh.control.debug('syncz'))} sidecars are back", 60)
    apply_stage(mesh, mesh.policy("github-mcp-server"), "enforce", mesh.github)


def test_istiod_down(mesh: Mesh, evidence: Evidence, istiod_down: None) -> None:
    for _ in range(5):
        assert ran(call(mesh.gateway))
        assert refused_by_filter(call(mesh.gateway, DENIED))
        assert call(mesh.other).status == 403
    assert "system_exec" not in mesh.github.calls()
    evidence.add(LAYER, "istiod down: denied tool, and another pod", "filter, AuthorizationPolicy", "refused as before")


def test_edit_while_istiod_is_down_is_live_afterwards(mesh: Mesh, evidence: Evidence, istiod_down: None) -> None:
    changed = mesh.policy("github-mcp-server", ("search_code, get_pull_request", "get_pull_request"))
    # Nobody validates Istio's objects meanwhile, and nobody pushes them.
    mesh.control.apply(changed.objects("enforce"))
    assert ran(call(mesh.gateway))
    mesh.control.start_istiod()
    until(lambda: refused_by_filter(call(mesh.gateway)), lambda: call(mesh.gateway).said, 60)
    evidence.add(LAYER, "an edit while istiod is down", "filter, once istiod is back", "the former policy until then")


def test_sidecar_restarted_while_istiod_is_down(mesh: Mesh, evidence: Evidence, istiod_down: None) -> None:
    mesh.github.restart_sidecar(wait=False)
    time.sleep(3)
    assert not ready(mesh)
    for what in (call(mesh.gateway), call(mesh.gateway, DENIED)):
        assert not ran(what), what
    assert mesh.github.calls() == []
    evidence.add(LAYER, "sidecar restarted while istiod is down", "no configuration: not ready", call(mesh.gateway).said)


def test_sidecar_restarted(mesh: Mesh, evidence: Evidence) -> None:
    mesh.github.restart_sidecar()
    until(lambda: ran(call(mesh.gateway)), lambda: call(mesh.gateway).said, 20)
    mesh.github.forget_calls()
    for _ in range(10):
        assert refused_by_filter(call(mesh.gateway, DENIED))
    assert mesh.github.calls() == []
    evidence.add(LAYER, "sidecar restarted: denied tool", "filter", "never let through")


def test_calls_while_the_sidecar_starts_are_never_unpoliced(mesh: Mesh) -> None:
    """From the first moment: a listener waits for its filter."""
    mesh.github.stop_sidecar()
    mesh.github.start_sidecar(wait=False)
    deadline = time.monotonic() + 20
    while not ran(call(mesh.gateway)) and time.monotonic() < deadline:
        assert not ran(call(mesh.gateway, DENIED))
    assert "system_exec" not in mesh.github.calls()


def test_certificates_that_expire(mesh: Mesh, evidence: Evidence) -> None:
    pods = (mesh.gateway, mesh.github)
    for pod in pods:
        pod.restart_sidecar(environment=SHORT)
    try:
        until(lambda: ran(call(mesh.gateway)), lambda: call(mesh.gateway).said, 20)
        serial = certificate(mesh).serial_number
        with SdkLoad(mesh, Target()) as load:
            time.sleep(20)
            assert refused_by_filter(call(mesh.gateway, DENIED))
        assert load.lost() == []
        assert certificate(mesh).serial_number != serial
        assert certificate(mesh).not_valid_after_utc.timestamp() > time.time()
    finally:
        for pod in pods:
            pod.restart_sidecar(environment={})
        until(lambda: ran(call(mesh.gateway)), lambda: call(mesh.gateway).said, 20)
    evidence.add(LAYER, "certificates of 16 s, renewed under load", "-", f"{len(load.outcomes())} calls of an SDK client, none lost")


def certificate(mesh: Mesh) -> x509.Certificate:
    """What the server's sidecar shows to whoever connects."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(mesh.stranger.connect(mesh.github.host.address, 8080)) as opened:
        return x509.load_der_x509_certificate(opened.getpeercert(binary_form=True))


def ready(mesh: Mesh) -> bool:
    try:
        return bool(mesh.github.ready())
    except OSError:
        return False
