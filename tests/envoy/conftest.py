"""Which Envoys the tests run in, and which cases there are."""

import os

import pytest
from env.paths import envoy_version

from .cases import cases

VERSIONS = (os.environ.get("ENVOY_VERSIONS") or envoy_version()).split()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `version` runs in each Envoy; one that asks for `case`, for each case."""
    if "version" in metafunc.fixturenames:
        metafunc.parametrize("version", VERSIONS, scope="session")
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", list(cases().values()), ids=lambda case: case.name)
