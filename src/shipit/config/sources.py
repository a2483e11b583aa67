"""The files that hold the configuration: found from inside the work tree, read as TOML, never through git."""

import os
import re
import tomllib
from itertools import takewhile
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from shipit.config.mistake import is_table
from shipit.config.place import Read, files_in, no_files
from shipit.errors import UsageError

PYPROJECT = "pyproject.toml"
OWN = "shipit.toml"
COMMITIZEN = (".cz.toml", "cz.toml", ".cz.json", "cz.json", ".cz.yaml", "cz.yaml")
"""Files of commitizen's own, in the order in which it looks for its table; pyproject.toml comes last."""
PEERS = ("semantic_release", "commitizen")
"""Tools that decide versions, by the names of their tables; the first of them that has a key is followed."""
DEFAULT_FILES = (f"{PYPROJECT}:project.version",)


class Source(Struct, frozen=True, kw_only=True):
    """The keys of one tool: the file that holds them, the table there, and its content as it was read."""

    file: str
    prefix: str
    raw: Any

    def locate(self, key: str) -> str:
        """A key with the file in which it is and its full dotted path there."""
        return f"{self.file}: {'.'.join(filter(None, (self.prefix, key)))}"


class Documents(Struct, frozen=True):
    """The files that were read: pyproject.toml as a whole (None: no such file) and shipit's own keys.

    `commitizen` is its table from a file of its own; None where that is in pyproject.toml, or nowhere. `text` reads
    any other file of the project.
    """

    pyproject: dict[str, Any] | None
    own: Source
    commitizen: Source | None = None
    text: Read = no_files

    def tool(self, name: str) -> dict[str, Any]:
        """The table [tool.NAME] of pyproject.toml, empty where there is none."""
        return table(self.pyproject or {}, "tool", name)

    def peer(self, name: str) -> Source | None:
        """The table of one of the PEERS, which may be empty; None where there is none."""
        if name == "commitizen" and self.commitizen:
            return self.commitizen
        found = table(self.pyproject or {}, "tool").get(name)
        return Source(file=PYPROJECT, prefix=f"tool.{name}", raw=found) if is_table(found) else None

    @property
    def has_peers(self) -> bool:
        """Whether another tool that decides versions is configured."""
        return any(self.peer(name) is not None for name in PEERS)

    @property
    def project(self) -> dict[str, Any] | None:
        """The [project] table, None where there is none."""
        return table(self.pyproject or {}, "project") if "project" in (self.pyproject or {}) else None


def find_top(start: Path, *, git: bool = True) -> Path:
    """The top of the work tree around `start`; raises UsageError outside of one.

    Without `git` a folder that holds shipit's keys is a top as well, but only `start` itself: a folder above it may
    be somebody else's, and commands for secrets that are configured there would be run.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    if not git and _holds_keys(start):
        return start
    raise UsageError(
        "not a git repository" if git else "not a git repository, and no folder with shipit's configuration",
        where=str(start),
        hint="change into the repository, or make one with `git init`"
        if git
        else f"change into the repository, or into the folder with {OWN} or with [tool.shipit] in {PYPROJECT}",
    )


def _holds_keys(folder: Path) -> bool:
    return (folder / OWN).is_file() or bool(table(read_toml(folder / PYPROJECT) or {}, "tool", "shipit"))


def read(top: Path) -> Documents:
    """Read pyproject.toml and shipit.toml; raises UsageError if one cannot be read or both hold shipit's keys."""
    found = documents(read_toml(top / PYPROJECT), read_toml(top / OWN), _commitizen(top))
    return replace(found, text=files_in(top))


def read_package(folder: Path) -> Documents:
    """Read pyproject.toml in the folder of a package; shipit's own keys for it are at the top."""
    own = Source(file=PYPROJECT, prefix="", raw={})
    return Documents(read_toml(folder / PYPROJECT), own, text=files_in(folder))


def may_have_peers(top: Path) -> bool:
    """Whether it is worth while to look for the tables of other tools: quickly answered."""
    try:
        text = (top / PYPROJECT).read_bytes()
    except OSError:
        text = b""
    return any(name.encode() in text for name in PEERS) or _has_commitizen(top)


def _has_commitizen(top: Path) -> bool:
    return any(os.path.isfile(f"{top}/{name}") for name in COMMITIZEN)  # noqa: PTH113 - six paths on every start


