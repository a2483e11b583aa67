"""Fixtures of the contract tests."""

from tests.support.github_scene import scene

__all__ = ["scene"]
