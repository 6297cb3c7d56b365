"""Which Envoys the tests run in."""

from envoy.conftest import pytest_generate_tests  # noqa: F401
