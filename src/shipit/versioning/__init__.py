"""Commits, reverts, next version, SemVer and PEP 440: pure.

Who only reads history needs no decision, so each module is imported when something in it is first asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shipit.versioning.decision import Decision, Question, decide
    from shipit.versioning.number import Version, from_pep440, parse, pep440
    from shipit.versioning.tags import previous_tags, tag_name, version_of, version_tags

__all__ = [
    "Decision",
    "Question",
    "Version",
    "decide",
    "from_pep440",
    "parse",
    "pep440",
    "previous_tags",
    "tag_name",
    "version_of",
    "version_tags",
]

_MODULES = {
    "number": ("Version", "from_pep440", "parse", "pep440"),
    "tags": ("previous_tags", "tag_name", "version_of", "version_tags"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - light commands name the modules themselves

    module = next((module for module, names in _MODULES.items() if name in names), "decision")
    globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
    return globals()[name]
