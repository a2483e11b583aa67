"""Files that a command is asked to write, beside its answer."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from shipit import disk
from shipit.adapters import files
from shipit.errors import UsageError


def free(
    file: Path, option: str, top: Path, *, is_tracked: Callable[[str], bool], taken: Sequence[Path] = ()
) -> Path:
    """The file itself, if it is one that nobody else needs.

    `option` names it on the command line, `is_tracked` is asked of its path below `top`, `taken` are other reports.
    Raises UsageError, or Refused as files.inside does.
    """
    target, within = Path(os.path.realpath(file)), top.resolve()
    where = f"{option} {file}"
    if why := _no_file(file, target):
        raise UsageError(why, where=where, hint="name a file in a folder")
    others = [one.resolve() for one in taken]
    if target in others or target.parent in others:
        raise UsageError(f"{file} is where another report stands", where=where, hint="give it another name")
    if not target.is_relative_to(within):
        return target
    name = target.relative_to(within).as_posix()
    if is_tracked(name):
        hint = "name a file that git does not track, in the folder reports for example"
        raise UsageError(f"{file} is tracked by git, and would be overwritten", where=where, hint=hint)
    return files.inside(top, name)


def _no_file(file: Path, target: Path) -> str:
    """Why it cannot be a file; empty where it can. A device or a pipe would be replaced by one."""
    if target.is_dir():
        return f"{file} is a folder"
    if target.is_symlink():
        return f"{file} is a link to itself"
    if target.exists() and not target.is_file():
        return f"{file} is no plain file"
    above = next(one for one in target.parents if one.exists())
    return "" if above.is_dir() else f"{above} is no folder"


def write(target: Path, data: bytes) -> None:
    """Write it whole or not at all, and its folder if need be; raises ExternalError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        files.write(target, data)
    except OSError as error:
        raise disk.refusal(f"{target} cannot be written", error) from error
