"""Load one frozen Config from the files; the fast path is for a configuration of shipit's own without mistakes."""

from pathlib import Path
from typing import Any

import msgspec

from shipit.config import sources
from shipit.config.crossing import cross_mistakes
from shipit.config.mistake import is_table
from shipit.config.pyproject import default_files, version_mistakes
from shipit.config.sources import Documents
from shipit.config.tables import Config


def load(start: Path, *, git: bool = True) -> tuple[Path, Config]:
    """The top of the work tree around `start` and the configuration there; `git` as in find_top.

    Raises UsageError outside of a repository and for a configuration with mistakes, all named together.
    """
    top = sources.find_top(start, git=git)
    documents = sources.read_from(start, top)
    config = _convert(documents)
    if config is None:
        from shipit.config.settings import make_settings  # noqa: PLC0415 - as slow to import as all the rest here

        config = make_settings(top, documents).config
    return top, config


def _convert(documents: Documents) -> Config | None:
    """The configuration, if it has no mistake, no packages and no keys of other tools; otherwise None."""
    raw = documents.own.raw
    if not is_table(raw) or "packages" in raw or documents.has_peers:
        return None
    found = _with_files(raw, documents)
    try:
        config = msgspec.convert(found, Config)
    except msgspec.ValidationError:
        return None
    crossing = any(cross_mistakes(found)) or any(version_mistakes(documents, config.version.files))
    return None if crossing else config


def _with_files(raw: dict[str, Any], documents: Documents) -> dict[str, Any]:
    version = raw.get("version", {})
    if not is_table(version) or "files" in version:
        return raw
    return {**raw, "version": {**version, "files": default_files(documents)[0]}}
