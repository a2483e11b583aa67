"""Lint small TOML files."""

__version__ = "0.3.0"


def answer() -> int:
    """The answer."""
    return 42
