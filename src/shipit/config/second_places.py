"""Places in which a project often repeats its version, beside the one that is written."""

import posixpath
import re
from collections.abc import Iterator, Sequence

from shipit.config.modules import NAMES, ROOTS, module_paths
from shipit.config.paths import plain_location
from shipit.config.sources import PYPROJECT

_MODULES = ("_version", "__version__", "version", "__about__", "about", "_about")
_FILES = (
    f"{PYPROJECT}:project.version",
    f"{PYPROJECT}:tool.poetry.version",
    "setup.cfg:metadata.version",
    "setup.py:version",
    "Cargo.toml:package.version",
    "package.json:version",
    "meson.build:version",
    "CITATION.cff:version",
    "VERSION",
    "VERSION.txt",
    "version.txt",
)


def second_places(written: Sequence[str], name: str, folder: str = "") -> list[str]:
    """Locations that may hold the version of a project of this name as well, in its folder."""
    known = {plain_location(one) for one in written}
    found = (plain_location(posixpath.join(folder, one)) for one in (*_FILES, *_variables(name)))
    return [one for one in dict.fromkeys(found) if one not in known]


def _variables(name: str) -> Iterator[str]:
    module = re.sub(r"[-.]+", "_", name)
    for root in ROOTS:
        for path in module_paths(module, [root]):
            yield from (f"{path}:{variable}" for variable in NAMES)
        for inner in _MODULES:
            yield from (f"{root}{module}/{inner}.py:{variable}" for variable in NAMES)
