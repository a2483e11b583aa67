"""The files that git tracks in a work tree, as they lie there."""

import os
from pathlib import Path

from shipit.adapters.git import run
from shipit.adapters.git.query import find_repository, is_sparse
from shipit.errors import Refused

_FILES = ("100644", "100755")
"""Modes of files; those of symbolic links and of submodules are others."""


def is_tracked(top: Path, path: str) -> bool:
    """Whether git tracks the file of this path, with `/`, checked out or not."""
    return bool(run.ask(top, "ls-files", "-z", "--", f":(literal){path}").text)


def tracked_files(top: Path) -> tuple[str, ...]:
    """Their paths in the tree, with `/`; without symbolic links, submodules, and what was deleted here.

    Raises UsageError where there is no repository, Refused where only a part of it is checked out.
    """
    find_repository(top)
    if is_sparse(top):
        raise Refused(
            "only a part of the files is checked out, so the others cannot be looked at",
            where=str(top),
            hint="git sparse-checkout disable",
        )
    rows = run.ask(top, "ls-files", "--stage", "-z").text.split("\0")
    named = (row.split("\t", 1) for row in rows if row.startswith(_FILES))
    paths = dict.fromkeys(path for _, path in named)  # a merge with conflicts has several stages of one file
    return tuple(path for path in paths if _is_file(top / path))


def _is_file(path: Path) -> bool:
    return os.path.isfile(path) and not os.path.islink(path)  # noqa: PTH113, PTH114 - a third of the time of Path's
