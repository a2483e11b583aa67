"""Stands in for shipit.versioning.number until it is there."""

from packaging.version import Version


def pep440(version: str) -> str:
    """Spell a SemVer version as PEP 440 does."""
    return str(Version(version))
