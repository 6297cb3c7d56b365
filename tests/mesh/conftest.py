"""One mesh for all tests, with the GitHub server enforced as the roll-out guide says."""

from collections.abc import Iterator

import pytest

from . import mutation
from .evidence import Evidence
from .mesh import Mesh
from .rollout import apply_stage
from .tools import obstacle

EVIDENCE = Evidence()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One clear line, where no mesh can run."""
    if items and (reason := obstacle()):
        pytest.exit(reason, returncode=1)


def pytest_terminal_summary(terminalreporter) -> None:
    """The table that says what stopped what."""
    for line in EVIDENCE.table():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    return EVIDENCE


@pytest.fixture(scope="session")
def bare_mesh() -> Iterator[Mesh]:
    """The mesh before any policy: a new one, unless somebody keeps one up for several runs."""
    if mutation.kept_mesh:
        yield mutation.kept_mesh
        return
    with Mesh() as mesh:
        yield mesh


@pytest.fixture(scope="session")
def mesh(bare_mesh: Mesh) -> Mesh:
    """The mesh with the GitHub server's policy enforced; a mutation takes something out of it."""
    policy = bare_mesh.policy("github-mcp-server")
    for stage in ("observe", "enforce"):
        apply_stage(bare_mesh, policy, stage, bare_mesh.github, mutation.current)
    return bare_mesh


@pytest.fixture(autouse=True)
def fresh(request: pytest.FixtureRequest) -> None:
    """Each test counts its own calls."""
    if "mesh" in request.fixturenames:
        for pod in request.getfixturevalue("mesh").pods.values():
            pod.forget_calls()
