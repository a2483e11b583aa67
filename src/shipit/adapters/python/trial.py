"""Trying what was built before it leaves: its metadata, and its installation."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from packaging.tags import Tag, sys_tags
from packaging.utils import parse_wheel_filename

from shipit.adapters import process
from shipit.adapters.python import distribution
from shipit.adapters.python.virtualenv import PATIENCE, Environment, Source, module, needs_nothing, require_success
from shipit.engine.plan import Say
from shipit.errors import Refused

_WARNING = "WARNING "


def check_argv(files: Iterable[str]) -> tuple[str, ...]:
    """The command that checks the metadata of files."""
    return module("twine", "--no-color", "check", *files)


def check_metadata(
    dist: Sequence[Path], say: Say, *, place: Path, variables: Mapping[str, str | None]
) -> Sequence[str]:
    """Check metadata as an index does, and return what it warns of; raises Refused where an index would refuse."""
    argv = check_argv(map(str, dist))
    wide = {**variables, "COLUMNS": "1000"}  # a warning is one line
    finished = require_success(
        lambda: process.follow(argv, say, cwd=place, env=wide, timeout=PATIENCE), "the metadata check found fault"
    )
    lines = (line.strip() for line in finished.text.splitlines())
    warnings = (line.removeprefix(_WARNING).strip() for line in lines if line.startswith(_WARNING))
    return list(dict.fromkeys(warnings))


def fitting(dist: Sequence[Path]) -> Path | None:
    """Choose the wheel that fits this interpreter best, else the sdist; None where nothing fits."""
    ranks = {tag: rank for rank, tag in enumerate(sys_tags())}
    wheels = {path: _rank(path, ranks) for path in sorted(dist) if path.name.endswith(".whl")}
    best = min(wheels, key=wheels.__getitem__, default=None)
    if best is not None and wheels[best] < len(ranks):
        return best
    return next((path for path in sorted(dist) if path not in wheels), None)


def _rank(wheel: Path, ranks: Mapping[Tag, int]) -> int:
    """Tell how well a wheel fits, 0 for the best; one that does not fit comes after all that do."""
    return min(ranks.get(tag, len(ranks)) for tag in parse_wheel_filename(wheel.name)[3])


def install(
    dist: Sequence[Path], environment: Environment, say: Say, source: Callable[[], Source | None]
) -> Path | None:
    """Install what fits, and ask the environment for its version; returns its Python, None where nothing fits.

    `source` gives the index that is released to: other projects that are needed may be there alone.
    """
    if not dist:
        raise Refused("there is nothing to install")
    file = fitting(dist)
    if file is None:
        return None
    environment.make(say)
    environment.install(file, say, None if needs_nothing(file) else source())
    environment.check(file)
    say(f"{file.name} installs and answers as {distribution.parse_known(file.name).version}")
    return environment.python
