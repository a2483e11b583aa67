"""What changes between two commits, file by file, as `git apply` takes it."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from shipit.adapters.git import run

_TREES = ("diff-tree", "-r", "--no-renames")
_FORM = ("--full-index", "--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
_NEXT = re.compile(rb"(?m)^(?=diff --git )")
"""Where the patch of a file begins: every line of a text in it has a sign before it."""


def read(top: Path, before: str, after: str) -> Mapping[str, bytes]:
    """The patch of each file by its path; neither settings nor .gitattributes have a part in it.

    A file with NUL bytes has the form that git gives to binary ones.
    """
    listed = run.ask(top, *_TREES, "-z", "--name-only", before, after).stdout
    names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
    pieces = _NEXT.split(_patch(top, "--text", before, after))[1:]
    found = dict(zip(names, pieces, strict=True))
    binary = {name: _patch(top, "--binary", before, after, "--", name) for name in names if b"\0" in found[name]}
    return {**found, **binary}


def _patch(top: Path, form: str, *of: str) -> bytes:
    settled = ("--literal-pathspecs", "-c", "diff.suppressBlankEmpty=false")
    return run.ask(top, *settled, *_TREES, "-p", form, *_FORM, *of).stdout
