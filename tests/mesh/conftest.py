"""One mesh for all tests, with the GitHub server enforced as the roll-out guide says."""

import os
from collections.abc import Iterator

import pytest

from .evidence import Evidence
from .mesh import Mesh
from .mutation import Mutation
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
    """The mesh before any policy."""
    with Mesh() as mesh:
        yield mesh


@pytest.fixture(scope="session")
def mesh(bare_mesh: Mesh) -> Mesh:
    """The mesh with the GitHub server's policy enforced; a mutation takes something out of it."""
    mutation = Mutation(os.environ.get("MESH_WITHOUT", ""))
    policy = bare_mesh.policy("github-mcp-server")
    for stage in ("observe", "enforce"):
        apply_stage(bare_mesh, policy, stage, bare_mesh.github, mutation)
    return bare_mesh


@pytest.fixture(autouse=True)
def fresh(request: pytest.FixtureRequest) -> None:
    """Each test counts its own calls."""
    if "mesh" in request.fixturenames:
        for pod in request.getfixturevalue("mesh").pods.values():
            pod.forget_calls()