def _commitizen(top: Path) -> Source | None:
    if not _has_commitizen(top):
        return None
    from shipit.config.foreign_files import first  # noqa: PLC0415 - few projects have such a file

    return first(lambda name: read_file(top / name))


def read_from(start: Path, top: Path) -> Documents:
    """Read the files at `top` for whoever stands in `start`; raises UsageError as `read`.

    It is one as well where the top has no key of shipit's, and a folder on the way down to `start` has: they would
    be passed over in silence.
    """
    found = read(top)
    if not found.own.raw and (file := overlooked(start, top)):
        raise UsageError(
            "shipit's configuration is not at the top of the repository, where it is read",
            where=file,
            evidence=[f"the top is {top}, and nothing there configures shipit"],
            hint=f"move its keys to {PYPROJECT} or {OWN} at the top",
        )
    return found


def overlooked(start: Path, top: Path) -> str:
    """The file with shipit's keys nearest to `start` and below `top`, where none is read; empty without one."""
    start = start.absolute()
    for folder in takewhile(lambda one: one != top, (start, *start.parents)):
        try:
            if _holds_keys(folder):
                own = (folder / OWN).is_file()
                return (folder / (OWN if own else PYPROJECT)).relative_to(top).as_posix()
        except UsageError:  # nobody needs that file, so that its mistakes are nobody's
            continue
    return ""


def documents(
    pyproject: dict[str, Any] | None, separate: dict[str, Any] | None, commitizen: Source | None = None
) -> Documents:
    """The same from what was read of the files; raises UsageError if two hold shipit's keys."""
    inside = (
        (pyproject or {}).get("tool", {}).get("shipit") if is_table((pyproject or {}).get("tool", {})) else None
    )
    if inside and separate:
        raise UsageError(
            "shipit is configured in two places",
            evidence=[f"{PYPROJECT}: [tool.shipit]", OWN],
            hint=f"keep one of them: move the keys of {OWN} below [tool.shipit], or the other way round",
        )
    own = (
        Source(file=OWN, prefix="", raw=separate)
        if separate
        else Source(file=PYPROJECT, prefix="tool.shipit", raw={} if inside is None else inside)
    )
    return Documents(pyproject, own, commitizen)


def read_toml(path: Path) -> dict[str, Any] | None:
    """Read a TOML file, None if it is not there; raises UsageError with file, line and column of a mistake."""
    text = read_file(path)
    return None if text is None else parse_toml(text, path.name)


def read_file(path: Path) -> str | None:
    """The text of a file, None if it is not there; raises UsageError for one that cannot be read or is no UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(
            f"{path.name} cannot be read",
            where=str(path),
            evidence=[error.strerror or str(error)],
            hint="it must be a file that you may read",
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(
            f"{path.name} is not UTF-8", where=f"{path.name}:{line}", hint="save the file as UTF-8"
        ) from None


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """Parse TOML; raises UsageError with file, line and column of a mistake."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, position = str(error).rstrip(")").rpartition(" (at ")
        numbers = re.findall(r"\d+", position) or _end(text)
        where = ":".join([file, *map(str, numbers)])
        evidence, hint = [f"{where}: {message}"], "correct that line; https://toml.io has the rules"
        if text.startswith("\ufeff"):
            evidence.append("it begins with a byte order mark, which pip, build and Python itself do not read")
            hint = "save the file as UTF-8 without a byte order mark"
        elif _is_newer(text):
            evidence.append("it is valid TOML 1.1, which uv and ruff read; pip, build and Python itself read 1.0")
            hint = "write that line as TOML 1.0 has it: an inline table in one line, without a comma at its end"
        raise UsageError(f"{file} is not valid TOML", where=where, evidence=evidence, hint=hint) from None


def table(document: dict[str, Any], *names: str) -> dict[str, Any]:
    """The table at this path; empty if there is none or another value is there."""
    for name in names:
        inner = document.get(name)
        document = inner if is_table(inner) else {}
    return document


def _is_newer(text: str) -> bool:
    """Whether it is TOML all the same, of a version that Python's own reader does not know."""
    import tomlkit  # noqa: PLC0415 - only where something is wrong
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415

    try:
        tomlkit.parse(text)
    except (TOMLKitError, ValueError):
        return False
    return True


def _end(text: str) -> tuple[int, int]:
    return text.count("\n") + 1, len(text) - text.rfind("\n")
