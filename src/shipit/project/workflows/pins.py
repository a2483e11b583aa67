"""The actions that the workflows use, each in one version whose commit is known.

Each commit was looked up in the action's own repository under its tag, Codecov's in the workflows of other public
repositories that pin it. None of them needs Node 20, which GitHub's runners have stopped to bring.
"""

from collections.abc import Mapping

from msgspec import Struct


class Pin(Struct, frozen=True):
    """One version of an action: its commit, and the tag that people know it by."""

    commit: str
    tag: str


_CODEQL = Pin("8aad20d150bbac5944a9f9d289da16a4b0d87c1e", "v4.36.2")
PINS: Mapping[str, Pin] = {
    "actions/checkout": Pin("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": Pin("ece7cb06caefa5fff74198d8649806c4678c61a1", "v6.3.0"),
    "actions/upload-artifact": Pin("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "aquasecurity/setup-trivy": Pin("81e514348e19b6112ce2a7e3ecbafe19c1e1f567", "v0.3.1"),
    "codecov/codecov-action": Pin("57e3a136b779b570ffcdbf80b3bdc90e7fab3de2", "v6.0.0"),
    "github/codeql-action/analyze": _CODEQL,
    "github/codeql-action/init": _CODEQL,
}


def pinned(action: str) -> str:
    """What stands behind `uses:` for an action, its tag as a comment; raises KeyError for an unknown one."""
    pin = PINS[action]
    return f"{action}@{pin.commit} # {pin.tag}"
