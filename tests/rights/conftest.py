"""The offline AWS as a process, as the end-to-end tests have it."""

from tests.e2e.conftest import account, aws

__all__ = ["account", "aws"]
