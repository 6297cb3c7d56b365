"""Which Envoys the tests run in."""

import os

import pytest

VERSIONS = (os.environ.get("ENVOY_VERSIONS") or "1.40.0 1.37.0").split()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `version` runs in each Envoy."""
    if "version" in metafunc.fixturenames:
        metafunc.parametrize("version", VERSIONS, scope="session")
